#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/testing/carrier_under_test.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/playout.hpp"

namespace own_carrier {

/// What the exchange tells of its leg. `tag` is what the caller of `call` or `answer` gave.
struct LoopEvent {
  enum class Kind { incoming, ringing, picked_up, voice_done, hung_up };
  Kind kind;
  std::string leg;
  std::string tag;
  std::string cause;
};

/// Who listens to the line of a leg.
class LoopEar {
 public:
  virtual ~LoopEar() = default;
  virtual void on_line_open(voicebridge::AudioFormat format) = 0;
  virtual void on_frame(voicebridge::ByteView audio, voicebridge::Millis position) = 0;
  virtual void on_key(char key) = 0;
  virtual void on_echo(std::string_view name) = 0;
  virtual void on_line_closed(bool lost) = 0;
};

/// A telephone exchange of an imaginary vendor, with one line: rings a person who follows a plan,
/// plays to them in real time and hands over what they say. It stands for the vendor's service;
/// with a real one this file is a simulator of it, or a recording.
class LoopExchange final : private voicebridge::testing::PlayoutObserver {
 public:
  LoopExchange(voicebridge::testing::ManualScheduler& clock,
               const voicebridge::testing::CarrierPlan& plan, voicebridge::AudioFormat format,
               std::function<void(const LoopEvent&)> tell);

  // The vendor's API. False: there is no such leg (any more).
  std::string call(const std::string& tag);
  bool answer(const std::string& leg, const std::string& tag);
  bool hang_up(const std::string& leg);
  bool say(const std::string& leg, const std::string& text);
  bool open_line(const std::string& leg, std::weak_ptr<LoopEar> ear);
  std::size_t play(voicebridge::ByteView audio);
  void mark(std::string_view name);
  void drop_waiting();
  void close_line();

  // For the test.
  void somebody_calls();
  const voicebridge::testing::FarEnd& far_end();
  std::size_t legs_made() const { return legs_made_; }
  bool leg_up() const { return state_ == State::ringing || state_ == State::talking; }

 private:
  enum class State { idle, ringing, talking, over };
  void on_played(voicebridge::ByteView audio, voicebridge::TimePoint now) override;
  void on_dropped(voicebridge::ByteView audio, voicebridge::TimePoint now) override;
  void on_mark_echo(std::string_view name, voicebridge::TimePoint now) override;

  void make_leg(const std::string& tag);
  void outcome();
  void pick_up();
  void end(const std::string& cause);
  void end_line(bool lost);
  void tick();
  void send_frame(const std::int16_t* samples);
  void tell(LoopEvent::Kind kind, const std::string& cause = {});
  void after(voicebridge::Millis delay, std::function<void()> act);

  voicebridge::testing::ManualScheduler& clock_;
  const voicebridge::testing::CarrierPlan plan_;
  const voicebridge::AudioFormat format_;
  const std::function<void(const LoopEvent&)> tell_;
  std::unique_ptr<voicebridge::AudioCodec> mouth_;
  std::unique_ptr<voicebridge::AudioCodec> ear_codec_;
  voicebridge::testing::SeededRandom random_;
  voicebridge::testing::ScriptedCallee person_;
  voicebridge::testing::Playout playout_;
  voicebridge::testing::DeadlineDriver<voicebridge::testing::Playout> driver_;
  voicebridge::testing::FarEnd far_end_;
  State state_ = State::idle;
  std::string leg_;
  std::string tag_;
  std::size_t legs_made_ = 0;
  std::weak_ptr<LoopEar> ear_;
  bool line_open_ = false;
  bool agent_audible_ = false;
  bool saying_ = false;
  std::uint64_t frames_ = 0;
  std::vector<voicebridge::Scheduler::TimerId> timers_;  ///< A handful a call.
  voicebridge::Scheduler::TimerId tick_timer_ = 0;
};

}  // namespace own_carrier
