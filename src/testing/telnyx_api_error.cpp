#include "testing/telnyx_api_error.hpp"

#include <utility>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string pointer_to(std::string_view name) { return "/" + std::string(name); }

}  // namespace

HttpResponse to_response(const TelnyxApiError& error) {
  JsonWriter json;
  json.object().key("errors").array().object();
  json.field("code", error.code).field("title", error.title).field("detail", error.detail);
  if (!error.pointer.empty()) json.key("source").object().field("pointer", error.pointer).end();
  json.key("meta")
      .object()
      .field("url", "https://developers.telnyx.com/docs/overview/errors/" + error.code)
      .end();
  HttpResponse response;
  response.status = error.status;
  response.headers.add("content-type", "application/json");
  response.body = json.end().end().end().take();
  return response;
}

HttpResponse json_response(std::string body) {
  HttpResponse response;
  response.status = 200;
  response.headers.add("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

HttpResponse ok_response() { return json_response(R"({"data":{"result":"ok"}})"); }

TelnyxApiError missing_parameter(std::string_view name) {
  return {422, "10004", "Missing required parameter",
          "The '" + std::string(name) + "' parameter is required and cannot be blank.",
          pointer_to(name)};
}

TelnyxApiError authentication_failed() {
  return {401, "10009", "Authentication failed",
          "The required authentication headers were either invalid or not included in the request.",
          ""};
}

TelnyxApiError not_found() {
  return {404, "10007", "Resource not found", "Resource not found", ""};
}

TelnyxApiError invalid_json() {
  return {400, "10023", "Invalid JSON", "The request body is not a valid JSON object.", ""};
}

TelnyxApiError wrong_type(std::string_view name, std::string_view expected) {
  return {422, "10026", "Invalid parameter type",
          "The value must be " + std::string(expected) + ".", pointer_to(name)};
}

TelnyxApiError not_in_enum(std::string_view name, std::string_view choices) {
  return {422, "10032", "Invalid enumerated value",
          "The value must be one of: " + std::string(choices) + ".", pointer_to(name)};
}

TelnyxApiError out_of_range(std::string_view name, long long min, long long max) {
  return {
      422, "10033", "Value outside of range",
      "The value is outside of allowed range " + std::to_string(min) + " to " + std::to_string(max),
      pointer_to(name)};
}

TelnyxApiError invalid_url(std::string_view name) {
  return {422, "10003", "Invalid URL",
          "The '" + std::string(name) + "' parameter must be a valid URL.", pointer_to(name)};
}

TelnyxApiError not_e164(std::string_view name) {
  return {422, "10016", "Phone number must be in +E164 format",
          "The '" + std::string(name) + "' parameter must be in E164 format.", pointer_to(name)};
}

TelnyxApiError invalid_connection_id() {
  return {422, "10015", "Invalid value for connection_id (Call Control App ID)",
          "The requested connection_id (Call Control App ID) is either invalid or does not exist. "
          "Only Call "
          "Control Apps with valid webhook URL are accepted.",
          "/connection_id"};
}

TelnyxApiError channel_limit_reached() {
  return {
      403, "90041", "User termination channels limit exceeded",
      "The limit of simultaneous termination channels configured to your user has been reached.",
      ""};
}

TelnyxApiError invalid_call_control_id(std::string_view name) {
  return {422, "90015", "Invalid Call Control ID", "The call_control_id provided was not valid.",
          pointer_to(name)};
}

TelnyxApiError invalid_client_state() {
  return {422, "90017", "Invalid value for client_state",
          "The 'client_state' parameter must be a valid base64 string.", "/client_state"};
}

TelnyxApiError call_has_ended() {
  return {422, "90018", "Call has already ended",
          "This call is no longer active and can't receive commands.", ""};
}

TelnyxApiError call_not_answered() {
  return {422, "90034", "Call not answered yet",
          "This call can't receive this command because it has not been answered yet.", ""};
}

TelnyxApiError record_before_audio() {
  return {422, "90020", "Call recording triggered before audio started",
          "Call recording can not be started until audio has commenced on the call.", ""};
}

TelnyxApiError answer_on_outbound_call() {
  return {422, "90102", "Command is invalid",
          "Call answer command cannot be issued for outbound calls.", ""};
}

TelnyxApiError streaming_in_use() {
  return {422, "90045", "Media Streaming is used",
          "This command can't be issued when media streaming is used.", ""};
}

TelnyxApiError streaming_not_in_use() {
  return {422, "90048", "Media Streaming is not used.",
          "This command can only be issued when media streaming is used.", ""};
}

TelnyxApiError streaming_failed() {
  return {422, "90046", "Media Streaming Failed.", "The media streaming failed to start.", ""};
}

TelnyxApiError conference_not_found() {
  return {404, "90058", "Invalid conference_id", "The conference does not exist.", ""};
}

TelnyxApiError conference_has_ended() {
  return {422, "90019", "Conference has already ended",
          "This conference is no longer active and can't receive commands.", ""};
}

TelnyxApiError conference_name_taken() {
  return {422, "90033", "Unable to execute command",
          "Conference with given name already exists and it's active.", ""};
}

TelnyxApiError too_many_participants() {
  return {422, "90032", "Maximum number of participants reached",
          "The maximum allowed value of `max_participants` has been reached.", ""};
}

TelnyxApiError already_in_conference() {
  return {422, "90044", "Call is already in the conference",
          "This call can't join a conference that it has joined before.", ""};
}

TelnyxApiError fork_not_found() {
  return {422, "90031", "Call is not currently forked",
          "Can't stop forking, because the call isn't currently forked.", ""};
}

TelnyxApiError not_in_queue() {
  return {422, "90035", "Call is not in a queue", "The call can't leave a queue it isn't in.", ""};
}

TelnyxApiError queue_full() {
  return {422, "90036", "Queue full", "The queue is full and can't accept more calls.", ""};
}

TelnyxApiError already_in_queue() {
  return {422, "90038", "Call already in queue", "Call can't be added to a queue it's already in.",
          ""};
}

TelnyxApiError transcription_running() {
  return {422, "90054", "Call transcription is already in progress",
          "Call transcription can not be started more than once.", ""};
}

TelnyxApiError assistant_running() {
  return {422, "90061", "AI Assistant is already in progress",
          "AI Assistant cannot be started more than once.", ""};
}

TelnyxApiError no_supervisor() {
  return {422, "10015", "Invalid value", "The call does not supervise another one.", "/role"};
}

TelnyxApiError no_srtp_for_pstn() {
  return {422, "10011", "Media encryption not supported for PSTN calls",
          "SRTP media encryption is not supported for PSTN calls.", "/media_encryption"};
}

TelnyxApiError too_many_requests() {
  return {429, "10011", "Too many requests",
          "You have exceeded the maximum number of allowed requests.", ""};
}

TelnyxApiError failure_with(int status) {
  switch (status) {
    case 401:
      return authentication_failed();
    case 403:
      return {403, "10010", "Authorization failed",
              "You do not have permission to perform the requested action on the specified "
              "resource or resources.",
              ""};
    case 404:
      return not_found();
    case 422:
      return call_has_ended();
    case 429:
      return too_many_requests();
    case 503:
      return {503, "10007", "Service unavailable", "Service unavailable", ""};
    default:
      return {status, "10007", "Internal server error", "Internal server error", ""};
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
