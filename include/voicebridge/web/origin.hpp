#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Which pages may talk to this server: decides by the Origin header, which a page cannot forge
/// (RFC 6454). What is no browser can: this is no proof of who it is.
/// @par Threads Any.
class VOICEBRIDGE_API OriginRules {
 public:
  /// Only pages of the host that the request names: good for a server without a fixed address, not
  /// against a name that somebody points at it (DNS rebinding).
  OriginRules() = default;
  /// @param allowed  "https://example.com", with a port when it is not the scheme's own; "*" lets
  /// in everybody. `Errc::invalid_argument` for what is no origin. Empty: as by default.
  static Result<OriginRules> create(const std::vector<std::string>& allowed);

  /// False also without an Origin, with two, and for "null".
  bool allows(const HttpHeaders& headers) const;

 private:
  bool allows(std::string_view origin, const HttpHeaders& headers) const;

  bool everybody_ = false;
  std::vector<std::string> allowed_;  ///< As browsers write them.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
