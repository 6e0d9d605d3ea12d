#pragma once

#include "openai_shape.hpp"

/// The session object of the GA Realtime API and what it is made of.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail::shapes {

/// Where a session object is given.
enum class SessionUse {
  update,         ///< `session.update`, and the creation of WebRTC calls.
  accept,         ///< Of a SIP call: does not know the keys that tune server_vad.
  client_secret,  ///< May be one for transcription.
};
Shape session(SessionUse use);

Shape audio_format();
Shape voice();
Shape tools();
Shape tool_choice();
Shape max_output_tokens();
Shape modalities();
Shape prompt();
Shape reasoning();

}  // namespace testing::detail::shapes
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
