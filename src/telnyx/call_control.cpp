#include "voicebridge/telnyx/call_control.hpp"

#include <fmt/format.h>

#include "api_error.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
namespace {

bool is_success(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

Result<DialedCall> read_dialed(const Result<HttpResponse>& answer, const std::string& command_id) {
  if (!answer) return fail(answer.error());
  if (!is_success(*answer)) return fail(telnyx::api_error(*answer));
  const auto body = Json::parse(answer->body);
  const JsonView data = body ? (*body)["data"] : JsonView();
  DialedCall call{data["call_control_id"].string_or(""), data["call_leg_id"].string_or(""),
                  data["call_session_id"].string_or(""), data["recording_id"].string_or(""),
                  command_id};
  if (call.call_control_id.empty()) {
    Error error;
    error.code = Errc::protocol_error;
    error.message = "the answer to Dial names no call";
    error.origin = "telnyx";
    error.http_status = answer->status;
    return fail(std::move(error));
  }
  return call;
}

Result<CommandResult> read_command(const Result<HttpResponse>& answer, std::string command_id,
                                   bool end_is_success) {
  if (!answer) return fail(answer.error());
  CommandResult result;
  result.command_id = std::move(command_id);
  if (is_success(*answer)) {
    const auto body = Json::parse(answer->body);
    if (body) result.recording_id = (*body)["data"]["recording_id"].string_or("");
    return result;
  }
  Error error = telnyx::api_error(*answer);
  if (!end_is_success || error.provider_code != telnyx::kCallHasEnded)
    return fail(std::move(error));
  result.call_had_ended = true;
  return result;
}

Error from_telnyx(Error error) {
  error.origin = "telnyx";
  return error;
}

}  // namespace

TelnyxCallControl::TelnyxCallControl(HttpClient& client, TelnyxCallControlOptions options)
    : client_(&client), options_(std::move(options)) {}

Result<TelnyxCallControl> TelnyxCallControl::create(HttpClient& client,
                                                    TelnyxCallControlOptions options) {
  if (options.api_key.empty()) {
    return fail(Errc::invalid_argument, "a Telnyx API key is needed", "api_key");
  }
  const auto base = parse_url(options.api_base);
  if (!base || (base->scheme != "https" && base->scheme != "http")) {
    return fail(Errc::invalid_argument, "api_base must be an http:// or https:// URL", "api_base");
  }
  while (options.api_base.back() == '/') options.api_base.pop_back();
  if (!options.make_command_id) options.make_command_id = random_uuid;
  return TelnyxCallControl(client, std::move(options));
}

template <class Request>
void TelnyxCallControl::prepare(Request& request) const {
  if (request.command_id.empty()) request.command_id = options_.make_command_id();
}

void TelnyxCallControl::post(std::string url, std::string body, Millis timeout, Scheduler& on,
                             HttpClient::Done done) const {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers.add("authorization", fmt::format("Bearer {}", options_.api_key.reveal()));
  request.headers.add("content-type", "application/json");
  request.headers.add("accept", "application/json");
  request.body = std::move(body);
  request.timeout = timeout;
  send_with_retry(*client_, std::move(request), RetryPolicy(options_.retry), on, std::move(done));
}

template <class Request>
void TelnyxCallControl::command(std::string_view call, std::string_view action, Request request,
                                AfterEnd after_end, Scheduler& on, Done done) const {
  prepare(request);
  Result<std::string> body = to_json(request);
  if (call.empty()) {
    body = fail(Errc::invalid_argument, "a command needs a call", "call_control_id");
  }
  if (!body) {
    on.post([done = std::move(done), error = body.error()] { done(fail(error)); });
    return;
  }
  std::string url =
      fmt::format("{}/calls/{}/actions/{}", options_.api_base, url_encode(call), action);
  const bool end_is_success = after_end == AfterEnd::succeeds;
  post(std::move(url), std::move(*body), options_.command_timeout, on,
       [done = std::move(done), id = request.command_id,
        end_is_success](Result<HttpResponse> answer) {
         if (!answer) answer = fail(from_telnyx(answer.error()));
         done(read_command(answer, id, end_is_success));
       });
}

void TelnyxCallControl::dial(telnyx::DialRequest request, Scheduler& on, Dialed done) const {
  prepare(request);
  Result<std::string> body = to_json(request);
  if (!body) {
    on.post([done = std::move(done), error = body.error()] { done(fail(error)); });
    return;
  }
  post(options_.api_base + "/calls", std::move(*body), options_.dial_timeout, on,
       [done = std::move(done), id = request.command_id](Result<HttpResponse> answer) {
         if (!answer) answer = fail(from_telnyx(answer.error()));
         done(read_dialed(answer, id));
       });
}

void TelnyxCallControl::answer(std::string_view call, telnyx::AnswerRequest request, Scheduler& on,
                               Done done) const {
  command(call, "answer", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::reject(std::string_view call, telnyx::RejectRequest request, Scheduler& on,
                               Done done) const {
  command(call, "reject", std::move(request), AfterEnd::succeeds, on, std::move(done));
}

void TelnyxCallControl::hangup(std::string_view call, telnyx::HangupRequest request, Scheduler& on,
                               Done done) const {
  command(call, "hangup", std::move(request), AfterEnd::succeeds, on, std::move(done));
}

void TelnyxCallControl::speak(std::string_view call, telnyx::SpeakRequest request, Scheduler& on,
                              Done done) const {
  command(call, "speak", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::playback_start(std::string_view call, telnyx::PlaybackStartRequest request,
                                       Scheduler& on, Done done) const {
  command(call, "playback_start", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::playback_stop(std::string_view call, telnyx::PlaybackStopRequest request,
                                      Scheduler& on, Done done) const {
  command(call, "playback_stop", std::move(request), AfterEnd::succeeds, on, std::move(done));
}

void TelnyxCallControl::send_dtmf(std::string_view call, telnyx::SendDtmfRequest request,
                                  Scheduler& on, Done done) const {
  command(call, "send_dtmf", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::streaming_start(std::string_view call,
                                        telnyx::StreamingStartRequest request, Scheduler& on,
                                        Done done) const {
  command(call, "streaming_start", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::streaming_stop(std::string_view call, telnyx::StreamingStopRequest request,
                                       Scheduler& on, Done done) const {
  command(call, "streaming_stop", std::move(request), AfterEnd::succeeds, on, std::move(done));
}

void TelnyxCallControl::transfer(std::string_view call, telnyx::TransferRequest request,
                                 Scheduler& on, Done done) const {
  command(call, "transfer", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::bridge(std::string_view call, telnyx::BridgeRequest request, Scheduler& on,
                               Done done) const {
  command(call, "bridge", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::record_start(std::string_view call, telnyx::RecordStartRequest request,
                                     Scheduler& on, Done done) const {
  command(call, "record_start", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::record_stop(std::string_view call, telnyx::RecordStopRequest request,
                                    Scheduler& on, Done done) const {
  command(call, "record_stop", std::move(request), AfterEnd::succeeds, on, std::move(done));
}

void TelnyxCallControl::gather(std::string_view call, telnyx::GatherRequest request, Scheduler& on,
                               Done done) const {
  command(call, "gather", std::move(request), AfterEnd::fails, on, std::move(done));
}

void TelnyxCallControl::gather_stop(std::string_view call, telnyx::GatherStopRequest request,
                                    Scheduler& on, Done done) const {
  command(call, "gather_stop", std::move(request), AfterEnd::succeeds, on, std::move(done));
}

}  // namespace voicebridge
