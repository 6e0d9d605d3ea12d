#pragma once

#include <string>

#include "voicebridge/telnyx/call_control.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// What the answers of the Voice API say.

Error from_telnyx(Error error);
Result<CommandResult> read_command(const Result<HttpResponse>& answer, std::string command_id,
                                   bool end_is_success);
/// For `DialedCall`, `TelnyxCallStatus`, `TelnyxConferenceStatus`,
/// `std::vector<TelnyxParticipant>`.
template <class T>
Result<T> read_answer(const Result<HttpResponse>& answer);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
