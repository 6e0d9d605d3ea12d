#pragma once

#include <memory>
#include <string>

#include "voicebridge/audio/audio_codec.hpp"

/// What the codecs that stand on other libraries share with `make_audio_codec`.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// What is lost for longer is no gap in a word any more.
constexpr Micros kLongestConcealment{120000};

/// g722_codec.cpp, when it is switched on.
Result<std::unique_ptr<AudioCodec>> make_g722_codec();
/// opus_codec.cpp, when it is switched on.
Result<std::unique_ptr<AudioCodec>> make_opus_codec(AudioFormat format);

inline tl::unexpected<Error> wrong_sample_rate(AudioFormat format, const std::string& wanted) {
  return fail(Errc::invalid_argument,
              std::string(to_string(format.encoding)) + " needs a sample rate " + wanted +
                  ", not " + std::to_string(format.sample_rate),
              "sample_rate");
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
