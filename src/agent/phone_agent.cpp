#include "voicebridge/agent/phone_agent.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "agent/call_plan.hpp"
#include "voicebridge/agent/handoff.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
namespace {

constexpr std::size_t kRememberedEnds = 1000;

}  // namespace

struct PhoneAgent::Impl : std::enable_shared_from_this<PhoneAgent::Impl> {
  using Call = std::shared_ptr<LiveCall>;

  Call find(const std::string& call_or_leg) const;
  /// Runs `use(LiveCall&)` where the call lives. The reference goes with it, because the last one
  /// must be let go there.
  template <class Use>
  static void at_home(Call call, Use use) {
    Scheduler& home = call->scheduler();
    home.post([call = std::move(call), use = std::move(use)] { use(*call); });
  }
  Result<Call> admit(Scheduler& on, LiveCall::Plan plan);
  Result<Call> admit_incoming(const std::string& leg_id, const LegIncoming& incoming);
  Result<StreamSeat> seat_stream(const CallFacts& facts, Scheduler& on);
  Result<CallStatus> serve(ServiceCall wanted);
  Result<StreamSeat> seat_for(const Call& call) const;
  Result<CallStatus> dial_lead(const CallLeadRequest& request);
  void call_lead(CallLeadRequest request, Called done);
  void forget(const std::string& call_id);
  std::vector<Call> all() const;

  std::shared_ptr<CallShop> shop = std::make_shared<CallShop>();
  mutable std::mutex mutex;
  bool stopping = false;
  std::map<std::string, Call> live;
  std::map<std::string, std::string> by_leg;  ///< The carrier's id → ours.
  std::map<std::string, std::pair<std::string, TimePoint>>
      by_lead;                   ///< The last call of a lead, and when.
  std::deque<CallStatus> ended;  ///< The last ones, newest last.
};

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
    leg = leg->second == call_id ? by_leg.erase(leg) : std::next(leg);
  }
}

