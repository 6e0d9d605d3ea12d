// Answers calls that a SIP trunk takes straight to OpenAI: the service asks here, by webhook, who
// answers, and carries the audio itself. No Telnyx, no Twilio.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./sip_agent
// In earnest: set OPENAI_API_KEY, OPENAI_WEBHOOK_SECRET and PORT; see docs/sip.md
#include <unistd.h>

#include <iostream>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;

int main() {
  const auto env = environment_variable;
  or_exit(need_variables(env, {"OPENAI_WEBHOOK_SECRET", "PORT"}));
  const openai::RealtimeClientOptions model = or_exit(realtime_options());
  const auto runtime = or_exit(Runtime::create());
  const auto http = make_http_client(*runtime);
  const auto sockets = make_websocket_client(*runtime);
  openai::RealtimeApiOptions access;
  static_cast<openai::ApiOptions&>(access) = model;  // The same address and key.
  const auto api = or_exit(openai::RealtimeApi::create(*http, access));

  ToolRegistry tools;
  PhoneAgentParts parts;
  parts.next_scheduler = [&]() -> Scheduler& { return runtime->next_shard(); };
  parts.tools = &tools;
  PhoneAgent agent(parts, {});
  or_exit(add_builtin_tools(tools, agent, "US"));  // end_call and others.
  agent.on_ended([](const CallRecord& record, const std::string&) {
    std::cout << "ended: " << to_string(*record.end_reason) << std::endl;
  });

  const auto answer = [&](const openai::IncomingSipCall& call, Scheduler& on) {
    std::cout << "call from " << call.from.text() << std::endl;
    ServiceCall wanted;
    wanted.leg_id = call.call_id;
    wanted.from = call.from.text();
    wanted.to = call.to.text();
    wanted.carrier_name = "openai";
    SpeechSpec& speech = wanted.options.speech;
    speech.media = MediaOwner::service;
    speech.instructions = "You answer the phone of a bakery. Be warm and brief.";
    speech.voice = "marin";
    speech.transcription_model = "gpt-transcribe";
    speech.tools = tools.specs({"end_call"});
    wanted.tools.names = {"end_call"};
    wanted.options.greeting = "Greet the caller and ask what they need.";
    openai::SessionConfig base;
    base.model = model.model;
    auto session = openai::session_config(speech, base);
    if (!session) return api.reject(call.call_id, 503, on, [](Result<>) {});
    wanted.carrier = std::make_shared<openai::SipLeg>(api, call.call_id, std::move(*session));
    openai::RealtimeClientOptions attached = model;
    attached.call_id = call.call_id;
    wanted.open_speech = openai::speech_factory(attached, *sockets);
    if (!agent.serve(std::move(wanted))) api.reject(call.call_id, 486, on, [](Result<>) {});
  };

  openai::WebhookVerifierOptions secrets;
  secrets.secrets = {Secret(env("OPENAI_WEBHOOK_SECRET"))};
  HttpServerOptions door;
  door.port = static_cast<std::uint16_t>(std::stoi(env("PORT")));
  const auto server = or_exit(HttpServer::create(*runtime, door));
  openai::add_webhook_route(*server, "/openai/webhook",
                            std::make_shared<const openai::WebhookVerifier>(
                                or_exit(openai::WebhookVerifier::create(secrets))),
                            answer);
  or_exit(server->start());
  return pause();
}
