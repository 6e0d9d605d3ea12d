#pragma once

#include <functional>
#include <memory>

#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/openai/realtime_client.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// Makes a session for each call that asks, all with the same options. `websockets` must outlive
/// the function. Options at fault are logged when a session is asked for, and none is made then.
VOICEBRIDGE_API std::function<std::unique_ptr<SpeechSession>(Scheduler&)> speech_factory(
    RealtimeClientOptions options, WebSocketClient& websockets, Logger log = {});

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
