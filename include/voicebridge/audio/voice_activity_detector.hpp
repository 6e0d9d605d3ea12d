#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How speech is told from the rest. The first three are those of OpenAI's `server_vad`.
struct VadOptions {
  double threshold =
      0.5;  ///< 0..1: higher wants louder speech, in absolute terms and above the noise.
  Millis prefix_padding{300};    ///< How far before the first sound a turn begins, 0 to 10 s.
  Millis silence_duration{500};  ///< The pause that ends a turn, 20 ms to 10 s.
  Millis minimum_speech{60};     ///< Shorter sounds (clicks) do not begin a turn, 20 ms to 2 s.
};

/// The caller began or stopped speaking.
struct VadEvent {
  /// Which edge of speech.
  enum class Kind { speech_started, speech_stopped };
  Kind kind;  ///< Which edge it is.
  /// Position in samples since the beginning of the stream. Started: the first sound less the
  /// prefix padding, but not before the last stop. Stopped: the end of the silence that ended the
  /// turn.
  std::uint64_t sample;
};

/// Finds speech by its energy over an adaptive noise floor, in 20 ms frames of linear audio.
/// Constant noise up to −30 dBFS is recognised by its steadiness and DC by a high-pass filter;
/// neither begins a turn, nor keeps one from ending. Positions count samples, not wall time, so
/// that a run is repeatable, and how the stream is cut into chunks makes no difference. Allocates
/// nothing itself. One thread at a time.
class VOICEBRIDGE_API VoiceActivityDetector {
 public:
  /// Fails with `Errc::invalid_argument` when an option is out of its range or the sample rate is
  /// not 8 to 48 kHz in whole samples a frame; the error names the field.
  static Result<VoiceActivityDetector> create(std::uint32_t sample_rate, VadOptions options = {});

  /// Listens to the next samples of the stream and appends what happened in them.
  void process(SampleView samples, std::vector<VadEvent>& events);
  /// Forgets the stream and the noise; positions begin at 0 again.
  void reset() noexcept;

  /// Between a start and its stop.
  bool speaking() const noexcept { return speaking_; }
  /// Samples listened to so far.
  std::uint64_t position() const noexcept { return position_; }
  /// What is taken for the background now, in dBFS.
  double noise_floor_dbfs() const noexcept { return floor_; }
  /// A position of this stream as time.
  Millis to_millis(std::uint64_t sample) const noexcept;

 private:
  /// 300 ms: long enough that no speech keeps its level for all of it.
  static constexpr std::size_t kHistory = 15;

  VoiceActivityDetector(std::uint32_t sample_rate, VadOptions options);
  std::uint64_t to_samples(Millis time) const noexcept;
  unsigned to_frames(Millis time) const noexcept;
  double high_pass(double sample) noexcept;
  void end_frame(std::vector<VadEvent>& events);
  bool is_loud(double level) const noexcept;
  void remember(double level) noexcept;
  bool is_steady(std::size_t frames) const noexcept;
  double mean_level(std::size_t frames) const noexcept;
  double recent_level(std::size_t frames_ago) const noexcept;
  void adapt_floor(double level, bool loud) noexcept;
  void look_for_start(bool loud, std::vector<VadEvent>& events);
  void look_for_end(bool loud, std::vector<VadEvent>& events);

  std::uint32_t sample_rate_;
  VadOptions options_;
  std::size_t frame_size_;
  double pole_;

  std::uint64_t position_ = 0;
  double last_in_ = 0;
  double last_out_ = 0;
  double frame_energy_ = 0;
  std::size_t frame_filled_ = 0;

  std::array<double, kHistory> levels_{};
  std::size_t frames_seen_ = 0;
  double floor_;

  bool speaking_ = false;
  unsigned loud_run_ = 0;
  unsigned quiet_run_ = 0;
  std::uint64_t sound_start_ = 0;
  std::uint64_t last_stop_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
