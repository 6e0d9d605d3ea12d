#pragma once

#include <string_view>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/sim_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

// Parts of a carrier's state, as members of the object that is being written.

/// `"callee"`, `"media"` and, once there was a stream, `"playout"`.
void write_leg(JsonWriter& json, const SimLeg& leg);
/// `"requests"`; `id_name` is what the carrier calls the id of a leg.
void write_requests(JsonWriter& json, std::string_view id_name,
                    const std::vector<SimApiRecord>& requests);
/// `"webhooks"`
void write_webhooks(JsonWriter& json, const std::vector<WebhookRecord>& webhooks);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
