#include "voicebridge/openai/webhook_route.hpp"

#include "net/webhook_answer.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

void add_webhook_route(HttpServer& server, std::string pattern,
                       std::shared_ptr<const WebhookVerifier> verifier,
                       std::function<void(const IncomingSipCall&, Scheduler&)> on_call,
                       Logger log) {
  server.route("POST", std::move(pattern),
               [verifier = std::move(verifier), on_call = std::move(on_call), log](
                   HttpServerRequest request, HttpResponder responder) {
                 const auto event = verifier->receive(request.headers, request.body, unix_now());
                 if (!event) {
                   return net::answer_fault(event.error(), request, responder, log, "openai");
                 }
                 net::answer_taken(responder);
                 if (event->call) {
                   on_call(*event->call, *request.shard);
                 } else {
                   log.debug("openai", "webhook of no use", {{"type", event->type}});
                 }
               });
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
