#include "voicebridge/telnyx/call_command.hpp"

#include "call_writers.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

Result<std::string> to_json(const CallCommand& command) {
  RequestBody body;
  std::visit([&](const auto& request) { write(body, request); }, command);
  return body.finish();
}

namespace {

template <class Request>
std::string_view action_name(const Request&) {
  return Request::kAction;
}
std::string_view action_name(const HostedActionRequest& request) { return request.action; }

}  // namespace

std::string_view action_of(const CallCommand& command) noexcept {
  return std::visit([](const auto& request) { return action_name(request); }, command);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
