#include "voicebridge/openai/server_event.hpp"

#include <unordered_map>
#include <utility>

#include "openai/conversation_read.hpp"

namespace voicebridge::openai {
namespace {

using detail::read;

template <class Event, class Reader>
auto read_if_member(Event& event, const Reader& reader, int) -> decltype(reader(event)) {
  reader(event);
}
template <class Event, class Reader>
void read_if_member(Event&, const Reader&, long) {}  // The event has no such member.

// The members of the events are named as they are on the wire: one list serves all types.
#define VOICEBRIDGE_READ(member) \
  read_if_member(                \
      event, [&](auto& e) -> decltype(void(e.member)) { read(json[#member], e.member); }, 0)

template <class Event>
void read_members(JsonView json, Event& event) {
  VOICEBRIDGE_READ(response_id);
  VOICEBRIDGE_READ(item_id);
  VOICEBRIDGE_READ(previous_item_id);
  VOICEBRIDGE_READ(output_index);
  VOICEBRIDGE_READ(content_index);
  VOICEBRIDGE_READ(session);
  VOICEBRIDGE_READ(item);
  VOICEBRIDGE_READ(response);
  VOICEBRIDGE_READ(part);
  VOICEBRIDGE_READ(error);
  VOICEBRIDGE_READ(usage);
  VOICEBRIDGE_READ(rate_limits);
  VOICEBRIDGE_READ(delta);
  VOICEBRIDGE_READ(text);
  VOICEBRIDGE_READ(transcript);
  VOICEBRIDGE_READ(call_id);
  VOICEBRIDGE_READ(name);
  VOICEBRIDGE_READ(arguments);
  VOICEBRIDGE_READ(id);
  VOICEBRIDGE_READ(speaker);
  VOICEBRIDGE_READ(start);
  VOICEBRIDGE_READ(end);
  VOICEBRIDGE_READ(event);
  VOICEBRIDGE_READ(received_at);
  VOICEBRIDGE_READ(audio_start_ms);
  VOICEBRIDGE_READ(audio_end_ms);
}
#undef VOICEBRIDGE_READ

void read_members(JsonView json, ConversationCreated& event) {
  read(json["conversation"]["id"], event.conversation_id);
}

template <class Event>
ServerEventBody parse_body(JsonView json) {
  Event event;
  read_members(json, event);
  return event;
}

using BodyParser = ServerEventBody (*)(JsonView json);
using ParserTable = std::unordered_map<std::string_view, BodyParser>;

template <class... Events>
ParserTable make_table(const std::variant<UnknownEvent, Events...>*) {
  return {{Events::kType, &parse_body<Events>}...};
}

BodyParser find_parser(std::string_view type) {
  static const ParserTable table = [] {
    ParserTable parsers = make_table(static_cast<const ServerEventBody*>(nullptr));
    const std::pair<std::string_view, std::string_view> beta_names[] = {
        {"response.text.delta", OutputTextDelta::kType},
        {"response.text.done", OutputTextDone::kType},
        {"response.audio.delta", OutputAudioDelta::kType},
        {"response.audio.done", OutputAudioDone::kType},
        {"response.audio_transcript.delta", OutputTranscriptDelta::kType},
        {"response.audio_transcript.done", OutputTranscriptDone::kType},
    };
    for (const auto& [beta, current] : beta_names) parsers[beta] = parsers[current];
    return parsers;
  }();
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

std::string_view name_of(const UnknownEvent& event) { return event.type; }

template <class Event>
std::string_view name_of(const Event&) {
  return Event::kType;
}

}  // namespace

Result<ServerEvent> parse_server_event(std::string_view text, JsonLimits limits) {
  auto json = Json::parse(text, limits);
  if (!json) {
    const bool too_large = json.error().code == Errc::payload_too_large;
    return fail(too_large ? Errc::payload_too_large : Errc::protocol_error,
                std::move(json.error().message));
  }
  const auto type = (*json)["type"].string();
  if (!type)
    return fail(Errc::protocol_error, "a server event must be an object with a string type",
                "type");

  ServerEvent event;
  event.event_id = (*json)["event_id"].string_or("");
  const BodyParser parse = find_parser(*type);
  event.body = parse ? parse(json->root()) : UnknownEvent{std::string(*type)};
  event.json = std::move(*json);
  return event;
}

std::string_view type_name(const ServerEventBody& body) noexcept {
  return std::visit([](const auto& event) { return name_of(event); }, body);
}

}  // namespace voicebridge::openai
