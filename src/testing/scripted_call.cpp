#include "voicebridge/testing/scripted_call.hpp"

#include <utility>

#include "testing/virtual_model.hpp"
#include "testing/virtual_phone.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/openai/speech_factory.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"
#include "voicebridge/telnyx/webhook_verifier.hpp"

namespace voicebridge::testing {
namespace {

/// What is under way when a call has ended (closing handshakes, webhooks, saves) is done by then.
constexpr Millis kAftermath{10000};
constexpr Millis kStep{100};
/// A call that is dropped in the middle gets this long to let go of everything.
constexpr Millis kFarewell{60000};

}  // namespace

struct ScriptedCall::Impl {
  explicit Impl(ScriptedCallOptions o)
      : options(std::move(o)), model(clock, options), phone(clock, options) {}

  Result<> assemble();
  Result<> make_carrier();
  Result<> make_lead();
  int on_webhook(const HttpHeaders& headers, const std::string& body);
  Result<TelnyxStreamTarget> seat(const TelnyxStreamRequest& request);

  const ScriptedCallOptions options;
  ManualScheduler clock;
  VirtualModel model;
  VirtualPhone phone;
  ToolRegistry tools;
  std::optional<telnyx::WebhookVerifier> verifier;
  std::optional<TelnyxStreamServer> streams;
  std::unique_ptr<Carrier> carrier;
  std::shared_ptr<LeadStore> leads = make_memory_lead_store();
  std::unique_ptr<PhoneAgent> agent;
  std::string lead_id;
  std::size_t ended = 0;
  std::optional<CallRecord> record;
};

Result<> ScriptedCall::Impl::assemble() {
  if (!options.scenario) return fail(Errc::invalid_argument, "a scenario is needed", "scenario");
  if (auto made = make_carrier(); !made) return made;
  if (auto made = make_lead(); !made) return made;
  PhoneAgentParts parts;
  parts.next_scheduler = [this]() -> Scheduler& { return clock; };
  openai::RealtimeClientOptions client;
  client.base_url = "http://model.test/v1";
  client.api_key = options.model_key;
  client.session.wall_clock = [this] { return model.wall_time(); };
  parts.open_speech = openai::speech_factory(std::move(client), model, options.log);
  parts.carrier = carrier.get();
  parts.tools = &tools;
  parts.leads = leads;
  parts.calls = make_memory_call_store();
  parts.log = options.log;
  agent = std::make_unique<PhoneAgent>(std::move(parts), options.agent);
  agent->on_ended([this](const CallRecord& last, const std::string&) {
    ++ended;
    record = last;
  });
  VirtualPhone::Application application;
  application.on_webhook = [this](const HttpHeaders& headers, const std::string& body) {
    return on_webhook(headers, body);
  };
  application.on_stream = [this](const HttpServerRequest& request) {
    return streams->accept(request);
  };
  phone.serve(std::move(application));
  return add_builtin_tools(tools, *agent, "US");
}

Result<> ScriptedCall::Impl::make_carrier() {
  TelnyxStreamServerOptions doors;
  doors.stream_url = "ws://app.test/api/telnyx/stream";
  doors.log = options.log;
  auto server = TelnyxStreamServer::create(
      doors, [this](const TelnyxStreamRequest& request) { return seat(request); });
  if (!server) return fail(server.error());
  streams = std::move(*server);
  TelnyxCallControlOptions commands;
  commands.api_base = "http://telnyx.test/v2";
  commands.api_key = Secret(TelnyxCarrierOptions().api_key);
  auto control = TelnyxCallControl::create(phone, std::move(commands));
  if (!control) return fail(control.error());
  voicebridge::TelnyxCarrierOptions legs;
  legs.connection_id = "1";
  legs.caller_id = "+12025550100";
  legs.format = options.codec;
  auto made = voicebridge::TelnyxCarrier::create(std::move(*control), *streams, legs);
  if (!made) return fail(made.error());
  carrier = std::move(*made);
  telnyx::WebhookVerifierOptions keys;
  keys.public_keys = {phone.carrier().public_key_base64()};
  auto check = telnyx::WebhookVerifier::create(std::move(keys));
  if (!check) return fail(check.error());
  verifier = std::move(*check);
  return {};
}

Result<> ScriptedCall::Impl::make_lead() {
  LeadInput input;
  input.first_name = options.lead.first_name.empty() ? "Ada" : options.lead.first_name;
  input.last_name = options.lead.last_name.empty() ? "Lovelace" : options.lead.last_name;
  input.phone = options.lead.phone_e164.empty() ? "+12025550123" : options.lead.phone_e164;
  input.consent = true;
  const auto saved = leads->save(input);
  if (!saved) return fail(saved.error());
  lead_id = saved->id;
  if (options.lead.summary.empty()) return {};
  return leads->set_summary(lead_id, options.lead.summary);
}

int ScriptedCall::Impl::on_webhook(const HttpHeaders& headers, const std::string& body) {
  const auto event = verifier->receive(headers, body, model.wall_time());
  if (!event) return telnyx::http_status(event.error());
  agent->on_carrier_event(telnyx::to_carrier_event(*event));
  return 200;
}

Result<TelnyxStreamTarget> ScriptedCall::Impl::seat(const TelnyxStreamRequest& request) {
  const auto seat = agent->seat(request.call);
  if (!seat) return fail(seat.error());
  TelnyxStreamTarget target;
  target.attach = seat->attach;
  target.shard = seat->scheduler;
  return target;
}

ScriptedCall::ScriptedCall(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ScriptedCall::~ScriptedCall() {
  // Calls and timers hold each other: they let go when the call is over.
  if (impl_->agent == nullptr || impl_->agent->live_calls() == 0) return;
  impl_->agent->stop(Millis(0));
  impl_->clock.advance(kFarewell);
}

Result<std::unique_ptr<ScriptedCall>> ScriptedCall::create(ScriptedCallOptions options) {
  std::unique_ptr<ScriptedCall> call(new ScriptedCall(std::make_unique<Impl>(std::move(options))));
  if (auto made = call->impl_->assemble(); !made) return fail(made.error());
  return call;
}

ToolRegistry& ScriptedCall::tools() { return impl_->tools; }
PhoneAgent& ScriptedCall::agent() { return *impl_->agent; }
ManualScheduler& ScriptedCall::clock() { return impl_->clock; }

void ScriptedCall::dial() {
  CallLeadRequest request;
  request.lead_id = impl_->lead_id;
  impl_->agent->call_lead(std::move(request), [](const Result<CallStatus>&) {});
  impl_->clock.run_ready();
}

bool ScriptedCall::run(Millis longest) {
  const TimePoint until = impl_->clock.now() + longest;
  while (impl_->ended == 0 && impl_->clock.now() < until) impl_->clock.advance(kStep);
  if (impl_->ended == 0) return false;
  impl_->clock.advance(kAftermath);
  return true;
}

std::size_t ScriptedCall::ended() const { return impl_->ended; }
const std::optional<CallRecord>& ScriptedCall::record() const { return impl_->record; }
std::vector<const OpenAiSimRecord*> ScriptedCall::model() const { return impl_->model.records(); }
const TelnyxCarrier& ScriptedCall::carrier() const { return impl_->phone.carrier(); }

const TelnyxSimMedia* ScriptedCall::leg() const {
  const std::vector<std::string> calls = carrier().calls();
  return calls.empty() ? nullptr : carrier().media(calls.front());
}

std::size_t ScriptedCall::model_events() const { return impl_->model.messages().arrived; }
std::size_t ScriptedCall::carrier_messages() const { return impl_->phone.messages().arrived; }

}  // namespace voicebridge::testing
