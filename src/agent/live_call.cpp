#include "agent/live_call.hpp"

#include <fmt/format.h>

#include <utility>

#include "agent/briefing.hpp"
#include "agent/warm_transfer.hpp"
#include "voicebridge/agent/handoff.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

LiveCall::LiveCall(std::shared_ptr<CallShop> shop, Scheduler& scheduler, Plan plan)
    : shop_(std::move(shop)),
      scheduler_(scheduler),
      plan_(std::move(plan)),
      created_at_(scheduler.now()),
      created_unix_(unix_now()),
      leg_id_(plan_.leg_id),
      shown_leg_id_(plan_.leg_id) {
  if (MetricsRegistry* metrics = shop_->parts.metrics) {
    uplink_ = &metrics->histogram("bridge_uplink");
    downlink_ = &metrics->histogram("bridge_downlink");
  }
}

LiveCall::~LiveCall() { timer_.cancel(scheduler_); }

CallStatus LiveCall::status() const {
  CallStatus status;
  status.call_id = plan_.call_id;
  status.lead_id = plan_.lead.id;
  status.state = to_string(state_.load());
  const int reason = end_reason_.load();
  if (reason >= 0) status.end_reason = to_string(static_cast<EndReason>(reason));
  status.carrier = carrier_name();
  status.from = plan_.from;
  status.to = plan_.to;
  status.created_at = created_unix_;
  const std::lock_guard lock(shown_mutex_);
  status.leg_id = shown_leg_id_;
  return status;
}

void LiveCall::set_leg_id(const std::string& leg_id) {
  leg_id_ = leg_id;
  const std::lock_guard lock(shown_mutex_);
  shown_leg_id_ = leg_id;
}

void LiveCall::when_dialed(std::function<void(const Result<std::string>&)> told) {
  if (dialed_) return told(*dialed_);
  when_dialed_.push_back(std::move(told));
}

void LiveCall::begin() {
  if (session_) return;
  make_runner();
  plan_.options.call_id = plan_.call_id;
  if (!plan_.options.transfer_targets.empty()) {
    kin_ = std::make_unique<const CallOptions>(briefing_kin(plan_.options));
  }
  plan_.options.sends_dtmf = controls() != nullptr && controls()->sends_dtmf();
  retry_ = plan_.options.retry;
  // The texts, which are long, are the session's from here on; the numbers stay in the plan.
  session_ = std::make_unique<CallSession>(std::move(plan_.options), *this, created_at_,
                                           shop_->parts.log, this);
  session_->start(now());
  if (plan_.kind == Kind::outbound) dial();
  if (plan_.kind == Kind::inbound || plan_.kind == Kind::service) answer();
  save_progress();
  rearm();
}

void LiveCall::dial() {
  session_->on_dialing(now());
  CarrierDial request;
  request.call_id = plan_.call_id;
  request.to = plan_.to;
  request.detect_machine = plan_.options.expects_amd;
  request.ring_timeout = plan_.ring_timeout;
  request.detect_screening = plan_.options.detect_screening;
  request.max_length = plan_.options.max_length + Millis(60000);
  carrier()->dial(request, scheduler_, [self = shared_from_this()](Result<std::string> leg) {
    self->dialed(std::move(leg));
    self->rearm();
  });
}

/// By its carrier an answered leg is told of in an event; the model service has no such event.
void LiveCall::answer() {
  session_->on_dialing(now());
  carrier()->answer(leg_id_, plan_.call_id, scheduler_,
                    [self = shared_from_this()](const Result<>& answered) {
                      self->answer_taken(answered);
                      self->rearm();
                    });
}

void LiveCall::answer_taken(const Result<>& answered) {
  if (plan_.kind == Kind::inbound) {
    if (!answered) session_->on_carrier_failed(answered.error(), now());
    return;
  }
  if (!answered) {
    leg_gone_ = true;
    return session_->on_carrier_hangup(answered.error().message, true, now());
  }
  // It was hung up while it was being answered, and may have been answered nevertheless.
  if (hang_up_wanted_) return hang_up_leg();
  if (answered_unix_ == 0) answered_unix_ = unix_now();
  session_->on_answered(now());
  save_progress();
}

void LiveCall::dialed(Result<std::string> leg_id) {
  dialed_ = leg_id;
  if (leg_id) set_leg_id(*leg_id);
  for (const auto& told : std::exchange(when_dialed_, {})) told(leg_id);
  if (!leg_id) {
    leg_gone_ = true;
    session_->on_carrier_failed(leg_id.error(), now());
    return;
  }
  save_progress();
  if (hang_up_wanted_) hang_up_leg();  // It was decided before the leg had a name.
}

