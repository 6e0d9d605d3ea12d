#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "openai_response.hpp"
#include "openai_script.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/testing/seeded_random.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The simulated model: decides by the scenario what a response says and calls, and when.
class ReplyMaker {
 public:
  ReplyMaker(Script& script, std::shared_ptr<const VoiceSource> voice, ReplyTiming timing,
             IdGenerator& ids, std::uint64_t seed, OpenAiSimRecord& record,
             std::optional<AudioFormat> line = {});

  /// `causes` in the order of preference, not empty. `wish` is the `instructions` of the
  /// response.create itself: when no reply is left, a sentence quoted in it is said.
  ResponseSpec make(const std::vector<ReplyCause>& causes, OutputConfig config,
                    std::string_view wish);

  /// A response beside the conversation: the scenario's, or a sentence quoted in `wish`, or what
  /// was said. @param talk  All of it.
  ResponseSpec make_aside(const std::string& talk, OutputConfig config, std::string_view wish);

  /// The call that an item of type mcp_approval_request has asked for.
  ResponseSpec make_approved(const Item& request, OutputConfig config);

 private:
  ResponseSpec follow(const ScenarioReply& reply, OutputConfig config);
  Item make_message(const std::string& say, const ReplyFault& fault, const OutputConfig& config);
  Item make_mcp_call(const ScenarioMcpCall& call, const OutputConfig& config);
  Item make_call(const ScenarioCall& call, std::string_view instructions);
  void split(std::vector<Item>& outputs);
  std::string filled(std::string_view text, std::string_view instructions, bool in_json);

  Script& script_;
  std::shared_ptr<const VoiceSource> voice_;
  const ReplyTiming timing_;
  IdGenerator& ids_;
  SeededRandom random_;
  OpenAiSimRecord& record_;
  const std::optional<AudioFormat> line_;  ///< On a call the codec is that of its line.
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
