#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// The marks that have not come back yet. On the wire their names begin with the number of the
/// generation, which a clear ends: "2:hello".
class PendingMarks {
 public:
  static constexpr std::size_t kMax = 1000;

  struct Echo {
    std::string_view name;  ///< As it was given; points into the text of the echo.
    bool stale = false;     ///< The name was sent again in a later generation.
  };

  /// Remembers the mark; `wire_name` is valid until the next call.
  std::string_view add(std::string_view name);
  void next_generation() { ++generation_; }
  /// Nothing for a name that no mark of ours has.
  std::optional<Echo> take(std::string_view wire_name);

 private:
  struct Mark {
    std::uint64_t generation;
    std::string name;
  };

  std::uint64_t generation_ = 0;
  std::deque<Mark> marks_;
  std::string wire_name_;
};

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
