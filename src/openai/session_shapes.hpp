#pragma once

#include "core/wire/shape.hpp"
#include "voicebridge/openai/session_config.hpp"

/// The session object and its parts (API reference, "Realtime session").
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

using namespace openai;

template <>
struct Shape<WireFormat> {
  using F = WireFormat;
  static constexpr auto fields = std::make_tuple(always("type", &F::type), field("rate", &F::rate));
};

template <>
struct Shape<TranscriptionConfig> {
  using T = TranscriptionConfig;
  static constexpr auto fields =
      std::make_tuple(field("model", &T::model), field("language", &T::language),
                      field("prompt", &T::prompt), field("languages", &T::languages),
                      field("keywords", &T::keywords), field("delay", &T::delay));
};

template <>
struct Shape<NoiseReduction> {
  static constexpr auto fields = std::make_tuple(field("type", &NoiseReduction::type),
                                                 field("strength", &NoiseReduction::strength));
};

template <>
struct Shape<VadConfig> {
  using V = VadConfig;
  static constexpr auto fields = std::make_tuple(
      always("type", &V::type), field("threshold", &V::threshold),
      field("prefix_padding_ms", &V::prefix_padding_ms),
      field("silence_duration_ms", &V::silence_duration_ms),
      field("idle_timeout_ms", &V::idle_timeout_ms), field("eagerness", &V::eagerness),
      field("create_response", &V::create_response),
      field("interrupt_response", &V::interrupt_response));
};

template <>
struct Shape<AudioInput> {
  using A = AudioInput;
  static constexpr auto fields = std::make_tuple(
      field("format", &A::format), field("noise_reduction", &A::noise_reduction),
      field("transcription", &A::transcription), field("turn_detection", &A::turn_detection));
};

template <>
struct Shape<CustomVoice> {
  static constexpr auto fields = std::make_tuple(always("id", &CustomVoice::id));
};

template <>
struct Shape<AudioOutput> {
  using A = AudioOutput;
  static constexpr auto fields = std::make_tuple(
      field("format", &A::format), field("voice", &A::voice), field("speed", &A::speed));
};

template <>
struct Shape<AudioConfig> {
  static constexpr auto fields =
      std::make_tuple(field("input", &AudioConfig::input), field("output", &AudioConfig::output));
};

template <>
struct Shape<FunctionTool> {
  using T = FunctionTool;
  static constexpr std::string_view type = "function";
  static constexpr auto fields =
      std::make_tuple(always("name", &T::name), field("description", &T::description),
                      field("parameters", &T::parameters));
};

template <>
struct Shape<McpToolFilter> {
  using T = McpToolFilter;
  static constexpr auto fields =
      std::make_tuple(field("tool_names", &T::tool_names), field("read_only", &T::read_only));
};

template <>
struct Shape<McpApprovalRule> {
  using T = McpApprovalRule;
  static constexpr auto fields =
      std::make_tuple(field("always", &T::always), field("never", &T::never));
};

template <>
struct Shape<McpTool> {
  using T = McpTool;
  static constexpr std::string_view type = "mcp";
  static constexpr auto fields = std::make_tuple(
      always("server_label", &T::server_label), field("server_url", &T::server_url),
      field("connector_id", &T::connector_id), field("tunnel_id", &T::tunnel_id),
      field("authorization", &T::authorization), field("headers", &T::headers),
      field("server_description", &T::server_description),
      field("allowed_tools", &T::allowed_tools), field("require_approval", &T::require_approval),
      field("allowed_callers", &T::allowed_callers), field("defer_loading", &T::defer_loading));
};

template <>
struct Shape<NamedTool> {
  using T = NamedTool;
  static constexpr auto fields = std::make_tuple(always("type", &T::type), field("name", &T::name),
                                                 field("server_label", &T::server_label));
};

template <>
struct Shape<Reasoning> {
  static constexpr auto fields = std::make_tuple(field("effort", &Reasoning::effort));
};

template <>
struct Shape<TokenLimits> {
  static constexpr auto fields =
      std::make_tuple(field("post_instructions", &TokenLimits::post_instructions));
};

template <>
struct Shape<RetentionRatio> {
  using R = RetentionRatio;
  static constexpr auto fields =
      std::make_tuple(always("type", &R::type), always("retention_ratio", &R::retention_ratio),
                      field("token_limits", &R::token_limits));
};

template <>
struct Shape<TracingDetails> {
  using T = TracingDetails;
  static constexpr auto fields =
      std::make_tuple(field("workflow_name", &T::workflow_name), field("group_id", &T::group_id),
                      field("metadata", &T::metadata));
};

template <>
struct Shape<PromptReference> {
  using P = PromptReference;
  static constexpr auto fields = std::make_tuple(
      always("id", &P::id), field("version", &P::version), field("variables", &P::variables));
};

/// A number, or "inf".
template <>
struct Shape<TokenLimit> {
  static void write(JsonWriter& json, const TokenLimit& limit) {
    limit.tokens > 0 ? json.integer(limit.tokens) : json.string("inf");
  }
  static bool read(JsonView json, TokenLimit& out) {
    out.tokens = json.integer_or(0);
    return out.tokens > 0 || json.string() == "inf";
  }
};

template <>
struct Shape<SessionConfig> {
  using S = SessionConfig;
  static constexpr auto fields = std::make_tuple(
      always("type", &S::type), field("model", &S::model),
      field("output_modalities", &S::output_modalities), field("instructions", &S::instructions),
      field("audio", &S::audio), field("tools", &S::tools), field("tool_choice", &S::tool_choice),
      field("parallel_tool_calls", &S::parallel_tool_calls), field("reasoning", &S::reasoning),
      field("max_output_tokens", &S::max_output_tokens), field("truncation", &S::truncation),
      field("tracing", &S::tracing), field("prompt", &S::prompt), field("include", &S::include));
  /// Takes over the beta's names and leaves behind what only an echo has.
  static void tidy(SessionConfig& session, JsonView json);
};

/// @return `Errc::invalid_argument` naming "tools.name" or "tools.parameters".
Result<> check_tools(const std::optional<std::vector<Tool>>& tools);

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {
using namespace wire;  // NOLINT: the shapes are used under both names
}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
