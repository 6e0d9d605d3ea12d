// How calls come to be dialed: by lead, by number, again; and which of them are the same call.
#include "agent/phone_agent_impl.hpp"
#include "voicebridge/agent/handoff.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::chrono::hours kKeyLifetime{24};

/// Nobody knows whether the phone rings after such an error.
bool may_ring(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::deadline_exceeded ||
         error.code == Errc::protocol_error || error.code == Errc::cancelled;
}

/// All that a request asks for, to tell a repeated one from another under its key.
std::string wish_of(const CallNumberRequest& request) {
  std::string wish;
  for (const std::string* part :
       {&request.to, &request.carrier, &request.profile, &request.notes.contact_name,
        &request.notes.business_name, &request.notes.user_id, &request.notes.metadata_json}) {
    wish += std::to_string(part->size()) + ':' + *part;
  }
  return wish;
}

}  // namespace

Result<std::optional<PhoneAgent::Impl::Placed>> PhoneAgent::Impl::placed_before(
    const std::string& to, const std::string& key, const std::string& wish, TimePoint now) const {
  const RecentCalls::Entry* known = key.empty() ? nullptr : by_key.find(key);
  if (known != nullptr && now - known->at >= kKeyLifetime) known = nullptr;
  if (known != nullptr && known->wish != wish) {
    return fail(Errc::conflict, "was used for a different request", "Idempotency-Key");
  }
  if (known == nullptr) {
    known = by_number.find(to);
    const bool counts = known != nullptr && (now - known->at < shop->options.same_call ||
                                             live.count(known->call_id) != 0);
    if (!counts) return std::optional<Placed>();
  }
  Placed placed;
  const auto call = live.find(known->call_id);
  if (call != live.end()) {
    placed.call = call->second;
    placed.status = call->second->status();
  } else {
    const auto over = std::find_if(ended.rbegin(), ended.rend(), [&](const CallStatus& s) {
      return s.call_id == known->call_id;
    });
    if (over != ended.rend()) placed.status = *over;
    placed.status.call_id = known->call_id;
    placed.status.state = to_string(CallState::ended);
  }
  placed.status.existed = true;
  return std::optional<Placed>(std::move(placed));
}

/// The call is in the store before the phone rings.
Result<> PhoneAgent::Impl::keep_first(const Call& call) {
  auto kept = shop->parts.calls->save(call->stored());
  if (kept) return kept;
  shop->parts.log.error("agent", "call not stored, and not made",
                        {{"error", to_string(kept.error())}});
  {
    const std::lock_guard lock(mutex);
    live.erase(call->id());
  }
  at_home(call, [](LiveCall&) {});
  return kept;
}

/// Blocks on the store: on the offload pool.
Result<PhoneAgent::Impl::Placed> PhoneAgent::Impl::place(Scheduler& on, LiveCall::Plan plan,
                                                         const std::string& key,
                                                         const std::string& wish) {
  plan.call_id = random_id("call_");
  const std::string to = plan.to;
  const std::string call_id = plan.call_id;
  {
    // Claimed before the call is made: two requests at once must not both dial.
    const std::lock_guard lock(mutex);
    auto before = placed_before(to, key, wish, on.now());
    if (!before) return fail(before.error());
    const std::string& claimed = *before ? (*before)->status.call_id : call_id;
    if (!key.empty()) by_key.put(key, {claimed, on.now(), wish});
    if (*before) return std::move(**before);
    by_number.put(to, {call_id, on.now(), {}});
  }
  const auto unclaim = [this, to, key, call_id] {
    const std::lock_guard lock(mutex);
    by_number.forget(to, call_id);
    by_key.forget(key, call_id);
  };
  // Only now: what is being called already is not refused, but told.
  if (auto allowed = shop->options.dial.check(to, unix_now(), *shop->parts.calls); !allowed) {
    unclaim();
    return fail(allowed.error());
  }
  auto call = admit(on, std::move(plan));
  const Result<> kept = call ? keep_first(*call) : Result<>(fail(call.error()));
  if (!kept) {
    unclaim();
    return fail(kept.error());
  }
  Placed placed{*call, (*call)->status()};
  placed.status.state = to_string(CallState::dialing);
  at_home(std::move(*call), [weak = weak_from_this(), unclaim](LiveCall& live_call) {
    live_call.when_dialed([weak, unclaim, id = live_call.id()](const Result<std::string>& leg) {
      const auto self = weak.lock();
      if (!self) return;
      if (!leg && !may_ring(leg.error())) return unclaim();
      const std::lock_guard lock(self->mutex);
      if (leg && self->live.count(id) != 0) self->by_leg[*leg] = id;
    });
    live_call.begin();
  });
  return placed;
}

