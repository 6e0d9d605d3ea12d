// The calls of the carrier: how they are made, whom they reach, and who hears whom.
#include <algorithm>
#include <iterator>
#include <utility>

#include "testing/twilio_carrier_impl.hpp"
#include "testing/twilio_text.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kTwilioStep{20};
/// A driver that comes later than this skips steps instead of sending a burst.
constexpr Millis kTwilioCatchUp{1000};
constexpr std::size_t kStepSamples = 160;
/// The carrier's own voice, for who listens to it: a square wave of 250 Hz, -12 dBFS.
constexpr std::int16_t kAnnouncementLevel = 8000;

const TwilioFrame& announcement_frame() {
  static const TwilioFrame frame = [] {
    TwilioFrame out(kStepSamples);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = (i / 16) % 2 == 0 ? kAnnouncementLevel : std::int16_t(-kAnnouncementLevel);
    }
    return out;
  }();
  return frame;
}

void add_to(TwilioFrame& out, const TwilioFrame& more) {
  if (out.size() < more.size()) out.resize(more.size());
  for (std::size_t i = 0; i < more.size(); ++i) {
    out[i] = static_cast<std::int16_t>(std::clamp(out[i] + more[i], -32768, 32767));
  }
}

}  // namespace

std::string TwilioCarrier::Impl::new_sid(std::string_view prefix) {
  std::string sid(prefix);
  for (const char c : ids_.uuid()) {
    if (c != '-') sid += c;
  }
  return sid;
}

TwilioCall* TwilioCarrier::Impl::find(std::string_view sid) {
  const auto found = by_sid_.find(sid);
  return found == by_sid_.end() ? nullptr : found->second;
}

const TwilioCall* TwilioCarrier::Impl::look(std::string_view sid) const {
  const auto found = by_sid_.find(sid);
  return found == by_sid_.end() ? nullptr : found->second;
}

TwilioCall* TwilioCarrier::Impl::call_of_stream(const std::string& stream_sid) {
  const auto found = streams_.find(stream_sid);
  return found == streams_.end() ? nullptr : find(found->second);
}

std::size_t TwilioCarrier::Impl::active_calls() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [](const auto& call) { return !call->ended(); }));
}

TwilioCallSetup TwilioCarrier::Impl::new_setup() {
  TwilioCallSetup setup;
  setup.sid = new_sid("CA");
  setup.account_sid = options_.account_sid;
  setup.seed = ++last_call_seed_;
  return setup;
}

CallPlan TwilioCarrier::Impl::plan_for(const std::string& to) {
  for (const std::string& key : {to, std::string()}) {
    const auto queue = plans_.find(key);
    if (queue == plans_.end()) continue;
    CallPlan plan = std::move(queue->second.front());
    queue->second.pop_front();
    if (queue->second.empty()) plans_.erase(queue);
    return plan;
  }
  return options_.plan;
}

TwilioCall& TwilioCarrier::Impl::add_call(TwilioCallSetup setup, CallPlan plan, TimePoint now) {
  TwilioCallHost& host = *this;
  calls_.push_back(std::make_unique<TwilioCall>(std::move(setup), std::move(plan), host));
  TwilioCall& call = *calls_.back();
  by_sid_.emplace(call.sid(), &call);
  call.begin(now);
  return call;
}

TwilioCall& TwilioCarrier::Impl::dial(TwilioCallSetup child, TimePoint now) {
  TwilioCallSetup setup = std::move(child);
  const TwilioCallSetup fresh = new_setup();
  setup.sid = fresh.sid;
  setup.account_sid = fresh.account_sid;
  setup.seed = fresh.seed;
  CallPlan plan = plan_for(setup.to);
  return add_call(std::move(setup), std::move(plan), now);
}

/// Not while a call does something: only a request from outside, and a caller, make room.
void TwilioCarrier::Impl::forget_old_calls() {
  std::size_t ended = calls_.size() - active_calls();
  for (auto it = calls_.begin(); ended > options_.kept_calls && it != calls_.end();) {
    if (!(*it)->ended()) {
      ++it;
      continue;
    }
    for (const auto& stream : (*it)->leg().streams()) streams_.erase(stream->setup().sid);
    const std::string& sid = (*it)->sid();
    for (auto heard = heard_from_.begin(); heard != heard_from_.end();) {
      const bool of_it = heard->first.first == sid || heard->first.second == sid;
      heard = of_it ? heard_from_.erase(heard) : std::next(heard);
    }
    by_sid_.erase(sid);
    it = calls_.erase(it);
    --ended;
  }
}

// --- whom a call reaches ------------------------------------------------------------------------

TwilioCall* TwilioCarrier::Impl::peer_of(const TwilioCall& call) {
  const auto found = peers_.find(call.sid());
  return found == peers_.end() ? nullptr : find(found->second);
}

/// A number of the account is answered by its voice URL, a SIP address by the connector.
bool TwilioCarrier::Impl::ring_elsewhere(TwilioCall& call, TimePoint now) {
  const std::string& to = call.setup().to;
  if (to.rfind("sip:", 0) == 0 && options_.sip != nullptr) {
    at_sip_[call.sid()] = true;
    SimSipInvite invite{
        call.sid(),
        to.substr(0, to.find('?')),
        call.setup().from,
        {{"X-Twilio-CallSid", call.sid()}, {"X-Twilio-AccountSid", options_.account_sid}}};
    const std::size_t mark = to.find('?');
    const auto fields = FormFields::parse(mark == std::string::npos ? "" : to.substr(mark + 1));
    if (fields) {
      for (const auto& field : fields->fields()) invite.headers.push_back(field);
    }
    options_.sip->invite(invite);
    call.give_up_after(call.setup().ring_timeout, now);
    call.ringing(now);
    return true;
  }
  const auto& ours = options_.numbers;
  if (std::find(ours.begin(), ours.end(), to) == ours.end() || options_.voice_url.empty()) {
    return false;
  }
  TwilioCallSetup setup = new_setup();
  setup.direction = "inbound";
  setup.from = call.setup().from;
  setup.to = to;
  setup.document = {
      options_.voice_url, options_.voice_method, {}, options_.voice_fallback_url, "POST"};
  setup.status.url = options_.status_callback;
  CallPlan waits;
  waits.ring = call.setup().ring_timeout;
  peers_[setup.sid] = call.sid();
  peers_[call.sid()] = setup.sid;
  call.ringing(now);
  add_call(std::move(setup), std::move(waits), now);
  return true;
}

