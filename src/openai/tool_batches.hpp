#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// Function calls that wait for their answers, by the response that wanted them. The model is asked
/// to go on once, after the last answer of a batch.
class ToolBatches {
 public:
  static constexpr std::size_t kMaxOpenCalls = 32;
  static constexpr std::size_t kMaxKnownIds = 256;  ///< Beyond it the oldest are forgotten.

  /// Whether the call is new. Each id is run once, however often it is announced.
  bool remember(const std::string& call_id);
  /// Whether that many more calls may be open.
  bool room_for(std::size_t calls) const { return open_calls() + calls <= kMaxOpenCalls; }
  void open(const std::vector<ToolCall>& calls);

  enum class Answer {
    unknown,     ///< No open call has this id.
    more_open,   ///< Others of its batch are open.
    go_on,       ///< The last of its batch: the model shall go on.
    stay_quiet,  ///< The last of its batch, and none asked for a reaction.
  };
  Answer on_result(std::string_view call_id, bool respond);

 private:
  struct Batch {
    std::vector<std::string> open;
    bool respond = false;
  };
  std::size_t open_calls() const;

  std::vector<Batch> batches_;
  std::vector<std::string> known_ids_;
};

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
