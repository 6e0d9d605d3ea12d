#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testing/faulty_line.hpp"
#include "testing/twilio_stream.hpp"
#include "voicebridge/testing/sim_leg.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// 20 ms at 8 kHz; nothing stands for silence.
using TwilioFrame = Samples;

/// What a leg's audio tells the call it belongs to.
struct TwilioLegEvents {
  std::function<void(char digit, TimePoint now)> on_digit;
  std::function<void(TimePoint now)> on_callee_hangup;
};

/// The audio of one leg: the callee with a script, the media streams, and what the callee hears,
/// in steps of 20 ms that the carrier takes for all legs at once.
class TwilioLeg final : public SimLeg, private TwilioStreamHost {
 public:
  TwilioLeg(const CallPlan& plan, std::uint64_t seed, TwilioWarnings& warnings,
            TwilioLegEvents events);

  void answer(TimePoint now);
  void hang_up(TimePoint now);

  TwilioStream& add_stream(TwilioStreamSetup setup, const TwilioMediaChaos& chaos);
  TwilioStream* find_stream(std::string_view sid_or_name);
  const std::vector<std::unique_ptr<TwilioStream>>& streams() const { return streams_; }

  /// First half of a step: what the callee says, from what they heard in the step before.
  void speak(TimePoint now);
  /// The far end is no callee but another leg, whose audio this is.
  void speak_for_peer(const TwilioFrame& frame, TimePoint now);
  const TwilioFrame& said_now() const { return said_now_; }
  bool callee_is_silent() const { return said_now_.empty() || !is_audible(said_now_); }
  /// What the two-way stream has played since the last step.
  TwilioFrame take_played();
  /// Second half: what the callee hears goes to their ear and to the streams.
  /// @param due  When the step was to be taken.
  void hear(TwilioFrame frame, bool audible, TimePoint due, TimePoint now);
  const TwilioFrame& heard_now() const { return heard_now_; }
  void count_late_tick() { ++stats_.late_ticks; }

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  bool streaming() const noexcept override;
  const LegStats& stats() const noexcept override { return stats_; }
  const Bytes& heard() const noexcept override { return heard_; }
  const Bytes& cleared() const noexcept override { return cleared_; }
  const Bytes& said() const noexcept override { return said_; }
  const Playout* playout() const noexcept override;
  const ScriptedCallee& callee() const noexcept override { return callee_; }
  std::optional<TimePoint> answered_at() const noexcept override { return answered_; }

 private:
  void on_heard(ByteView audio) override;
  void on_cleared(ByteView audio) override;
  void on_echoed(std::string_view mark) override;

  void send_frame(TwilioStream& stream, TimePoint due, TimePoint now);

  const CallPlan& plan_;
  TwilioWarnings& warnings_;
  TwilioLegEvents events_;
  FaultyLine line_;
  ScriptedCallee callee_;
  std::unique_ptr<AudioCodec> ear_;
  std::unique_ptr<AudioCodec> mouth_;
  std::vector<std::unique_ptr<TwilioStream>> streams_;
  std::optional<TimePoint> answered_;
  bool over_ = false;
  TwilioFrame said_now_;
  TwilioFrame heard_now_;
  TwilioFrame played_;
  bool callee_spoke_ = false;  ///< Whether there is a frame of the callee in this step.
  bool agent_audible_ = false;
  LegStats stats_;
  Bytes heard_;
  Bytes cleared_;
  Bytes said_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
