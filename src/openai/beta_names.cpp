#include <initializer_list>

#include "core/wire/read.hpp"
#include "openai/event_shapes.hpp"

/// The flat members of the beta protocol, which self-hosted servers still speak.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {
namespace {

/// The beta's name of an audio format.
std::optional<WireFormat> beta_format(JsonView name) {
  const auto text = name.string();
  if (text == "pcm16") return WireFormat{"audio/pcm", 24000, {}};
  if (text == "g711_ulaw") return WireFormat{"audio/pcmu", std::nullopt, {}};
  if (text == "g711_alaw") return WireFormat{"audio/pcma", std::nullopt, {}};
  return std::nullopt;
}

/// "audio" and "text" together was the beta's way to say "audio", whose transcript comes anyway.
std::optional<std::vector<std::string>> beta_modalities(JsonView list) {
  if (!list.is_array()) return std::nullopt;
  for (JsonView each : list.elements()) {
    if (each.string() == "audio") return std::vector<std::string>{"audio"};
  }
  return std::vector<std::string>{"text"};
}

template <class T>
void take_beta(JsonView json, T& out) {
  if (!is_set(out)) WireReader().read(json, out);
}

void drop(OtherMembers& members, std::initializer_list<const char*> names) {
  for (const char* name : names) members.erase(name);
}

template <class Config>
void take_beta_names(JsonView json, Config& config) {
  AudioOutput& output = config.audio.output;
  take_beta(json["voice"], output.voice);
  take_beta(json["speed"], output.speed);
  take_beta(json["max_response_output_tokens"], config.max_output_tokens);
  if (!output.format) output.format = beta_format(json["output_audio_format"]);
  if (!config.output_modalities) config.output_modalities = beta_modalities(json["modalities"]);
  drop(config.more, {"voice", "speed", "max_response_output_tokens", "output_audio_format",
                     "modalities", "temperature"});
}

}  // namespace

void Shape<ResponseConfig>::tidy(ResponseConfig& response, JsonView json) {
  take_beta_names(json, response);
}

void Shape<SessionConfig>::tidy(SessionConfig& session, JsonView json) {
  AudioInput& input = session.audio.input;
  take_beta_names(json, session);
  take_beta(json["input_audio_transcription"], input.transcription);
  take_beta(json["input_audio_noise_reduction"], input.noise_reduction);
  take_beta(json["turn_detection"], input.turn_detection);
  if (!input.format) input.format = beta_format(json["input_audio_format"]);
  drop(session.more, {"input_audio_transcription", "input_audio_noise_reduction", "turn_detection",
                      "input_audio_format", "client_secret", "id", "object", "expires_at"});
}

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
