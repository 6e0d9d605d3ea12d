#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "voicebridge/agent/call_options.hpp"
#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/store/call_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How long after its end a call's lead is called again; none: not.
/// @param attempt  How often it had been called before because of this.
std::optional<Millis> retry_delay(const RedialOptions& options, EndReason ended,
                                  std::int64_t attempt);

/// Whether the lead of `failed` was talked with later, or is being called.
/// @param now  Calls that began long before it and have no end are those of a process that died.
Result<bool> reached_since(CallStore& calls, const StoredCall& failed, UnixMillis now);

/// Calls leads again who were not reached. What is to be done stands with the call that failed, in
/// the store: it outlives the process. Everything else here can be lost.
/// @par Threads Any.
class RedialDesk : public std::enable_shared_from_this<RedialDesk> {
 public:
  /// Dials; blocks, on the offload pool. An error that is `Errc::resource_exhausted` or
  /// `Errc::unavailable` leaves the retry for later.
  using Dial = std::function<Result<>(const StoredCall& failed)>;

  RedialDesk(std::shared_ptr<CallStore> calls, Logger log, Dial dial)
      : calls_(std::move(calls)), log_(std::move(log)), dial_(std::move(dial)) {}

  /// A call that has been stored with its `retry_at`. Once for each.
  void expect(const StoredCall& failed, Scheduler& on, UnixMillis now);
  /// All that the store knows of. Blocks.
  Result<std::size_t> take_up(Scheduler& on, UnixMillis now);
  /// No more dialling; what is due stays in the store.
  void stop();

 private:
  void wait(StoredCall failed, Millis delay, Scheduler& on);
  void due(StoredCall failed, Scheduler& on);
  void done_with(StoredCall failed);

  const std::shared_ptr<CallStore> calls_;
  const Logger log_;
  const Dial dial_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::set<std::string> expected_;  ///< Ids of calls; bounded by the store's retries.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
