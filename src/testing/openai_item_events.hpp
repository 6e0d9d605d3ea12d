#pragma once

#include <optional>
#include <string>
#include <vector>

#include "openai_api_error.hpp"
#include "openai_conversation.hpp"
#include "openai_event_out.hpp"
#include "openai_script.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// What the client has said or done that no response has answered yet: the reason of the next
/// response.
struct Unanswered {
  bool turn = false;
  bool text = false;
  bool tool_output = false;
};

/// The `conversation.item.*` events of the client. Each function takes a checked event and gives
/// the error that the service answers with; nothing when it was done.
class ItemEvents {
 public:
  ItemEvents(EventOut& out, Conversation& conversation, IdGenerator& ids, Script& script,
             Unanswered& unanswered, OpenAiSimRecord& record);

  std::optional<ApiError> create(JsonView event, AudioFormat input_format);
  std::optional<ApiError> retrieve(JsonView event);
  std::optional<ApiError> truncate(JsonView event);
  std::optional<ApiError> erase(JsonView event);

  /// Cuts the audio of an item of the agent to `end` and tells it; its words go with the audio.
  void cut(const std::string& id, Millis end);
  /// Puts an item at its place and announces it: added, then done.
  bool announce(Item item, const std::optional<std::string>& previous = std::nullopt);

 private:
  std::optional<ApiError> check_new(const Item& item, JsonView event);
  void note(const Item& item);
  OpenAiSimRecord::Utterance* utterance(const std::string& item_id);

  EventOut& out_;
  Conversation& conversation_;
  IdGenerator& ids_;
  Script& script_;
  Unanswered& unanswered_;
  OpenAiSimRecord& record_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
