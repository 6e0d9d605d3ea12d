#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One thing the person at the other end does.
struct CalleeStep {
  /// What is done.
  enum class Kind {
    wait_time,            ///< Does nothing for `duration`.
    wait_agent_speaking,  ///< Until the agent has been heard speaking for `duration`.
    wait_agent_silence,   ///< Until the agent, heard since this person last spoke, has been silent
                          ///< for `duration`.
    wait_mark,            ///< Until a mark is echoed; the one named `text` when that is set.
    play,                 ///< Says `samples`.
    dtmf,                 ///< Presses the keys in `text`, one every 200 ms.
    hangup,
  };
  Kind kind = Kind::wait_time;  ///< What is done.
  Millis duration{0};           ///< How long, of the waits.
  Millis timeout{15000};  ///< Of the waits for the agent: the script goes on then, and counts it.
  std::string text;       ///< `play`: what is said, for the record.
  std::shared_ptr<const Samples> samples;  ///< What is played.
  std::uint32_t sample_rate = 8000;        ///< Of `samples`, Hz.
};

/// What a callee does from the answer to the end of the call.
struct VOICEBRIDGE_API CalleeScript {
  std::vector<CalleeStep> steps;  ///< In order.

  /// Reads an array of steps:
  /// `{"wait":"agent_silence","ms":700}` `{"wait":"agent_speaking","ms":1200}`
  /// `{"wait":"ms","ms":500}`
  /// `{"wait":"mark","name":"bye"}` `{"play":"hello.wav","text":"hello"}` `{"tone":440,"ms":300}`
  /// `{"say":"I need bread."}` (a melody as long as the words) `{"dtmf":"12#"}` `{"hangup":true}`;
  /// waits may have `"timeout_ms"`. The WAV files, mono, 16
  /// bit, are loaded here, from `folder` when their path is relative. Errors name the step:
  /// `steps.3.play`.
  static Result<CalleeScript> parse(JsonView steps, const std::string& folder = {});
};

/// What the callee's line carries while they say nothing.
enum class CalleeIdle {
  silence,        ///< Frames of codec silence.
  comfort_noise,  ///< Frames of low noise at a constant level.
  nothing,        ///< No frames (DTX).
};

/// Something the callee said, in time since the answer.
struct CalleeUtterance {
  Millis begin{0};   ///< Since the answer.
  Millis end{0};     ///< Since the answer.
  std::string text;  ///< What was said.
};

/// Plays a script in steps of 20 ms. Repeatable; no clock: each tick is 20 ms later than the one
/// before.
class VOICEBRIDGE_API ScriptedCallee {
 public:
  /// @param sample_rate Of the line, Hz.
  ScriptedCallee(CalleeScript script, CalleeIdle idle, std::uint32_t sample_rate,
                 std::uint64_t seed);

  /// What 20 ms have brought.
  struct Tick {
    const std::int16_t* samples =
        nullptr;          ///< 20 ms at the sample rate; null: no frame. Valid until the next tick.
    char digit = 0;       ///< A key pressed now, or 0.
    bool hangup = false;  ///< They hang up now.
  };
  /// `agent_audible`: whether what was played to this person in the last 20 ms could be heard.
  Tick tick(bool agent_audible);
  /// A mark came to this person's ear.
  void on_mark(std::string_view name);

  /// Samples of 20 ms.
  std::size_t frame_samples() const noexcept { return frame_.size(); }
  /// Whether nothing follows in the script.
  bool finished() const noexcept { return step_ >= script_.steps.size(); }
  bool speaking() const noexcept {  ///< In the middle of a `play`.
    return begun_ && !finished() && script_.steps[step_].kind == CalleeStep::Kind::play;
  }
  std::size_t step() const noexcept { return step_; }  ///< The step being done, from 0.
  std::uint64_t timeouts() const noexcept {
    return timeouts_;
  }  ///< Waits that ended by their timeout.
  /// What was said so far.
  const std::vector<CalleeUtterance>& utterances() const noexcept { return utterances_; }

 private:
  void listen(bool agent_audible);
  bool wait_is_over(const CalleeStep& step);
  void begin_step();
  void next_step();
  void say(Tick& tick);
  void press(const CalleeStep& step, Tick& tick);
  void fill_idle(Tick& tick);

  CalleeScript script_;
  CalleeIdle idle_;
  std::uint32_t sample_rate_;
  SeededRandom random_;
  Samples frame_;

  Millis now_{0};  ///< Since the answer.
  std::size_t step_ = 0;
  bool begun_ = false;
  Millis step_begin_{0};
  Samples speech_;  ///< Of the current `play`, at our sample rate.
  std::size_t said_ = 0;
  std::size_t pressed_ = 0;
  bool mark_seen_ = false;

  bool agent_heard_ = false;           ///< Since this person last spoke.
  std::optional<Millis> agent_since_;  ///< Begin of the agent's current speech.
  Millis agent_last_{0};               ///< When the agent was last audible.

  std::uint64_t timeouts_ = 0;
  std::vector<CalleeUtterance> utterances_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
