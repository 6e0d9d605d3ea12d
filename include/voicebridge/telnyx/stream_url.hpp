#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// The URL that Telnyx is told to open its media socket at, made for one call each.
///
/// With a leg that exists it names the call_control_id. At Dial there is none yet: the URL then
/// names the application's own id of the call as `call_id`, which counts more when both are there.
class VOICEBRIDGE_API StreamUrl {
 public:
  /// Of the route behind the public address.
  static constexpr std::string_view kDefaultPath = "/api/telnyx/stream";

  /// @param stream_url  ws(s):// URL: a template with `{call_control_id}`, or the place to which
  /// `call_control_id=…` is added as a query parameter. Wins when not empty.
  /// @param public_app_url  http(s):// URL of this server: http becomes ws, https wss, `path` is
  /// added.
  /// @return `Errc::invalid_argument` naming `stream_url` or `public_app_url`.
  static Result<StreamUrl> create(std::string_view stream_url, std::string_view public_app_url,
                                  std::string_view path = kDefaultPath);

  /// The stream's URL for a leg that is answered.
  std::string for_leg(std::string_view call_control_id) const;
  /// The stream's URL for a leg that is still to be dialled.
  std::string for_dial(std::string_view call_id) const;

 private:
  explicit StreamUrl(std::string base) : base_(std::move(base)) {}
  std::string base_;
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
