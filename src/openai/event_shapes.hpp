#pragma once

#include "openai/conversation_shapes.hpp"
#include "voicebridge/openai/client_event.hpp"
#include "voicebridge/openai/server_event.hpp"

/// The events themselves.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

using namespace openai;

// The members of the events are named as they are on the wire: one list serves all types. Each
// event is asked which of them it has; joining tuples of those was a quarter of the compiler's
// work.
// clang-format off
#define VOICEBRIDGE_EVENT_MEMBERS(member)                                                      \
  member(always, response_id)    member(field, previous_item_id)  member(always, item_id)      \
  member(always, output_index)   member(always, content_index)    member(always, session)      \
  member(always, conversation)   member(always, item)             member(always, response)     \
  member(always, part)           member(always, error)            member(always, audio)        \
  member(always, delta)          member(always, text)             member(always, transcript)   \
  member(always, call_id)        member(always, name)             member(always, arguments)    \
  member(always, id)             member(always, speaker)          member(always, start)        \
  member(always, end)            member(always, event)            member(always, received_at)  \
  member(always, audio_start_ms) member(always, audio_end_ms)     member(always, usage)        \
  member(field, languages)       member(field, logprobs)          member(always, rate_limits)
// clang-format on

#define VOICEBRIDGE_HAS(write, member)      \
  template <class Event, class = void>      \
  struct Has_##member : std::false_type {}; \
  template <class Event>                    \
  struct Has_##member<Event, std::void_t<decltype(&Event::member)>> : std::true_type {};
VOICEBRIDGE_EVENT_MEMBERS(VOICEBRIDGE_HAS)
#undef VOICEBRIDGE_HAS

template <class Event>
struct Shape<Event, std::void_t<decltype(Event::kType)>> {
  template <class Visit>
  static void visit_fields(Visit& visit) {
#define VOICEBRIDGE_VISIT(write, member) \
  if constexpr (Has_##member<Event>::value) visit(write(#member, &Event::member));
    VOICEBRIDGE_EVENT_MEMBERS(VOICEBRIDGE_VISIT)
#undef VOICEBRIDGE_VISIT
  }
};
#undef VOICEBRIDGE_EVENT_MEMBERS

template <>
struct Shape<ResponseConfig> {
  using R = ResponseConfig;
  static constexpr auto fields = std::make_tuple(
      field("output_modalities", &R::output_modalities), field("instructions", &R::instructions),
      field("audio", &R::audio), field("tools", &R::tools), field("tool_choice", &R::tool_choice),
      field("parallel_tool_calls", &R::parallel_tool_calls), field("reasoning", &R::reasoning),
      field("max_output_tokens", &R::max_output_tokens), field("conversation", &R::conversation),
      field("metadata", &R::metadata), field("prompt", &R::prompt), field("input", &R::input));
  /// Takes over the beta's names.
  static void tidy(ResponseConfig& response, JsonView json);
};

/// What is not known of it is kept beside it; its type is the event's.
template <>
struct Shape<UnknownEvent> {
  static constexpr auto fields = std::make_tuple();
};

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
