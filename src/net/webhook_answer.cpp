#include "net/webhook_answer.hpp"

#include "voicebridge/core/json.hpp"

namespace voicebridge::net {

void answer_taken(const HttpResponder& responder) { responder.send(200, R"({"ok":true})"); }

void answer_fault(WebhookFault fault, const HttpServerRequest& request,
                  const HttpResponder& responder, const Logger& log, std::string_view component) {
  const std::string_view why = to_string(fault);
  // A second or late delivery is the services' way; everything else is somebody's fault.
  const bool usual = fault == WebhookFault::repeated || fault == WebhookFault::late;
  log.log(usual ? LogLevel::debug : LogLevel::warn, component, "webhook not taken",
          {{"why", why}, {"bytes", request.body.size()}, {"from", request.remote_address}});
  responder.send(http_status(fault), JsonWriter().object().field("webhook", why).end().take());
}

}  // namespace voicebridge::net
