#pragma once

#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {

/// A key or token. Never prints, is wiped when it goes, compares in constant time.
class VOICEBRIDGE_API Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view value);
  Secret(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  bool empty() const noexcept { return value_.empty(); }
  /// The plain value, for the one place that sends or signs with it.
  std::string_view reveal() const noexcept { return value_; }
  bool equals(std::string_view candidate) const noexcept;
  /// Always "***" or "" when empty.
  std::string redacted() const { return value_.empty() ? "" : "***"; }

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace voicebridge
