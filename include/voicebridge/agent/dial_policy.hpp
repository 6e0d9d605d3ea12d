#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/agent/quiet_hours.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/store/call_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Which numbers may be called. Whoever can ask for calls can otherwise have them made to numbers
/// that pay them, or to one person all day.
struct DialPolicy {
  std::vector<std::string> countries;  ///< ISO 3166, "FR"; empty: all.
  std::size_t calls_a_day = 0;         ///< Outbound, in any 24 hours; 0: no limit.
  std::size_t calls_to_a_number = 0;   ///< The same, to one number.
  std::optional<QuietHours> quiet;     ///< By the clocks of the number's area; nothing: none.

  /// Whether the call may be made. Numbers that cost whoever calls them more than a call are never
  /// dialed. Counts what the store knows, so that a restart forgives nothing. Blocks on the store.
  /// @return `Errc::permission_denied` naming `to`; `resource_exhausted` when it may be tried
  /// again later, then with `retry_after` if it is for the hour.
  Result<> check(const std::string& e164, UnixMillis now, CallStore& calls) const;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
