#include "voicebridge/agent/phone_agent.hpp"

#include <algorithm>

#include "agent/phone_agent_impl.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kRememberedEnds = 1000;

}  // namespace

PhoneAgent::Impl::Call PhoneAgent::Impl::find(const std::string& call_or_leg) const {
  const std::lock_guard lock(mutex);
  const auto leg = by_leg.find(call_or_leg);
  const auto found = live.find(leg == by_leg.end() ? call_or_leg : leg->second);
  return found == live.end() ? nullptr : found->second;
}

std::vector<PhoneAgent::Impl::Call> PhoneAgent::Impl::all() const {
  const std::lock_guard lock(mutex);
  std::vector<Call> calls;
  for (const auto& [id, call] : live) calls.push_back(call);
  return calls;
}

Result<PhoneAgent::Impl::Call> PhoneAgent::Impl::admit(Scheduler& on, LiveCall::Plan plan) {
  const std::lock_guard lock(mutex);
  if (stopping) return fail(Errc::unavailable, "the agent is being stopped");
  if (live.size() >= shop->options.max_calls) {
    return fail(Errc::resource_exhausted, "too many calls at once");
  }
  if (!plan.leg_id.empty() && by_leg.count(plan.leg_id) != 0) {
    return fail(Errc::conflict, "this leg has a call already", "leg_id");
  }
  if (plan.call_id.empty() || live.count(plan.call_id) != 0) plan.call_id = random_id("call_");
  plan.context["call_id"] = plan.call_id;
  if (!plan.leg_id.empty()) by_leg[plan.leg_id] = plan.call_id;
  auto call = std::make_shared<LiveCall>(shop, on, std::move(plan));
  live[call->id()] = call;
  return call;
}

/// A call that has ended is found by its status only.
void PhoneAgent::Impl::forget(const std::string& call_id) {
  const std::lock_guard lock(mutex);
  const auto found = live.find(call_id);
  if (found == live.end()) return;
  ended.push_back(found->second->status());
  if (ended.size() > kRememberedEnds) ended.pop_front();
  live.erase(found);
  for (auto leg = by_leg.begin(); leg != by_leg.end();) {
    if (leg->second != call_id) {
      ++leg;
      continue;
    }
    ended_legs.emplace_back(leg->first, call_id);
    if (ended_legs.size() > kRememberedEnds) ended_legs.pop_front();
    leg = by_leg.erase(leg);
  }
}

bool PhoneAgent::Impl::transfer_warmly(LiveCall& caller, const TransferTarget& target) {
  std::shared_ptr<ConferenceControl> conference = caller.plan().conference;
  // The agent's own outlives its calls.
  if (!conference && caller.kind() != LiveCall::Kind::service) {
    conference = std::shared_ptr<ConferenceControl>(
        std::shared_ptr<void>(), shop->conference_of(caller.plan().carrier_name));
  }
  const bool can_dial = caller.kind() != LiveCall::Kind::service || caller.plan().phone_carrier ||
                        shop->parts.carrier != nullptr;
  if (!conference || !can_dial) return false;
  TransferRun::World world;
  world.shop = shop;
  const std::weak_ptr<Impl> weak = weak_from_this();
  world.admit = [weak](Scheduler& on, LiveCall::Plan plan) -> Result<Call> {
    const auto self = weak.lock();
    if (!self) return fail(Errc::unavailable, "the agent is gone");
    return self->admit(on, std::move(plan));
  };
  world.adopt = [weak](const std::string& leg_id, std::shared_ptr<TransferRun> run) {
    const auto self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex);
    self->adopted[leg_id] = std::move(run);
  };
  world.forget = [weak](const std::string& leg_id) {
    const auto self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex);
    self->adopted.erase(leg_id);
  };
  std::make_shared<TransferRun>(std::move(world), caller.shared_from_this(), target,
                                std::move(conference))
      ->begin();
  return true;
}

