#include "voicebridge/openai/session_config.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/wire/read.hpp"
#include "core/wire/write.hpp"
#include "openai/session_shapes.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

constexpr std::int64_t kPcmRate = 24000;

Nullable<TranscriptionConfig> transcription_config(const SpeechSpec& spec,
                                                   const Nullable<TranscriptionConfig>& base) {
  if (spec.transcription_model.empty()) return nullptr;
  TranscriptionConfig transcription = base ? *base : TranscriptionConfig();
  transcription.model = spec.transcription_model;
  if (!spec.transcription_language.empty()) transcription.language = spec.transcription_language;
  return transcription;
}

Nullable<VadConfig> vad_config(const TurnDetection& turns, const Nullable<VadConfig>& base) {
  if (turns.mode == TurnDetection::Mode::manual) return nullptr;
  const bool server = turns.mode == TurnDetection::Mode::server_vad;
  VadConfig vad;
  vad.type = server ? "server_vad" : "semantic_vad";
  if (base && base->type == vad.type) vad = *base;
  if (server) {
    vad.threshold = turns.threshold;
    vad.prefix_padding_ms = turns.prefix_padding.count();
    vad.silence_duration_ms = turns.silence.count();
  }
  vad.create_response = turns.respond;
  vad.interrupt_response = turns.interrupt;
  return vad;
}

Result<std::optional<WireFormat>> checked_format(AudioFormat format, const char* field) {
  auto wire = wire_format(format);
  if (wire) return std::move(*wire);
  wire.error().field = field;
  return fail(std::move(wire.error()));
}

Result<> set_tools(SessionConfig& session, const std::vector<ToolSpec>& tools) {
  std::vector<Tool> all = session.tools.value_or(std::vector<Tool>());
  for (const ToolSpec& tool : tools) {
    all.emplace_back(FunctionTool{tool.name, tool.description, JsonText{tool.parameters_json}, {}});
  }
  session.tools = std::move(all);
  if (!session.tool_choice) session.tool_choice = "auto";
  return detail::check_tools(session.tools);
}

/// The service refuses to be told by `accept` how to tune the detection.
void limit_to_accept(SessionConfig& config) {
  config.audio.input.format.reset();
  config.audio.output.format.reset();
  if (auto& turns = config.audio.input.turn_detection) {
    VadConfig kind;
    kind.type = turns->type;
    turns = std::move(kind);
  }
}

}  // namespace

bool operator==(const SessionConfig& a, const SessionConfig& b) { return detail::same(a, b); }

Result<WireFormat> wire_format(AudioFormat format) {
  if (format == AudioFormat::pcmu()) return WireFormat{"audio/pcmu", std::nullopt, {}};
  if (format == AudioFormat::pcma()) return WireFormat{"audio/pcma", std::nullopt, {}};
  if (format == AudioFormat::l16(kPcmRate)) return WireFormat{"audio/pcm", kPcmRate, {}};
  return fail(Errc::unsupported,
              fmt::format("the service speaks PCMU/8000, PCMA/8000 and L16/24000, not {}",
                          to_string(format)));
}

std::optional<AudioFormat> audio_format(const WireFormat& format) {
  if (format.type == "audio/pcmu") return AudioFormat::pcmu();
  if (format.type == "audio/pcma") return AudioFormat::pcma();
  const bool pcm = format.type == "audio/pcm" && format.rate.value_or(kPcmRate) == kPcmRate;
  return pcm ? std::optional<AudioFormat>(AudioFormat::l16(kPcmRate)) : std::nullopt;
}

SessionConfig::SessionConfig() = default;
SessionConfig::~SessionConfig() = default;
SessionConfig::SessionConfig(const SessionConfig& other) = default;
SessionConfig::SessionConfig(SessionConfig&& other) noexcept = default;
SessionConfig& SessionConfig::operator=(const SessionConfig& other) = default;
SessionConfig& SessionConfig::operator=(SessionConfig&& other) noexcept = default;

Result<SessionConfig> SessionConfig::from_json(JsonView json) {
  if (!json.is_object()) return fail(Errc::invalid_argument, "a session must be a JSON object");
  SessionConfig config;
  detail::WireReader reader;
  reader.read_members(json, config);
  if (reader.fault.empty()) return config;
  return fail(Errc::invalid_argument, "a member of the session has a wrong type", reader.fault);
}

Result<std::string> to_json(const SessionConfig& config, SessionUse use) {
  if (auto ok = detail::check_tools(config.tools); !ok) return fail(ok.error());
  SessionConfig session = config;
  if (session.type.empty()) session.type = "realtime";
  if (use == SessionUse::update) session.model.reset();
  if (use == SessionUse::accept) limit_to_accept(session);
  detail::WireWriter writer;
  writer.write(session);
  if (writer.fault.empty()) return writer.json.take();
  return fail(Errc::invalid_argument, "expected JSON text", writer.fault);
}

Result<SessionConfig> session_config(const SpeechSpec& spec, SessionConfig base) {
  SessionConfig session = std::move(base);
  session.output_modalities = {"audio"};
  session.instructions = spec.instructions;
  AudioInput& input = session.audio.input;
  AudioOutput& output = session.audio.output;
  if (spec.media == MediaOwner::client) {
    auto in = checked_format(spec.input, "input");
    if (!in) return fail(std::move(in.error()));
    auto out = checked_format(spec.output, "output");
    if (!out) return fail(std::move(out.error()));
    input.format = std::move(*in);
    output.format = std::move(*out);
  }
  if (!spec.voice.empty()) output.voice = spec.voice;
  input.transcription = transcription_config(spec, input.transcription);
  input.turn_detection = vad_config(spec.turns, input.turn_detection);
  if (auto ok = set_tools(session, spec.tools); !ok) return fail(std::move(ok.error()));
  return session;
}

Result<SessionConfig> session_config(const SpeechPatch& patch, const SessionConfig& base) {
  SessionConfig session;
  session.instructions = patch.instructions;
  if (patch.input) {
    auto in = checked_format(*patch.input, "input");
    if (!in) return fail(std::move(in.error()));
    session.audio.input.format = std::move(*in);
  }
  if (patch.output) {
    auto out = checked_format(*patch.output, "output");
    if (!out) return fail(std::move(out.error()));
    session.audio.output.format = std::move(*out);
  }
  if (patch.tools) {
    session.tools = base.tools;
    session.tool_choice = base.tool_choice;
    if (auto ok = set_tools(session, *patch.tools); !ok) return fail(std::move(ok.error()));
  }
  return session;
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {
using namespace openai;

Result<> check_tools(const std::optional<std::vector<Tool>>& tools) {
  if (!tools) return {};
  for (const Tool& tool : *tools) {
    const auto* function = std::get_if<FunctionTool>(&tool);
    if (function == nullptr) continue;
    if (function->name.empty())
      return fail(Errc::invalid_argument, "a tool needs a name", "tools.name");
    if (!function->parameters) continue;
    const auto parameters = Json::parse(function->parameters->text);
    if (!parameters || !parameters->root().is_object()) {
      return fail(Errc::invalid_argument,
                  fmt::format("the parameters of {} must be a JSON object", function->name),
                  "tools.parameters");
    }
  }
  return {};
}

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
