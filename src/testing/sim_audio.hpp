#pragma once

#include <cstdint>
#include <memory>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/samples.hpp"
#include "voicebridge/testing/callee_script.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The codec of a format; of PCMU for one that the simulator does not speak.
std::unique_ptr<AudioCodec> codec_for(AudioFormat format);

/// Whether a person would take it for speech rather than for an empty line.
bool is_audible(SampleView samples);

/// Whether the bytes begin like an MP3 file: an ID3 tag or a valid MPEG audio frame header.
bool looks_like_mp3(ByteView bytes);

/// What a `play` step says, at the rate of the leg.
Samples speech_of(const CalleeStep& step, std::uint32_t rate);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
