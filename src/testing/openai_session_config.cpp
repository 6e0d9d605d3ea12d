#include "openai_session_config.hpp"

#include <fmt/format.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::string_view kDefaultInstructions =
    "You are a helpful, friendly AI. Act like a human, but remember that you aren't a human. Talk "
    "quickly.";

AudioFormat read_format(JsonView format) {
  const std::string type = format["type"].string_or("");
  if (type == "audio/pcmu") return AudioFormat::pcmu();
  if (type == "audio/pcma") return AudioFormat::pcma();
  return AudioFormat::l16(24000);
}

/// A voice is a name or `{"id": …}`; the echo shows a plain string.
std::string read_voice(JsonView voice) { return voice.string_or(voice["id"].string_or("")); }

void keep_json(std::string& kept, JsonView value) {
  if (value.exists()) kept = value.dump();
}

TurnDetectionConfig read_turn_detection(JsonView json, TurnDetectionConfig config) {
  config.semantic = json["type"].string_or("") == "semantic_vad";
  config.threshold = json["threshold"].number_or(config.threshold);
  config.prefix_padding =
      Millis(json["prefix_padding_ms"].integer_or(config.prefix_padding.count()));
  config.silence = Millis(json["silence_duration_ms"].integer_or(config.silence.count()));
  if (const JsonView idle = json["idle_timeout_ms"]; idle.is_null()) {
    config.idle_timeout.reset();
  } else if (idle.exists()) {
    config.idle_timeout = Millis(idle.integer_or(0));
  }
  config.eagerness = json["eagerness"].string_or(config.eagerness);
  config.create_response = json["create_response"].bool_or(config.create_response);
  config.interrupt_response = json["interrupt_response"].bool_or(config.interrupt_response);
  return config;
}

void write_turn_detection(JsonWriter& out, const std::optional<TurnDetectionConfig>& config) {
  if (!config) {
    out.null();
    return;
  }
  out.object().field("type", config->semantic ? "semantic_vad" : "server_vad");
  if (config->semantic) {
    out.field("eagerness", config->eagerness);
  } else {
    out.field("threshold", config->threshold)
        .field("prefix_padding_ms", config->prefix_padding.count())
        .field("silence_duration_ms", config->silence.count())
        .key("idle_timeout_ms");
    if (config->idle_timeout) {
      out.integer(config->idle_timeout->count());
    } else {
      out.null();
    }
  }
  out.field("create_response", config->create_response)
      .field("interrupt_response", config->interrupt_response)
      .end();
}

/// What `session` and `response` objects have in common.
void merge_output(OutputConfig& config, JsonView json) {
  if (const JsonView modalities = json["output_modalities"]; modalities.exists()) {
    config.audio = modalities.at(0).string_or("") == "audio";
  }
  config.instructions = json["instructions"].string_or(config.instructions);
  const JsonView output = json["audio"]["output"];
  if (const JsonView format = output["format"]; format.exists())
    config.format = read_format(format);
  if (const JsonView voice = output["voice"]; voice.exists()) config.voice = read_voice(voice);
  keep_json(config.tools_json, json["tools"]);
  keep_json(config.tool_choice_json, json["tool_choice"]);
  keep_json(config.max_output_tokens_json, json["max_output_tokens"]);
}

std::optional<ApiError> check_voice(JsonView json, const std::string& current, bool audio_was_sent,
                                    std::string_view root) {
  const JsonView voice = json["audio"]["output"]["voice"];
  if (!voice.exists() || !audio_was_sent || read_voice(voice) == current) return std::nullopt;
  return ApiError{"cannot_update_voice",
                  "Cannot update a conversation's voice if assistant audio is present.",
                  fmt::format("{}.audio.output.voice", root)};
}

}  // namespace

namespace {

JsonView find_mcp(JsonView tools, std::string_view server) {
  for (const JsonView tool : tools.elements()) {
    if (tool["type"].string_or("") == "mcp" && tool["server_label"].string_or("") == server) {
      return tool;
    }
  }
  return {};
}

bool names(JsonView list, std::string_view name) {
  for (const JsonView entry : list.elements()) {
    if (entry.string_or("") == name) return true;
  }
  return false;
}

}  // namespace

Millis TurnDetectionConfig::end_of_turn() const {
  if (!semantic) return silence;
  if (eagerness == "high") return Millis(500);
  return Millis(eagerness == "low" ? 1500 : 900);
}

bool OutputConfig::allows_mcp(std::string_view server, std::string_view name) const {
  const auto tools = Json::parse(tools_json);
  const auto choice = Json::parse(tool_choice_json);
  if (!tools || !choice || choice->root().string_or("") == "none") return false;
  const JsonView tool = find_mcp(*tools, server);
  const JsonView allowed = tool["allowed_tools"];
  if (!tool.exists()) return false;
  if (allowed.is_null() || !allowed.exists()) return true;
  return names(allowed.is_array() ? allowed : allowed["tool_names"], name);
}

