#include "web_tokens.hpp"

#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/ids.hpp"

namespace server {

using namespace voicebridge;

namespace {

std::string digest_of_token(std::string_view token) {
  const auto digest = sha256(ByteView(token));
  return std::string(digest.begin(), digest.end());
}

}  // namespace

Secret SessionTokens::issue(const std::string& session_id, TimePoint now) {
  const std::string token = random_id("wst_");
  const std::lock_guard lock(mutex_);
  grants_[digest_of_token(token)] = {session_id, now + lifetime_};
  return Secret(token);
}

Result<std::string> SessionTokens::check(std::string_view token, std::string_view claimed_session,
                                         TimePoint now) {
  const std::string digest = digest_of_token(token);
  const std::lock_guard lock(mutex_);
  const auto found = grants_.find(digest);
  const bool known = found != grants_.end() && now < found->second.expires;
  if (!known || (!claimed_session.empty() &&
                 !constant_time_equal(found->second.session_id, claimed_session))) {
    return fail(Errc::unauthenticated, "the session token is not valid");
  }
  found->second.expires = now + lifetime_;
  return found->second.session_id;
}

void SessionTokens::revoke(const std::string& session_id) {
  const std::lock_guard lock(mutex_);
  for (auto grant = grants_.begin(); grant != grants_.end();) {
    grant = grant->second.session_id == session_id ? grants_.erase(grant) : std::next(grant);
  }
}

std::size_t SessionTokens::count() const {
  const std::lock_guard lock(mutex_);
  return grants_.size();
}

}  // namespace server
