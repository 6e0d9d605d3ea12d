#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/core/footprint.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Puts the pieces of both sides' words together, in the order the turns began, and cuts the
/// agent's to what was heard.
class TranscriptLog {
 public:
  /// A turn begins: its place in the transcript is here, even if its words come later.
  void open(Speaker speaker, std::string_view segment, Millis at);
  void add(const Transcript& piece, Millis at);
  bool knows(std::string_view segment) { return find(segment) != nullptr; }
  struct Shown {
    TranscriptEntry entry;
    bool final = false;
  };
  /// One turn as `finish` would have it; nothing while it has no words.
  std::optional<Shown> show(std::string_view segment);
  /// The agent's audio that came from the model, so that a share of it can be told.
  void received_audio(std::string_view segment, Micros audio);
  /// The agent was cut off in this segment.
  void cut(std::string_view segment, Millis heard, Millis sent);
  /// The call is over: what was not cut was heard whole. Empty turns go.
  std::vector<TranscriptEntry> finish() const;
  /// The model was lost in the middle of this segment: what came of its audio is heard, and no
  /// more of its words.
  void break_off(std::string_view segment);
  /// What audio of the newest turn touches.
  void footprint(Footprint& to) const;

 private:
  struct Turn {
    TranscriptEntry entry;
    bool final = false;
    bool broken_off = false;
    Micros audio{0};
  };
  Micros length(const Turn& turn, double bytes_per_second) const;
  TranscriptEntry as_heard(const Turn& turn, double bytes_per_second) const;
  double speech_rate() const;
  Turn* find(std::string_view segment);
  Turn& at(Speaker speaker, std::string_view segment, Millis now);

  static constexpr std::size_t kMaxTurns = 2000;      ///< A longer talk loses its oldest turns.
  static constexpr std::size_t kMaxText = 64 * 1024;  ///< Of one turn; the rest is not kept.
  std::vector<Turn> turns_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
