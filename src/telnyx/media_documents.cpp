#include "media_documents.hpp"

#include <fmt/format.h>

#include <utility>

#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

std::string decoded_client_state(JsonView start) {
  const auto bytes = base64_decode(start["client_state"].string().value_or(""));
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

}  // namespace

Error trouble(Errc code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.origin = "telnyx";
  return error;
}

Error carrier_error(JsonView message) {
  const JsonView body = message["payload"].is_object() ? message["payload"] : message["error"];
  Error error = trouble(
      Errc::protocol_error,
      fmt::format("{}: {}", body["title"].string_or("error"), body["detail"].string_or("")));
  const JsonView code = body["code"];
  error.provider_code = code.is_number() ? std::to_string(code.integer_or(0)) : code.string_or("");
  if (error.provider_code == "100005") error.code = Errc::resource_exhausted;
  return error;
}

MediaStart media_start(JsonView message) {
  const JsonView start = message["start"];
  MediaStart out;
  out.stream_id = message["stream_id"].string_or("");
  out.call_id = start["call_control_id"].string_or("");
  out.from = start["from"].string_or("");
  out.to = start["to"].string_or("");
  out.client_state = decoded_client_state(start);
  for (const auto& member : start["custom_parameters"].members()) {
    out.parameters.emplace(member.key, member.value.string_or(""));
  }
  return out;
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
