#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "voicebridge/audio/audio_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Whether a leg's codec has packets or a memory. Such audio is decoded where it comes in and
/// encoded where it goes out; all between the two reckons with linear audio.
constexpr bool is_coded(AudioFormat leg) {
  return leg.encoding == AudioEncoding::opus || leg.encoding == AudioEncoding::g722;
}

/// What a speech model can be given for a leg: its own G.711 law, or wide-band linear audio.
constexpr AudioFormat model_format_for(AudioFormat leg) {
  const bool g711 = leg.encoding == AudioEncoding::pcmu || leg.encoding == AudioEncoding::pcma;
  return g711 ? leg : AudioFormat::l16(24000);
}

/// The near end of the way up from such a leg. What is lost on it is concealed, so that time is
/// kept.
class LegDecoder {
 public:
  static Result<std::unique_ptr<LegDecoder>> create(AudioFormat leg);

  /// What comes out.
  AudioFormat format() const noexcept { return linear_; }

  struct Decoded {
    AudioPayload audio;
    Micros concealed{0};  ///< At its beginning, in front of the frame's own position.
  };
  /// A frame that cannot be decoded is counted, and concealed as if it had been lost. Nothing:
  /// there was nothing to hear in it. The view is valid until the next call.
  std::optional<Decoded> decode(const AudioPayload& audio, Millis position);

  std::uint64_t undecodable() const noexcept { return undecodable_; }

 private:
  LegDecoder(std::unique_ptr<AudioCodec> leg, std::unique_ptr<AudioCodec> linear)
      : leg_(std::move(leg)), to_linear_(std::move(linear)), linear_(to_linear_->format()) {}
  void conceal_gap(Millis position);

  std::unique_ptr<AudioCodec> leg_;
  std::unique_ptr<AudioCodec> to_linear_;
  AudioFormat linear_;
  std::optional<Micros> expected_;  ///< Where the next frame should stand.
  Bytes scratch_;
  Bytes out_;
  Samples samples_;
  std::uint64_t undecodable_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
