#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/format.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/audio/wav_writer.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// One side of a stereo recording. Gathers the pieces that follow each other into runs of samples
/// at the file's rate and lays them over its channel, a second at a time.
class RecorderTrack {
 public:
  /// `file` and `file_error` outlive the track; the error takes the first that the disk gives.
  RecorderTrack(WavWriter& file, std::optional<Error>& file_error, std::uint32_t sample_rate,
                Millis max_length, unsigned channel);

  /// False when the piece was not recorded in full.
  bool add(const AudioPayload& audio, Millis position);
  /// Replaces everything from `position` on by silence.
  void cut_from(Millis position);
  /// Writes what is held.
  void finish();
  /// Where the last audio ends.
  std::uint64_t end() const noexcept { return end_; }

 private:
  bool continues_run(const AudioPayload& audio, Millis position) const noexcept;
  bool begin_run(const AudioPayload& audio, Millis position);
  void end_run();
  void append_decoded();
  void append(SampleView samples);
  void write_pending();
  void lay_over(std::uint64_t frame, SampleView samples);
  Micros run_end() const noexcept;
  std::uint64_t frame_at(Millis position) const noexcept;

  WavWriter& file_;
  std::optional<Error>& file_error_;
  std::uint32_t sample_rate_;
  Millis max_length_;
  unsigned channel_;

  std::unique_ptr<AudioCodec> codec_;  ///< Of the open run; none when no run is open.
  std::optional<Resampler> resampler_;
  std::size_t run_in_ = 0;  ///< Samples of the resampler's delay still to be skipped.
  Millis run_start_{0};
  std::size_t run_samples_ = 0;  ///< Decoded of the open run, at the rate of its codec.

  Samples pending_;  ///< Not yet in the file.
  std::uint64_t pending_frame_ = 0;
  std::uint64_t end_ = 0;

  Bytes bytes_;
  Samples decoded_;
  Samples resampled_;
  Samples interleaved_;
};

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