/// The leg that nobody is configured for is declined.
Result<PhoneAgent::Impl::Call> PhoneAgent::Impl::admit_incoming(const std::string& leg_id,
                                                                const LegIncoming& incoming) {
  CallFacts facts;
  facts.way = CallFacts::Way::inbound;
  facts.from = incoming.from;
  facts.to = incoming.to;
  Scheduler& on = shop->parts.next_scheduler();
  Result<LiveCall::Plan> plan = plan_call(*shop, facts);
  if (!plan) {
    shop->parts.carrier->hang_up(leg_id, on, [](const Result<>&) {});
    return fail(plan.error());
  }
  plan->leg_id = leg_id;
  return admit(on, std::move(*plan));
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

/// Blocks on the store: on the offload pool.
Result<CallStatus> PhoneAgent::Impl::dial_lead(const CallLeadRequest& request) {
  if (shop->parts.carrier == nullptr) return fail(Errc::unsupported, "no carrier is configured");
  Result<Lead> lead = shop->parts.leads->find(request.lead_id);
  if (!lead) return fail(lead.error());
  if (!lead->consent) {
    return fail(Errc::conflict, "the lead has not agreed to be called", "consent");
  }
  if (!request.summary.empty()) {
    lead->summary = request.summary;
    if (const auto kept = shop->parts.leads->set_summary(lead->id, lead->summary); !kept) {
      shop->parts.log.warn("agent", "summary not stored", {{"error", to_string(kept.error())}});
    }
  }
  Scheduler& on = shop->parts.next_scheduler();
  CallFacts facts;
  facts.profile = request.profile;
  facts.to = lead->phone_e164;
  facts.lead_id = lead->id;
  Result<LiveCall::Plan> plan = plan_call(*shop, facts, &*lead);
  if (!plan) return fail(plan.error());
  plan->call_id = random_id("call_");
  {
    // Claimed before the call is made: two requests at once must not both dial.
    const std::lock_guard lock(mutex);
    const auto known = by_lead.find(lead->id);
    if (known != by_lead.end() && on.now() - known->second.second < shop->options.same_call) {
      CallStatus status;
      status.call_id = known->second.first;
      status.lead_id = lead->id;
      status.existed = true;
      const auto call = live.find(status.call_id);
      status.state = call == live.end() ? "ended" : call->second->status().state;
      return status;
    }
    by_lead[lead->id] = {plan->call_id, on.now()};
  }
  auto call = admit(on, std::move(*plan));
  if (!call) {
    const std::lock_guard lock(mutex);
    by_lead.erase(lead->id);
    return fail(call.error());
  }
  CallStatus status = (*call)->status();
  status.state = to_string(CallState::dialing);
  at_home(std::move(*call), [](LiveCall& live_call) { live_call.begin(); });
  return status;
}

void PhoneAgent::Impl::call_lead(CallLeadRequest request, Called done) {
  Call session =
      request.summary.empty() && !request.session_id.empty() ? find(request.session_id) : nullptr;
  Scheduler& on = session ? session->scheduler() : shop->parts.next_scheduler();
  on.post([self = shared_from_this(), session = std::move(session), request = std::move(request),
           done = std::move(done), &on]() mutable {
    if (session) request.summary = summarize_talk(session->transcript());
    const bool taken =
        on.offload([self, request = std::move(request), done] { done(self->dial_lead(request)); });
    if (!taken) done(fail(Errc::resource_exhausted, "too much work is waiting"));
  });
}

PhoneAgent::PhoneAgent(PhoneAgentParts parts, PhoneAgentOptions options)
    : impl_(std::make_shared<Impl>()) {
  if (!parts.leads) parts.leads = make_memory_lead_store();
  if (!parts.calls) parts.calls = make_memory_call_store();
  impl_->shop->parts = std::move(parts);
  impl_->shop->options = std::move(options);
  on_ended({});
}

PhoneAgent::~PhoneAgent() {
  const std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
}

void PhoneAgent::call_lead(CallLeadRequest request, Called done) {
  impl_->call_lead(std::move(request), std::move(done));
}

Result<CallStatus> PhoneAgent::serve(ServiceCall call) { return impl_->serve(std::move(call)); }

void PhoneAgent::on_carrier_event(const CarrierEvent& event) {
  std::shared_ptr<LiveCall> call =
      impl_->find(event.call_id.empty() ? event.leg_id : event.call_id);
  if (!call) call = impl_->find(event.leg_id);
  if (!call) {
    const auto* incoming = std::get_if<LegIncoming>(&event.what);
    if (incoming == nullptr || impl_->shop->parts.carrier == nullptr) return;
    auto admitted = impl_->admit_incoming(event.leg_id, *incoming);
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

Result<StreamSeat> PhoneAgent::seat_web(const std::string& profile) {
  CallFacts facts;
  facts.way = CallFacts::Way::web;
  facts.profile = profile;
  return impl_->seat_stream(facts, impl_->shop->parts.next_scheduler());
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

std::optional<CallStatus> PhoneAgent::status(const std::string& call_id) const {
  const std::lock_guard lock(impl_->mutex);
  const auto live = impl_->live.find(call_id);
  if (live != impl_->live.end()) return live->second->status();
  const auto found = std::find_if(impl_->ended.rbegin(), impl_->ended.rend(),
                                  [&](const CallStatus& s) { return s.call_id == call_id; });
  if (found == impl_->ended.rend()) return std::nullopt;
  return *found;
}

std::size_t PhoneAgent::live_calls() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->live.size();
}

void PhoneAgent::on_ended(Ended hook) {
  impl_->shop->ended = [weak = std::weak_ptr<Impl>(impl_), hook = std::move(hook)](
                           const CallRecord& record, const std::string& lead_id) {
    if (hook) hook(record, lead_id);
    const auto self = weak.lock();
    if (!self) return;
    // The call is in the middle of its own function: it is let go of later.
    if (const auto call = self->find(record.call_id)) {
      call->scheduler().post([self, call] { self->forget(call->id()); });
    }
  };
}

void PhoneAgent::on_timeline(std::function<void(const std::string&, const TimelineEntry&)> hook) {
  impl_->shop->timeline = std::move(hook);
}

void PhoneAgent::stop(Millis grace) {
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

}  // namespace voicebridge