void LiveCall::on_event(const CarrierEvent& event) {
  begin();
  if (leg_id_.empty()) set_leg_id(event.leg_id);
  session_->on_webhook(event.type, now());
  if (std::holds_alternative<LegRinging>(event.what)) session_->on_ringing(now());
  if (std::holds_alternative<LegAnswered>(event.what)) leg_answered();
  if (const auto* ended = std::get_if<LegEnded>(&event.what)) {
    leg_gone_ = true;
    // Somebody else has the leg, and it may not be known yet where its events belong.
    if (plan_.watcher && state_ == CallState::ended) {
      plan_.watcher->on_leg_gone(plan_.call_id, ended->cause);
    }
    session_->on_carrier_hangup(ended->cause, !ended->reached, now());
  }
  if (const auto* by = std::get_if<LegAnsweredBy>(&event.what))
    session_->on_answered_by(by->who, now());
  if (const auto* greeting = std::get_if<LegGreetingEnded>(&event.what))
    session_->on_greeting_ended(greeting->how, now());
  if (std::holds_alternative<LegScreened>(event.what)) session_->on_call_screened(now());
  if (const auto* recorded = std::get_if<LegRecorded>(&event.what)) {
    recording_id_ = recorded->id.empty() ? recording_id_ : recorded->id;
    recording_url_ = recorded->url;
    save_progress();
  }
  if (std::holds_alternative<LegSpoke>(event.what)) session_->on_carrier_spoke(now());
  if (const auto* pressed = std::get_if<LegKeys>(&event.what)) {
    for (const char key : pressed->keys) on_media_dtmf(key, now());
  }
  if (const auto* on = std::get_if<LegHandedOn>(&event.what)) leg_handed_on(*on);
  if (const auto* failed = std::get_if<LegMediaFailed>(&event.what); failed && !media_started_) {
    Error why;
    why.code = Errc::unavailable;
    why.message = "the media stream could not be opened: " + failed->reason;
    session_->on_media_stop(why, now());
  }
  rearm();
}

void LiveCall::leg_answered() {
  if (answered_unix_ == 0) answered_unix_ = unix_now();
  session_->on_answered(now());
  if (plan_.watcher) plan_.watcher->on_leg_answered(plan_.call_id);
  save_progress();
  if (media_asked_ || plan_.kind == Kind::service || session_->state() == CallState::ended) return;
  media_asked_ = true;
  carrier()->start_media(leg_id_, plan_.call_id, scheduler_,
                         [self = shared_from_this()](Result<> started) {
                           if (!started && !self->media_started_) {
                             self->session_->on_media_stop(started.error(), self->now());
                           }
                           self->rearm();
                         });
}

void LiveCall::add_text(const std::string& text) {
  if (session_) session_->add_text(text, now());
  rearm();
}

void LiveCall::add_note(const AddNote& note) {
  if (session_) session_->add_note(note, now());
  rearm();
}

void LiveCall::end_politely() {
  if (session_) session_->end_politely(EndReason::cancelled, now());
  rearm();
}

void LiveCall::cancel(const std::string& why) {
  if (session_) session_->cancel(why, now());
  rearm();
}

std::vector<TranscriptEntry> LiveCall::transcript() const {
  return session_ ? session_->record(now()).transcript : std::vector<TranscriptEntry>();
}

void LiveCall::summarize(std::function<void(const TalkSummary&)> done) {
  if (!session_) return done({});
  session_->summarize(std::move(done), now());
  rearm();
}

void LiveCall::make_runner() {
  ToolRunner::Callbacks callbacks;
  callbacks.on_result = [this](const std::string& id, const std::string& output) {
    session_->on_tool_result(id, output, now());
    rearm();
  };
  callbacks.on_slow = [this](std::string_view filler) {
    session_->on_tool_slow(filler, now());
    rearm();
  };
  callbacks.on_late = [this](std::string_view tool, const std::string& output) {
    session_->on_tool_late(tool, output, now());
    rearm();
  };
  ToolRunnerLimits limits;
  limits.options = plan_.tool_options;
  runner_ = std::make_unique<ToolRunner>(*shop_->parts.tools, scheduler_, plan_.call_id,
                                         std::move(callbacks), std::move(limits), shop_->bulkhead,
                                         shop_->parts.log);
}

void LiveCall::run_tools(const std::vector<ToolCall>& calls) {
  if (!plan_.watcher) return runner_->run(calls, plan_.context);
  std::vector<ToolCall> others;
  for (const ToolCall& call : calls) {
    if (!plan_.watcher->on_leg_tool(plan_.call_id, call)) {
      others.push_back(call);
      continue;
    }
    // It was asked for inside of the session's own function.
    scheduler_.post([self = shared_from_this(), id = call.id] {
      self->session_->on_tool_result(id, R"({"ok":true})", self->now());
      self->rearm();
    });
  }
  if (!others.empty()) runner_->run(others, plan_.context);
}

void LiveCall::cancel_tools() { runner_->cancel_all(); }

void LiveCall::hang_up() {
  if (plan_.kind == Kind::stream_only) {
    if (stream_) stream_->close();
    return;
  }
  hang_up_wanted_ = true;
  if (!leg_id_.empty()) hang_up_leg();
}

