#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/call_options.hpp"
#include "voicebridge/tools/tool_registry.hpp"

namespace voicebridge {

/// A tool as one agent is offered it.
struct ProfileTool {
  std::string name;
  std::string description;  ///< What the model is told of it; empty: the tool's own words.
  std::optional<Millis> deadline;
  std::optional<Millis> filler_after;
  std::string filler;         ///< Empty: the tool's own.
  std::string settings_json;  ///< An object for the tool's handler; empty: none.
};

/// Somebody whom an agent may hand a caller to.
struct ProfileTransfer {
  std::string name;         ///< What the model calls it by.
  std::string description;  ///< When to hand over, for the model.
  TransferTarget target;
};

/// Something an agent knows.
struct ProfileKnowledge {
  std::string title;
  std::string text;
};

/// A header of a SIP call. The name's case does not matter.
struct ProfileSipHeader {
  std::string name;
  std::string value;
};

/// What of `TurnDetection` an agent has of its own.
struct ProfileTurns {
  std::optional<TurnDetection::Mode> mode;
  std::optional<double> threshold;
  std::optional<Millis> prefix_padding;
  std::optional<Millis> silence;
  std::optional<bool> interrupt;
};

/// What of the limits of its calls an agent has of its own.
struct ProfileLimits {
  std::optional<std::size_t> max_calls;  ///< Of this agent at once.
  std::optional<Millis> max_length;
  std::optional<Millis> silence_prompt_after;  ///< 0: never asked.
  std::optional<unsigned> silence_prompts;
  std::optional<double> budget_usd;  ///< Of one call; then it says goodbye.
};

/// One agent: whom it is for, what it says and what it may do. What a profile leaves out is as the
/// application has it for all calls. Read from files by `AgentBook`.
struct AgentProfile {
  std::string id;
  bool is_default = false;           ///< Takes the calls that no agent is configured for.
  std::vector<std::string> numbers;  ///< E.164
  std::vector<std::string> sip_hosts;
  std::vector<ProfileSipHeader> sip_headers;
  std::string language;  ///< ISO 639-1, with or without a region: "fr", "pt-BR".
  std::string instructions;
  std::vector<ProfileKnowledge> knowledge;
  std::string voice;
  std::string model;
  std::optional<std::string> transcription_model;  ///< Empty text: off.
  std::optional<std::string> greeting;             ///< Empty text: the caller speaks first.
  std::string goodbye;
  std::string filler;
  std::string silence_prompt;
  std::string apology;
  std::shared_ptr<const WavAudio> apology_audio;
  std::optional<ModelLossPolicy> on_model_lost;
  std::string voicemail;
  std::shared_ptr<const WavAudio> voicemail_audio;
  std::optional<MachinePolicy> on_machine;
  /// Set: the carrier is asked whether the call is screened, where it can tell.
  std::optional<ScreeningPolicy> on_screening;
  std::string screening_answer;
  std::optional<bool> greet_before_verdict;
  std::optional<std::vector<ProfileTool>> tools;  ///< Nothing: all tools that there are.
  ProfileTurns turns;
  ProfileLimits limits;
  std::optional<KeyOptions> keys;
  std::optional<RecordingOptions> recording;
  std::optional<RedialOptions> retry;
  std::vector<ProfileTransfer> transfers;
  std::shared_ptr<const WavAudio> hold_music;
  /// What the session with the model is beyond all this, as an object in the words of the model's
  /// service; empty: nothing.
  std::string session_json;
};

/// The rules of a call that this agent takes: the profile's, and those of `base` for what it leaves
/// out. Behind the instructions stand the language to speak, the knowledge, and whom the caller can
/// be handed to.
VOICEBRIDGE_API CallOptions call_options(const AgentProfile& profile, CallOptions base);

/// The tools as the agent's model is told of them, in the profile's order.
VOICEBRIDGE_API std::vector<ToolSpec> tool_specs(const AgentProfile& profile,
                                                 const ToolRegistry& tools);

/// How the agent's tools run, by name; only those that the profile changes.
VOICEBRIDGE_API std::map<std::string, ToolOptions> tool_options(const AgentProfile& profile,
                                                                const ToolRegistry& tools);

/// What the agent's tools find in `ToolInvocation::context`: the profile's id as `agent`, and
/// settings by `tool_settings_key`.
VOICEBRIDGE_API std::map<std::string, std::string> tool_context(const AgentProfile& profile);

/// Under which key of `ToolInvocation::context` a tool's settings lie, as the JSON text of an
/// object: `settings.check_stock`.
VOICEBRIDGE_API std::string tool_settings_key(std::string_view tool);

}  // namespace voicebridge
