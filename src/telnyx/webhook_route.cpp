#include "voicebridge/telnyx/webhook_route.hpp"

#include "net/webhook_answer.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

void add_webhook_route(HttpServer& server, std::string pattern,
                       std::shared_ptr<const WebhookVerifier> verifier,
                       std::function<void(const CarrierEvent&)> on_event, Logger log) {
  server.route("POST", std::move(pattern),
               [verifier = std::move(verifier), on_event = std::move(on_event), log](
                   HttpServerRequest request, HttpResponder responder) {
                 const auto event = verifier->receive(request.headers, request.body, unix_now());
                 if (!event) {
                   return net::answer_fault(event.error(), request, responder, log, "telnyx");
                 }
                 net::answer_taken(responder);
                 on_event(to_carrier_event(*event));
               });
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
