#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/retry.hpp"
#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge {

struct TelnyxCallControlOptions {
  std::string api_base = "https://api.telnyx.com/v2";  ///< http(s), without a slash at the end.
  Secret api_key;
  Millis dial_timeout{5000};  ///< Of one attempt.
  Millis command_timeout{
      2000};  ///< Of one attempt. Telnyx advises to repeat what is not answered soon.
  RetryOptions retry{3, Millis{100}, Millis{2000}, Millis{5000}, 0};
  /// Makes command ids; nothing: `random_uuid`. Called on the thread of the request.
  std::function<std::string()> make_command_id;
};

/// The leg that Dial has created. It has not been answered yet.
struct DialedCall {
  std::string call_control_id;
  std::string call_leg_id;
  std::string call_session_id;
  std::string recording_id;  ///< With `DialRequest::record` only.
  std::string command_id;
};

/// A command was accepted; that it has been done is told by a webhook.
struct CommandResult {
  std::string command_id;
  std::string recording_id;     ///< Of record_start and of answer with a recording, when told.
  bool call_had_ended = false;  ///< There was nothing left to hang up or to stop (90018).
};

/// The Voice API of Telnyx (Call Control v2): commands to calls.
///
/// Requests are checked before they are sent; a wrong one gives `Errc::invalid_argument` naming the
/// field on the wire. Every request carries a command_id, so one that is not answered, or answered
/// with 429 or 5xx, is sent again unchanged. Errors have the origin "telnyx", the vendor's code in
/// `provider_code`, and are `retryable` when the same may succeed later. A hang-up or stop of a
/// call that is over succeeds.
/// @par Threads Any. `done` runs once, on `on`, never inside the call. Calls may outlive this
/// object, not the client.
class VOICEBRIDGE_API TelnyxCallControl {
 public:
  using Dialed = std::function<void(Result<DialedCall>)>;
  using Done = std::function<void(Result<CommandResult>)>;

  /// `client` must outlive every request. `Errc::invalid_argument` without a key or with a
  /// malformed base.
  static Result<TelnyxCallControl> create(HttpClient& client, TelnyxCallControlOptions options);

  void dial(telnyx::DialRequest request, Scheduler& on, Dialed done) const;

  // Each for the leg `call`, its call_control_id.
  void answer(std::string_view call, telnyx::AnswerRequest request, Scheduler& on, Done done) const;
  void reject(std::string_view call, telnyx::RejectRequest request, Scheduler& on, Done done) const;
  void hangup(std::string_view call, telnyx::HangupRequest request, Scheduler& on, Done done) const;
  void speak(std::string_view call, telnyx::SpeakRequest request, Scheduler& on, Done done) const;
  void playback_start(std::string_view call, telnyx::PlaybackStartRequest request, Scheduler& on,
                      Done done) const;
  void playback_stop(std::string_view call, telnyx::PlaybackStopRequest request, Scheduler& on,
                     Done done) const;
  void send_dtmf(std::string_view call, telnyx::SendDtmfRequest request, Scheduler& on,
                 Done done) const;
  void streaming_start(std::string_view call, telnyx::StreamingStartRequest request, Scheduler& on,
                       Done done) const;
  void streaming_stop(std::string_view call, telnyx::StreamingStopRequest request, Scheduler& on,
                      Done done) const;
  void transfer(std::string_view call, telnyx::TransferRequest request, Scheduler& on,
                Done done) const;
  void bridge(std::string_view call, telnyx::BridgeRequest request, Scheduler& on, Done done) const;
  void record_start(std::string_view call, telnyx::RecordStartRequest request, Scheduler& on,
                    Done done) const;
  void record_stop(std::string_view call, telnyx::RecordStopRequest request, Scheduler& on,
                   Done done) const;
  void gather(std::string_view call, telnyx::GatherRequest request, Scheduler& on, Done done) const;
  void gather_stop(std::string_view call, telnyx::GatherStopRequest request, Scheduler& on,
                   Done done) const;

 private:
  enum class AfterEnd { fails, succeeds };

  TelnyxCallControl(HttpClient& client, TelnyxCallControlOptions options);
  template <class Request>
  void command(std::string_view call, std::string_view action, Request request, AfterEnd after_end,
               Scheduler& on, Done done) const;
  template <class Request>
  void prepare(Request& request) const;
  void post(std::string url, std::string body, Millis timeout, Scheduler& on,
            HttpClient::Done done) const;

  HttpClient* client_;
  TelnyxCallControlOptions options_;
};

}  // namespace voicebridge