bool OutputConfig::needs_approval(std::string_view server, std::string_view name) const {
  const auto tools = Json::parse(tools_json);
  if (!tools) return true;
  const JsonView rule = find_mcp(*tools, server)["require_approval"];
  if (rule.is_object()) {
    return names(rule["always"]["tool_names"], name) || !names(rule["never"]["tool_names"], name);
  }
  return rule.string_or("always") == "always";
}

bool OutputConfig::allows_tool(std::string_view name) const {
  const auto choice = Json::parse(tool_choice_json);
  const auto tools = Json::parse(tools_json);
  if (!choice || !tools || choice->root().string_or("") == "none") return false;
  if (choice->root().is_object() && (*choice)["name"].string_or("") != name) return false;
  for (const JsonView tool : tools->root().elements()) {
    if (tool["name"].string_or("") == name) return true;
  }
  return false;
}

SessionConfig::SessionConfig(std::string model, std::optional<AudioFormat> line)
    : model_(std::move(model)), line_(line) {
  output_.instructions = kDefaultInstructions;
}

void SessionConfig::begin(JsonView session) { merge(session); }

std::optional<ApiError> SessionConfig::update(JsonView session, bool audio_was_sent) {
  if (session["model"].string_or(model_) != model_) {
    return ApiError{"invalid_value",
                    "The model of a session cannot be changed after it has started.",
                    "session.model"};
  }
  if (auto error = check_voice(session, output_.voice, audio_was_sent, "session")) return error;
  if (const JsonView tracing = session["tracing"];
      tracing.exists() && tracing_ != "null" && tracing.dump() != tracing_) {
    return ApiError{"invalid_value", "Tracing cannot be changed once it is enabled.",
                    "session.tracing"};
  }
  merge(session);
  return std::nullopt;
}

void SessionConfig::merge(JsonView session) {
  merge_output(output_, session);
  merge_input(session["audio"]["input"]);
  speed_ = session["audio"]["output"]["speed"].number_or(speed_);
  keep_json(truncation_, session["truncation"]);
  keep_json(tracing_, session["tracing"]);
  keep_json(prompt_, session["prompt"]);
  keep_json(include_, session["include"]);
  keep_json(reasoning_, session["reasoning"]);
  keep_json(parallel_tool_calls_, session["parallel_tool_calls"]);
}

void SessionConfig::merge_input(JsonView input) {
  if (const JsonView format = input["format"]; format.exists()) input_format_ = read_format(format);
  keep_json(transcription_, input["transcription"]);
  keep_json(noise_reduction_, input["noise_reduction"]);
  const JsonView detection = input["turn_detection"];
  if (detection.is_null()) {
    turn_detection_.reset();
  } else if (detection.exists()) {
    turn_detection_ =
        read_turn_detection(detection, turn_detection_.value_or(TurnDetectionConfig{}));
  }
}

std::optional<ApiError> SessionConfig::output_for(JsonView response, bool audio_was_sent,
                                                  OutputConfig& out) const {
  if (auto error = check_voice(response, output_.voice, audio_was_sent, "response")) return error;
  out = output_;
  merge_output(out, response);
  return std::nullopt;
}

std::string SessionConfig::transcription_model() const {
  const auto json = Json::parse(transcription_);
  if (!json || !json->root().is_object()) return {};
  return (*json)["model"].string_or("whisper-1");
}

void SessionConfig::write_input(JsonWriter& out) const {
  out.key("input").object().key("format");
  write_format(out, input_format_);
  out.key("transcription").raw(transcription_).key("noise_reduction").raw(noise_reduction_);
  out.key("turn_detection");
  write_turn_detection(out, turn_detection_);
  out.end();
}

void SessionConfig::write(JsonWriter& out, std::string_view id, std::int64_t expires_at) const {
  out.object().field("type", "realtime").field("object", "realtime.session").field("id", id);
  out.field("model", model_).key("output_modalities").array();
  out.string(output_.audio ? "audio" : "text").end();
  out.field("instructions", output_.instructions);
  out.key("tools").raw(output_.tools_json).key("tool_choice").raw(output_.tool_choice_json);
  out.key("max_output_tokens").raw(output_.max_output_tokens_json);
  out.key("tracing").raw(tracing_).key("truncation").raw(truncation_).key("prompt").raw(prompt_);
  out.field("expires_at", expires_at).key("audio").object();
  write_input(out);
  out.key("output").object().key("format");
  write_format(out, output_.format);
  out.field("voice", output_.voice).field("speed", speed_).end().end();
  out.key("include").raw(include_);
  if (!reasoning_.empty()) out.key("reasoning").raw(reasoning_);
  if (!parallel_tool_calls_.empty()) out.key("parallel_tool_calls").raw(parallel_tool_calls_);
  out.end();
}

void write_format(JsonWriter& out, AudioFormat format) {
  out.object();
  switch (format.encoding) {
    case AudioEncoding::pcmu:
      out.field("type", "audio/pcmu");
      break;
    case AudioEncoding::pcma:
      out.field("type", "audio/pcma");
      break;
    default:
      out.field("type", "audio/pcm").field("rate", format.sample_rate);
      break;
  }
  out.end();
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
