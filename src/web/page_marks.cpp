#include "page_marks.hpp"

#include <algorithm>
#include <charconv>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

const std::string& PageMarks::add(Mark mark) {
  if (marks_.size() == kMax) marks_.pop_front();
  mark.number = ++last_;
  if (mark.of_clear) last_clear_ = last_;
  wire_name_ = std::to_string(last_);
  marks_.push_back(std::move(mark));
  return wire_name_;
}

std::optional<PageMarks::Mark> PageMarks::take(std::string_view wire_name) {
  std::uint64_t number = 0;
  const char* const end = wire_name.data() + wire_name.size();
  const auto [rest, error] = std::from_chars(wire_name.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  const auto found =
      std::lower_bound(marks_.begin(), marks_.end(), number,
                       [](const Mark& mark, std::uint64_t wanted) { return mark.number < wanted; });
  if (found == marks_.end() || found->number != number) return std::nullopt;
  Mark mark = std::move(*found);
  marks_.erase(found);
  return mark;
}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
