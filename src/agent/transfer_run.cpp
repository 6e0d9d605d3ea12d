#include "agent/transfer_run.hpp"

#include <utility>

#include "agent/briefing.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Beyond the ringing that the carrier was asked for: for its word that it is over.
constexpr Millis kRingSlack{5000};
/// For the step of a join that is under way when it is called off.
constexpr Millis kStepPatience{5000};
constexpr char kAcceptKey = '1';
constexpr char kDeclineKey = '2';

WarmTransfer::Limits limits_of(const TransferTarget& target) {
  WarmTransfer::Limits limits;
  limits.ring = target.ring_timeout + kRingSlack;
  limits.briefing = target.briefing_timeout;
  return limits;
}

}  // namespace

TransferRun::TransferRun(World world, const std::shared_ptr<LiveCall>& caller,
                         TransferTarget target, std::shared_ptr<ConferenceControl> conference)
    : world_(std::move(world)),
      scheduler_(caller->scheduler()),
      target_(std::move(target)),
      conference_(std::move(conference)),
      name_(random_id("talk_")),
      caller_call_(caller->id()),
      caller_leg_(caller->phone_leg()),
      caller_(caller),
      by_service_(caller->kind() == LiveCall::Kind::service),
      own_(by_service_ ? caller->plan().phone_carrier : caller->plan().carrier),
      rules_(limits_of(target_)) {}

TransferRun::~TransferRun() {
  if (timer_ != 0) scheduler_.cancel(timer_);
  if (patience_ != 0) scheduler_.cancel(patience_);
}

void TransferRun::begin() {
  if (const auto caller = caller_.lock()) caller->watch(shared_from_this());
  rules_.start(now());
  // The caller's session is in the middle of asking for this.
  scheduler_.post([self = shared_from_this()] { self->follow(); });
}

ConferenceParties TransferRun::parties() const {
  return {name_, caller_leg_, human_leg_, caller_call_, called_off_};
}

/// Does what is wished, which may lead to more wishes.
void TransferRun::follow() {
  const auto self = shared_from_this();
  for (auto wishes = rules_.take_wishes(); !wishes.empty(); wishes = rules_.take_wishes()) {
    for (const WarmTransfer::Wish wish : wishes) act(wish);
  }
  rearm();
}

void TransferRun::act(WarmTransfer::Wish wish) {
  switch (wish) {
    case WarmTransfer::Wish::dial_human:
      return dial_human();
    case WarmTransfer::Wish::join:
      return join();
    case WarmTransfer::Wish::take_back:
      return take_back();
    case WarmTransfer::Wish::agent_leaves:
      return agent_leaves();
    case WarmTransfer::Wish::tell_caller:
      return tell_caller();
    case WarmTransfer::Wish::give_up_caller:
      if (const auto caller = caller_.lock()) {
        caller->cancel("the caller could not be taken back after a transfer");
      }
      return;
    case WarmTransfer::Wish::hang_up_human:
      return hang_up_human();
    case WarmTransfer::Wish::hang_up_caller:
      return hang_up_caller();
    case WarmTransfer::Wish::forget:
      // Where the agent is a participant, it is their conference as well.
      if (joining_begun_ && !(by_service_ && caller_back_)) {
        conference_->end(parties(), scheduler_, logged("end the conference"));
      }
      world_.forget(caller_leg_);
      if (!human_leg_.empty()) world_.forget(human_leg_);
      caller_.reset();
      human_.reset();
      return;
  }
}

void TransferRun::dial_human() {
  const auto caller = caller_.lock();
  if (!caller) return rules_.on_caller_gone(now());
  LiveCall::Plan plan;
  plan.kind = LiveCall::Kind::outbound;
  plan.to = target_.to;
  plan.options = briefing_call(caller->kin(), target_, caller->transcript());
  // A model that the service has attached to the caller's line has no ear for another.
  if (!by_service_) {
    plan.open_speech = caller->plan().open_speech;
    plan.carrier_name = caller->plan().carrier_name;
  }
  plan.carrier = own_;
  plan.context = {{"channel", "phone"}, {"transfer_of", caller_call_}};
  plan.ring_timeout = target_.ring_timeout;
  if (target_.accept_by_keys) plan.answer_keys = {kAcceptKey, kDeclineKey};
  plan.watcher = shared_from_this();
  auto call = world_.admit(scheduler_, std::move(plan));
  if (!call) {
    world_.shop->parts.log.warn("transfer", "the other phone cannot be dialed",
                                {{"call", caller_call_}, {"error", to_string(call.error())}});
    return rules_.on_human_gone("not admitted", now());
  }
  human_ = *call;
  if (target_.meanwhile == TransferTarget::Meanwhile::hold) hold(true);
  (*call)->begin();
}

/// Where the agent's own stream plays nothing to the caller.
void TransferRun::hold(bool on) {
  if (held_ == on || !conference_->can_hold()) return;
  held_ = on;
  conference_->hold(parties(), on, scheduler_, logged(on ? "hold" : "unhold"));
}

