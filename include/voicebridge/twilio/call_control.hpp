#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/retry.hpp"
#include "voicebridge/twilio/call_requests.hpp"
#include "voicebridge/twilio/call_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where Twilio is, whose account it is, and how long it may take.
struct TwilioCallControlOptions {
  std::string api_base = "https://api.twilio.com";  ///< http(s), without a slash at the end.
  std::string account_sid;                          ///< "AC…"
  Secret auth_token;                                ///< Of the account; or the two below.
  std::string api_key_sid;                          ///< "SK…"
  Secret api_key_secret;  ///< With `api_key_sid`; empty: the auth token is used.
  Millis timeout{30000};  ///< Of one attempt.
  /// Of requests that may be repeated. What creates or redirects something is sent once.
  RetryOptions retry{3, Millis{100}, Millis{3000}, Millis{5000}, 0};
};

/// What became of something that was to end.
struct TwilioEnded {
  bool was_over = false;  ///< There was nothing left to end.
};

/// The REST interface of Programmable Voice: calls, conferences, recordings, one-way streams.
///
/// Requests are checked before they are sent; a wrong one gives `Errc::invalid_argument` naming the
/// field on the wire. Nothing is idempotent there, so what creates a call or anything else, or
/// gives a call new TwiML, is sent once: when no answer comes its error is not `retryable`, because
/// nobody knows whether the phone rings. Everything else is repeated. Errors have the origin
/// "twilio" and the vendor's code in `provider_code`.
/// @par Threads Any. `done` runs once, on `on`, never inside the call. Calls may outlive this
/// object, not the client.
class VOICEBRIDGE_API TwilioCallControl {
 public:
  /// Takes what was asked for, or why there is none.
  template <class T>
  using Done = std::function<void(Result<T>)>;

  /// `client` must outlive every request. `Errc::invalid_argument` without an account, without a
  /// token or a whole key, or with a malformed base.
  static Result<TwilioCallControl> create(HttpClient& client, TwilioCallControlOptions options);

  /// Calls somebody. Never repeated by itself: it would ring twice.
  void create_call(const twilio::CreateCallRequest& request, Scheduler& on,
                   Done<twilio::Call> done) const;
  /// What is known of a call.
  void fetch_call(std::string_view call_sid, Scheduler& on, Done<twilio::Call> done) const;
  /// New TwiML takes the place of what runs, at once: the way to transfer a call.
  void update_call(std::string_view call_sid, const twilio::UpdateCallRequest& request,
                   Scheduler& on, Done<twilio::Call> done) const;
  /// Hangs up, whatever the call is at. A call that is over is a success.
  void end_call(std::string_view call_sid, Scheduler& on, Done<TwilioEnded> done) const;

  // `conference` is a SID, "CF…", or the friendly name of a live one where participants are meant.
  // `participant` is the SID of the call, or the label.
  /// What is known of a conference.
  void fetch_conference(std::string_view conference_sid, Scheduler& on,
                        Done<twilio::Conference> done) const;
  /// Those of the name that are up; a hundred at most.
  void find_conferences(std::string_view friendly_name, Scheduler& on,
                        Done<std::vector<twilio::Conference>> done) const;
  /// Ends it, and so the calls in it. One that is over is a success.
  void end_conference(std::string_view conference_sid, Scheduler& on, Done<TwilioEnded> done) const;
  /// Plays something to everybody. @param url  Of TwiML or audio.
  void announce(std::string_view conference_sid, std::string_view url, Scheduler& on,
                Done<twilio::Conference> done) const;
  /// Calls somebody into a conference.
  void create_participant(std::string_view conference,
                          const twilio::CreateParticipantRequest& request, Scheduler& on,
                          Done<twilio::Participant> done) const;
  /// What is known of a leg in a conference.
  void fetch_participant(std::string_view conference, std::string_view participant, Scheduler& on,
                         Done<twilio::Participant> done) const;
  /// Those who are connecting or connected; a hundred at most.
  void list_participants(std::string_view conference, Scheduler& on,
                         Done<std::vector<twilio::Participant>> done) const;
  /// Mutes, holds, coaches.
  void update_participant(std::string_view conference, std::string_view participant,
                          const twilio::UpdateParticipantRequest& request, Scheduler& on,
                          Done<twilio::Participant> done) const;
  /// One who has left already is a success.
  void remove_participant(std::string_view conference, std::string_view participant, Scheduler& on,
                          Done<TwilioEnded> done) const;

  /// Begins a recording of the call.
  void start_recording(std::string_view call_sid, const twilio::StartRecordingRequest& request,
                       Scheduler& on, Done<twilio::Recording> done) const;
  /// @param recording  Its SID, "RE…"; empty: the one that runs.
  void change_recording(std::string_view call_sid, std::string_view recording,
                        twilio::RecordingChange change, Scheduler& on,
                        Done<twilio::Recording> done) const;

  /// Begins a one-way copy of the audio.
  void start_stream(std::string_view call_sid, const twilio::StartStreamRequest& request,
                    Scheduler& on, Done<twilio::Stream> done) const;
  /// @param stream  Its SID, "MZ…", or its name. One that has stopped is a success.
  void stop_stream(std::string_view call_sid, std::string_view stream, Scheduler& on,
                   Done<TwilioEnded> done) const;

 private:
  /// `once`: nobody knows whether it was done when no answer came.
  enum class Repeat { may, once };
  struct Sending {
    std::string method;
    Result<std::string> path;  ///< Behind the account's, with the query.
    Result<std::string> body;
    Repeat repeat;
  };

  TwilioCallControl(HttpClient& client, TwilioCallControlOptions options);
  void send(Sending sending, Scheduler& on, HttpClient::Done done) const;
  template <class T, class Read>
  void ask(Sending sending, Scheduler& on, Done<T> done, Read read) const;
  void end(Sending sending, Scheduler& on, Done<TwilioEnded> done) const;

  HttpClient* client_;
  TwilioCallControlOptions options_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
