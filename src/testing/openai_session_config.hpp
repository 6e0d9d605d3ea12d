#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "openai_api_error.hpp"
#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// `turn_detection` of a session, with the defaults that live servers print.
struct TurnDetectionConfig {
  bool semantic = false;
  double threshold = 0.5;
  Millis prefix_padding{300};
  Millis silence{200};
  std::optional<Millis> idle_timeout;
  std::string eagerness = "auto";
  bool create_response = true;
  bool interrupt_response = true;

  /// How long the caller must be silent; semantic detection is stood in for by a length for each
  /// eagerness.
  Millis end_of_turn() const;
};

/// What one response is made with: the session's settings, or those of its `response.create`.
struct OutputConfig {
  bool audio = true;  ///< Else text.
  std::string instructions;
  AudioFormat format = AudioFormat::l16(24000);
  std::string voice = "alloy";
  std::string tools_json = "[]";
  std::string tool_choice_json = "\"auto\"";
  std::string max_output_tokens_json = "\"inf\"";

  /// Whether the model may call the function: it is among the tools, and the choice lets it.
  bool allows_tool(std::string_view name) const;
  /// The same of a tool of an MCP server.
  bool allows_mcp(std::string_view server, std::string_view name) const;
  /// Whether the server's tool is called with the client's approval only, which is the default.
  bool needs_approval(std::string_view server, std::string_view name) const;
};

/// The session object of one connection. What the simulator does not act on is kept as its JSON
/// text, for the echo.
class SessionConfig {
 public:
  /// `line`: on a call the codec of its line, whatever the formats say.
  explicit SessionConfig(std::string model, std::optional<AudioFormat> line = {});

  /// The checked `session` that a key or a call was made with.
  void begin(JsonView session);

  /// Merges a checked `session` of `session.update`. Either all of it is taken or, with an error,
  /// nothing. `audio_was_sent` freezes the voice.
  std::optional<ApiError> update(JsonView session, bool audio_was_sent);

  const OutputConfig& output() const { return output_; }
  /// The settings of one response: a checked `response` of `response.create` overrides the
  /// session's.
  std::optional<ApiError> output_for(JsonView response, bool audio_was_sent,
                                     OutputConfig& out) const;

  const std::string& model() const { return model_; }
  AudioFormat input_format() const { return line_.value_or(input_format_); }
  const std::optional<TurnDetectionConfig>& turn_detection() const { return turn_detection_; }
  /// Empty: the caller is not transcribed.
  std::string transcription_model() const;
  const std::string& tracing_json() const { return tracing_; }

  /// The echo of `session.created` and `session.updated`: every field, defaults and nulls included.
  void write(JsonWriter& out, std::string_view id, std::int64_t expires_at) const;

 private:
  void merge(JsonView session);
  void merge_input(JsonView input);
  void write_input(JsonWriter& out) const;

  std::string model_;
  std::optional<AudioFormat> line_;
  OutputConfig output_;
  double speed_ = 1.0;
  AudioFormat input_format_ = AudioFormat::l16(24000);
  std::optional<TurnDetectionConfig> turn_detection_ = TurnDetectionConfig{};
  std::string transcription_ = "null";
  std::string noise_reduction_ = "null";
  std::string truncation_ = "\"auto\"";
  std::string tracing_ = "null";
  std::string prompt_ = "null";
  std::string include_ = "null";
  std::string reasoning_;            ///< Printed only when it was set.
  std::string parallel_tool_calls_;  ///< The same.
};

/// `{"type":"audio/pcmu"}` and so on.
void write_format(JsonWriter& out, AudioFormat format);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
