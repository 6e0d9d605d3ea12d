#pragma once

#include <cstddef>
#include <memory>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/transcoder.hpp"
#include "voicebridge/audio/wav.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a caller on hold hears: a recording, or soft tones, over and over.
class HoldMusic {
 public:
  /// @param recording  Mono; null: the tones.
  static Result<HoldMusic> create(AudioFormat format,
                                  const std::shared_ptr<const WavAudio>& recording);

  /// Appends what comes next.
  Result<> next(Millis length, Bytes& into);

 private:
  HoldMusic(Samples loop, std::uint32_t rate, std::unique_ptr<AudioCodec> codec,
            Transcoder transcoder)
      : loop_(std::move(loop)),
        rate_(rate),
        codec_(std::move(codec)),
        transcoder_(std::move(transcoder)) {}

  Samples loop_;
  std::uint32_t rate_;
  std::unique_ptr<AudioCodec> codec_;
  Transcoder transcoder_;
  std::size_t at_ = 0;
  Samples piece_;
  Bytes linear_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
