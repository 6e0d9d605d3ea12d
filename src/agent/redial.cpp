#include "agent/redial.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// When there is no room for a call now.
constexpr Millis kTryLater{60000};
constexpr UnixMillis kLongestCall = 24 * 3600 * 1000;
constexpr std::size_t kLookedAt = 1000;
constexpr std::size_t kMostRetries = 10000;

bool was_talked_with(const StoredCall& call) {
  if (call.answered_at == 0) return false;
  return call.end_reason != to_string(EndReason::machine) &&
         call.end_reason != to_string(EndReason::not_reached);
}

}  // namespace

std::optional<Millis> retry_delay(const RedialOptions& options, EndReason ended,
                                  std::int64_t attempt) {
  const bool wanted = (ended == EndReason::not_reached && options.not_reached) ||
                      (ended == EndReason::machine && options.machine);
  const auto tries = static_cast<std::int64_t>(options.after.size());
  if (!wanted || attempt < 0 || attempt >= tries) return std::nullopt;
  return options.after[static_cast<std::size_t>(attempt)];
}

Result<bool> reached_since(CallStore& calls, const StoredCall& failed, UnixMillis now) {
  CallFilter filter;
  filter.lead_id = failed.lead_id;
  filter.number = failed.to;
  filter.created_from = failed.created_at;
  filter.limit = kLookedAt;
  const auto later = calls.search(filter);
  if (!later) return fail(later.error());
  return std::any_of(later->calls.begin(), later->calls.end(), [&](const StoredCall& call) {
    if (call.id == failed.id) return false;
    // A later call of ours that failed has a retry of its own.
    const bool runs = call.end_reason.empty() && now - call.created_at < kLongestCall;
    return runs || was_talked_with(call) || call.retry_at != 0;
  });
}

void RedialDesk::expect(const StoredCall& failed, Scheduler& on, UnixMillis now) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || expected_.size() >= kMostRetries) return;
    if (!expected_.insert(failed.id).second) return;
  }
  wait(failed, Millis(std::max<UnixMillis>(failed.retry_at - now, 0)), on);
}

Result<std::size_t> RedialDesk::take_up(Scheduler& on, UnixMillis now) {
  CallFilter filter;
  filter.retry_pending = true;
  filter.limit = kLookedAt;
  std::size_t known = 0;
  do {
    const auto page = calls_->search(filter);
    if (!page) return fail(page.error());
    for (const StoredCall& call : page->calls) expect(call, on, now);
    known += page->calls.size();
    filter.cursor = page->next;
  } while (!filter.cursor.empty() && known < kMostRetries);
  return known;
}

void RedialDesk::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

void RedialDesk::wait(StoredCall failed, Millis delay, Scheduler& on) {
  on.post([weak = weak_from_this(), failed = std::move(failed), delay, &on]() mutable {
    on.run_at(on.now() + delay, [weak, failed = std::move(failed), &on]() mutable {
      const auto self = weak.lock();
      if (!self) return;
      const bool taken =
          on.offload([self, failed, &on]() mutable { self->due(std::move(failed), on); });
      if (!taken) self->wait(std::move(failed), kTryLater, on);
    });
  });
}

/// On the offload pool.
void RedialDesk::due(StoredCall failed, Scheduler& on) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
  }
  const auto reached = reached_since(*calls_, failed, unix_now());
  if (!reached) {
    log_.warn("agent", "retry put off", {{"error", to_string(reached.error())}});
    return wait(std::move(failed), kTryLater, on);
  }
  if (*reached) {
    log_.info("agent", "no retry: the lead was reached meanwhile", {{"call", failed.id}});
    return done_with(std::move(failed));
  }
  const auto dialed = dial_(failed);
  const bool no_room = !dialed && (dialed.error().code == Errc::resource_exhausted ||
                                   dialed.error().code == Errc::unavailable);
  if (no_room) return wait(std::move(failed), kTryLater, on);
  if (!dialed) {
    log_.warn("agent", "retry given up",
              {{"call", failed.id}, {"error", to_string(dialed.error())}});
  }
  done_with(std::move(failed));
}

void RedialDesk::done_with(StoredCall failed) {
  failed.retry_at = 0;
  if (const auto saved = calls_->save(failed); !saved) {
    log_.warn("agent", "retry not crossed out",
              {{"call", failed.id}, {"error", to_string(saved.error())}});
  }
  const std::lock_guard lock(mutex_);
  expected_.erase(failed.id);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
