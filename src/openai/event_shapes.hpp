#pragma once

#include "openai/conversation_shapes.hpp"
#include "voicebridge/openai/client_event.hpp"
#include "voicebridge/openai/server_event.hpp"

/// The events themselves.
namespace voicebridge::wire {

using namespace openai;

template <class Event, class Maker>
constexpr auto fields_if(const Maker& make, int) -> decltype(make(static_cast<Event*>(nullptr))) {
  return make(static_cast<Event*>(nullptr));
}
template <class Event, class Maker>
constexpr std::tuple<> fields_if(const Maker&, long) {  // The event has no such member.
  return {};
}

// The members of the events are named as they are on the wire: one list serves all types.
#define VOICEBRIDGE_FIELD(write, member)                                                         \
  fields_if<Event>(                                                                              \
      [](auto* event) -> decltype(std::make_tuple(                                               \
                          write(#member, &std::remove_pointer_t<decltype(event)>::member))) {    \
        return std::make_tuple(write(#member, &std::remove_pointer_t<decltype(event)>::member)); \
      },                                                                                         \
      0)

template <class Event>
constexpr auto event_fields() {
  return std::tuple_cat(
      VOICEBRIDGE_FIELD(always, response_id), VOICEBRIDGE_FIELD(field, previous_item_id),
      VOICEBRIDGE_FIELD(always, item_id), VOICEBRIDGE_FIELD(always, output_index),
      VOICEBRIDGE_FIELD(always, content_index), VOICEBRIDGE_FIELD(always, session),
      VOICEBRIDGE_FIELD(always, conversation), VOICEBRIDGE_FIELD(always, item),
      VOICEBRIDGE_FIELD(always, response), VOICEBRIDGE_FIELD(always, part),
      VOICEBRIDGE_FIELD(always, error), VOICEBRIDGE_FIELD(always, audio),
      VOICEBRIDGE_FIELD(always, delta), VOICEBRIDGE_FIELD(always, text),
      VOICEBRIDGE_FIELD(always, transcript), VOICEBRIDGE_FIELD(always, call_id),
      VOICEBRIDGE_FIELD(always, name), VOICEBRIDGE_FIELD(always, arguments),
      VOICEBRIDGE_FIELD(always, id), VOICEBRIDGE_FIELD(always, speaker),
      VOICEBRIDGE_FIELD(always, start), VOICEBRIDGE_FIELD(always, end),
      VOICEBRIDGE_FIELD(always, event), VOICEBRIDGE_FIELD(always, received_at),
      VOICEBRIDGE_FIELD(always, audio_start_ms), VOICEBRIDGE_FIELD(always, audio_end_ms),
      VOICEBRIDGE_FIELD(always, usage), VOICEBRIDGE_FIELD(field, languages),
      VOICEBRIDGE_FIELD(field, logprobs), VOICEBRIDGE_FIELD(always, rate_limits));
}
#undef VOICEBRIDGE_FIELD

template <class Event>
struct Shape<Event, std::void_t<decltype(Event::kType)>> {
  static constexpr auto fields = event_fields<Event>();
};

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

}  // namespace voicebridge::wire
