#include "net/webhook_answer.hpp"

#include "net/http_errors.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

void answer_taken(const HttpResponder& responder) { responder.send(200, R"({"ok":true})"); }

void answer_fault(WebhookFault fault, const HttpServerRequest& request,
                  const HttpResponder& responder, const Logger& log, std::string_view component) {
  const std::string_view why = to_string(fault);
  // A second or late delivery is the services' way; everything else is somebody's fault.
  const bool usual = fault == WebhookFault::repeated || fault == WebhookFault::late;
  log.log(usual ? LogLevel::debug : LogLevel::warn, component, "webhook not taken",
          {{"why", why}, {"bytes", request.body.size()}, {"from", request.remote_address}});
  if (usual)
    answer_taken(responder);
  else
    responder.send(http_status(fault), error_body(http_status(fault), why));
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