/// Two people whom the agent has joined: what is of interest is that one of them is gone.
bool PhoneAgent::Impl::told_transfer(const CarrierEvent& event) {
  const auto* gone = std::get_if<LegEnded>(&event.what);
  if (gone == nullptr || event.leg_id.empty()) return false;
  std::shared_ptr<TransferRun> run;
  {
    const std::lock_guard lock(mutex);
    const auto found = adopted.find(event.leg_id);
    if (found == adopted.end()) return false;
    run = found->second;
  }
  Scheduler& home = run->scheduler();
  home.post([run = std::move(run), leg = event.leg_id, cause = gone->cause] {
    run->on_adopted_leg_gone(leg, cause);
  });
  return true;
}

/// The leg that nobody is configured for is declined.
Result<PhoneAgent::Impl::Call> PhoneAgent::Impl::admit_incoming(const std::string& leg_id,
                                                                const LegIncoming& incoming,
                                                                const std::string& carrier) {
  CallFacts facts;
  facts.way = CallFacts::Way::inbound;
  facts.carrier = carrier;
  facts.from = incoming.from;
  facts.to = incoming.to;
  Scheduler& on = shop->parts.next_scheduler();
  Result<LiveCall::Plan> plan = plan_call(*shop, facts);
  Carrier* const theirs = shop->carrier_named(carrier);
  const auto decline = [&](const Error& why) {
    if (theirs != nullptr) theirs->hang_up(leg_id, on, [](const Result<>&) {});
    return fail(why);
  };
  if (!plan) return decline(plan.error());
  plan->leg_id = leg_id;
  auto call = admit(on, std::move(*plan));
  // Of a leg that has a call already a second event came at the same time.
  if (!call && call.error().code != Errc::conflict) return decline(call.error());
  return call;
}

Result<StreamSeat> PhoneAgent::Impl::seat_stream(const CallFacts& facts, Scheduler& on) {
  Result<LiveCall::Plan> plan = plan_call(*shop, facts);
  if (!plan) return fail(plan.error());
  auto call = admit(on, std::move(*plan));
  if (!call) return fail(call.error());
  return seat_for(*call);
}

Result<CallStatus> PhoneAgent::Impl::serve(ServiceCall wanted) {
  Result<LiveCall::Plan> plan = plan_service_call(*shop, std::move(wanted));
  if (!plan) return fail(plan.error());
  const std::string leg_id = plan->leg_id;
  Result<Call> call = admit(shop->parts.next_scheduler(), std::move(*plan));
  if (!call) {
    const Call served = find(leg_id);
    if (!served) return fail(call.error());
    CallStatus status = served->status();
    status.existed = true;
    return status;
  }
  CallStatus status = (*call)->status();
  status.state = to_string(CallState::dialing);
  at_home(std::move(*call), [](LiveCall& live_call) { live_call.begin(); });
  return status;
}

Result<StreamSeat> PhoneAgent::Impl::seat_for(const Call& call) const {
  StreamSeat seat;
  seat.call_id = call->id();
  seat.scheduler = &call->scheduler();
  // Weak: a stream that never comes lets go of its seat on any thread.
  seat.attach = [weak = std::weak_ptr<LiveCall>(call)](std::shared_ptr<MediaStream> stream) {
    const Call wanted = weak.lock();
    return wanted ? wanted->attach(std::move(stream)) : nullptr;
  };
  return seat;
}

std::optional<CallStatus> PhoneAgent::Impl::status(const std::string& call_id) const {
  const std::lock_guard lock(mutex);
  const auto found = live.find(call_id);
  if (found != live.end()) return found->second->status();
  const auto over = std::find_if(ended.rbegin(), ended.rend(),
                                 [&](const CallStatus& s) { return s.call_id == call_id; });
  if (over == ended.rend()) return std::nullopt;
  return *over;
}

/// A recording is ready after its call has ended, mostly: then it is written into the store.
void PhoneAgent::Impl::recorded(const CarrierEvent& event, const LegRecorded& recording) {
  std::string id = event.call_id;
  {
    const std::lock_guard lock(mutex);
    const auto leg = std::find_if(ended_legs.begin(), ended_legs.end(),
                                  [&](const auto& known) { return known.first == event.leg_id; });
    if (id.empty() && leg != ended_legs.end()) id = leg->second;
  }
  if (id.empty()) return;
  store_recording(*shop, id, recording);
}

