#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

/// What a page has been asked to answer and has not yet. On the wire each has a number of its own.
class PageMarks {
 public:
  static constexpr std::size_t kMax = 1000;

  struct Mark {
    std::uint64_t number = 0;
    std::string name;  ///< As it was given; empty for one of a clear.
    bool of_clear = false;
  };

  /// Its number on the wire, in decimal; valid until the next call.
  const std::string& add(std::string_view name) { return add({0, std::string(name), false}); }
  /// The mark that goes before a clear.
  const std::string& add_clear() { return add({0, {}, true}); }
  /// Nothing for a name that no mark has which was not answered.
  std::optional<Mark> take(std::string_view wire_name);
  /// Whether it is of the last clear.
  bool is_last_clear(const Mark& mark) const { return mark.number == last_clear_; }

 private:
  const std::string& add(Mark mark);

  std::deque<Mark> marks_;  ///< By number, rising.
  std::uint64_t last_ = 0;
  std::uint64_t last_clear_ = 0;
  std::string wire_name_;
};

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
