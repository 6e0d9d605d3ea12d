#include "voicebridge/twilio/call_control.hpp"

#include <fmt/format.h>

#include "api_error.hpp"
#include "resources.hpp"
#include "value_checks.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using twilio::is_sid;

constexpr std::string_view kRunningRecording = "Twilio.CURRENT";

Result<std::string> bad_path(std::string_view field, std::string_view what) {
  return fail(Errc::invalid_argument, fmt::format("{} must be {}", field, what),
              std::string(field));
}

Result<std::string> call_path(std::string_view call_sid, std::string_view rest) {
  if (!is_sid(call_sid, "CA")) return bad_path("CallSid", "the SID of a call");
  return fmt::format("/Calls/{}{}", call_sid, rest);
}

Result<std::string> conference_path(std::string_view conference_sid) {
  if (!is_sid(conference_sid, "CF")) return bad_path("ConferenceSid", "the SID of a conference");
  return fmt::format("/Conferences/{}.json", conference_sid);
}

Result<std::string> participants_path(std::string_view conference, std::string_view query = {}) {
  if (conference.empty()) return bad_path("ConferenceSid", "a SID or a name");
  return fmt::format("/Conferences/{}/Participants.json{}", url_encode(conference), query);
}

Result<std::string> participant_path(std::string_view conference, std::string_view participant) {
  if (conference.empty()) return bad_path("ConferenceSid", "a SID or a name");
  if (participant.empty()) return bad_path("CallSid", "the SID of a call or a label");
  return fmt::format("/Conferences/{}/Participants/{}.json", url_encode(conference),
                     url_encode(participant));
}

std::string_view wire_name(twilio::RecordingChange change) {
  switch (change) {
    case twilio::RecordingChange::pause:
      return "paused";
    case twilio::RecordingChange::resume:
      return "in-progress";
    case twilio::RecordingChange::stop:
      return "stopped";
  }
  return {};
}

Error from_twilio(Error error) {
  error.origin = "twilio";
  return error;
}

/// A success, or the error that stands for the answer.
Result<HttpResponse> judged(Result<HttpResponse> answer, bool once) {
  if (answer && answer->status >= 200 && answer->status < 300) return answer;
  Error error = answer ? twilio::api_error(*answer) : from_twilio(answer.error());
  // Without a word from the API itself it may have been done.
  const bool unknown = error.code == Errc::unavailable || error.code == Errc::deadline_exceeded;
  if (once && unknown) error.retryable = false;
  return fail(std::move(error));
}

}  // namespace

TwilioCallControl::TwilioCallControl(HttpClient& client, TwilioCallControlOptions options)
    : client_(&client), options_(std::move(options)) {}

Result<TwilioCallControl> TwilioCallControl::create(HttpClient& client,
                                                    TwilioCallControlOptions options) {
  if (!is_sid(options.account_sid, "AC")) {
    return fail(Errc::invalid_argument, "the SID of a Twilio account is needed", "account_sid");
  }
  const bool with_key = !options.api_key_sid.empty();
  if (with_key && !is_sid(options.api_key_sid, "SK")) {
    return fail(Errc::invalid_argument, "the SID of the API key is malformed", "api_key_sid");
  }
  if ((with_key ? options.api_key_secret : options.auth_token).empty()) {
    return fail(Errc::invalid_argument, "an auth token, or an API key with its secret, is needed",
                with_key ? "api_key_secret" : "auth_token");
  }
  const auto base = parse_url(options.api_base);
  if (!base || (base->scheme != "https" && base->scheme != "http")) {
    return fail(Errc::invalid_argument, "api_base must be an http:// or https:// URL", "api_base");
  }
  while (options.api_base.back() == '/') options.api_base.pop_back();
  return TwilioCallControl(client, std::move(options));
}

