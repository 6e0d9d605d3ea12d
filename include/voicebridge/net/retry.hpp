#pragma once

#include <cstdint>
#include <optional>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How often, and how fast.
struct RetryOptions {
  unsigned max_attempts = 3;      ///< The first one included.
  Millis base_delay{250};         ///< Before the second attempt; doubles for each one after.
  Millis max_delay{5000};         ///< Cap of the doubling.
  Millis max_retry_after{30000};  ///< A server that asks for a longer wait is not asked again.
  std::uint32_t seed = 0;         ///< Of the jitter; 0 draws one.
};

/// How long an answer asks to wait: `retry-after-ms`, or `Retry-After` as seconds or as a date, or
/// the seconds of `x-ratelimit-reset` when `x-ratelimit-remaining` is 0.
VOICEBRIDGE_API std::optional<Millis> retry_after(const HttpHeaders& headers);

/// Decides whether and when a request is sent again. One object serves one request.
///
/// Sent again are failures marked `retryable` and the statuses 408, 429, 500, 502, 503 and 504. The
/// header `x-should-retry: true|false` overrules the status; `retry-after-ms` and `Retry-After`
/// (seconds or a date) overrule the backoff. The backoff is between half and the whole of the
/// doubled delay. Repeating a request that changes something is safe only with an idempotency key
/// or `command_id`.
/// @par Threads None of its own; no clock.
class VOICEBRIDGE_API RetryPolicy {
 public:
  /// Made for one request.
  explicit RetryPolicy(RetryOptions options = {});

  /// To be told the outcome of each attempt. How long to wait before the next; nothing: this
  /// outcome is final.
  std::optional<Millis> next_delay(const Result<HttpResponse>& outcome);
  /// Attempts whose outcome was told.
  unsigned attempts() const noexcept { return attempts_; }

 private:
  Millis backoff();

  RetryOptions options_;
  unsigned attempts_ = 0;
  std::uint32_t random_;
};

/// Sends until `policy` is content; `done` gets the last outcome, once, on `on`. The waits are
/// timers of `on`: when it stops during one, `done` is dropped with the timer. `client` and `on`
/// must live until then.
/// @par Threads Any.
VOICEBRIDGE_API void send_with_retry(HttpClient& client, HttpRequest request, RetryPolicy policy,
                                     Scheduler& on, HttpClient::Done done);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
