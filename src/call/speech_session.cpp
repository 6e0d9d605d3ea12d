#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {

std::string_view to_string(Speaker speaker) noexcept {
  switch (speaker) {
    case Speaker::caller:
      return "caller";
    case Speaker::agent:
      return "agent";
  }
  return "unknown";
}

}  // namespace voicebridge
