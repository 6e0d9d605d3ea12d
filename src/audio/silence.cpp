#include "voicebridge/audio/silence.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void append_silence(Bytes& out, AudioFormat format, Millis duration) {
  const std::size_t per_second = format.bytes_per_second();
  if (per_second == 0 || format.sample_rate == 0 || duration.count() <= 0) return;
  const std::size_t sample_bytes =
      format.encoding == AudioEncoding::l16le || format.encoding == AudioEncoding::l16be ? 2 : 1;
  const std::size_t samples =
      static_cast<std::size_t>(duration.count()) * (per_second / sample_bytes) / 1000;
  out.insert(out.end(), samples * sample_bytes, format.silence_byte());
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