/// Blocks on the store: on the offload pool.
Result<PhoneAgent::Impl::Placed> PhoneAgent::Impl::dial_lead(const CallLeadRequest& request) {
  if (!shop->can_dial()) return fail(Errc::unsupported, "no carrier is configured");
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
  CallFacts facts;
  facts.profile = request.profile;
  facts.carrier = request.carrier;
  facts.to = lead->phone_e164;
  facts.lead_id = lead->id;
  facts.language = request.language;
  Result<LiveCall::Plan> plan = plan_call(*shop, facts, &*lead);
  if (!plan) return fail(plan.error());
  plan->profile = request.profile;
  plan->attempt = request.attempt;
  auto placed = place(shop->parts.next_scheduler(), std::move(*plan));
  if (placed && placed->status.lead_id.empty()) placed->status.lead_id = lead->id;
  return placed;
}

Result<PhoneAgent::Impl::Placed> PhoneAgent::Impl::dial_number(const CallNumberRequest& request) {
  if (!shop->can_dial()) return fail(Errc::unsupported, "no carrier is configured");
  CallFacts facts;
  facts.profile = request.profile;
  facts.carrier = request.carrier;
  facts.from = request.from;
  facts.to = request.to;
  Result<LiveCall::Plan> plan = plan_call(*shop, facts, nullptr, request.notes);
  if (!plan) return fail(plan.error());
  return place(shop->parts.next_scheduler(), std::move(*plan), request.key, wish_of(request));
}

void PhoneAgent::Impl::call_lead(CallLeadRequest request, Called done) {
  Call session =
      request.summary.empty() && !request.session_id.empty() ? find(request.session_id) : nullptr;
  Scheduler& on = session ? session->scheduler() : shop->parts.next_scheduler();
  on.post([self = shared_from_this(), session = std::move(session), request = std::move(request),
           done = std::move(done), &on]() mutable {
    if (!session) return self->dial_lead_later(std::move(request), std::move(done), on);
    // Whoever talks on a web page can have one lead called: the one that the talk is about.
    if (session->plan().web && session->met_lead() != request.lead_id) {
      const auto foreign = fail(Errc::not_found, "this session has saved no such lead", "lead_id");
      if (!on.offload([done, foreign] { done(foreign); })) done(foreign);
      return;
    }
    session->met(request.lead_id);
    if (request.language.empty()) request.language = session->plan().language;
    session->summarize([self, request = std::move(request), done = std::move(done),
                        &on](const TalkSummary& talk) mutable {
      request.summary = talk.text;
      self->dial_lead_later(std::move(request), std::move(done), on);
    });
  });
}

/// The store blocks.
void PhoneAgent::Impl::dial_lead_later(CallLeadRequest request, Called done, Scheduler& on) {
  const bool taken = on.offload([self = shared_from_this(), request = std::move(request), done] {
    const auto placed = self->dial_lead(request).map([](const Placed& one) { return one.status; });
    if (placed && !request.session_id.empty()) {
      for (const auto& told : self->shop->hooks.lead_called) told(request.session_id, *placed);
    }
    done(placed);
  });
  if (!taken) done(fail(Errc::resource_exhausted, "too much work is waiting"));
}

void PhoneAgent::Impl::call_number(CallNumberRequest request, Called done) {
  Scheduler& on = shop->parts.next_scheduler();
  const bool taken = on.offload([self = shared_from_this(), request = std::move(request), done] {
    auto placed = self->dial_number(request);
    if (!placed) return done(fail(placed.error()));
    if (!placed->call) return done(placed->status);
    at_home(placed->call, [done, existed = placed->status.existed](LiveCall& call) {
      call.when_dialed([&call, done, existed](const Result<std::string>& leg) {
        if (!leg && !existed) return done(fail(leg.error()));
        CallStatus status = call.status();
        status.existed = existed;
        done(status);
      });
    });
  });
  if (!taken) done(fail(Errc::resource_exhausted, "too much work is waiting"));
}

/// On the offload pool.
Result<> PhoneAgent::Impl::dial_again(const StoredCall& failed) {
  CallLeadRequest request;
  request.lead_id = failed.lead_id;
  request.profile = failed.profile;
  request.carrier = failed.carrier;
  request.attempt = failed.attempt + 1;
  const auto placed = dial_lead(request);
  if (!placed) return fail(placed.error());
  return {};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