void TransferRun::join() {
  joining_begun_ = true;
  if (const auto caller = caller_.lock()) caller->leaving();
  if (const auto human = human_.lock()) {
    human_leg_ = human->leg_id();
    human->leaving();
  }
  joining_ = true;
  conference_->join(parties(), scheduler_, [self = shared_from_this()](const Result<>& done) {
    self->joining_ = false;
    if (!done) {
      self->world_.shop->parts.log.warn(
          "transfer", "not joined",
          {{"call", self->caller_call_}, {"error", to_string(done.error())}});
    }
    self->rules_.on_joined(done, self->now());
    if (done && self->by_service_ && *self->called_off_) return self->agent_has_left();
    if (self->back_wanted_) self->ask_back();
    self->follow();
  });
}

/// What the join still does could undo it.
void TransferRun::take_back() {
  *called_off_ = true;
  back_wanted_ = true;
  if (!joining_) return ask_back();
  patience_ = scheduler_.run_at(now() + kStepPatience, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->patience_ = 0;
    self->ask_back();
  });
}

/// The last step of a join was under way when it was called off: there is no agent to go back to.
void TransferRun::agent_has_left() {
  if (!std::exchange(back_wanted_, false)) {
    return conference_->end(parties(), scheduler_, logged("end the conference"));
  }
  if (patience_ != 0) scheduler_.cancel(std::exchange(patience_, 0));
  rules_.on_taken_back(fail(Errc::conflict, "the agent has left"), now());
  follow();
}

void TransferRun::ask_back() {
  if (!std::exchange(back_wanted_, false)) return;
  if (patience_ != 0) scheduler_.cancel(std::exchange(patience_, 0));
  conference_->take_back(parties(), scheduler_, [self = shared_from_this()](const Result<>& done) {
    self->held_ = false;
    self->rules_.on_taken_back(done, self->now());
    self->follow();
  });
}

/// The sessions end, the legs do not: their events come here from now on.
void TransferRun::agent_leaves() {
  const auto self = shared_from_this();
  world_.adopt(caller_leg_, self);
  world_.adopt(human_leg_, self);
  if (const auto human = std::exchange(human_, {}).lock()) human->let_go("the caller");
  if (const auto caller = std::exchange(caller_, {}).lock()) caller->handed_over({});
}

void TransferRun::tell_caller() {
  hold(false);
  const auto caller = std::exchange(caller_, {}).lock();
  if (!caller) return;
  caller_back_ = true;
  caller->watch(nullptr);
  caller->handed_over(fail(transfer_error(rules_.failure())));
}

void TransferRun::hang_up(const std::string& leg, const char* whose) {
  Carrier* const carrier = own_ ? own_.get() : world_.shop->parts.carrier;
  if (leg.empty() || carrier == nullptr) return;
  carrier->hang_up(leg, scheduler_, logged(whose));
}

void TransferRun::hang_up_human() {
  if (const auto human = human_.lock()) return human->cancel("the transfer is over");
  hang_up(human_leg_, "hang up the person");
}

/// By the carrier that has the phone line: an agent's own end of it is gone.
void TransferRun::hang_up_caller() { hang_up(caller_leg_, "hang up the caller"); }

ConferenceControl::Done TransferRun::logged(const char* what) const {
  return [log = world_.shop->parts.log, call = caller_call_, what](const Result<>& done) {
    if (done) return;
    log.warn("transfer", std::string("could not ") + what,
             {{"call", call}, {"error", to_string(done.error())}});
  };
}

void TransferRun::on_leg_answered(const std::string& call_id) {
  if (is_caller(call_id)) return;
  rules_.on_human_answered(now());
  follow();
}

void TransferRun::on_leg_gone(const std::string& call_id, const std::string& cause) {
  if (is_caller(call_id)) {
    caller_.reset();
    rules_.on_caller_gone(now());
  } else {
    if (const auto human = human_.lock()) human_leg_ = human->leg_id();
    human_.reset();
    rules_.on_human_gone(cause, now());
  }
  follow();
}

void TransferRun::on_adopted_leg_gone(const std::string& leg_id, const std::string& cause) {
  if (leg_id == caller_leg_) {
    rules_.on_caller_gone(now());
  } else {
    rules_.on_human_gone(cause, now());
  }
  follow();
}

bool TransferRun::on_leg_key(const std::string& call_id, char digit) {
  if (is_caller(call_id) || !target_.accept_by_keys) return false;
  if (digit != kAcceptKey && digit != kDeclineKey) return false;
  decided(digit == kAcceptKey);
  return true;
}

bool TransferRun::on_leg_tool(const std::string& call_id, const ToolCall& call) {
  if (is_caller(call_id)) return false;
  if (call.name != kAcceptCallTool && call.name != kDeclineCallTool) return false;
  decided(call.name == kAcceptCallTool);
  return true;
}

/// Told from inside of a session, which must not be ended there.
void TransferRun::decided(bool accepts) {
  scheduler_.post([self = shared_from_this(), accepts] {
    self->rules_.on_human_decided(accepts, self->now());
    self->follow();
  });
}

void TransferRun::rearm() {
  if (timer_ != 0) scheduler_.cancel(std::exchange(timer_, 0));
  const Deadline next = rules_.next_deadline();
  if (!next) return;
  // The two calls hold it, or the agent: not a timer, which may be dropped with its scheduler.
  timer_ = scheduler_.run_at(*next, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->timer_ = 0;
    self->rules_.on_deadline(self->now());
    self->follow();
  });
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
