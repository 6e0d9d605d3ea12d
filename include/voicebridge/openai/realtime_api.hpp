#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/retry.hpp"
#include "voicebridge/openai/api_options.hpp"
#include "voicebridge/openai/session_config.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// Where the service is, and how long it may take.
struct RealtimeApiOptions : ApiOptions {
  Millis timeout{5000};        ///< Of one attempt.
  Millis call_timeout{10000};  ///< Of the one attempt to create a WebRTC call.
  RetryOptions retry{3, Millis{100}, Millis{2000}, Millis{5000},
                     0};  ///< Where asking twice is safe.
};

/// A key for a browser.
struct ClientSecretRequest {
  std::optional<std::chrono::seconds> lifetime;  ///< 10 s … 2 h; nothing: ten minutes.
  std::optional<SessionConfig> session;          ///< What a session opened with the key starts as.
  std::string safety_identifier;                 ///< Bound to the key; empty: that of the options.
};

/// A key that can be given to a browser. It opens sessions until it expires; they outlive it.
struct ClientSecret {
  Secret value;                 ///< "ek_…"
  std::int64_t expires_at = 0;  ///< Unix seconds.
  std::string session_id;       ///< The session's; empty when the service tells none.
};

/// A WebRTC call that the service has taken.
struct CreatedCall {
  std::string call_id;  ///< "rtc_…": for the sideband and `hangup`.
  std::string answer;   ///< SDP
};

/// The REST side of the Realtime API: keys for browsers, WebRTC calls, calls by SIP.
///
/// Arguments are checked before anything is sent; a wrong one gives `Errc::invalid_argument` naming
/// it. Errors have the origin "openai", the service's code in `provider_code` and its wish in
/// `retry_after`, and are `retryable` when the same may succeed later. Sent again are, as
/// `RetryPolicy` has it, `create_client_secret`, `reject` and `hangup`; the others once, since the
/// service may have done what it did not answer.
/// @par Threads Any. `done` runs once, on `on`, never inside the call. Calls may outlive this
/// object, not the client.
class VOICEBRIDGE_API RealtimeApi {
 public:
  /// Takes whether the request was granted.
  using Done = std::function<void(Result<>)>;
  /// Takes the call that was made, or why there is none.
  using Created = std::function<void(Result<CreatedCall>)>;

  /// `client` must outlive every request. @return `Errc::invalid_argument` naming the option:
  /// `api_key`, `base_url`, `headers` …
  static Result<RealtimeApi> create(HttpClient& client, RealtimeApiOptions options);

  /// Makes a key that a browser may open one session with.
  void create_client_secret(ClientSecretRequest request, Scheduler& on,
                            std::function<void(Result<ClientSecret>)> done) const;

  /// Takes a browser's offer with our key.
  void create_call(std::string_view offer_sdp, const SessionConfig& session, Scheduler& on,
                   Created done) const;
  /// The same with a key made by `create_client_secret`; the session is that of the key.
  void create_call_with(const Secret& client_secret, std::string_view offer_sdp, Scheduler& on,
                        Created done) const;

  /// Answers a ringing call. Tuning of the turn detection and audio formats are left out, as the
  /// service refuses them here. `not_found`: the caller has given up.
  void accept(std::string_view call_id, const SessionConfig& session, Scheduler& on,
              Done done) const;
  /// Refuses a ringing call. A call that is over already is a success, also for `hangup`.
  /// @param sip_status  What the caller's side is told: 404, 486 busy, 603 declined; 400 … 699.
  void reject(std::string_view call_id, int sip_status, Scheduler& on, Done done) const;
  /// Sends the caller elsewhere. Success means that it was asked for; nothing tells the outcome.
  /// @param target_uri  tel:, sip: or sips:.
  void refer(std::string_view call_id, std::string_view target_uri, Scheduler& on, Done done) const;
  /// Ends a call, by SIP or WebRTC.
  void hangup(std::string_view call_id, Scheduler& on, Done done) const;

 private:
  struct Command;
  RealtimeApi(HttpClient& client, RealtimeApiOptions options, HttpHeaders headers,
              std::string address);
  HttpRequest post(std::string_view what, std::string content_type, std::string body) const;
  void send(HttpRequest request, bool repeatable, Scheduler& on, HttpClient::Done done) const;
  void command(std::string_view call_id, std::string_view action, Command command, Scheduler& on,
               Done done) const;

  HttpClient* client_;
  RealtimeApiOptions options_;
  HttpHeaders headers_;
  std::string address_;  ///< Up to and with `/realtime`.
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