void TwilioCallControl::send(Sending sending, Scheduler& on, HttpClient::Done done) const {
  const auto& wrong = sending.path ? sending.body : sending.path;
  if (!wrong) {
    on.post([done = std::move(done), error = wrong.error()] { done(fail(error)); });
    return;
  }
  const bool with_key = !options_.api_key_sid.empty();
  const std::string login =
      fmt::format("{}:{}", with_key ? options_.api_key_sid : options_.account_sid,
                  (with_key ? options_.api_key_secret : options_.auth_token).reveal());
  HttpRequest request;
  request.method = std::move(sending.method);
  request.url = fmt::format("{}/2010-04-01/Accounts/{}{}", options_.api_base, options_.account_sid,
                            *sending.path);
  request.headers.add("authorization", "Basic " + base64_encode(ByteView(std::string_view(login))));
  request.headers.add("accept", "application/json");
  if (request.method == "POST") {
    request.headers.add("content-type", "application/x-www-form-urlencoded");
  }
  request.body = std::move(*sending.body);
  request.timeout = options_.timeout;
  const bool once = sending.repeat == Repeat::once;
  RetryOptions retry = options_.retry;
  if (once) retry.max_attempts = 1;
  send_with_retry(*client_, std::move(request), RetryPolicy(retry), on,
                  [done = std::move(done), once](Result<HttpResponse> answer) {
                    done(judged(std::move(answer), once));
                  });
}

template <class T, class Read>
void TwilioCallControl::ask(Sending sending, Scheduler& on, Done<T> done, Read read) const {
  send(std::move(sending), on, [done = std::move(done), read](Result<HttpResponse> answer) {
    if (!answer) return done(fail(answer.error()));
    done(read(*answer));
  });
}

void TwilioCallControl::end(Sending sending, Scheduler& on, Done<TwilioEnded> done) const {
  send(std::move(sending), on, [done = std::move(done)](Result<HttpResponse> answer) {
    if (answer) return done(TwilioEnded{false});
    if (twilio::is_over(answer.error())) return done(TwilioEnded{true});
    done(fail(answer.error()));
  });
}

// --- calls --------------------------------------------------------------------------------------

void TwilioCallControl::create_call(const twilio::CreateCallRequest& request, Scheduler& on,
                                    Done<twilio::Call> done) const {
  ask({"POST", std::string("/Calls.json"), to_form(request), Repeat::once}, on, std::move(done),
      twilio::read_call);
}

void TwilioCallControl::fetch_call(std::string_view call_sid, Scheduler& on,
                                   Done<twilio::Call> done) const {
  ask({"GET", call_path(call_sid, ".json"), std::string(), Repeat::may}, on, std::move(done),
      twilio::read_call);
}

void TwilioCallControl::update_call(std::string_view call_sid,
                                    const twilio::UpdateCallRequest& request, Scheduler& on,
                                    Done<twilio::Call> done) const {
  const bool redirects = !request.twiml.empty() || !request.url.empty();
  ask({"POST", call_path(call_sid, ".json"), to_form(request),
       redirects ? Repeat::once : Repeat::may},
      on, std::move(done), twilio::read_call);
}

void TwilioCallControl::end_call(std::string_view call_sid, Scheduler& on,
                                 Done<TwilioEnded> done) const {
  end({"POST", call_path(call_sid, ".json"), std::string("Status=completed"), Repeat::may}, on,
      std::move(done));
}

// --- conferences --------------------------------------------------------------------------------

void TwilioCallControl::fetch_conference(std::string_view conference_sid, Scheduler& on,
                                         Done<twilio::Conference> done) const {
  ask({"GET", conference_path(conference_sid), std::string(), Repeat::may}, on, std::move(done),
      twilio::read_conference);
}

void TwilioCallControl::find_conferences(std::string_view friendly_name, Scheduler& on,
                                         Done<std::vector<twilio::Conference>> done) const {
  std::string path =
      fmt::format("/Conferences.json?FriendlyName={}&Status=in-progress&PageSize=100",
                  url_encode(friendly_name));
  ask({"GET", std::move(path), std::string(), Repeat::may}, on, std::move(done),
      twilio::read_conferences);
}

