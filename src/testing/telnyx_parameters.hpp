#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/telnyx_api_error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/telnyx_sim_media.hpp"
#include "voicebridge/testing/webhook_outbox.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What Telnyx' schema says of one parameter of a command.
struct TelnyxParameter {
  enum class Kind { text, integer, boolean, base64, url, stream_url, e164, list, any };
  std::string_view name;
  Kind kind = Kind::any;
  bool required = false;
  std::string_view choices = {};  ///< "a, b, c"; empty: free.
  long long min = 0;              ///< Of an integer, with `max`; of a text: its length.
  long long max = 0;              ///< 0: no limit.
};

using TelnyxParameters = std::vector<TelnyxParameter>;

/// The parameters of "dial", "answer", "speak", "conference.join" …; null for a command the
/// simulator does not know.
const TelnyxParameters* parameters_of(std::string_view command);

/// Those of `/v2/conferences`, without the "conference." before their names.
const TelnyxParameters* conference_parameters_of(std::string_view command);

/// The first rule of the schema that the body breaks.
std::optional<TelnyxApiError> check(const TelnyxParameters& parameters, JsonView body);

/// Names in the body that are no parameters of the command.
std::vector<std::string> unknown_names(const TelnyxParameters& parameters, JsonView body);

/// The `stream_*` parameters; nothing without `stream_url`. `full`: dial and streaming_start;
/// answer has no stream_bidirectional_sampling_rate and no stream_auth_token.
std::optional<TelnyxStreamParams> stream_params(JsonView body, bool full);

/// The body's webhook URL and retry policy over those of the application.
WebhookTarget webhook_target(JsonView body, WebhookTarget application);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
