#include <algorithm>
#include <utility>

#include "testing/sim_audio.hpp"
#include "voicebridge/testing/callee_script.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kCalleeTick{20};
constexpr Millis kKeySpacing{200};
/// A pause between words is not silence yet.
constexpr Millis kSpeechHangover{300};
/// About -50 dBFS, what a quiet line carries.
constexpr int kComfortNoisePeak = 100;

}  // namespace

ScriptedCallee::ScriptedCallee(CalleeScript script, CalleeIdle idle, std::uint32_t sample_rate,
                               std::uint64_t seed)
    : script_(std::move(script)),
      idle_(idle),
      sample_rate_(sample_rate),
      random_(seed),
      frame_(sample_rate / 50) {}

ScriptedCallee::Tick ScriptedCallee::tick(bool agent_audible) {
  listen(agent_audible);
  Tick tick;
  while (!finished() && tick.samples == nullptr && !tick.hangup) {
    if (!begun_) begin_step();
    const CalleeStep& step = script_.steps[step_];
    if (step.kind == CalleeStep::Kind::play) {
      say(tick);
      if (said_ >= speech_.size()) next_step();
    } else if (step.kind == CalleeStep::Kind::dtmf) {
      press(step, tick);
      if (pressed_ < step.text.size() || tick.digit != 0) break;
      next_step();
    } else if (step.kind == CalleeStep::Kind::hangup) {
      tick.hangup = true;
      next_step();
    } else if (wait_is_over(step)) {
      next_step();
    } else {
      break;
    }
  }
  if (tick.samples == nullptr) fill_idle(tick);
  now_ += kCalleeTick;
  return tick;
}

void ScriptedCallee::on_mark(std::string_view name) {
  if (finished() || !begun_) return;
  const CalleeStep& step = script_.steps[step_];
  if (step.kind != CalleeStep::Kind::wait_mark) return;
  if (step.text.empty() || step.text == name) mark_seen_ = true;
}

void ScriptedCallee::listen(bool agent_audible) {
  if (!agent_audible) return;
  if (!agent_since_ || now_ - agent_last_ > kSpeechHangover) agent_since_ = now_;
  agent_last_ = now_;
  agent_heard_ = true;
}

bool ScriptedCallee::wait_is_over(const CalleeStep& step) {
  const Millis waited = now_ - step_begin_;
  if (step.kind == CalleeStep::Kind::wait_time) return waited >= step.duration;
  if (waited >= step.timeout) {
    ++timeouts_;
    return true;
  }
  if (step.kind == CalleeStep::Kind::wait_mark) return mark_seen_;
  if (step.kind == CalleeStep::Kind::wait_agent_silence) {
    return agent_heard_ && now_ - agent_last_ >= step.duration;
  }
  const bool speaking = agent_since_ && now_ - agent_last_ <= kSpeechHangover;
  return speaking && agent_last_ + kCalleeTick - *agent_since_ >= step.duration;
}

void ScriptedCallee::begin_step() {
  begun_ = true;
  step_begin_ = now_;
  mark_seen_ = false;
  pressed_ = 0;
  said_ = 0;
  speech_.clear();
  const CalleeStep& step = script_.steps[step_];
  if (step.kind != CalleeStep::Kind::play) return;
  speech_ = speech_of(step, sample_rate_);
  utterances_.push_back({now_, now_, step.text});
}

void ScriptedCallee::next_step() {
  ++step_;
  begun_ = false;
}

void ScriptedCallee::say(Tick& tick) {
  const std::size_t count = std::min(frame_.size(), speech_.size() - said_);
  if (count == 0) return;
  const auto from = speech_.begin() + static_cast<std::ptrdiff_t>(said_);
  std::fill(std::copy_n(from, count, frame_.begin()), frame_.end(), std::int16_t{0});
  said_ += count;
  tick.samples = frame_.data();
  utterances_.back().end = now_ + kCalleeTick;
  agent_heard_ = false;
}

void ScriptedCallee::press(const CalleeStep& step, Tick& tick) {
  const Millis due = step_begin_ + kKeySpacing * static_cast<int>(pressed_);
  if (pressed_ >= step.text.size() || now_ < due) return;
  tick.digit = step.text[pressed_++];
}

void ScriptedCallee::fill_idle(Tick& tick) {
  if (idle_ == CalleeIdle::nothing) return;
  for (std::int16_t& sample : frame_) {
    const int noise =
        idle_ == CalleeIdle::comfort_noise
            ? static_cast<int>(random_.up_to(2 * kComfortNoisePeak)) - kComfortNoisePeak
            : 0;
    sample = static_cast<std::int16_t>(noise);
  }
  tick.samples = frame_.data();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
