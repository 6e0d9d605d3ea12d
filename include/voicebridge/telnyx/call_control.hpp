#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/retry.hpp"
#include "voicebridge/telnyx/call_command.hpp"
#include "voicebridge/telnyx/call_control_options.hpp"
#include "voicebridge/telnyx/conference_requests.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The leg that Dial has created. It has not been answered yet.
struct DialedCall {
  std::string call_control_id;  ///< Names the leg in commands and events.
  std::string call_leg_id;      ///< Names the leg in records.
  std::string call_session_id;  ///< Shared by the legs of one call.
  std::string recording_id;     ///< With `DialRequest::record` only.
  std::string command_id;       ///< The one that was sent.
};

/// A command was accepted; that it has been done is told by a webhook.
struct CommandResult {
  std::string command_id;       ///< Empty for those that take none.
  std::string recording_id;     ///< Of record_start and of answer with a recording, when told.
  std::string conversation_id;  ///< Of hosted actions, when told.
  bool call_had_ended = false;  ///< There was nothing left to hang up or to stop (90018, 90019).
  /// The command was refused because of the media stream (90045), and done when that had ended.
  bool stream_was_stopped = false;
};

/// What Telnyx knows of a leg, up to ten minutes after its end.
struct TelnyxCallStatus {
  std::string call_control_id;              ///< Names the leg in commands and events.
  std::string call_leg_id;                  ///< Names the leg in records.
  std::string call_session_id;              ///< Shared by the legs of one call.
  bool is_alive = false;                    ///< Whether the leg is up.
  std::optional<std::string> client_state;  ///< Ours, decoded.
  std::int64_t call_duration_secs = 0;      ///< Of a leg that is over, in seconds.
  std::string start_time;                   ///< ISO 8601
  std::string end_time;                     ///< ISO 8601; empty while it is up.
};

/// What Telnyx knows of a conference.
struct TelnyxConferenceStatus {
  std::string id;          ///< The service's.
  std::string name;        ///< As it was made with.
  std::string region;      ///< Where its audio is mixed.
  std::string status;      ///< "init", "in_progress", "completed"
  std::string end_reason;  ///< "all_left", "ended_via_api", "host_left", "time_exceeded"
  std::string expires_at;  ///< ISO 8601
};

/// What Telnyx knows of a leg in a conference.
struct TelnyxParticipant {
  std::string id;               ///< The service's.
  std::string call_control_id;  ///< Names the leg in commands and events.
  std::string call_leg_id;      ///< Names the leg in records.
  std::string status;           ///< "joining", "joined", "left"
  bool muted = false;           ///< Is not heard.
  bool on_hold = false;         ///< Neither hears nor is heard.
};

/// The Voice API of Telnyx (Call Control v2): commands to calls and conferences.
///
/// Requests are checked before they are sent; a wrong one gives `Errc::invalid_argument` naming the
/// field on the wire. Every request carries a command_id, so one that is not answered, or answered
/// with 429 or 5xx, is sent again unchanged; the few that take none and would do something twice
/// are sent once. Errors have the origin "telnyx", the vendor's code in `provider_code`, and are
/// `retryable` when the same may succeed later. A hang-up or stop of a call that is over succeeds.
/// `x-ratelimit-*` is respected: when nothing remains, what comes next waits for the reset.
/// @par Threads Any. `done` runs once, on `on`, never inside the call. Calls may outlive this
/// object, not the client. Copies share the rate limit.
class VOICEBRIDGE_API TelnyxCallControl {
 public:
  /// Takes the leg that was made, or why there is none.
  using Dialed = std::function<void(Result<DialedCall>)>;
  /// Takes whether the command was accepted.
  using Done = std::function<void(Result<CommandResult>)>;
  /// Takes what was asked for.
  template <class T>
  using Got = std::function<void(Result<T>)>;

  /// `client` must outlive every request. `Errc::invalid_argument` without a key or with a
  /// malformed base.
  static Result<TelnyxCallControl> create(HttpClient& client, TelnyxCallControlOptions options);

  /// Calls somebody. Repeated with the same `command_id`, so that one phone rings.
  void dial(telnyx::DialRequest request, Scheduler& on, Dialed done) const;
  /// GET /v2/calls/{call_control_id}
  void get_call(std::string_view call, Scheduler& on, Got<TelnyxCallStatus> done) const;

  /// Any command, for the leg `call`, its call_control_id.
  void send(std::string_view call, telnyx::CallCommand command, Scheduler& on, Done done) const;
  /// As `send`, for what Telnyx may refuse while media streams (90045; a bridge, a fork …): then
  /// the stream is stopped, the command sent once more, under a new command_id, and the stream
  /// started again as `resume` says, where that is given and the command was accepted.
  void send_around_stream(std::string_view call, telnyx::CallCommand command,
                          std::optional<telnyx::StreamingStartRequest> resume, Scheduler& on,
                          Done done) const;

  // The everyday commands by name. Not inline: to look for its place in `CallCommand` takes the
  // compiler longer than all else here.
  ///@{
  /// The command of that name, to the leg that `call` names by its call_control_id.
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
  ///@}

  // Conferences.
  /// Makes a conference around a leg.
  void create_conference(telnyx::CreateConferenceRequest request, Scheduler& on,
                         Got<TelnyxConferenceStatus> done) const;
  /// What is known of a conference.
  void get_conference(std::string_view conference, Scheduler& on,
                      Got<TelnyxConferenceStatus> done) const;
  /// Of the first page, 250 participants.
  void list_participants(std::string_view conference, Scheduler& on,
                         Got<std::vector<TelnyxParticipant>> done) const;
  /// Changes how a leg is in a conference. @param participant Its id or its label.
  void update_participant(std::string_view conference, std::string_view participant,
                          telnyx::UpdateParticipantRequest request, Scheduler& on, Done done) const;
  /// Any command, for the conference `conference`, its id.
  void send_to_conference(std::string_view conference, telnyx::ConferenceCommand command,
                          Scheduler& on, Done done) const;

 private:
  struct Call;
  class RateGate;

  TelnyxCallControl(HttpClient& client, TelnyxCallControlOptions options);
  template <class Request>
  std::string identify(Request& request) const;
  void exchange(Call call, Scheduler& on, HttpClient::Done done) const;
  void command(Call call, Result<std::string> body, Scheduler& on, Done done) const;
  template <class T>
  void look_up(std::string path, Scheduler& on, Got<T> done) const;

  HttpClient* client_;
  TelnyxCallControlOptions options_;
  std::shared_ptr<RateGate> gate_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
