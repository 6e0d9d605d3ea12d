#pragma once

#include <unordered_map>
#include <utility>

#include "core/wire/read.hpp"
#include "core/wire/write.hpp"
#include "openai/event_shapes.hpp"

/// Reading, writing and comparing events of both directions. An event is an `event_id`, a `body` (a
/// variant of all types, first `UnknownEvent`) and `more`.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

inline std::string_view name_of(const UnknownEvent& event) { return event.type; }
template <class Event>
std::string_view name_of(const Event&) {
  return Event::kType;
}

template <class Body>
using BodyReader = Body (*)(JsonView json, OtherMembers& more);
template <class Body>
using ReaderTable = std::unordered_map<std::string_view, BodyReader<Body>>;

template <class Body, class Event>
Body read_body(JsonView json, OtherMembers& more) {
  Event event;
  WireReader().read_members(json, event);
  WireReader::keep_others<Event>(json, more);
  return event;
}

template <class... Events>
ReaderTable<std::variant<UnknownEvent, Events...>> reader_table(
    const std::variant<UnknownEvent, Events...>*) {
  using Body = std::variant<UnknownEvent, Events...>;
  return {{Events::kType, &read_body<Body, Events>}...};
}

/// @return `Errc::protocol_error` or `payload_too_large`.
Result<Json> parse_event_text(std::string_view text, JsonLimits limits);

/// `json` is an object with a string `type`, which is a key of `readers` or unknown.
template <class Event, class Body>
void read_event(JsonView json, const ReaderTable<Body>& readers, Event& out) {
  const std::string_view type = *json["type"].string();
  out.event_id = json["event_id"].string_or("");
  const auto known = readers.find(type);
  if (known != readers.end()) {
    out.body = known->second(json, out.more);
  } else {
    out.body = UnknownEvent{std::string(type)};
    WireReader::keep_others<UnknownEvent>(json, out.more);
  }
  out.more.erase("type");
  out.more.erase("event_id");
}

template <class Event>
Result<std::string> write_event(const Event& event) {
  WireWriter writer;
  writer.json.object().field("type", type_name(event.body));
  if (!event.event_id.empty()) writer.json.field("event_id", event.event_id);
  std::visit([&](const auto& body) { writer.write_members(body); }, event.body);
  writer.write_others(event.more);
  writer.json.end();
  if (writer.fault.empty()) return writer.json.take();
  return fail(Errc::invalid_argument, "expected JSON text", writer.fault);
}

template <class Event>
bool same_event(const Event& a, const Event& b) {
  return a.event_id == b.event_id && type_name(a.body) == type_name(b.body) &&
         same(a.body, b.body) && same(a.more, b.more);
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
