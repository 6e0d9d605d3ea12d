#include "voicebridge/agent/agent_profile.hpp"

#include "tools/tool.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

void take(std::string& into, const std::string& text) {
  if (!text.empty()) into = text;
}

template <class T, class U>
void take(T& into, const std::optional<U>& value) {
  if (value) into = *value;
}

/// One text of the instructions, the knowledge, and whom the caller can be handed to.
std::string whole_instructions(const std::string& words, const AgentProfile& profile) {
  std::string text = words;
  const auto begin_paragraph = [&text](const std::string& line) {
    if (!text.empty()) text += "\n\n";
    text += line;
  };
  if (!profile.language.empty()) {
    begin_paragraph("Speak " + profile.language +
                    " (ISO 639-1) unless the caller asks for another "
                    "language.");
  }
  if (!profile.knowledge.empty()) begin_paragraph("# What you know");
  for (const ProfileKnowledge& snippet : profile.knowledge) {
    begin_paragraph(snippet.title.empty() ? "" : "## " + snippet.title + "\n");
    text += snippet.text;
  }
  if (!profile.transfers.empty()) begin_paragraph("# Whom you can hand the caller to");
  for (const ProfileTransfer& transfer : profile.transfers) {
    text += "\n- " + transfer.name;
    if (!transfer.description.empty()) text += ": " + transfer.description;
  }
  return text;
}

void apply_turns(CallOptions& call, const ProfileTurns& turns) {
  TurnDetection& detection = call.speech.turns;
  take(detection.mode, turns.mode);
  take(detection.threshold, turns.threshold);
  take(detection.prefix_padding, turns.prefix_padding);
  take(detection.silence, turns.silence);
  take(detection.interrupt, turns.interrupt);
  if (turns.mode) call.local_vad = *turns.mode == TurnDetection::Mode::manual;
}

void apply_limits(CallOptions& call, const ProfileLimits& limits) {
  take(call.max_length, limits.max_length);
  take(call.silence_prompt_after, limits.silence_prompt_after);
  take(call.silence_prompts, limits.silence_prompts);
  take(call.budget_usd, limits.budget_usd);
}

}  // namespace

CallOptions call_options(const AgentProfile& profile, CallOptions base) {
  CallOptions call = std::move(base);
  take(call.speech.instructions, profile.instructions);
  call.speech.instructions = whole_instructions(call.speech.instructions, profile);
  take(call.speech.voice, profile.voice);
  take(call.speech.transcription_model, profile.transcription_model);
  // The service wants the language alone.
  take(call.speech.transcription_language, profile.language.substr(0, 2));
  take(call.greeting, profile.greeting);
  take(call.goodbye, profile.goodbye);
  take(call.filler, profile.filler);
  take(call.silence_prompt, profile.silence_prompt);
  take(call.apology, profile.apology);
  take(call.voicemail, profile.voicemail);
  if (profile.apology_audio) call.apology_audio = profile.apology_audio;
  take(call.on_model_lost, profile.on_model_lost);
  if (profile.voicemail_audio) call.voicemail_audio = profile.voicemail_audio;
  take(call.on_machine, profile.on_machine);
  take(call.on_screening, profile.on_screening);
  if (profile.on_screening) call.detect_screening = true;
  take(call.screening_answer, profile.screening_answer);
  take(call.greet_before_verdict, profile.greet_before_verdict);
  apply_turns(call, profile.turns);
  apply_limits(call, profile.limits);
  take(call.keys, profile.keys);
  take(call.recording, profile.recording);
  take(call.retry, profile.retry);
  if (!profile.transfers.empty()) {
    call.transfer_targets.clear();
    call.default_transfer = profile.transfers.front().name;
  }
  for (const ProfileTransfer& transfer : profile.transfers) {
    call.transfer_targets[transfer.name] = transfer.target;
  }
  if (profile.hold_music) call.hold_music = profile.hold_music;
  return call;
}

std::vector<ToolSpec> tool_specs(const AgentProfile& profile, const ToolRegistry& tools) {
  if (!profile.tools) return tools.specs();
  std::vector<ToolSpec> specs;
  for (const ProfileTool& tool : *profile.tools) {
    for (ToolSpec& spec : tools.specs({tool.name})) {
      take(spec.description, tool.description);
      specs.push_back(std::move(spec));
    }
  }
  return specs;
}

std::map<std::string, ToolOptions> tool_options(const AgentProfile& profile,
                                                const ToolRegistry& tools) {
  std::map<std::string, ToolOptions> changed;
  for (const ProfileTool& tool : profile.tools.value_or(std::vector<ProfileTool>())) {
    const ToolRegistry::Tool* known = tools.find(tool.name);
    if (known == nullptr || (!tool.deadline && !tool.filler_after && tool.filler.empty())) continue;
    ToolOptions options = known->options;
    take(options.deadline, tool.deadline);
    take(options.filler_after, tool.filler_after);
    take(options.filler, tool.filler);
    changed[tool.name] = std::move(options);
  }
  return changed;
}

std::map<std::string, std::string> tool_context(const AgentProfile& profile) {
  std::map<std::string, std::string> context = {{"agent", profile.id}};
  for (const ProfileTool& tool : profile.tools.value_or(std::vector<ProfileTool>())) {
    if (!tool.settings_json.empty()) context[tool_settings_key(tool.name)] = tool.settings_json;
  }
  return context;
}

std::string tool_settings_key(std::string_view tool) { return "settings." + std::string(tool); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
