#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Bytes that somebody owns.
using Bytes = std::vector<std::uint8_t>;

/// A view of bytes somebody else owns (C++17 has no std::span).
class ByteView {
 public:
  constexpr ByteView() = default;
  /// Of memory that must outlive the view.
  constexpr ByteView(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  /// Of all of them; they must outlive the view.
  // NOLINTNEXTLINE(google-explicit-constructor): a view, implicit on purpose
  ByteView(const Bytes& bytes) : data_(bytes.data()), size_(bytes.size()) {}
  /// The bytes of a text, which must outlive the view.
  explicit ByteView(std::string_view text)
      : data_(reinterpret_cast<const std::uint8_t*>(text.data())), size_(text.size()) {}

  ///@{
  /// As of a `std::vector` that cannot be changed; the index is not checked.
  constexpr const std::uint8_t* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const std::uint8_t* begin() const { return data_; }
  constexpr const std::uint8_t* end() const { return data_ + size_; }
  constexpr std::uint8_t operator[](std::size_t i) const { return data_[i]; }
  ///@}
  /// The part from `offset`, at most `count` bytes; both are clamped to the view.
  constexpr ByteView subview(std::size_t offset,
                             std::size_t count = static_cast<std::size_t>(-1)) const {
    if (offset > size_) offset = size_;
    if (count > size_ - offset) count = size_ - offset;
    return {data_ + offset, count};
  }
  /// The same bytes as text.
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
