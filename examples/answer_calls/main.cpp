// Answers the calls that come to a Telnyx number, with a tool of its own.
#include <voicebridge/voicebridge.hpp>

#include <unistd.h>

using namespace voicebridge;

int main() {
  const auto env = [](const char* name) { return std::string(getenv(name) ? getenv(name) : ""); };
  auto runtime = *Runtime::create();
  auto http = make_http_client(*runtime);
  auto sockets = make_websocket_client(*runtime);

  ToolRegistry tools;
  tools.add({"opening_hours", "When the shop is open", R"({"type":"object"})"},
            [](const ToolInvocation&) -> ToolOutput { return R"({"hours":"9 to 17"})"; });

  std::unique_ptr<PhoneAgent> agent;
  TelnyxStreamServerOptions door;
  door.public_app_url = env("PUBLIC_APP_URL");
  auto streams =
      *TelnyxStreamServer::create(door, [&](const auto& stream) -> Result<TelnyxStreamTarget> {
        return agent->seat(stream.call).map([](StreamSeat seat) {
          return TelnyxStreamTarget{seat.attach, seat.scheduler, {}};
        });
      });
  TelnyxCallControlOptions account{env("TELNYX_API_BASE"), Secret(env("TELNYX_API_KEY"))};
  TelnyxCarrierOptions line{env("TELNYX_CALL_CONTROL_APP_ID"), env("TELNYX_OUTBOUND_CALLER_ID")};
  auto carrier = *TelnyxCarrier::create(*TelnyxCallControl::create(*http, account), streams, line);

  openai::RealtimeClientOptions model;
  model.base_url = env("OPENAI_BASE_URL");
  model.api_key = Secret(env("OPENAI_API_KEY"));
  PhoneAgentParts parts{[&]() -> Scheduler& { return runtime->next_shard(); },
                        openai::speech_factory(model, *sockets), carrier.get(), nullptr, &tools};
  PhoneAgentOptions options;
  options.phone.speech.instructions = "You answer the phone of a bakery. Be warm and brief.";
  options.phone.greeting = "Greet the caller and ask what they need.";
  agent = std::make_unique<PhoneAgent>(parts, options);

  auto server = *HttpServer::create(
      *runtime, {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(env("PORT")))});
  auto signatures = std::make_shared<telnyx::WebhookVerifier>(
      *telnyx::WebhookVerifier::create({{env("TELNYX_PUBLIC_KEY")}}));
  telnyx::add_webhook_route(*server, "/telnyx/webhooks", signatures,
                            [&](const CarrierEvent& event) { agent->on_carrier_event(event); });
  streams.add_route(*server);
  return server->start() ? pause() : 1;
}
