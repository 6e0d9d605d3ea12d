#include "voicebridge/core/secret.hpp"

#include <utility>

#include "core/wipe.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Secret::Secret(std::string_view value) : value_(value) {}
Secret::Secret(const Secret& other) = default;

// A moved-from short string keeps its characters in place: copy and wipe instead.
Secret::Secret(Secret&& other) noexcept {
  value_.swap(other.value_);
  other.wipe();
}

Secret& Secret::operator=(Secret other) noexcept {
  value_.swap(other.value_);
  return *this;  // `other` wipes what this held.
}

Secret::~Secret() { wipe(); }

bool Secret::equals(std::string_view candidate) const noexcept {
  return constant_time_equal(value_, candidate);
}

void Secret::wipe() noexcept {
  value_.resize(value_.capacity());  // Never allocates; reaches what an earlier, longer value left.
  detail::wipe(value_.data(), value_.size());
  value_.clear();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
