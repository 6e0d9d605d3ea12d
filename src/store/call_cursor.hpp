#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/store/call_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// The place behind which a page begins: the calls are ordered by time, then by id, both backwards.
struct CallCursor {
  UnixMillis created_at = 0;
  std::string id;

  /// Empty: before the newest. `Errc::invalid_argument` for what `text` did not write.
  static Result<CallCursor> parse(std::string_view text);
  std::string text() const;
};

bool is_behind(const StoredCall& call, const CallCursor& cursor);
bool fits(const StoredCall& call, const CallFilter& filter);
UnixMillis created_before(const CallFilter& filter);
std::size_t page_size(const CallFilter& filter);

/// @param calls  In order, one more than `size` when there is a page behind.
CallPage page_of(std::vector<StoredCall> calls, std::size_t size);

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
