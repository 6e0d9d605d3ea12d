#include "voicebridge/openai/server_event.hpp"

#include "openai/event_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

const detail::ReaderTable<ServerEventBody>& readers() {
  static const auto table = [] {
    auto readers = detail::reader_table(static_cast<const ServerEventBody*>(nullptr));
    const std::pair<std::string_view, std::string_view> beta_names[] = {
        {"response.text.delta", OutputTextDelta::kType},
        {"response.text.done", OutputTextDone::kType},
        {"response.audio.delta", OutputAudioDelta::kType},
        {"response.audio.done", OutputAudioDone::kType},
        {"response.audio_transcript.delta", OutputTranscriptDelta::kType},
        {"response.audio_transcript.done", OutputTranscriptDone::kType},
        {"transcription_session.created", SessionCreated::kType},
        {"transcription_session.updated", SessionUpdated::kType},
    };
    for (const auto& [beta, current] : beta_names) readers[beta] = readers[current];
    return readers;
  }();
  return table;
}

}  // namespace

Result<Json> detail::parse_event_text(std::string_view text, JsonLimits limits) {
  auto json = Json::parse(text, limits);
  if (!json) {
    const bool too_large = json.error().code == Errc::payload_too_large;
    return fail(too_large ? Errc::payload_too_large : Errc::protocol_error,
                std::move(json.error().message));
  }
  if (!(*json)["type"].is_string())
    return fail(Errc::protocol_error, "an event must be an object with a string type", "type");
  return json;
}

Result<ServerEvent> parse_server_event(std::string_view text, JsonLimits limits) {
  auto json = detail::parse_event_text(text, limits);
  if (!json) return fail(std::move(json.error()));
  ServerEvent event;
  detail::read_event(json->root(), readers(), event);
  event.json = std::move(*json);
  return event;
}

Result<std::string> to_json(const ServerEvent& event) { return detail::write_event(event); }

bool operator==(const ServerEvent& a, const ServerEvent& b) { return detail::same_event(a, b); }

std::string_view type_name(const ServerEventBody& body) noexcept {
  return std::visit([](const auto& event) { return detail::name_of(event); }, body);
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
