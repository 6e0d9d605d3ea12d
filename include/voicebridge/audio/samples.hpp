#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Linear audio: signed 16 bit, the host's byte order.
using Samples = std::vector<std::int16_t>;

/// A view of samples somebody else owns.
class SampleView {
 public:
  constexpr SampleView() = default;
  /// Of memory that must outlive the view.
  constexpr SampleView(const std::int16_t* data, std::size_t size) : data_(data), size_(size) {}
  /// Of all of them; they must outlive the view.
  SampleView(const Samples& samples)  // NOLINT: a view, implicit on purpose
      : data_(samples.data()), size_(samples.size()) {}

  ///@{
  /// As of a `std::vector` that cannot be changed; the index is not checked.
  constexpr const std::int16_t* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const std::int16_t* begin() const { return data_; }
  constexpr const std::int16_t* end() const { return data_ + size_; }
  constexpr std::int16_t operator[](std::size_t i) const { return data_[i]; }
  ///@}
  /// The part from `offset`, at most `count` samples; both are clamped to the view.
  constexpr SampleView subview(std::size_t offset,
                               std::size_t count = static_cast<std::size_t>(-1)) const {
    if (offset > size_) offset = size_;
    if (count > size_ - offset) count = size_ - offset;
    return {data_ + offset, count};
  }

 private:
  const std::int16_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
