#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "openai_session_config.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/voice_activity_detector.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The caller began or stopped speaking; `at` counts received audio since the start of the session.
struct SpeechEdge {
  bool started;
  Millis at;
};

/// The input audio buffer of a session with its voice activity detector. Its clock is the audio
/// received, as in the service, so that it does not matter how fast it comes.
class InputAudio {
 public:
  static constexpr std::size_t kMaxPendingBytes =
      16u << 20;  ///< Beyond it the oldest bytes are dropped.

  InputAudio();
  /// Takes the format and the turn detection of the session. What is buffered in another format is
  /// dropped.
  void configure(const SessionConfig& config);

  /// Listens to `bytes` from the front, up to and including the first edge, and shortens them by
  /// what it took.
  std::optional<SpeechEdge> consume(ByteView& bytes);
  /// Empties the buffer into a turn.
  std::shared_ptr<const Bytes> take();
  void clear();

  AudioFormat format() const { return format_; }
  /// Whether so many bytes are whole samples of the format.
  bool whole_samples(std::size_t bytes) const { return bytes % sample_bytes() == 0; }
  Millis pending() const {
    return std::chrono::duration_cast<Millis>(format_.duration(pending_.size()));
  }
  Millis received() const;
  bool speaking() const { return detector_ && detector_->speaking(); }
  std::uint64_t total_bytes() const { return total_bytes_; }
  std::uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  std::size_t sample_bytes() const { return format_.encoding == AudioEncoding::l16le ? 2 : 1; }
  void restart_detector();
  void listen(ByteView slice);
  void drop_front(std::size_t keep);
  std::optional<SpeechEdge> next_edge();

  AudioFormat format_ = AudioFormat::l16(24000);
  std::optional<VadOptions> options_;
  std::unique_ptr<AudioCodec> codec_;
  std::optional<VoiceActivityDetector> detector_;
  std::vector<VadEvent> events_;  ///< Found, not yet reported.
  Samples samples_;
  Bytes pending_;
  Micros earlier_{0};              ///< Audio received in earlier formats.
  std::uint64_t epoch_bytes_ = 0;  ///< In this format.
  Millis detector_start_{0};       ///< `received()` when the detector was made.
  std::uint64_t total_bytes_ = 0;
  std::uint64_t dropped_bytes_ = 0;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
