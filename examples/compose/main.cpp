// The same as answer_calls, put together from its parts: take this one when something between them
// has to be yours, such as another model, another server, or two carriers.
//
// Offline:    voicebridge-sim --scenario ../answer_calls/scenario.json -- ./compose
// In earnest: set the variables of .env.example, and run ./compose
#include <unistd.h>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;

int main() {
  const auto env = environment_variable;
  const auto runtime = or_exit(Runtime::create());
  const auto http = make_http_client(*runtime);
  const auto sockets = make_websocket_client(*runtime);
  ToolRegistry tools;
  or_exit(tools.add({"opening_hours", "When the shop is open", R"({"type":"object"})"},
                    [](const ToolInvocation&) -> ToolOutput { return R"({"hours":"9 to 17"})"; }));

  // Telnyx: its media sockets, each of which belongs to a call of the agent's, and its commands.
  std::unique_ptr<PhoneAgent> agent;
  TelnyxStreamServerOptions door;
  door.public_app_url = env("PUBLIC_APP_URL");
  const auto seat = [&](const TelnyxStreamRequest& stream) -> Result<TelnyxStreamTarget> {
    return agent->seat(stream.call).map([](StreamSeat found) {
      return TelnyxStreamTarget{found.attach, found.scheduler, {}};
    });
  };
  const auto streams = or_exit(TelnyxStreamServer::create(door, seat));
  TelnyxCallControlOptions account;
  account.api_base = env("TELNYX_API_BASE");
  account.api_key = Secret(env("TELNYX_API_KEY"));
  TelnyxCarrierOptions line;
  line.connection_id = env("TELNYX_CALL_CONTROL_APP_ID");
  line.caller_id = env("TELNYX_OUTBOUND_CALLER_ID");
  const auto carrier = or_exit(
      TelnyxCarrier::create(or_exit(TelnyxCallControl::create(*http, account)), streams, line));

  PhoneAgentParts parts;
  parts.next_scheduler = [&]() -> Scheduler& { return runtime->next_shard(); };
  parts.open_speech = openai::speech_factory(or_exit(realtime_options()), *sockets);
  parts.carrier = carrier.get();
  parts.tools = &tools;
  PhoneAgentOptions options;
  options.phone.speech.instructions = "You answer the phone of a bakery. Be warm and brief.";
  options.phone.speech.transcription_model = "gpt-transcribe";
  options.phone.greeting = "Greet the caller and ask what they need.";
  agent = std::make_unique<PhoneAgent>(parts, options);

  // The server: webhooks that prove to be Telnyx', and the media sockets.
  telnyx::WebhookVerifierOptions keys;
  keys.public_keys = {env("TELNYX_PUBLIC_KEY")};
  const auto signatures = std::make_shared<const telnyx::WebhookVerifier>(
      or_exit(telnyx::WebhookVerifier::create(keys)));
  HttpServerOptions listening;
  listening.port = static_cast<std::uint16_t>(std::stoi(env("PORT")));
  const auto server = or_exit(HttpServer::create(*runtime, listening));
  telnyx::add_webhook_route(*server, "/telnyx/webhooks", signatures,
                            [&](const CarrierEvent& event) { agent->on_carrier_event(event); });
  streams.add_route(*server);
  or_exit(server->start());
  return pause();
}