void PhoneAgent::Impl::sweep(Scheduler& on, Millis every) {
  sweep_calls(*shop, on);
  on.run_at(on.now() + every, [weak = weak_from_this(), &on, every] {
    const auto self = weak.lock();
    if (self && !self->is_stopping()) self->sweep(on, every);
  });
}

PhoneAgent::PhoneAgent(PhoneAgentParts parts, PhoneAgentOptions options)
    : impl_(std::make_shared<Impl>()) {
  if (!parts.leads) parts.leads = make_memory_lead_store();
  if (!parts.calls) parts.calls = make_memory_call_store();
  impl_->shop->parts = std::move(parts);
  impl_->shop->options = std::move(options);
  impl_->shop->transfer_warmly = [weak = std::weak_ptr<Impl>(impl_)](LiveCall& caller,
                                                                     const TransferTarget& target) {
    const auto self = weak.lock();
    return self && self->transfer_warmly(caller, target);
  };
  impl_->shop->let_go = [weak = std::weak_ptr<Impl>(impl_)](const std::string& call_id) {
    if (const auto self = weak.lock()) self->forget(call_id);
  };
  impl_->shop->redial = std::make_shared<RedialDesk>(
      impl_->shop->parts.calls, impl_->shop->parts.log,
      [weak = std::weak_ptr<Impl>(impl_)](const StoredCall& failed) -> Result<> {
        const auto self = weak.lock();
        if (!self) return fail(Errc::unavailable, "the agent is gone");
        return self->dial_again(failed);
      });
  impl_->shop->ended = [weak = std::weak_ptr<Impl>(impl_)](const CallRecord& record,
                                                           const std::string&) {
    const auto self = weak.lock();
    if (!self) return;
    // The call is in the middle of its own function: it is let go of later.
    if (const auto call = self->find(record.call_id)) {
      call->scheduler().post([self, call] {
        if (!call->lingers()) self->forget(call->id());
      });
    }
  };
}

PhoneAgent::~PhoneAgent() {
  const std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
}

void PhoneAgent::call_lead(CallLeadRequest request, Called done) {
  impl_->call_lead(std::move(request), std::move(done));
}

Result<CallStatus> PhoneAgent::serve(ServiceCall call) { return impl_->serve(std::move(call)); }

void PhoneAgent::on_carrier_event(const CarrierEvent& event, const std::string& carrier) {
  if (impl_->told_transfer(event)) return;
  std::shared_ptr<LiveCall> call =
      impl_->find(event.call_id.empty() ? event.leg_id : event.call_id);
  if (!call) call = impl_->find(event.leg_id);
  const auto* recorded = std::get_if<LegRecorded>(&event.what);
  if (!call && recorded != nullptr) return impl_->recorded(event, *recorded);
  if (!call) {
    const auto* incoming = std::get_if<LegIncoming>(&event.what);
    if (incoming == nullptr || !impl_->shop->can_dial()) return;
    auto admitted = impl_->admit_incoming(event.leg_id, *incoming, carrier);
    if (!admitted) {
      impl_->shop->parts.log.warn("agent", "incoming call not taken",
                                  {{"error", to_string(admitted.error())}});
      return;
    }
    call = *admitted;
  }
  if (!event.leg_id.empty()) {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->live.count(call->id()) != 0) impl_->by_leg[event.leg_id] = call->id();
  }
  Impl::at_home(std::move(call), [event](LiveCall& live_call) { live_call.on_event(event); });
}

Result<StreamSeat> PhoneAgent::seat(const std::string& call_or_leg) {
  const auto call = impl_->find(call_or_leg);
  if (!call) return fail(Errc::not_found, "no such call");
  return impl_->seat_for(call);
}

