#include "voicebridge/audio/framer.hpp"

#include <fmt/format.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Framer::Framer(std::size_t frame_bytes, std::uint8_t silence)
    : frame_bytes_(frame_bytes), silence_(silence) {
  held_.reserve(frame_bytes);
}

Result<Framer> Framer::create(AudioFormat format, Millis frame) {
  if (!format.constant_rate()) {
    return fail(Errc::unsupported,
                fmt::format("{} cannot be cut into frames by bytes", to_string(format)), "format");
  }
  if (frame < Millis(10) || frame > Millis(1000)) {
    return fail(Errc::invalid_argument, "a frame must be 10 to 1000 ms long", "frame");
  }
  const auto milliseconds = static_cast<std::size_t>(frame.count());
  const std::size_t bytes = format.bytes_per_second() * milliseconds / 1000;
  const bool whole_samples = std::size_t{format.sample_rate} * milliseconds % 1000 == 0;
  if (bytes == 0 || !whole_samples) {
    return fail(
        Errc::invalid_argument,
        fmt::format("{} ms of {} are no whole number of samples", milliseconds, to_string(format)),
        "frame");
  }
  return Framer(bytes, format.silence_byte());
}

std::size_t Framer::hold(ByteView bytes) {
  const ByteView taken = bytes.subview(0, frame_bytes_ - held_.size());
  held_.insert(held_.end(), taken.begin(), taken.end());
  return taken.size();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