void TwilioCallControl::end_conference(std::string_view conference_sid, Scheduler& on,
                                       Done<TwilioEnded> done) const {
  end({"POST", conference_path(conference_sid), std::string("Status=completed"), Repeat::may}, on,
      std::move(done));
}

void TwilioCallControl::announce(std::string_view conference_sid, std::string_view url,
                                 Scheduler& on, Done<twilio::Conference> done) const {
  Result<std::string> body = "AnnounceUrl=" + url_encode(url);
  if (!twilio::is_web_url(url)) body = bad_path("AnnounceUrl", "an http:// or https:// URL");
  ask({"POST", conference_path(conference_sid), std::move(body), Repeat::once}, on, std::move(done),
      twilio::read_conference);
}

void TwilioCallControl::create_participant(std::string_view conference,
                                           const twilio::CreateParticipantRequest& request,
                                           Scheduler& on, Done<twilio::Participant> done) const {
  ask({"POST", participants_path(conference), to_form(request), Repeat::once}, on, std::move(done),
      twilio::read_participant);
}

void TwilioCallControl::fetch_participant(std::string_view conference, std::string_view participant,
                                          Scheduler& on, Done<twilio::Participant> done) const {
  ask({"GET", participant_path(conference, participant), std::string(), Repeat::may}, on,
      std::move(done), twilio::read_participant);
}

void TwilioCallControl::list_participants(std::string_view conference, Scheduler& on,
                                          Done<std::vector<twilio::Participant>> done) const {
  ask({"GET", participants_path(conference, "?PageSize=100"), std::string(), Repeat::may}, on,
      std::move(done), twilio::read_participants);
}

void TwilioCallControl::update_participant(std::string_view conference,
                                           std::string_view participant,
                                           const twilio::UpdateParticipantRequest& request,
                                           Scheduler& on, Done<twilio::Participant> done) const {
  const Repeat repeat = request.announce_url.empty() ? Repeat::may : Repeat::once;
  ask({"POST", participant_path(conference, participant), to_form(request), repeat}, on,
      std::move(done), twilio::read_participant);
}

void TwilioCallControl::remove_participant(std::string_view conference,
                                           std::string_view participant, Scheduler& on,
                                           Done<TwilioEnded> done) const {
  end({"DELETE", participant_path(conference, participant), std::string(), Repeat::may}, on,
      std::move(done));
}

// --- recordings and streams ---------------------------------------------------------------------

void TwilioCallControl::start_recording(std::string_view call_sid,
                                        const twilio::StartRecordingRequest& request, Scheduler& on,
                                        Done<twilio::Recording> done) const {
  ask({"POST", call_path(call_sid, "/Recordings.json"), to_form(request), Repeat::once}, on,
      std::move(done), twilio::read_recording);
}

void TwilioCallControl::change_recording(std::string_view call_sid, std::string_view recording,
                                         twilio::RecordingChange change, Scheduler& on,
                                         Done<twilio::Recording> done) const {
  if (recording.empty()) recording = kRunningRecording;
  const std::string rest = fmt::format("/Recordings/{}.json", url_encode(recording));
  ask({"POST", call_path(call_sid, rest), fmt::format("Status={}", wire_name(change)), Repeat::may},
      on, std::move(done), twilio::read_recording);
}

void TwilioCallControl::start_stream(std::string_view call_sid,
                                     const twilio::StartStreamRequest& request, Scheduler& on,
                                     Done<twilio::Stream> done) const {
  ask({"POST", call_path(call_sid, "/Streams.json"), to_form(request), Repeat::once}, on,
      std::move(done), twilio::read_stream);
}

void TwilioCallControl::stop_stream(std::string_view call_sid, std::string_view stream,
                                    Scheduler& on, Done<TwilioEnded> done) const {
  Result<std::string> path =
      stream.empty() ? bad_path("StreamSid", "a SID or a name")
                     : call_path(call_sid, fmt::format("/Streams/{}.json", url_encode(stream)));
  end({"POST", std::move(path), std::string("Status=stopped"), Repeat::may}, on, std::move(done));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
