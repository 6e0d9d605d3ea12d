#pragma once

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/twilio/call_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

// Read what the API answers. `Errc::protocol_error` for what is no JSON or lacks its SID.

Result<Call> read_call(const HttpResponse& response);
Result<Conference> read_conference(const HttpResponse& response);
Result<std::vector<Conference>> read_conferences(const HttpResponse& response);
Result<Participant> read_participant(const HttpResponse& response);
Result<std::vector<Participant>> read_participants(const HttpResponse& response);
Result<Recording> read_recording(const HttpResponse& response);
Result<Stream> read_stream(const HttpResponse& response);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
