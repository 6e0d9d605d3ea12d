#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "openai_api_error.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// What a `POST /v1/realtime/calls` brings: the offer, and in the multipart form the session.
struct CallOffer {
  std::string sdp;
  std::optional<std::string> session_json;
};

/// Reads either form by its Content-Type. The error is the service's.
std::optional<ApiError> read_offer(std::string_view content_type, std::string_view body,
                                   CallOffer& offer);

/// The answer to an offer, media section by media section. Nobody listens at its addresses.
std::string sdp_answer(std::string_view offer, IdGenerator& ids);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
