#include "openai_upgrade.hpp"

#include "openai_api_error.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kKeyProtocol = "openai-insecure-api-key.";

/// The query of the upgrade.
struct Wanted {
  std::optional<std::string> model, call_id, intent;
};

std::optional<HttpResponse> check_query(const Wanted& wanted) {
  const int given = int{wanted.model.has_value()} + int{wanted.call_id.has_value()} +
                    int{wanted.intent.has_value()};
  if (given != 1) {
    return error_response(
        400, {"invalid_value", "Exactly one of 'model', 'call_id' and 'intent' must be given.",
              "model"});
  }
  if (wanted.intent) {
    return error_response(400,
                          {"invalid_value", "Transcription sessions are not simulated.", "intent"});
  }
  if (wanted.model && wanted.model->empty()) {
    return error_response(
        400, {"missing_required_parameter", "Missing required parameter: 'model'.", "model"});
  }
  return std::nullopt;
}

bool is_transcription(const std::string& session_json) {
  const auto session = Json::parse(session_json);
  return session && (*session)["type"].string_or("") == "transcription";
}

}  // namespace

std::optional<std::string_view> bearer_key(const HttpHeaders& headers) {
  if (const auto authorization = headers.find("Authorization")) {
    if (authorization->substr(0, kBearer.size()) != kBearer) return std::nullopt;
    return authorization->substr(kBearer.size());
  }
  const std::string_view protocols = headers.find("Sec-WebSocket-Protocol").value_or("");
  const std::size_t at = protocols.find(kKeyProtocol);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = protocols.substr(at + kKeyProtocol.size());
  return rest.substr(0, rest.find_first_of(", "));
}

std::variant<OpenAiSimHandshake, HttpResponse> check_upgrade(std::string_view target,
                                                             const HttpHeaders& headers,
                                                             const UpgradeDoor& door,
                                                             const ConnectionFault& fault) {
  if (fault.http_status != 0) {
    return error_response(fault.http_status, {fault.code, fault.message, ""});
  }
  const auto key = bearer_key(headers);
  if (!key) return error_response(401, {"", "Missing bearer authentication in header", ""});
  OpenAiSimHandshake handshake;
  handshake.beta_header = headers.find("OpenAI-Beta").has_value();
  const bool standard_key = door.api_key.equals(*key);
  if (!standard_key) {
    auto session = door.session_of_key ? door.session_of_key(*key) : std::nullopt;
    if (!session)
      return error_response(401, {"invalid_api_key", "Incorrect API key provided.", ""});
    handshake.session_json = std::move(*session);
  }
  const Wanted wanted{query_parameter(target, "model"), query_parameter(target, "call_id"),
                      query_parameter(target, "intent")};
  if (auto refusal = check_query(wanted)) return std::move(*refusal);
  if (is_transcription(handshake.session_json)) {
    return error_response(400, {"invalid_value", "Transcription sessions are not simulated.", ""});
  }
  if (wanted.call_id) {
    if (!standard_key || !door.has_call || !door.has_call(*wanted.call_id)) {
      return error_response(
          404, {"call_id_not_found", "No session found for the provided call_id", "call_id"});
    }
    handshake.call_id = *wanted.call_id;
    return handshake;
  }
  handshake.model = *wanted.model;
  return handshake;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
