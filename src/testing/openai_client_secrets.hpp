#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/core/ids.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The ephemeral keys that were given out.
class ClientSecrets {
 public:
  explicit ClientSecrets(std::size_t limit) : limit_(limit) {}

  /// `POST /v1/realtime/client_secrets`.
  HttpResponse issue(std::string_view body, IdGenerator& ids, std::int64_t unix_seconds);
  /// The session it was made with, as JSON; nothing when the key is unknown or has expired.
  std::optional<std::string> session_of(std::string_view key, std::int64_t unix_seconds) const;
  std::size_t issued() const { return issued_; }

 private:
  struct Entry {
    std::string key;
    std::int64_t expires_at;
    std::string session_json;
  };
  const std::size_t limit_;
  std::deque<Entry> entries_;
  std::size_t issued_ = 0;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
