#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// One message of the agent: an utterance above the seam.
struct SpokenItem {
  enum class Playout { none, on, over };

  std::string id;
  std::string response_id;
  std::string transcript;  ///< What came of it so far.
  bool transcript_whole = false;
  bool transcript_told = false;     ///< The observer has the final text.
  Micros audio{0};                  ///< Handed on.
  bool started = false;             ///< Audio came, or would have.
  bool ended = false;               ///< No more audio will be handed on.
  bool complete = false;            ///< It ended by itself.
  bool cut = false;                 ///< It was truncated or deleted at the service.
  Playout playout = Playout::none;  ///< Where the service plays it.
};

/// What the service has said, item by item in order: enough to tell it after an interruption what
/// was heard. Keeps the last `kMaxItems`; older ones are forgotten and can no longer be cut.
class SpokenItems {
 public:
  static constexpr std::size_t kMaxItems = 64;
  static constexpr std::size_t kMaxTranscriptBytes = 64 * 1024;

  SpokenItem* find(std::string_view id);
  /// The item, made when it is new. The reference until the next call.
  SpokenItem& find_or_add(std::string_view id, std::string_view response_id);
  /// The item whose audio is coming; null when nothing is being said.
  SpokenItem* speaking();
  /// Whether something said has not been played to its end, as far as playing is told.
  bool to_be_heard() const;
  /// Adds to the transcript, up to its limit.
  static void add_transcript(SpokenItem& item, std::string_view text);
  /// Calls `f` with every item of the response, in order.
  template <class F>
  void for_each_of(std::string_view response_id, F f) {
    for (SpokenItem& item : items_) {
      if (item.response_id == response_id) f(item);
    }
  }

  /// What audio of the newest item touches.
  void footprint(Footprint& to) const;

  /// How an item has to be shortened.
  struct Cut {
    std::string id;
    Millis keep;  ///< 0: nothing was heard, the item is to be deleted.
  };
  /// What to tell the service when the caller heard `heard` of `id` and nothing of what came later.
  /// Each item is cut once; `keep` is never beyond the audio that came. Empty when `id` is not
  /// known.
  std::vector<Cut> cut_after(std::string_view id, Millis heard);

 private:
  std::vector<SpokenItem> items_;
};

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
