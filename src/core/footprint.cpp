#include "voicebridge/core/footprint.hpp"

#include <limits>

#include "core/fetch_lines.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

void fetch_line(std::uintptr_t address) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(reinterpret_cast<const void*>(address));
#else
  static_cast<void>(address);  // Only a hint.
#endif
}

std::uintptr_t line_of(const void* at) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  return address - address % Footprint::kLine;
}

}  // namespace

void Footprint::add(const void* begin, std::size_t size) noexcept {
  constexpr std::int64_t kFurthest = std::numeric_limits<std::int32_t>::max();
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(begin) + size;
  if (count_ == 0) base_ = line_of(begin);
  for (std::uintptr_t line = line_of(begin); line < end && count_ < kMostLines; line += kLine) {
    const auto distance =
        static_cast<std::int64_t>(line - base_) / static_cast<std::int64_t>(kLine);
    if (distance > kFurthest || distance < -kFurthest) return;
    // Members that are told of one after the other often share a line.
    if (count_ > 0 && lines_[count_ - 1] == distance) continue;
    lines_[count_++] = static_cast<std::int32_t>(distance);
  }
}

void Footprint::fetch() const noexcept {
  for (std::uint32_t i = 0; i < count_; ++i) {
    fetch_line(base_ + static_cast<std::uintptr_t>(std::int64_t{lines_[i]} *
                                                   static_cast<std::int64_t>(kLine)));
  }
}

void fetch_lines(const void* begin, std::size_t size) noexcept {
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(begin) + size;
  for (std::uintptr_t line = line_of(begin); line < end; line += Footprint::kLine) fetch_line(line);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