void TwilioCarrier::Impl::hang_up_elsewhere(TwilioCall& call, TimePoint now) {
  if (at_sip_.erase(call.sid()) != 0 && options_.sip != nullptr) options_.sip->bye(call.sid());
  TwilioCall* const peer = peer_of(call);
  peers_.erase(call.sid());
  if (peer == nullptr || peer->ended()) return;
  peers_.erase(peer->sid());
  const bool talked = peer->in_progress();
  peer->end(talked ? TwilioCall::Status::completed : call.status(), call.sip_code(), now);
}

void TwilioCarrier::Impl::on_answered(TwilioCall& call, TimePoint now) {
  TwilioCall* const peer = peer_of(call);
  if (peer != nullptr && call.setup().inbound()) peer->answer(now);
  TwilioCall* const parent = find(call.setup().parent_sid);
  if (parent != nullptr) parent->on_child_answered(call, now);
  if (!next_step_) next_step_ = now + kTwilioStep;
}

void TwilioCarrier::Impl::on_ended(TwilioCall& call, TimePoint now) {
  TwilioCall* const parent = find(call.setup().parent_sid);
  if (parent != nullptr && !parent->ended()) parent->on_child_ended(call, now);
}

// --- time ---------------------------------------------------------------------------------------

Deadline TwilioCarrier::Impl::next_deadline() const {
  Deadline next = earliest(outbox_.next_deadline(), next_step_);
  for (const auto& [id, fetching] : fetches_) next = earliest(next, fetching.until);
  for (const auto& call : calls_) {
    if (!call->ended()) next = earliest(next, call->next_deadline());
  }
  for (const auto& room : conferences_) next = earliest(next, room->next_deadline());
  return next;
}

void TwilioCarrier::Impl::on_deadline(TimePoint now) {
  give_up_fetches(now);
  // Calls may be added meanwhile.
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (!calls_[i]->ended()) calls_[i]->on_deadline(now);
  }
  for (std::size_t i = 0; i < conferences_.size(); ++i) conferences_[i]->on_deadline(now);
  while (next_step_ && *next_step_ <= now) {
    const TimePoint due = *next_step_;
    *next_step_ += kTwilioStep;
    if (now - due <= kTwilioCatchUp) {
      step(due, now);
    } else {
      for (const auto& call : calls_) {
        if (call->in_progress()) call->leg().count_late_tick();
      }
    }
    const bool talks = std::any_of(calls_.begin(), calls_.end(),
                                   [](const auto& call) { return call->in_progress(); });
    if (!talks) next_step_.reset();
  }
  send_posts(now);
}

/// 20 ms of everybody: first all speak, then all hear.
/// @param due  When that was to be: a driver that comes late does not make the audio later.
void TwilioCarrier::Impl::step(TimePoint due, TimePoint now) {
  std::vector<TwilioCall*> talking;
  for (const auto& call : calls_) {
    // A leg that was answered in this step has not spoken for 20 ms yet.
    const auto since = call->leg().answered_at();
    if (call->in_progress() && since && now - *since >= kTwilioStep) talking.push_back(call.get());
  }
  for (TwilioCall* const call : talking) {
    const TwilioCall* const peer = peer_of(*call);
    if (peer != nullptr) {
      call->leg().speak_for_peer(peer->leg().heard_now(), now);
    } else if (call->in_progress()) {
      call->leg().speak(now);
    }
  }
  for (TwilioCall* const call : talking) {
    if (call->in_progress()) mix(*call, due, now);
  }
  for (TwilioCall* const call : talking) {
    if (call->in_progress()) call->on_step(now);
  }
}

void TwilioCarrier::Impl::mix(TwilioCall& call, TimePoint due, TimePoint now) {
  TwilioFrame out = call.leg().take_played();
  bool audible = call.announcing();
  if (call.announcing()) add_to(out, announcement_frame());
  const TwilioCall* const other = find(call.bridged_with());
  if (other != nullptr && other->in_progress()) hear_from(call, *other, out);
  if (TwilioConference* const room = conference_of(call)) mix_conference(call, *room, out);
  audible = audible || (!out.empty() && is_audible(out));
  call.leg().hear(std::move(out), audible, due, now);
}

void TwilioCarrier::Impl::mix_conference(TwilioCall& call, TwilioConference& conference,
                                         TwilioFrame& out) {
  const TwilioParticipant* const me = conference.find(call.sid());
  if (me == nullptr) return;
  if (me->announcement_until) add_to(out, announcement_frame());
  for (const TwilioParticipant& other : conference.participants()) {
    const TwilioCall* const speaker = find(other.call_sid);
    if (speaker != nullptr && conference.hears(*me, other)) hear_from(call, *speaker, out);
  }
}

void TwilioCarrier::Impl::hear_from(TwilioCall& listener, const TwilioCall& speaker,
                                    TwilioFrame& out) {
  add_to(out, speaker.leg().said_now());
  if (!speaker.leg().callee_is_silent())
    heard_from_[{listener.sid(), speaker.sid()}] += kTwilioStep;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
