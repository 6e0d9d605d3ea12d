#include "voicebridge/web/event_feed.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using Wake = std::function<void()>;

/// `{"a":1}` becomes `{"a":1,"seq":7}`; nothing for what is no object with members.
std::string numbered(std::string_view json, std::uint64_t number) {
  if (json.size() < 5 || json.front() != '{' || json.back() != '}') return {};
  std::string out(json.substr(0, json.size() - 1));
  return out.append(R"(,"seq":)").append(std::to_string(number)).append(1, '}');
}

}  // namespace

struct EventFeed::State {
  explicit State(EventFeedOptions opts) : options(opts) {}

  void forget_old() {
    while (!events.empty() && (events.size() > options.max_events || bytes > options.max_bytes)) {
      bytes -= events.front().size();
      events.pop_front();
    }
  }

  std::vector<std::shared_ptr<Wake>> awake() {
    std::vector<std::shared_ptr<Wake>> all;
    const auto gone = [&](const std::weak_ptr<Wake>& weak) {
      auto wake = weak.lock();
      if (!wake) return true;
      all.push_back(std::move(wake));
      return false;
    };
    listeners.erase(std::remove_if(listeners.begin(), listeners.end(), gone), listeners.end());
    return all;
  }

  const EventFeedOptions options;
  mutable std::mutex mutex;
  std::deque<std::string> events;  ///< The last of them has the number `last`.
  std::size_t bytes = 0;
  std::uint64_t last = 0;
  bool closed = false;
  std::vector<std::weak_ptr<Wake>> listeners;
};

EventFeed::EventFeed(EventFeedOptions options) : state_(std::make_shared<State>(options)) {}
EventFeed::~EventFeed() = default;

std::uint64_t EventFeed::add(std::string_view json) {
  std::vector<std::shared_ptr<Wake>> woken;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->closed) return 0;
    std::string event = numbered(json, state_->last + 1);
    if (event.empty()) return 0;
    number = ++state_->last;
    state_->bytes += event.size();
    state_->events.push_back(std::move(event));
    state_->forget_old();
    woken = state_->awake();
  }
  for (const auto& wake : woken) (*wake)();
  return number;
}

void EventFeed::close() {
  std::vector<std::shared_ptr<Wake>> woken;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->closed) return;
    state_->closed = true;
    woken = state_->awake();
  }
  for (const auto& wake : woken) (*wake)();
}

bool EventFeed::closed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->closed;
}

std::uint64_t EventFeed::last() const {
  const std::lock_guard lock(state_->mutex);
  return state_->last;
}

EventFeed::Batch EventFeed::read(std::uint64_t after, std::size_t most) const {
  const std::lock_guard lock(state_->mutex);
  const State& s = *state_;
  Batch batch;
  batch.last = std::min(after, s.last);
  const std::uint64_t forgotten = s.last - s.events.size();
  if (batch.last < forgotten) {
    batch.lost = forgotten - batch.last;
    batch.last = forgotten;
  }
  const auto skipped = static_cast<std::size_t>(batch.last - forgotten);
  const std::size_t count = std::min(most, s.events.size() - skipped);
  const auto first = s.events.begin() + static_cast<std::ptrdiff_t>(skipped);
  batch.events.assign(first, first + static_cast<std::ptrdiff_t>(count));
  batch.last += count;
  batch.end = s.closed && batch.last == s.last;
  return batch;
}

std::shared_ptr<void> EventFeed::listen(std::function<void()> wake) {
  const std::lock_guard lock(state_->mutex);
  if (state_->awake().size() >= state_->options.max_listeners) return nullptr;
  auto handle = std::make_shared<Wake>(std::move(wake));
  state_->listeners.push_back(handle);
  return handle;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
