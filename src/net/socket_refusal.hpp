#pragma once

#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// The answer to an upgrade request that is not accepted.
HttpResponse socket_refusal(int status, std::string_view error);

/// Its status when the application did not want the socket: 404 for `not_found`, 503 for
/// `resource_exhausted` and `unavailable`, else 403.
int socket_refusal_status(Errc code) noexcept;

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
