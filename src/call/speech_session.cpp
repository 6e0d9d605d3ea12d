#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string_view to_string(Speaker speaker) noexcept {
  switch (speaker) {
    case Speaker::caller:
      return "caller";
    case Speaker::agent:
      return "agent";
  }
  return "unknown";
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
