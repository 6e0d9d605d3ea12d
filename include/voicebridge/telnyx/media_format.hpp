#pragma once

#include <cstdint>
#include <string_view>

#include "voicebridge/audio/format.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// The name of an encoding on the media socket and in stream parameters: "PCMU", "PCMA", "L16",
/// "G722", "OPUS".
VOICEBRIDGE_API std::string_view encoding_name(AudioEncoding encoding) noexcept;

/// The format that `start.media_format` announces (Media Streaming, "start" event).
/// @param encoding  As on the wire, case-sensitive.
/// @param sample_rate  Hz. For G722 Telnyx announces the RTP clock of 8000; the audio has 16000.
/// @param l16  Byte order of "L16", which the vendor does not document; the evidence says
/// little-endian.
/// @return `Errc::unsupported` naming the field for an unknown encoding, an impossible rate, or not
/// one channel.
VOICEBRIDGE_API Result<AudioFormat> media_format(std::string_view encoding,
                                                 std::int64_t sample_rate, std::int64_t channels,
                                                 AudioEncoding l16 = AudioEncoding::l16le);

/// A format to ask for, by name and, where there is a choice, sample rate: "PCMU", "PCMA", "G722",
/// "L16/8000", "L16/16000" (the same as "L16"), "L16/24000", "OPUS/8000", "OPUS/16000" (the same as
/// "OPUS"), "OPUS/48000".
/// @return `Errc::invalid_argument` for anything else, `Errc::unsupported` for AMR-WB and for what
/// this build has no codec of.
VOICEBRIDGE_API Result<AudioFormat> stream_format(std::string_view name,
                                                  AudioEncoding l16 = AudioEncoding::l16le);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
