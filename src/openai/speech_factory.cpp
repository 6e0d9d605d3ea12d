#include "voicebridge/openai/speech_factory.hpp"

namespace voicebridge::openai {

std::function<std::unique_ptr<SpeechSession>(Scheduler&)> speech_factory(
    RealtimeClientOptions options, WebSocketClient& websockets, Logger log) {
  return [options = std::move(options), &websockets,
          log](Scheduler& on) -> std::unique_ptr<SpeechSession> {
    auto client = RealtimeClient::create(options, websockets, on);
    if (client) return std::move(*client);
    log.error("openai", "no speech session", {{"error", to_string(client.error())}});
    return nullptr;
  };
}

}  // namespace voicebridge::openai
