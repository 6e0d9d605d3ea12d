#include "loop_exchange.hpp"

#include <utility>

#include "voicebridge/audio/level.hpp"

namespace own_carrier {

using namespace voicebridge;
using namespace voicebridge::testing;

namespace {

constexpr Millis kFrame{20};
constexpr Millis kEventDelay{20};
constexpr Millis kRingLimit{60000};
constexpr int kVoiceMillisPerCharacter = 65;
constexpr double kAudibleDbfs = -42;

AudioFormat line_format(const CarrierPlan& plan, AudioFormat asked) {
  if (!plan.media.other_codec) return asked;
  return asked == AudioFormat::pcmu() ? AudioFormat::pcma() : AudioFormat::pcmu();
}

PlayoutOptions playout_options(const CarrierPlan& plan, AudioFormat format) {
  PlayoutOptions options;
  options.format = format;
  options.max_queue = plan.media.max_queue;
  return options;
}

}  // namespace

LoopExchange::LoopExchange(ManualScheduler& clock, const CarrierPlan& plan, AudioFormat format,
                           std::function<void(const LoopEvent&)> tell)
    : clock_(clock),
      plan_(plan),
      format_(line_format(plan, format)),
      tell_(std::move(tell)),
      mouth_(*make_audio_codec(format_)),
      ear_codec_(*make_audio_codec(format_)),
      random_(plan.seed),
      person_(plan.person, plan.idle, format_.sample_rate, plan.seed),
      playout_(playout_options(plan, format_), *this),
      driver_(clock, playout_) {
  far_end_.outbound = format_;
}

void LoopExchange::after(Millis delay, std::function<void()> act) {
  timers_.push_back(clock_.run_at(clock_.now() + delay, std::move(act)));
}

void LoopExchange::tell(LoopEvent::Kind kind, const std::string& cause) {
  clock_.run_at(clock_.now() + kEventDelay,
                [this, event = LoopEvent{kind, leg_, tag_, cause}] { tell_(event); });
}

void LoopExchange::make_leg(const std::string& tag) {
  state_ = State::ringing;
  tag_ = tag;
  leg_ = "loop-" + std::to_string(++legs_made_);
}

std::string LoopExchange::call(const std::string& tag) {
  make_leg(tag);
  tell(LoopEvent::Kind::ringing);
  const bool rings_on = plan_.outcome == CallOutcome::timeout;
  after(rings_on ? kRingLimit : plan_.ring, [this] { outcome(); });
  return leg_;
}

void LoopExchange::somebody_calls() {
  make_leg({});
  tell(LoopEvent::Kind::incoming);
}

void LoopExchange::outcome() {
  if (state_ != State::ringing) return;
  switch (plan_.outcome) {
    case CallOutcome::answer:
      return pick_up();
    case CallOutcome::busy:
      return end("busy");
    case CallOutcome::decline:
      return end("declined");
    case CallOutcome::no_answer:
    case CallOutcome::timeout:
      return end("no answer");
    case CallOutcome::not_found:
    case CallOutcome::route_failure:
      return end("cannot be reached");
  }
}

bool LoopExchange::answer(const std::string& leg, const std::string& tag) {
  if (leg != leg_ || state_ != State::ringing) return false;
  tag_ = tag;
  pick_up();
  return true;
}

void LoopExchange::pick_up() {
  state_ = State::talking;
  tell(LoopEvent::Kind::picked_up);
  if (plan_.hangup_after) after(*plan_.hangup_after, [this] { end("hung up"); });
  tick_timer_ = clock_.run_at(clock_.now() + kFrame, [this] { tick(); });
}

bool LoopExchange::hang_up(const std::string& leg) {
  if (leg != leg_ || !leg_up()) return false;
  end("hung up by you");
  return true;
}

void LoopExchange::end(const std::string& cause) {
  if (!leg_up()) return;
  if (!plan_.media.hangs_open) end_line(false);
  line_open_ = false;
  state_ = State::over;
  clock_.cancel(tick_timer_);
  for (const Scheduler::TimerId timer : timers_) clock_.cancel(timer);
  tell(LoopEvent::Kind::hung_up, cause);
}

bool LoopExchange::say(const std::string& leg, const std::string& text) {
  if (leg != leg_ || state_ != State::talking) return false;
  saying_ = true;
  after(Millis(kVoiceMillisPerCharacter * static_cast<std::int64_t>(text.size())), [this] {
    saying_ = false;
    tell(LoopEvent::Kind::voice_done);
  });
  return true;
}

// The line

bool LoopExchange::open_line(const std::string& leg, std::weak_ptr<LoopEar> ear) {
  if (leg != leg_ || state_ != State::talking) return false;
  ear_ = std::move(ear);
  after(plan_.media.connect_delay, [this] {
    const auto listener = ear_.lock();
    if (!listener) return;
    line_open_ = true;
    ++far_end_.streams_taken;
    listener->on_line_open(format_);
    if (plan_.media.drop_after) after(*plan_.media.drop_after, [this] { end_line(true); });
    if (plan_.media.stop_after) after(*plan_.media.stop_after, [this] { end_line(false); });
  });
  return true;
}

void LoopExchange::end_line(bool lost) {
  if (!line_open_) return;
  playout_.on_deadline(clock_.now());
  far_end_.unplayed_bytes += playout_.queued();
  driver_.stop();
  line_open_ = false;
  if (const auto listener = ear_.lock()) listener->on_line_closed(lost);
}

void LoopExchange::close_line() { end_line(false); }

std::size_t LoopExchange::play(ByteView audio) {
  if (!line_open_) return 0;
  if (audio.size() < format_.frame_bytes()) ++far_end_.short_pieces;
  const std::size_t taken = playout_.append(audio, clock_.now());
  far_end_.overflow_bytes += audio.size() - taken;
  driver_.rearm();
  return taken;
}

void LoopExchange::mark(std::string_view name) {
  if (!line_open_) return;
  ++far_end_.marks;
  playout_.mark(name, clock_.now());
  driver_.rearm();
}

void LoopExchange::drop_waiting() {
  if (!line_open_) return;
  playout_.clear(clock_.now());
  driver_.rearm();
}

void LoopExchange::on_played(ByteView audio, TimePoint) {
  far_end_.heard.insert(far_end_.heard.end(), audio.begin(), audio.end());
  Samples samples;
  if (ear_codec_->decode(audio, samples) && peak_dbfs(samples) > kAudibleDbfs) {
    agent_audible_ = true;
  }
}

void LoopExchange::on_dropped(ByteView audio, TimePoint) {
  far_end_.dropped.insert(far_end_.dropped.end(), audio.begin(), audio.end());
}

void LoopExchange::on_mark_echo(std::string_view name, TimePoint) {
  clock_.post([this, echoed = std::string(name)] {
    const auto listener = ear_.lock();
    if (listener && line_open_) listener->on_echo(echoed);
  });
}

// The person

void LoopExchange::tick() {
  if (state_ != State::talking) return;
  tick_timer_ = clock_.run_at(clock_.now() + kFrame, [this] { tick(); });
  if (line_open_) playout_.on_deadline(clock_.now());
  const ScriptedCallee::Tick now = person_.tick(std::exchange(agent_audible_, false) || saying_);
  const auto listener = ear_.lock();
  if (listener && line_open_) {
    ++frames_;
    if (now.samples != nullptr) send_frame(now.samples);
    if (now.digit != 0) listener->on_key(now.digit);
  }
  if (now.hangup) end("hung up");
}

void LoopExchange::send_frame(const std::int16_t* samples) {
  Bytes frame;
  if (!mouth_->encode(SampleView(samples, person_.frame_samples()), frame)) return;
  if (random_.chance(plan_.media.loss)) return;
  far_end_.said.insert(far_end_.said.end(), frame.begin(), frame.end());
  if (const auto listener = ear_.lock()) {
    listener->on_frame(frame, kFrame * static_cast<std::int64_t>(frames_ - 1));
  }
}

const FarEnd& LoopExchange::far_end() {
  far_end_.utterances = person_.utterances();
  far_end_.streaming = line_open_;
  far_end_.clears.clear();
  for (const PlayoutClear& clear : playout_.clears()) {
    far_end_.clears.push_back({clear.played, clear.dropped, clear.marks});
  }
  return far_end_;
}

}  // namespace own_carrier
