#include "openai_call.hpp"

#include <algorithm>

#include "testing/sim_audio.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

using End = OpenAiCallRecord::End;
using State = OpenAiCallRecord::State;

constexpr Millis kPlayTick{20};
/// A machine that was away for longer does not make up for it.
constexpr Millis kMaxPlayCatchUp{2000};
/// Keeps the ids of sessions behind calls apart from those of sockets.
constexpr std::uint64_t kCallSeed = 1'000'000;
constexpr std::size_t kMaxRequests = OpenAiSimRecord::kMaxEntries;

}  // namespace

Call::Call(const CallStage& stage, std::string id, std::string kind, SipCallPlan plan,
           std::size_t number, TimePoint now)
    : stage_(stage),
      plan_(std::move(plan)),
      number_(number),
      arrived_(now),
      sidebands_(record_),
      caller_(plan_.caller.script, plan_.caller.idle, plan_.caller.codec.sample_rate,
              stage.options.seed + number),
      mouth_(codec_for(plan_.caller.codec)),
      ear_(codec_for(plan_.caller.codec)) {
  record_.call_id = std::move(id);
  record_.kind = std::move(kind);
  record_.from = plan_.from;
  record_.to = plan_.to;
}

void Call::connect(JsonView session, TimePoint now) {
  record_.state = State::connected;
  record_.sip_status = 200;
  record_.accepted_session = session.dump();
  record_.connected_at = since(now);
  connected_ = now;
  SessionSetup setup;
  setup.scenario = stage_.scenario;
  setup.voice = stage_.voice;
  setup.options = stage_.options;
  setup.handshake.model = session["model"].string_or(setup.handshake.model);
  setup.handshake.connection = number_;
  setup.handshake.session_json = record_.accepted_session;
  setup.handshake.unix_seconds = stage_.wall.millis(now) / 1000;
  setup.id_seed = kCallSeed;
  setup.agent = plan_.agent;
  setup.line = plan_.caller.codec;
  session_.emplace(std::move(setup), sidebands_);
  session_->open(now);
  next_tick_ = now + plan_.connect;
}

void Call::reject(int sip_status, TimePoint now) { end(End::rejected, sip_status, now); }

void Call::refer(std::string target, TimePoint now) {
  record_.refer_to = std::move(target);
  end(End::referred, 200, now);
}

void Call::hang_up(TimePoint now) { end(End::hung_up, ringing() ? 603 : 200, now); }

void Call::leave(TimePoint now) {
  if (ringing()) return end(End::caller_gave_up, 487, now);
  end(End::caller_hung_up, 200, now);
}

void Call::press(std::string_view keys, TimePoint now) {
  for (const char key : keys) {
    record_.keys.push_back(key);
    // Only the telephone network has keys.
    if (record_.kind == "sip") session_->press(key, stage_.wall.millis(now) / 1000);
  }
}

void Call::note_request(OpenAiCallRecord::Request request) {
  if (record_.requests.size() < kMaxRequests) record_.requests.push_back(std::move(request));
}

const SipApiFault* Call::take_fault(std::string_view verb) {
  for (SipApiFault& fault : plan_.faults) {
    if (fault.verb != verb || fault.times == 0) continue;
    --fault.times;
    return &fault;
  }
  return nullptr;
}

void Call::attach(std::uint64_t id, WireSink& sink, ConnectionFault fault, TimePoint now) {
  sidebands_.add(id, sink, std::move(fault), since(now));
  sidebands_.set_now(now);
  sidebands_.only(id, [&] { session_->send_created(); });
}

void Call::receive(std::uint64_t id, std::string_view text, TimePoint now) {
  if (!connected() || !sidebands_.has(id)) return;
  sidebands_.count_received(id);
  sidebands_.set_now(now);
  session_->receive(text, now);
  check_session(now);
}

void Call::detach(std::uint64_t id, TimePoint now) { sidebands_.remove(id, since(now)); }

void Call::shut_down(TimePoint now) {
  if (!ended()) end(End::shut_down, ringing() ? 503 : 200, now, 1001);
}

void Call::check_session(TimePoint now) {
  if (connected() && session_->closed()) end(End::expired, 200, now, 1001);
}

void Call::end(End how, int sip_status, TimePoint now, unsigned close_code) {
  if (session_) {
    session_->player()->on_deadline(now);
    session_->record().open = false;
    session_->stop();
  }
  record_.state = State::ended;
  record_.end = how;
  record_.sip_status = sip_status;
  record_.ended_at = since(now);
  next_tick_.reset();
  sidebands_.close(static_cast<std::uint16_t>(close_code), "");
}

void Call::tick(TimePoint now) {
  session_->player()->on_deadline(now);
  const Bytes heard = session_->player()->take_played();
  append_bounded(record_.heard_audio, heard, stage_.options.keep_audio_bytes);
  heard_samples_.clear();
  const bool decoded = ear_->decode(heard, heard_samples_).has_value();
  const ScriptedCallee::Tick step = caller_.tick(decoded && is_audible(heard_samples_));
  if (step.digit != 0) press(std::string(1, step.digit), now);
  said_.clear();
  if (step.samples != nullptr) {
    (void)mouth_->encode(SampleView(step.samples, caller_.frame_samples()), said_);
  } else {
    // The service fills what the line does not bring.
    said_.assign(plan_.caller.codec.frame_bytes(), plan_.caller.codec.silence_byte());
  }
  session_->hear(said_, now);
  if (step.hangup) leave(now);
}

Deadline Call::next_deadline() const {
  // What a slow sideband has not got yet still goes out after the end.
  Deadline next = sidebands_.next_deadline();
  if (ringing()) return earliest(next, arrived_ + plan_.ring);
  if (!connected()) return next;
  if (plan_.caller.hang_up_after) next = earliest(next, connected_ + *plan_.caller.hang_up_after);
  return earliest(next, earliest(next_tick_, session_->next_deadline()));
}

void Call::on_deadline(TimePoint now) {
  sidebands_.set_now(now);
  sidebands_.on_deadline(now);
  if (ringing() && now >= arrived_ + plan_.ring) return leave(now);
  if (!connected()) return;
  session_->on_deadline(now);
  check_session(now);
  while (connected() && next_tick_ && *next_tick_ <= now) {
    const bool too_late = now - *next_tick_ > kMaxPlayCatchUp;
    *next_tick_ += kPlayTick;
    if (!too_late) tick(now);
    check_session(now);
  }
  const auto patience = plan_.caller.hang_up_after;
  if (connected() && patience && now >= connected_ + *patience) leave(now);
}

OpenAiCallRecord Call::record() const {
  OpenAiCallRecord record = record_;
  record.said = caller_.utterances();
  record.script_timeouts = caller_.timeouts();
  record.script_done = caller_.finished();
  if (!session_) return record;
  record.session = session_->record();
  record.heard = session_->player()->heard();
  return record;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