void LiveCall::hang_up_leg() {
  if (leg_gone_) return;
  carrier()->hang_up(leg_id_, scheduler_, [self = shared_from_this()](Result<> done) {
    if (!done) {
      self->shop_->parts.log.error(
          "call", "the carrier did not take the hang-up",
          {{"call", self->plan_.call_id}, {"error", to_string(done.error())}});
    }
  });
}

bool LiveCall::speak(const std::string& text) {
  if (plan_.kind == Kind::stream_only || leg_id_.empty()) return false;
  const auto told = [self = shared_from_this()](const Result<>& done) {
    if (!done) self->session_->on_carrier_spoke(self->now());
    self->rearm();
  };
  if (plan_.answer_keys.empty()) {
    carrier()->speak(leg_id_, text, scheduler_, told);
  } else {
    carrier()->ask(leg_id_, {text, plan_.answer_keys, plan_.call_id}, scheduler_, told);
  }
  return true;
}

bool LiveCall::transfer(const TransferTarget& target) {
  if (plan_.kind == Kind::stream_only || leg_id_.empty()) return false;
  if (target.is_warm() && shop_->transfer_warmly && shop_->transfer_warmly(*this, target)) {
    return true;
  }
  // Where nobody can be briefed the caller is better off with a cold transfer than with none.
  if (target.is_warm()) session_->on_caller_leaving(now());
  const CarrierTransfer transfer{target.to, plan_.call_id, target.ring_timeout};
  carrier()->transfer(leg_id_, transfer, scheduler_,
                      [self = shared_from_this()](const Result<HandOver>& done) {
                        if (!done) {
                          self->handed_over(fail(done.error()));
                        } else if (*done == HandOver::done) {
                          self->handed_over({});
                        }
                      });
  return true;
}

void LiveCall::leg_handed_on(const LegHandedOn& event) {
  if (event.step == LegHandedOn::Step::joined) return session_->on_transferred({}, now());
  if (event.step != LegHandedOn::Step::failed) return;
  session_->on_transferred(fail(transfer_error(transfer_failure(event.cause))), now());
}

void LiveCall::leaving() {
  session_->on_caller_leaving(now());
  rearm();
}

void LiveCall::handed_over(const Result<>& taken_over) {
  session_->on_transferred(taken_over, now());
  rearm();
}

void LiveCall::let_go(const std::string& to) {
  session_->hand_over(to, now());
  rearm();
}

LegControls* LiveCall::controls() const {
  if (plan_.kind == Kind::stream_only || carrier() == nullptr) return nullptr;
  return carrier()->controls();
}

bool LiveCall::send_dtmf(const std::string& digits) {
  LegControls* const leg = controls();
  if (leg == nullptr || leg_id_.empty()) return false;
  leg->send_dtmf(leg_id_, digits, scheduler_, [self = shared_from_this()](const Result<>& done) {
    self->session_->on_dtmf_sent(done, self->now());
    self->rearm();
  });
  return true;
}

Result<> LiveCall::collect_digits(const DigitRules& rules,
                                  std::function<void(const CollectedDigits&)> done) {
  if (!session_) return fail(Errc::conflict, "the call has not begun");
  const auto taken = session_->collect_digits(rules, std::move(done), now());
  rearm();
  return taken;
}

void LiveCall::on_keys(const std::string& keys) { plan_.context["keys"] = keys; }

void LiveCall::on_ended(const CallRecord& record) {
  state_ = CallState::ended;
  end_reason_ = static_cast<int>(*record.end_reason);
  runner_->cancel_all();
  close_recorder();
  save_record(record);
  lingered_ = lingers();
  // A better one is on its way; should this process not see it, there is this.
  if (lingered_ && plan_.options.summary_at_end) save_summary(summarize_talk(record.transcript));
  for (const auto& told : shop_->hooks.ended) told(record, plan_.lead.id);
  if (shop_->ended) shop_->ended(record, plan_.lead.id);
  // After this function: what it does may end other calls.
  if (record.end_reason != EndReason::transferred && plan_.watcher) {
    const auto watcher = std::exchange(plan_.watcher, nullptr);
    scheduler_.post([watcher, id = plan_.call_id, cause = record.end_detail] {
      watcher->on_leg_gone(id, cause);
    });
  }
  // The stream knows the call and the call the stream: one of them has to let go, but not in the
  // middle of this.
  scheduler_.post([self = shared_from_this()] { self->stream_.reset(); });
}

void LiveCall::on_summary(const TalkSummary& summary, const CallRecord& record) {
  save_summary(summary.text);
  if (!summary.by_model) return;
  save_record(record);  // It has a cost.
}

void LiveCall::rearm() {
  if (!session_) return;
  if (lingered_ && !session_->summarizing()) {
    lingered_ = false;
    scheduler_.post([shop = shop_, id = plan_.call_id] { shop->let_go(id); });
  }
  const Deadline next = session_->next_deadline();
  if (!next) return timer_.cancel(scheduler_);
  timer_.follow(scheduler_, next, *this, [](LiveCall& self) { self.on_timer(); });
}

void LiveCall::on_timer() {
  session_->on_deadline(now());
  rearm();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
