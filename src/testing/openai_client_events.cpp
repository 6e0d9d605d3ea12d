#include "openai_client_events.hpp"

#include <fmt/format.h>

#include <limits>

#include "openai_session_shape.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

using Field = Shape::Field;
using namespace shapes;

constexpr std::size_t kMaxEventId = 512;
constexpr std::size_t kMaxItemId = 32;
constexpr std::int64_t kMaxMillis = std::numeric_limits<std::int32_t>::max();

Shape metadata() { return Shape::map(Shape::text(512), 16, 64).or_null(); }

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
               {"mcp_approval_response",
                {{"id", Shape::text(kMaxItemId), true},
                 {"approval_request_id", Shape::text(), true},
                 {"approve", Shape::boolean(), true},
                 {"reason", Shape::text().or_null()}}},
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

Shape client_event(bool on_call) {
  const auto event = [](std::string type, std::vector<Field> fields) {
    fields.push_back({"event_id", Shape::text(kMaxEventId)});
    return Shape::Variant{std::move(type), std::move(fields)};
  };
  const Field item_id{"item_id", Shape::text(), true};
  std::vector<Shape::Variant> events = {
      event("session.update", {{"session", session(SessionUse::update), true}}),
      event("input_audio_buffer.append", {{"audio", Shape::text(), true}}),
      event("input_audio_buffer.commit", {}),
      event("input_audio_buffer.clear", {}),
      event("conversation.item.create",
            {{"item", Shape::any(), true}, {"previous_item_id", Shape::text().or_null()}}),
      event("conversation.item.retrieve", {item_id}),
      event("conversation.item.truncate", {item_id,
                                           {"content_index", Shape::integer(0, 0), true},
                                           {"audio_end_ms", Shape::integer(0, kMaxMillis), true}}),
      event("conversation.item.delete", {item_id}),
      event("response.create", {{"response", response()}}),
      event("response.cancel", {{"response_id", Shape::text()}})};
  if (on_call) events.push_back(event("output_audio_buffer.clear", {}));
  return Shape::tagged("type", std::move(events));
}

}  // namespace

std::optional<ApiError> check_client_event(JsonView event, bool on_call) {
  static const Shape on_socket = client_event(false);
  static const Shape on_sideband = client_event(true);
  if (auto error = (on_call ? on_sideband : on_socket).check(event, "")) return error;
  const std::string type = event["type"].string_or("");
  if (type == "conversation.item.create") return check_item(event["item"], "item");
  if (type == "response.create") return check_input(event["response"]["input"], "response.input");
  return std::nullopt;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
