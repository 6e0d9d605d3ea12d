#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// When the next request may go out, by the `x-ratelimit-*` headers of the answers. No clock, no
/// lock.
class RateLimit {
 public:
  /// A reset that lies further away is not believed.
  static constexpr Millis kLongestWait{10000};

  void note(const HttpHeaders& headers, TimePoint now) {
    const auto remaining = number(headers, "x-ratelimit-remaining");
    const auto reset = number(headers, "x-ratelimit-reset");
    if (!remaining || !reset || *remaining > 0) return;
    const TimePoint until = now + std::min<Millis>(std::chrono::seconds(*reset), kLongestWait);
    closed_until_ = std::max(closed_until_, until);
  }
  /// How long a request has to wait now.
  Millis wait(TimePoint now) const {
    if (closed_until_ <= now) return Millis(0);
    return std::chrono::ceil<Millis>(closed_until_ - now);
  }

 private:
  static std::optional<int> number(const HttpHeaders& headers, const char* name) {
    const auto text = headers.find(name);
    if (!text || text->empty() || text->size() > 6) return std::nullopt;
    int value = 0;
    for (const char c : *text) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return value;
  }

  TimePoint closed_until_{};
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
