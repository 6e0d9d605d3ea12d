#include "voicebridge/openai/speech_factory.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

std::function<std::unique_ptr<SpeechSession>(Scheduler&)> speech_factory(
    RealtimeClientOptions options, WebSocketClient& websockets, Logger log) {
  // Shared, as an application keeps a copy of the function with each of its calls.
  auto shared = std::make_shared<const RealtimeClientOptions>(std::move(options));
  return [shared = std::move(shared), &websockets,
          log](Scheduler& on) -> std::unique_ptr<SpeechSession> {
    auto client = RealtimeClient::create(*shared, websockets, on);
    if (client) return std::move(*client);
    log.error("openai", "no speech session", {{"error", to_string(client.error())}});
    return nullptr;
  };
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
