#include "voicebridge/testing/scripted_call.hpp"

#include <utility>

#include "testing/carrier_rigs.hpp"
#include "testing/virtual_model.hpp"
#include "testing/virtual_phone.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/openai/speech_factory.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// What is under way when a call has ended (closing handshakes, webhooks, saves) is done by then.
constexpr Millis kAftermath{10000};
constexpr Millis kStep{100};
/// A call that is dropped in the middle gets this long to let go of everything.
constexpr Millis kFarewell{60000};
constexpr const char* kSomebody = "+12025550123";
constexpr const char* kOurNumber = "+12025550100";

std::unique_ptr<CarrierRig> make_carrier_rig(const ScriptedCallOptions& options) {
  if (options.make_rig) return options.make_rig(options);
  return options.carrier == CarrierKind::twilio ? make_twilio_rig(options)
                                                : make_telnyx_rig(options);
}

}  // namespace

struct ScriptedCall::Impl {
  explicit Impl(ScriptedCallOptions o)
      : options(std::move(o)),
        model(clock, options),
        rig(make_carrier_rig(options)),
        phone(clock, options, *rig) {}

  Result<> assemble();
  Result<> open_rig();
  Result<> make_lead();

  const ScriptedCallOptions options;
  ManualScheduler clock;
  VirtualModel model;
  std::unique_ptr<CarrierRig> rig;
  VirtualPhone phone;
  ToolRegistry tools;
  std::shared_ptr<LeadStore> leads = make_memory_lead_store();
  std::unique_ptr<PhoneAgent> agent;
  std::string lead_id;
  std::size_t ended = 0;
  std::string first_call;
  std::optional<CallRecord> record;
  std::vector<CallRecord> records;
};

Result<> ScriptedCall::Impl::assemble() {
  if (!options.scenario) return fail(Errc::invalid_argument, "a scenario is needed", "scenario");
  if (auto made = open_rig(); !made) return made;
  if (auto made = make_lead(); !made) return made;
  PhoneAgentParts parts;
  parts.next_scheduler = [this]() -> Scheduler& { return clock; };
  openai::RealtimeClientOptions client;
  client.base_url = "http://model.test/v1";
  client.api_key = options.model_key;
  client.session.wall_clock = [this] { return model.wall_time(); };
  parts.open_speech = openai::speech_factory(std::move(client), model, options.log);
  parts.carrier = &rig->carrier();
  parts.conference = rig->conference();
  parts.tools = &tools;
  parts.leads = leads;
  parts.calls = options.calls ? options.calls : make_memory_call_store();
  parts.log = options.log;
  agent = std::make_unique<PhoneAgent>(std::move(parts), options.agent);
  agent->on_timeline([this](const std::string& call_id, const TimelineEntry&) {
    if (first_call.empty()) first_call = call_id;
  });
  agent->on_ended([this](const CallRecord& last, const std::string&) {
    records.push_back(last);
    // Not the calls that the first one makes, for a transfer.
    if (!first_call.empty() && last.call_id != first_call) return;
    ++ended;
    record = last;
  });
  return add_builtin_tools(tools, *agent, "US");
}

Result<> ScriptedCall::Impl::open_rig() {
  CarrierRigParts parts;
  parts.http = &phone;
  parts.wall_time = [this] { return model.wall_time(); };
  parts.seat = [this](const std::string& call_id) { return agent->seat(call_id); };
  parts.on_event = [this](const CarrierEvent& event) { agent->on_carrier_event(event); };
  parts.log = options.log;
  return rig->open(std::move(parts));
}

Result<> ScriptedCall::Impl::make_lead() {
  LeadInput input;
  input.first_name = options.lead.first_name.empty() ? "Ada" : options.lead.first_name;
  input.last_name = options.lead.last_name.empty() ? "Lovelace" : options.lead.last_name;
  input.phone = options.lead.phone_e164.empty() ? kSomebody : options.lead.phone_e164;
  input.consent = true;
  const auto saved = leads->save(input);
  if (!saved) return fail(saved.error());
  lead_id = saved->id;
  if (options.lead.summary.empty()) return {};
  return leads->set_summary(lead_id, options.lead.summary);
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

void ScriptedCall::ring() {
  const std::string from =
      impl_->options.lead.phone_e164.empty() ? kSomebody : impl_->options.lead.phone_e164;
  impl_->phone.carrier().call_in(from, kOurNumber, impl_->options.callee, impl_->clock.now());
  impl_->phone.rearm();
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
const std::vector<CallRecord>& ScriptedCall::records() const { return impl_->records; }
std::vector<const OpenAiSimRecord*> ScriptedCall::model() const { return impl_->model.records(); }
SimCarrier& ScriptedCall::carrier() { return impl_->phone.carrier(); }
const SimCarrier& ScriptedCall::carrier() const { return impl_->phone.carrier(); }

const SimLeg* ScriptedCall::leg() const {
  const std::vector<std::string> calls = carrier().calls();
  return calls.empty() ? nullptr : carrier().leg(calls.front());
}

std::size_t ScriptedCall::model_events() const { return impl_->model.messages().arrived; }
std::size_t ScriptedCall::carrier_messages() const { return impl_->phone.messages().arrived; }

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
