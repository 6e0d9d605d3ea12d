#pragma once

#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A key or token. Never prints, is wiped when it goes, compares in constant time.
class VOICEBRIDGE_API Secret {
 public:
  Secret() = default;
  /// Copies the value.
  explicit Secret(std::string_view value);
  /// A copy, which is wiped on its own.
  Secret(const Secret& other);
  /// The value moves; nothing of it stays behind.
  Secret(Secret&& other) noexcept;
  /// The old value is wiped.
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  /// Whether there is a value.
  bool empty() const noexcept { return value_.empty(); }
  /// The plain value, for the one place that sends or signs with it.
  std::string_view reveal() const noexcept { return value_; }
  /// Compares in constant time.
  bool equals(std::string_view candidate) const noexcept;
  /// Always "***" or "" when empty.
  std::string redacted() const { return value_.empty() ? "" : "***"; }

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
