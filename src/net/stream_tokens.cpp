#include "voicebridge/net/stream_tokens.hpp"

#include <deque>
#include <mutex>
#include <unordered_map>

#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

std::string digest_of(std::string_view token) {
  const auto digest = sha256(ByteView(token));
  return std::string(digest.begin(), digest.end());
}

}  // namespace

struct StreamTokens::State {
  struct Grant {
    std::string call;
    TimePoint expires;
  };

  explicit State(std::size_t max) : max_outstanding(max) {}

  /// Drops what heads the queue and is used or expired.
  void tidy(TimePoint now) {
    while (!by_age.empty()) {
      const auto found = grants.find(by_age.front());
      if (found != grants.end() && now < found->second.expires) return;
      if (found != grants.end()) grants.erase(found);
      by_age.pop_front();
    }
  }
  void forget_oldest() {
    while (grants.size() >= max_outstanding && !by_age.empty()) {
      forgotten_early += grants.erase(by_age.front());
      by_age.pop_front();
    }
  }

  const std::size_t max_outstanding;
  mutable std::mutex mutex;
  std::unordered_map<std::string, Grant> grants;  ///< By digest.
  std::deque<std::string> by_age;                 ///< Digests, also of tokens used since.
  std::size_t forgotten_early = 0;
};

StreamTokens::StreamTokens(std::size_t max_outstanding)
    : state_(std::make_unique<State>(max_outstanding)) {}
StreamTokens::StreamTokens(StreamTokens&&) noexcept = default;
StreamTokens& StreamTokens::operator=(StreamTokens&&) noexcept = default;
StreamTokens::~StreamTokens() = default;

Secret StreamTokens::issue(std::string_view call, TimePoint now, Millis lifetime) {
  const std::string token = random_id("st_");
  const std::string digest = digest_of(token);
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->tidy(now);
  state_->forget_oldest();
  state_->grants.emplace(digest, State::Grant{std::string(call), now + lifetime});
  state_->by_age.push_back(digest);
  return Secret(token);
}

Result<std::string> StreamTokens::redeem(std::string_view token, std::string_view claimed_call,
                                         TimePoint now) {
  const std::string digest = digest_of(token);
  const std::lock_guard<std::mutex> lock(state_->mutex);
  const auto found = state_->grants.find(digest);
  if (found != state_->grants.end()) {
    const State::Grant grant = std::move(found->second);
    state_->grants.erase(found);
    const bool same_call = claimed_call.empty() || constant_time_equal(grant.call, claimed_call);
    if (same_call && now < grant.expires) return grant.call;
  }
  return fail(Errc::unauthenticated, "the stream token is not valid");
}

std::size_t StreamTokens::outstanding() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->grants.size();
}

std::size_t StreamTokens::forgotten_early() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->forgotten_early;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
