#include "openai_client_events.hpp"

#include <fmt/format.h>

#include <limits>

#include "openai_shape.hpp"

namespace voicebridge::testing::detail {
namespace {

using Field = Shape::Field;

constexpr std::size_t kMaxEventId = 512;
constexpr std::size_t kMaxItemId = 32;
constexpr std::int64_t kMaxMillis = std::numeric_limits<std::int32_t>::max();

Shape audio_format() {
  return Shape::tagged("type", {{"audio/pcm", {{"rate", Shape::integer(24000, 24000)}}},
                                {"audio/pcmu", {}},
                                {"audio/pcma", {}}});
}

Shape voice() {
  return Shape::either({Shape::text(), Shape::object({{"id", Shape::text(), true}})});
}

Shape transcription() {
  return Shape::object({{"model", Shape::text()},
                        {"language", Shape::text()},
                        {"languages", Shape::array(Shape::text(), 1)},
                        {"keywords", Shape::array(Shape::text())},
                        {"prompt", Shape::text()},
                        {"delay", Shape::choice({"minimal", "low", "medium", "high", "xhigh"})}})
      .or_null();
}

Shape noise_reduction() {
  return Shape::tagged("type", {{"near_field", {{"strength", Shape::number(0, 1)}}},
                                {"far_field", {{"strength", Shape::number(0, 1)}}}})
      .or_null();
}

Shape turn_detection() {
  const Field create{"create_response", Shape::boolean()};
  const Field interrupt{"interrupt_response", Shape::boolean()};
  return Shape::tagged("type", {{"server_vad",
                                 {{"threshold", Shape::number(0, 1)},
                                  {"prefix_padding_ms", Shape::integer(0, kMaxMillis)},
                                  {"silence_duration_ms", Shape::integer(0, kMaxMillis)},
                                  {"idle_timeout_ms", Shape::integer(5000, 30000).or_null()},
                                  create,
                                  interrupt}},
                                {"semantic_vad",
                                 {{"eagerness", Shape::choice({"low", "medium", "high", "auto"})},
                                  create,
                                  interrupt}}})
      .or_null();
}

/// MCP servers are not simulated: a tool of that type is refused.
Shape tools() {
  return Shape::array(
      Shape::tagged("type", {{"function",
                              {{"name", Shape::text(), true},
                               {"description", Shape::text()},
                               {"parameters", Shape::map(Shape::any(), 1000, 256)}}}}));
}

Shape tool_choice() {
  return Shape::either({Shape::choice({"auto", "none", "required"}),
                        Shape::tagged("type", {{"function", {{"name", Shape::text(), true}}}})});
}

Shape max_output_tokens() {
  return Shape::either({Shape::integer(1, 4096), Shape::choice({"inf"})});
}

Shape modalities() { return Shape::array(Shape::choice({"audio", "text"}), 1, 1); }

Shape metadata() { return Shape::map(Shape::text(512), 16, 64).or_null(); }

Shape prompt() {
  return Shape::object({{"id", Shape::text(), true},
                        {"version", Shape::text().or_null()},
                        {"variables", Shape::map(Shape::any(), 1000, 256).or_null()}})
      .or_null();
}

Shape reasoning() {
  return Shape::object({{"effort", Shape::choice({"minimal", "low", "medium", "high", "xhigh"})}});
}

Shape truncation() {
  const Shape limits = Shape::object(
      {{"post_instructions", Shape::integer(0, std::numeric_limits<std::int32_t>::max())}});
  return Shape::either({Shape::choice({"auto", "disabled"}),
                        Shape::tagged("type", {{"retention_ratio",
                                                {{"retention_ratio", Shape::number(0, 1), true},
                                                 {"token_limits", limits}}}})});
}

Shape tracing() {
  return Shape::either({Shape::choice({"auto"}),
                        Shape::object({{"workflow_name", Shape::text()},
                                       {"group_id", Shape::text()},
                                       {"metadata", Shape::map(Shape::any(), 1000, 256)}})})
      .or_null();
}

Shape session() {
  const Shape input = Shape::object({{"format", audio_format()},
                                     {"transcription", transcription()},
                                     {"noise_reduction", noise_reduction()},
                                     {"turn_detection", turn_detection()}});
  const Shape output = Shape::object(
      {{"format", audio_format()}, {"voice", voice()}, {"speed", Shape::number(0.25, 1.5)}});
  return Shape::object(
      {{"type", Shape::choice({"realtime"}), true},
       {"model", Shape::text()},
       {"output_modalities", modalities()},
       {"instructions", Shape::text()},
       {"audio", Shape::object({{"input", input}, {"output", output}})},
       {"tools", tools()},
       {"tool_choice", tool_choice()},
       {"parallel_tool_calls", Shape::boolean()},
       {"reasoning", reasoning()},
       {"max_output_tokens", max_output_tokens()},
       {"truncation", truncation()},
       {"tracing", tracing()},
       {"prompt", prompt()},
       {"include", Shape::array(Shape::choice({"item.input_audio_transcription.logprobs"}))}});
}

/// The content of a message depends on its role. Assistant audio cannot be created by a client.
std::vector<Field> message_fields(Shape content) {
  return {{"id", Shape::text(kMaxItemId)},
          {"object", Shape::choice({"realtime.item"})},
          {"type", Shape::choice({"message"})},
          {"status", Shape::choice({"completed", "incomplete", "in_progress"})},
          {"content", Shape::array(std::move(content)), true}};
}

Shape message() {
  const Field text{"text", Shape::text(), true};
  const Shape user = Shape::tagged(
      "type",
      {{"input_text", {text}},
       {"input_audio", {{"audio", Shape::text(), true}, {"transcript", Shape::text().or_null()}}},
       {"input_image",
        {{"image_url", Shape::text(), true}, {"detail", Shape::choice({"auto", "low", "high"})}}}});
  return Shape::tagged(
      "role", {{"system", message_fields(Shape::tagged("type", {{"input_text", {text}}}))},
               {"user", message_fields(user)},
               {"assistant", message_fields(Shape::tagged("type", {{"output_text", {text}}}))}});
}

std::vector<Field> with_item_fields(std::vector<Field> fields) {
  fields.push_back({"id", Shape::text(kMaxItemId)});
  fields.push_back({"object", Shape::choice({"realtime.item"})});
  fields.push_back({"status", Shape::choice({"completed", "incomplete", "in_progress"})});
  return fields;
}

std::optional<ApiError> check_item(JsonView item, const std::string& path) {
  static const Shape message_shape = message();
  static const Shape call_shapes = Shape::tagged(
      "type", {{"message", {}},
               {"function_call", with_item_fields({{"name", Shape::text(), true},
                                                   {"arguments", Shape::text(), true},
                                                   {"call_id", Shape::text()}})},
               {"function_call_output", with_item_fields({{"call_id", Shape::text(), true},
                                                          {"output", Shape::text(), true}})}});
  const bool is_message = item["type"].string() == std::optional<std::string_view>("message");
  return (is_message ? message_shape : call_shapes).check(item, path);
}

/// `input` of `response.create`: items, or references to them.
std::optional<ApiError> check_input(JsonView input, const std::string& path) {
  static const Shape reference =
      Shape::tagged("type", {{"item_reference", {{"id", Shape::text(), true}}}});
  const auto elements = input.elements();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string element_path = fmt::format("{}[{}]", path, i);
    const bool is_reference =
        elements[i]["type"].string() == std::optional<std::string_view>("item_reference");
    auto error = is_reference ? reference.check(elements[i], element_path)
                              : check_item(elements[i], element_path);
    if (error) return error;
  }
  return std::nullopt;
}

Shape response() {
  const Shape output = Shape::object({{"format", audio_format()}, {"voice", voice()}});
  return Shape::object({{"output_modalities", modalities()},
                        {"instructions", Shape::text()},
                        {"audio", Shape::object({{"output", output}})},
                        {"tools", tools()},
                        {"tool_choice", tool_choice()},
                        {"parallel_tool_calls", Shape::boolean()},
                        {"reasoning", reasoning()},
                        {"max_output_tokens", max_output_tokens()},
                        {"metadata", metadata()},
                        {"prompt", prompt()},
                        {"conversation", Shape::choice({"auto", "none"})},
                        {"input", Shape::array(Shape::any())}});
}

Shape client_event() {
  const auto event = [](std::string type, std::vector<Field> fields) {
    fields.push_back({"event_id", Shape::text(kMaxEventId)});
    return Shape::Variant{std::move(type), std::move(fields)};
  };
  const Field item_id{"item_id", Shape::text(), true};
  return Shape::tagged(
      "type",
      {event("session.update", {{"session", session(), true}}),
       event("input_audio_buffer.append", {{"audio", Shape::text(), true}}),
       event("input_audio_buffer.commit", {}), event("input_audio_buffer.clear", {}),
       event("conversation.item.create",
             {{"item", Shape::any(), true}, {"previous_item_id", Shape::text().or_null()}}),
       event("conversation.item.retrieve", {item_id}),
       event("conversation.item.truncate", {item_id,
                                            {"content_index", Shape::integer(0, 0), true},
                                            {"audio_end_ms", Shape::integer(0, kMaxMillis), true}}),
       event("conversation.item.delete", {item_id}),
       event("response.create", {{"response", response()}}),
       event("response.cancel", {{"response_id", Shape::text()}})});
}

}  // namespace

std::optional<ApiError> check_client_event(JsonView event) {
  static const Shape shape = client_event();
  if (auto error = shape.check(event, "")) return error;
  const std::string type = event["type"].string_or("");
  if (type == "conversation.item.create") return check_item(event["item"], "item");
  if (type == "response.create") return check_input(event["response"]["input"], "response.input");
  return std::nullopt;
}

}  // namespace voicebridge::testing::detail
