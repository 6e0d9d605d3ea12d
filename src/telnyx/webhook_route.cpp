#include "voicebridge/telnyx/webhook_route.hpp"

#include "voicebridge/core/json.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"

namespace voicebridge::telnyx {

void add_webhook_route(HttpServer& server, std::string pattern,
                       std::shared_ptr<const WebhookVerifier> verifier,
                       std::function<void(const CarrierEvent&)> on_event, Logger log) {
  server.route(
      "POST", std::move(pattern),
      [verifier = std::move(verifier), on_event = std::move(on_event), log](
          HttpServerRequest request, HttpResponder responder) {
        const auto event = verifier->receive(request.headers, request.body, unix_now());
        if (!event) {
          const std::string_view why = to_string(event.error());
          // A second delivery is Telnyx' way; everything else is somebody's fault.
          const bool usual = event.error() == WebhookFault::repeated;
          const LogLevel level = usual ? LogLevel::debug : LogLevel::warn;
          log.log(level, "telnyx", "webhook not taken",
                  {{"why", why}, {"bytes", request.body.size()}, {"from", request.remote_address}});
          return responder.send(http_status(event.error()),
                                JsonWriter().object().field("webhook", why).end().take());
        }
        responder.send(200, R"({"ok":true})");
        on_event(to_carrier_event(*event));
      });
}

}  // namespace voicebridge::telnyx
