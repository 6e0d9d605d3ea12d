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
inline namespace VOICEBRIDGE_ABI {

/// A tool as one agent is offered it.
struct ProfileTool {
  std::string name;                ///< As in the `ToolRegistry`.
  std::string description;         ///< What the model is told of it; empty: the tool's own words.
  std::optional<Millis> deadline;  ///< Nothing: the tool's own, as of all that is optional here.
  std::optional<Millis> filler_after;  ///< Until the caller hears a filler.
  std::string filler;                  ///< Empty: the tool's own.
  std::string settings_json;           ///< An object for the tool's handler; empty: none.
};

/// Somebody whom an agent may hand a caller to.
struct ProfileTransfer {
  std::string name;         ///< What the model calls it by.
  std::string description;  ///< When to hand over, for the model.
  TransferTarget target;    ///< Where to, and how.
};

/// Something an agent knows.
struct ProfileKnowledge {
  std::string title;  ///< What it is about.
  std::string text;   ///< What the model is told, word for word.
};

/// A header of a SIP call. The name's case does not matter.
struct ProfileSipHeader {
  std::string name;   ///< Such as "X-Agent".
  std::string value;  ///< All of the header's value: it has to be just this.
};

/// What of `TurnDetection` an agent has of its own.
struct ProfileTurns {
  std::optional<TurnDetection::Mode> mode;  ///< Who finds the end of a turn.
  std::optional<double> threshold;          ///< How loud counts as speech, 0 … 1.
  std::optional<Millis> prefix_padding;     ///< Audio kept from before speech was noticed.
  std::optional<Millis> silence;            ///< How long silence ends a turn.
  std::optional<bool> interrupt;            ///< Whether who speaks interrupts the agent.
};

/// What of the limits of its calls an agent has of its own.
struct ProfileLimits {
  std::optional<std::size_t> max_calls;        ///< Of this agent at once.
  std::optional<Millis> max_length;            ///< From the answer.
  std::optional<Millis> silence_prompt_after;  ///< 0: never asked.
  std::optional<unsigned> silence_prompts;     ///< How often, before the call is ended.
  std::optional<double> budget_usd;            ///< Of one call; then it says goodbye.
};

/// One agent: whom it is for, what it says and what it may do. What a profile leaves out is as the
/// application has it for all calls. Read from files by `AgentBook`.
struct AgentProfile {
  std::string id;                             ///< Unique: lower-case letters, digits, - and _.
  bool is_default = false;                    ///< Takes the calls that no agent is configured for.
  std::vector<std::string> numbers;           ///< E.164
  std::vector<std::string> sip_hosts;         ///< Hosts of SIP addresses whose calls it takes.
  std::vector<ProfileSipHeader> sip_headers;  ///< Calls with one of these it takes first of all.
  std::string language;      ///< ISO 639-1, with or without a region: "fr", "pt-BR".
  std::string instructions;  ///< Who the agent is, with placeholders; empty: the application's.
  std::vector<ProfileKnowledge> knowledge;  ///< Put behind the instructions.
  /// The service's name of it; empty: the application's, as with all texts that follow.
  std::string voice;
  std::string model;                               ///< The service's name of it.
  std::optional<std::string> transcription_model;  ///< Empty text: off.
  std::optional<std::string> greeting;             ///< Empty text: the caller speaks first.
  std::string goodbye;                             ///< How to say goodbye, as an instruction.
  std::string filler;          ///< What to say while a tool works, as an instruction.
  std::string silence_prompt;  ///< What to say to who is silent, as an instruction.
  std::string apology;         ///< Spoken word for word when the model is lost.
  std::shared_ptr<const WavAudio> apology_audio;  ///< Played in its place; null: nothing.
  /// What becomes of the caller when the model is lost for good.
  std::optional<ModelLossPolicy> on_model_lost;
  std::string voicemail;  ///< What to say to a machine, as an instruction.
  /// Left on a machine in its place; null: nothing.
  std::shared_ptr<const WavAudio> voicemail_audio;
  std::optional<MachinePolicy> on_machine;  ///< What an answering machine gets.
  /// Set: the carrier is asked whether the call is screened, where it can tell.
  std::optional<ScreeningPolicy> on_screening;
  std::string screening_answer;  ///< What to say to a phone that asks who calls, as an instruction.
  std::optional<bool> greet_before_verdict;  ///< Whether it talks before it is known who picked up.
  std::optional<std::vector<ProfileTool>> tools;  ///< Nothing: all tools that there are.
  ProfileTurns turns;                             ///< How the end of the caller's turn is found.
  ProfileLimits limits;                           ///< How long, how many, how dear.
  std::optional<KeyOptions> keys;                 ///< What becomes of the keys that callers press.
  std::optional<RecordingOptions> recording;  ///< Who records, and what the caller is asked before.
  std::optional<RedialOptions> retry;  ///< When those are called again whom a call did not reach.
  std::vector<ProfileTransfer> transfers;      ///< Whom it may hand callers to.
  std::shared_ptr<const WavAudio> hold_music;  ///< For callers on hold; null: soft tones.
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

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
