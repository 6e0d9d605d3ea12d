#pragma once

#include <string>
#include <string_view>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One entry of Telnyx' error body.
struct TelnyxApiError {
  int status = 422;
  std::string code;
  std::string title;
  std::string detail;
  std::string pointer;  ///< "/to"; empty: none.
};

HttpResponse to_response(const TelnyxApiError& error);
/// `{"data":{"result":"ok"}}`
HttpResponse ok_response();
HttpResponse json_response(std::string body);

TelnyxApiError missing_parameter(std::string_view name);
TelnyxApiError authentication_failed();
TelnyxApiError not_found();
TelnyxApiError invalid_json();
TelnyxApiError wrong_type(std::string_view name, std::string_view expected);
TelnyxApiError not_in_enum(std::string_view name, std::string_view choices);
TelnyxApiError out_of_range(std::string_view name, long long min, long long max);
TelnyxApiError invalid_url(std::string_view name);
TelnyxApiError not_e164(std::string_view name);
TelnyxApiError invalid_connection_id();
TelnyxApiError channel_limit_reached();
TelnyxApiError invalid_call_control_id(std::string_view name);
TelnyxApiError invalid_client_state();
TelnyxApiError call_has_ended();
TelnyxApiError call_not_answered();
TelnyxApiError record_before_audio();
TelnyxApiError answer_on_outbound_call();
TelnyxApiError streaming_in_use();
TelnyxApiError streaming_not_in_use();
TelnyxApiError streaming_failed();
TelnyxApiError too_many_requests();
TelnyxApiError conference_not_found();
TelnyxApiError conference_has_ended();
TelnyxApiError conference_name_taken();
TelnyxApiError too_many_participants();
TelnyxApiError already_in_conference();
TelnyxApiError fork_not_found();
TelnyxApiError not_in_queue();
TelnyxApiError queue_full();
TelnyxApiError already_in_queue();
TelnyxApiError transcription_running();
TelnyxApiError assistant_running();
TelnyxApiError no_supervisor();
TelnyxApiError no_srtp_for_pstn();
/// What Telnyx says with a status that the test asked for.
TelnyxApiError failure_with(int status);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
