#include "api_answers.hpp"

#include "api_error.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

bool is_success(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

Error broken(const HttpResponse& response, const char* complaint) {
  Error error;
  error.code = Errc::protocol_error;
  error.message = complaint;
  error.origin = "telnyx";
  error.http_status = response.status;
  return error;
}

std::string answer_text(JsonView json, std::string_view key) { return json[key].string_or(""); }

void read(JsonView data, DialedCall& out) {
  out.call_control_id = answer_text(data, "call_control_id");
  out.call_leg_id = answer_text(data, "call_leg_id");
  out.call_session_id = answer_text(data, "call_session_id");
  out.recording_id = answer_text(data, "recording_id");
}
bool names_it(const DialedCall& call) { return !call.call_control_id.empty(); }

void read(JsonView data, TelnyxCallStatus& out) {
  out.call_control_id = answer_text(data, "call_control_id");
  out.call_leg_id = answer_text(data, "call_leg_id");
  out.call_session_id = answer_text(data, "call_session_id");
  out.is_alive = data["is_alive"].bool_or(false);
  if (const auto state = data["client_state"].string()) {
    if (const auto bytes = base64_decode(*state))
      out.client_state = std::string(bytes->begin(), bytes->end());
  }
  out.call_duration_secs = data["call_duration"].integer_or(0);
  out.start_time = answer_text(data, "start_time");
  out.end_time = answer_text(data, "end_time");
}
bool names_it(const TelnyxCallStatus& call) { return !call.call_control_id.empty(); }

void read(JsonView data, TelnyxConferenceStatus& out) {
  out.id = answer_text(data, "id");
  out.name = answer_text(data, "name");
  out.region = answer_text(data, "region");
  out.status = answer_text(data, "status");
  out.end_reason = answer_text(data, "end_reason");
  out.expires_at = answer_text(data, "expires_at");
}
bool names_it(const TelnyxConferenceStatus& conference) { return !conference.id.empty(); }

void read(JsonView data, std::vector<TelnyxParticipant>& out) {
  for (const JsonView one : data.elements()) {
    out.push_back({answer_text(one, "id"), answer_text(one, "call_control_id"),
                   answer_text(one, "call_leg_id"), answer_text(one, "status"),
                   one["muted"].bool_or(false), one["on_hold"].bool_or(false)});
  }
}
bool names_it(const std::vector<TelnyxParticipant>&) { return true; }

}  // namespace

Error from_telnyx(Error error) {
  error.origin = "telnyx";
  return error;
}

template <class T>
Result<T> read_answer(const Result<HttpResponse>& answer) {
  if (!answer) return fail(answer.error());
  if (!is_success(*answer)) return fail(api_error(*answer));
  const auto body = Json::parse(answer->body);
  T out;
  if (body) read((*body)["data"], out);
  if (!body || !names_it(out)) return fail(broken(*answer, "the answer names no call"));
  return out;
}

template Result<DialedCall> read_answer(const Result<HttpResponse>& answer);
template Result<TelnyxCallStatus> read_answer(const Result<HttpResponse>& answer);
template Result<TelnyxConferenceStatus> read_answer(const Result<HttpResponse>& answer);
template Result<std::vector<TelnyxParticipant>> read_answer(const Result<HttpResponse>& answer);

Result<CommandResult> read_command(const Result<HttpResponse>& answer, std::string command_id,
                                   bool end_is_success) {
  if (!answer) return fail(answer.error());
  CommandResult result;
  result.command_id = std::move(command_id);
  if (is_success(*answer)) {
    if (const auto body = Json::parse(answer->body)) {
      const JsonView data = (*body)["data"];
      result.recording_id = answer_text(data, "recording_id");
      result.conversation_id = answer_text(data, "conversation_id");
    }
    return result;
  }
  Error error = api_error(*answer);
  const bool ended =
      error.provider_code == kCallHasEnded || error.provider_code == kConferenceHasEnded;
  if (!end_is_success || !ended) return fail(std::move(error));
  result.call_had_ended = true;
  return result;
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