Result<StreamSeat> PhoneAgent::seat_web(const std::string& profile, Scheduler* on,
                                        const std::string& language) {
  CallFacts facts;
  facts.way = CallFacts::Way::web;
  facts.profile = profile;
  facts.language = language;
  return impl_->seat_stream(facts, on ? *on : impl_->shop->parts.next_scheduler());
}

Result<StreamSeat> PhoneAgent::seat_unknown(Scheduler* on) {
  CallFacts facts;
  facts.way = CallFacts::Way::stream;
  return impl_->seat_stream(facts, on ? *on : impl_->shop->parts.next_scheduler());
}

Result<> PhoneAgent::send_text(const std::string& call_id, std::string text) {
  auto call = impl_->find(call_id);
  if (!call) return fail(Errc::not_found, "no such call");
  Impl::at_home(std::move(call),
                [text = std::move(text)](LiveCall& live_call) { live_call.add_text(text); });
  return {};
}

Result<> PhoneAgent::add_note(const std::string& call_id, AddNote note) {
  auto call = impl_->find(call_id);
  if (!call) return fail(Errc::not_found, "no such call");
  Impl::at_home(std::move(call),
                [note = std::move(note)](LiveCall& live_call) { live_call.add_note(note); });
  return {};
}

void PhoneAgent::collect_digits(const std::string& call_id, DigitRules rules,
                                std::function<void(Result<CollectedDigits>)> done,
                                Scheduler& otherwise) {
  auto call = impl_->find(call_id);
  if (!call) {
    return otherwise.post(
        [done = std::move(done)] { done(fail(Errc::not_found, "no such call")); });
  }
  Impl::at_home(std::move(call),
                [rules = std::move(rules), done = std::move(done)](LiveCall& live_call) {
                  const auto taken = live_call.collect_digits(
                      rules, [done](const CollectedDigits& collected) { done(collected); });
                  if (!taken) done(fail(taken.error()));
                });
}

std::optional<CallStatus> PhoneAgent::status(const std::string& call_id) const {
  return impl_->status(call_id);
}

void PhoneAgent::call_number(CallNumberRequest request, Called done) {
  impl_->call_number(std::move(request), std::move(done));
}

Result<> PhoneAgent::say_goodbye(const std::string& call_id) {
  auto call = impl_->find(call_id);
  if (!call) return fail(Errc::not_found, "no such call");
  Impl::at_home(std::move(call), [](LiveCall& live_call) { live_call.end_politely(); });
  return {};
}

Result<CallStatus> PhoneAgent::hang_up(const std::string& call_id) {
  auto call = impl_->find(call_id);
  const auto status = call ? call->status() : impl_->status(call_id);
  if (!status) return fail(Errc::not_found, "no such call", "id");
  if (call) {
    Impl::at_home(std::move(call),
                  [](LiveCall& live_call) { live_call.cancel("it was hung up on request"); });
  }
  return *status;
}

std::size_t PhoneAgent::live_calls() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->live.size();
}

void PhoneAgent::start_upkeep(Millis sweep) {
  Scheduler& on = impl_->shop->parts.next_scheduler();
  on.post([self = impl_, &on, sweep] {
    on.offload([self, &on] {
      const auto taken = self->shop->redial->take_up(on, unix_now());
      if (taken) return;
      self->shop->parts.log.warn("agent", "retries not taken up",
                                 {{"error", to_string(taken.error())}});
    });
    self->sweep(on, sweep);
  });
}

void PhoneAgent::stop(Millis grace) {
  impl_->shop->redial->stop();
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  for (auto& live_call : impl_->all()) {
    Impl::at_home(std::move(live_call), [grace](LiveCall& call) {
      call.end_politely();
      call.scheduler().run_at(call.scheduler().now() + grace, [weak = call.weak_from_this()] {
        if (const auto late = weak.lock()) late->cancel("the server is being stopped");
      });
    });
  }
}

LeadStore& PhoneAgent::leads() { return *impl_->shop->parts.leads; }
const PhoneAgentOptions& PhoneAgent::options() const { return impl_->shop->options; }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
