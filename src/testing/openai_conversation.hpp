#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// One entry of an item's content.
struct ContentPart {
  std::string type;  ///< input_text, input_audio, input_image, output_text, output_audio
  std::string text;  ///< Of the text kinds; of an image its URL.
  std::optional<std::string> transcript;
  std::shared_ptr<const Bytes> audio;
  std::size_t audio_bytes =
      0;  ///< How much of `audio` belongs to the item; grows while it is generated.
  AudioFormat format;

  Millis duration() const;
};

/// One item of a conversation.
struct Item {
  std::string id;
  /// message, function_call, function_call_output, mcp_list_tools, mcp_call, mcp_approval_request,
  /// mcp_approval_response
  std::string type = "message";
  std::string status = "completed";
  std::string role;
  std::vector<ContentPart> content;
  std::string call_id, name, arguments, output;
  // Of the MCP kinds. A request for approval knows what the call will bring, but does not tell.
  std::string server_label, error, approval_request_id;
  std::string tools_json = "[]";
  bool approve = false;

  bool is_agent_audio() const;
  bool is_user_text() const;
  bool is_mcp() const { return type.compare(0, 4, "mcp_") == 0; }
  /// With the audio in base64 only when asked for: the service sends it in
  /// `conversation.item.retrieved` only.
  void write(JsonWriter& out, bool with_audio = false) const;
};

/// `previous_item_id`, null for the first item.
void write_previous(JsonWriter& out, const std::optional<std::string>& previous);

/// Reads a checked `item` of `conversation.item.create`; audio is in the session's input format.
/// Nothing when its base64 is malformed.
std::optional<Item> read_item(JsonView json, AudioFormat input_format);

/// Tokens as the service counts them: the caller's audio 1 for 100 ms, the agent's 1 for 50 ms,
/// text about 1 for 4 characters.
struct TokenCount {
  std::int64_t text = 0;
  std::int64_t audio = 0;
  TokenCount& operator+=(TokenCount other);
};
std::int64_t text_tokens(std::string_view text);
TokenCount count_tokens(const Item& item);

/// The items in order. Bounded: beyond the limits the oldest are dropped, as with `truncation:
/// "auto"`.
class Conversation {
 public:
  static constexpr std::size_t kMaxItems = 1000;
  static constexpr std::size_t kMaxAudioBytes = 64u << 20;

  /// Inserts behind `previous`, at the front for "root", at the end without one. False: no such
  /// item.
  bool insert(Item item, const std::optional<std::string>& previous = std::nullopt);
  Item* find(std::string_view id);
  const Item* find_call(std::string_view call_id) const;
  bool erase(std::string_view id);
  /// The id of the item before; nothing for the first.
  std::optional<std::string> previous_of(std::string_view id) const;
  std::optional<std::string> last_id() const;
  bool empty() const { return items_.empty(); }
  template <class Use>
  void for_each(Use use) const {
    for (const Item& item : items_) use(item);
  }
  TokenCount tokens() const;
  std::size_t dropped() const { return dropped_; }

 private:
  /// Drops from the front, but not what was just inserted.
  void enforce_limits(std::list<Item>::iterator newest);
  std::list<Item> items_;
  std::size_t dropped_ = 0;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
