#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "agent/turn_memory.hpp"
#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/audio/transcoder.hpp"
#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The way up: brings the caller's audio to the model. Keeps it while the model is not ready, fills
/// the gaps that the carrier leaves, and transcodes when the two sides do not speak the same
/// format.
class CallerAudio {
 public:
  CallerAudio(Millis ring, Millis gap_after, CallCounters& counters)
      : ring_limit_(ring), gap_after_(gap_after), counters_(counters) {}

  /// The media has begun. Fails when no transcoder joins the two formats.
  Result<> configure(AudioFormat from_carrier, AudioFormat to_model);
  bool configured() const { return configured_; }
  bool passes_through() const { return configured_ && !transcoder_; }

  /// The model takes audio from now on: what was kept goes first, in order.
  /// @return A turn was among it that the session before has heard of.
  bool open(SpeechSession& model, TimePoint now);
  /// The model is away: audio is kept again.
  void hold() { model_ = nullptr; }
  bool keeps_any() const { return !ring_.empty(); }
  /// The session is lost: the next one hears the turns again that this one has not understood.
  void lose();
  void turn_begins() { memory_.turn_begins(); }
  void oldest_turn_known() { memory_.oldest_known(); }
  void all_turns_known() { memory_.all_known(); }
  /// What the caller says is not for the model: nothing is kept and nothing sent.
  void mute() { muted_ = true; }

  /// @param position  Where the audio stands by the carrier's clock: what it has left out is
  /// filled with silence, as far as `on_deadline` has not done it.
  void on_audio(const AudioPayload& audio, Millis position, TimePoint now);
  /// What audio of the caller touches.
  void footprint(Footprint& to) const { to.add(*this); }
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

 private:
  void forward(const AudioPayload& audio, TimePoint now);
  void keep(const AudioPayload& audio);
  void fill_left_out(Millis position, TimePoint now);
  void fill_gap(Millis length, TimePoint now);

  static constexpr Millis kBeforeTurn{1000};  ///< Until the service has told of a turn.
  static constexpr Millis kTurnLimit{30000};  ///< Of words kept for the next session.

  Millis ring_limit_;
  Millis gap_after_;
  CallCounters& counters_;
  AudioFormat from_;
  AudioFormat to_;
  bool configured_ = false;
  bool muted_ = false;
  SpeechSession* model_ = nullptr;
  std::unique_ptr<Transcoder> transcoder_;
  TurnMemory memory_{kBeforeTurn, kTurnLimit};
  bool lost_ = false;
  Bytes ring_;
  Bytes scratch_;
  Bytes transcoded_;
  std::optional<Millis> next_position_;   ///< Where the next frame stands when none is left out.
  Millis filled_{0};                      ///< By the timer, since the last frame.
  std::optional<TimePoint> heard_until_;  ///< Up to here the model has been given audio or silence.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
