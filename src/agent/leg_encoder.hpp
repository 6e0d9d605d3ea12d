#pragma once

#include <memory>

#include "agent/leg_decoder.hpp"
#include "voicebridge/call/media_stream.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The far end of the way down to a leg whose codec has packets or a memory: takes linear audio and
/// sends what the leg speaks, one packet a message. The encoder is never reset: the far decoder is
/// not either, and a clear takes away what it has not decoded yet.
class LegEncoder final : public MediaStream {
 public:
  /// `leg` must outlive it.
  static Result<std::unique_ptr<LegEncoder>> create(MediaStream& leg, AudioFormat format);

  /// What it takes.
  AudioFormat format() const noexcept { return linear_; }
  /// How much silence pushes the last of the audio out of the encoder.
  Micros delay() const noexcept { return encoder_->delay(); }

  /// Whole frames of 20 ms. False when a part of it was dropped.
  bool send_audio(const AudioPayload& audio) override;
  void send_mark(std::string_view name) override { leg_.send_mark(name); }
  void clear() override { leg_.clear(); }
  void close() override { leg_.close(); }

 private:
  LegEncoder(MediaStream& leg, std::unique_ptr<AudioCodec> encoder,
             std::unique_ptr<AudioCodec> linear)
      : leg_(leg),
        encoder_(std::move(encoder)),
        from_linear_(std::move(linear)),
        linear_(from_linear_->format()) {}

  MediaStream& leg_;
  std::unique_ptr<AudioCodec> encoder_;
  std::unique_ptr<AudioCodec> from_linear_;
  AudioFormat linear_;
  Bytes scratch_;
  Samples samples_;
  Bytes packet_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
