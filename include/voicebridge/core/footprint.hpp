#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The memory that the next message of a connection will touch, told beforehand.
///
/// A frame of audio comes to a call every 20 ms. In between the processor serves other calls, and
/// the kernel's network code, which leaves little of this call in the caches: what then costs time
/// is not to compute but to wait for one cache line after the other. The connection asks its
/// handler now and then where those lines are, and has them fetched all together as soon as there
/// is something to read, while it reads.
///
/// Only hints: what is missing here costs time, what is wrong costs nothing else, and an address
/// that has become invalid is never read. @par Threads The connection's.
class VOICEBRIDGE_API Footprint {
 public:
  /// An object, or a member of one.
  template <class T>
  void add(const T& part) noexcept {
    add(&part, sizeof(T));  // NOLINT(bugprone-sizeof-expression): of a pointer, it is meant.
  }
  /// So many bytes. What goes beyond `kMostLines` in all is left out.
  void add(const void* begin, std::size_t size) noexcept;
  /// Forgets all of it.
  void clear() noexcept { count_ = 0; }
  /// Cache lines told of.
  std::size_t lines() const noexcept { return count_; }
  /// Has all of it fetched; does not wait for it.
  void fetch() const noexcept;

  static constexpr std::size_t kLine = 64;  ///< Bytes of a cache line, as on most processors.
  /// Lines kept: what a frame of a call touches, with some to spare.
  static constexpr std::size_t kMostLines = 94;

 private:
  std::uintptr_t base_ = 0;  ///< The first line told of.
  std::uint32_t count_ = 0;
  /// Counted in lines from the first, so that the list is not much to fetch itself.
  std::array<std::int32_t, kMostLines> lines_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
