#include "pending_marks.hpp"

#include <algorithm>
#include <charconv>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

std::string_view PendingMarks::add(std::string_view name) {
  if (marks_.size() == kMax) marks_.pop_front();
  marks_.push_back({generation_, std::string(name)});
  wire_name_ = std::to_string(generation_);
  wire_name_.append(1, ':').append(name);
  return wire_name_;
}

std::optional<PendingMarks::Echo> PendingMarks::take(std::string_view wire_name) {
  std::uint64_t generation = 0;
  const char* const end = wire_name.data() + wire_name.size();
  const auto [colon, error] = std::from_chars(wire_name.data(), end, generation);
  if (error != std::errc() || colon == end || *colon != ':') return std::nullopt;
  if (generation > generation_) return std::nullopt;
  Echo echo{wire_name.substr(static_cast<std::size_t>(colon - wire_name.data()) + 1)};
  const auto sent = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& mark) {
    return mark.generation == generation && mark.name == echo.name;
  });
  if (sent != marks_.end()) marks_.erase(sent);
  echo.stale = std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) {
    return mark.generation > generation && mark.name == echo.name;
  });
  return echo;
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
