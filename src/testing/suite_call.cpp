#include "testing/suite_call.hpp"

#include <algorithm>
#include <utility>

#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/openai/speech_factory.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kSuiteStep{100};
/// What is under way when a call has ended (closing handshakes, late events) is done by then.
constexpr Millis kSuiteAftermath{30000};
/// A call that is dropped in the middle gets this long to let go of everything.
constexpr Millis kSuiteFarewell{60000};

}  // namespace

Result<std::unique_ptr<SuiteCall>> SuiteCall::create(const CarrierLane& lane, SuiteSetup setup) {
  std::unique_ptr<SuiteCall> call(new SuiteCall(lane, std::move(setup)));
  if (auto made = call->assemble(); !made) return fail(made.error());
  return call;
}

SuiteCall::~SuiteCall() {
  // Calls and timers hold each other: they let go when the call is over.
  if (!agent_ || agent_->live_calls() == 0) return;
  agent_->stop(Millis(0));
  clock_.advance(kSuiteFarewell);
}

Result<> SuiteCall::assemble() {
  auto scenario = OpenAiScenario::parse(setup_.script);
  if (!scenario) return fail(scenario.error());
  setup_.model.scenario = std::make_shared<OpenAiScenario>(std::move(*scenario));
  model_ = std::make_unique<VirtualModel>(clock_, setup_.model);
  CarrierWorld world;
  world.clock = &clock_;
  world.on_event = [this](const CarrierEvent& event) { agent_->on_carrier_event(event); };
  world.seat = [this](const std::string& call_or_leg) { return agent_->seat(call_or_leg); };
  auto carrier = lane_.make(setup_.plan, std::move(world));
  if (!carrier) return fail(carrier.error());
  carrier_ = std::move(*carrier);
  if (auto made = add_lead(); !made) return made;
  PhoneAgentParts parts;
  parts.next_scheduler = [this]() -> Scheduler& { return clock_; };
  openai::RealtimeClientOptions client;
  client.base_url = "http://model.test/v1";
  client.api_key = setup_.model.model_key;
  client.session.wall_clock = [this] { return model_->wall_time(); };
  parts.open_speech = openai::speech_factory(std::move(client), *model_, {});
  parts.carrier = &carrier_->carrier();
  parts.tools = &tools_;
  parts.leads = leads_;
  parts.calls = make_memory_call_store();
  setup_.agent.phone.expects_amd = setup_.expects_machine;
  agent_ = std::make_unique<PhoneAgent>(std::move(parts), setup_.agent);
  agent_->on_ended([this](const CallRecord& last, const std::string&) {
    ++ended_;
    record_ = last;
  });
  return add_tools();
}

Result<> SuiteCall::add_tools() {
  if (auto added = add_builtin_tools(tools_, *agent_, "US"); !added) return added;
  clock_.set_offload_delay(setup_.tool_takes);
  return tools_.add({"count", "Counts.", R"({"type":"object"})"},
                    [this](const ToolInvocation&) -> ToolOutput {
                      ++counted_;
                      if (setup_.tool_fails) return fail(Errc::unavailable, "nobody counts today");
                      return R"({"n":3})";
                    });
}

Result<> SuiteCall::add_lead() {
  LeadInput input;
  input.first_name = "Ada";
  input.last_name = "Lovelace";
  input.phone = "+12025550123";
  input.consent = true;
  const auto saved = leads_->save(input);
  if (!saved) return fail(saved.error());
  lead_id_ = saved->id;
  return {};
}

void SuiteCall::begin() {
  began_ = clock_.now();
  for (const SuiteSetup::Deed& deed : setup_.deeds) {
    clock_.run_at(began_ + deed.at, [this, act = deed.act] { act(*this); });
  }
  if (setup_.plan.incoming) {
    carrier_->call_in();
  } else {
    CallLeadRequest request;
    request.lead_id = lead_id_;
    agent_->call_lead(std::move(request), [](const Result<CallStatus>&) {});
  }
  clock_.run_ready();
}

void SuiteCall::run() {
  begin();
  const TimePoint until = began_ + setup_.longest;
  while (ended_ == 0 && clock_.now() < until) clock_.advance(kSuiteStep);
  if (ended_ > 0) clock_.advance(kSuiteAftermath);
}

std::size_t SuiteCall::commands(CommandTrouble::Command which) const {
  const auto all = carrier_->commands();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const auto& record) { return record.command == which; }));
}

bool SuiteCall::passes_through() const {
  return record_.lane.find("pass-through") != std::string::npos;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
