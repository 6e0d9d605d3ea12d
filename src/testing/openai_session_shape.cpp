#include "openai_session_shape.hpp"

#include <limits>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail::shapes {
namespace {

using Field = Shape::Field;

constexpr std::int64_t kMaxMillis = std::numeric_limits<std::int32_t>::max();

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

/// On accept the service does not know the keys that tune server_vad.
Shape turn_detection(bool tunable) {
  const Field create{"create_response", Shape::boolean()};
  const Field interrupt{"interrupt_response", Shape::boolean()};
  std::vector<Field> server = {
      {"idle_timeout_ms", Shape::integer(5000, 30000).or_null()}, create, interrupt};
  if (tunable) {
    server.push_back({"threshold", Shape::number(0, 1)});
    server.push_back({"prefix_padding_ms", Shape::integer(0, kMaxMillis)});
    server.push_back({"silence_duration_ms", Shape::integer(0, kMaxMillis)});
  }
  const std::vector<Field> semantic = {
      {"eagerness", Shape::choice({"low", "medium", "high", "auto"})}, create, interrupt};
  return Shape::tagged("type", {{"server_vad", server}, {"semantic_vad", semantic}}).or_null();
}

Shape tool_filter() {
  return Shape::object(
      {{"tool_names", Shape::array(Shape::text())}, {"read_only", Shape::boolean()}});
}

std::vector<Field> mcp_fields() {
  const Shape approval =
      Shape::either({Shape::choice({"always", "never"}),
                     Shape::object({{"always", tool_filter()}, {"never", tool_filter()}})});
  return {{"server_label", Shape::text(), true},
          {"server_url", Shape::text()},
          {"connector_id", Shape::text()},
          {"tunnel_id", Shape::text()},
          {"authorization", Shape::text()},
          {"headers", Shape::map(Shape::text(), 100, 256).or_null()},
          {"server_description", Shape::text()},
          {"allowed_tools", Shape::either({Shape::array(Shape::text()), tool_filter()}).or_null()},
          {"require_approval", approval.or_null()},
          {"allowed_callers", Shape::array(Shape::any(), 1)},
          {"defer_loading", Shape::boolean()}};
}

std::vector<Field> input_fields(bool tunable) {
  return {{"format", audio_format()},
          {"transcription", transcription()},
          {"noise_reduction", noise_reduction()},
          {"turn_detection", turn_detection(tunable)}};
}

}  // namespace

Shape audio_format() {
  return Shape::tagged("type", {{"audio/pcm", {{"rate", Shape::integer(24000, 24000)}}},
                                {"audio/pcmu", {}},
                                {"audio/pcma", {}}});
}

Shape voice() {
  return Shape::either({Shape::text(), Shape::object({{"id", Shape::text(), true}})});
}

Shape tools() {
  return Shape::array(
      Shape::tagged("type", {{"function",
                              {{"name", Shape::text(), true},
                               {"description", Shape::text()},
                               {"parameters", Shape::map(Shape::any(), 1000, 256)}}},
                             {"mcp", mcp_fields()}}));
}

Shape tool_choice() {
  return Shape::either(
      {Shape::choice({"auto", "none", "required"}),
       Shape::tagged(
           "type",
           {{"function", {{"name", Shape::text(), true}}},
            {"mcp", {{"server_label", Shape::text(), true}, {"name", Shape::text().or_null()}}}})});
}

Shape max_output_tokens() {
  return Shape::either({Shape::integer(1, 4096), Shape::choice({"inf"})});
}

Shape modalities() { return Shape::array(Shape::choice({"audio", "text"}), 1, 1); }

Shape prompt() {
  return Shape::object({{"id", Shape::text(), true},
                        {"version", Shape::text().or_null()},
                        {"variables", Shape::map(Shape::any(), 1000, 256).or_null()}})
      .or_null();
}

Shape reasoning() {
  return Shape::object({{"effort", Shape::choice({"minimal", "low", "medium", "high", "xhigh"})}});
}

std::vector<Field> session_fields(bool tunable) {
  const Shape output = Shape::object(
      {{"format", audio_format()}, {"voice", voice()}, {"speed", Shape::number(0.25, 1.5)}});
  return {{"model", Shape::text()},
          {"output_modalities", modalities()},
          {"instructions", Shape::text()},
          {"audio",
           Shape::object({{"input", Shape::object(input_fields(tunable))}, {"output", output}})},
          {"tools", tools()},
          {"tool_choice", tool_choice()},
          {"parallel_tool_calls", Shape::boolean()},
          {"reasoning", reasoning()},
          {"max_output_tokens", max_output_tokens()},
          {"truncation", truncation()},
          {"tracing", tracing()},
          {"prompt", prompt()},
          {"include", Shape::array(Shape::choice({"item.input_audio_transcription.logprobs"}))}};
}

Shape session(SessionUse use) {
  std::vector<Shape::Variant> kinds = {{"realtime", session_fields(use != SessionUse::accept)}};
  if (use == SessionUse::client_secret) {
    kinds.push_back(
        {"transcription",
         {{"audio", Shape::object({{"input", Shape::object(input_fields(true))}})},
          {"include", Shape::array(Shape::choice({"item.input_audio_transcription.logprobs"}))}}});
  }
  return Shape::tagged("type", std::move(kinds));
}

}  // namespace testing::detail::shapes
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
