#include "openai_upgrade.hpp"

#include "openai_event_out.hpp"

namespace voicebridge::testing::detail {
namespace {

HttpResponse refusal(int status, const ApiError& error) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  JsonWriter body;
  body.object().key("error").object();
  write_error_fields(body, error);
  response.body = body.end().end().take();
  return response;
}

constexpr std::string_view kBearer = "Bearer ";

}  // namespace

std::variant<OpenAiSimHandshake, HttpResponse> check_upgrade(std::string_view target,
                                                             const HttpHeaders& headers,
                                                             const Secret& api_key,
                                                             const ConnectionFault& fault) {
  if (fault.http_status != 0) return refusal(fault.http_status, {fault.code, fault.message, ""});
  const std::string_view authorization = headers.find("Authorization").value_or("");
  if (authorization.substr(0, kBearer.size()) != kBearer) {
    return refusal(401, {"", "Missing bearer authentication in header", ""});
  }
  if (!api_key.equals(authorization.substr(kBearer.size()))) {
    return refusal(401, {"invalid_api_key", "Incorrect API key provided.", ""});
  }
  const auto model = query_parameter(target, "model");
  const auto call_id = query_parameter(target, "call_id");
  const auto intent = query_parameter(target, "intent");
  if (int{model.has_value()} + int{call_id.has_value()} + int{intent.has_value()} != 1) {
    return refusal(400, {"invalid_value",
                         "Exactly one of 'model', 'call_id' and 'intent' must be given.", "model"});
  }
  if (call_id)
    return refusal(404,
                   {"call_id_not_found", "No session found for the provided call_id", "call_id"});
  if (intent)
    return refusal(400, {"invalid_value", "Transcription sessions are not simulated.", "intent"});
  if (model->empty())
    return refusal(400,
                   {"missing_required_parameter", "Missing required parameter: 'model'.", "model"});
  OpenAiSimHandshake handshake;
  handshake.model = *model;
  handshake.beta_header = headers.find("OpenAI-Beta").has_value();
  return handshake;
}

}  // namespace voicebridge::testing::detail
