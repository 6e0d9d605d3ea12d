#include "voicebridge/call/speech_session.hpp"

#include "support/catch.hpp"

namespace voicebridge {

TEST_CASE("speakers have names", "[speech_session]") {
  CHECK(to_string(Speaker::caller) == "caller");
  CHECK(to_string(Speaker::agent) == "agent");
  CHECK(to_string(static_cast<Speaker>(9)) == "unknown");
}

}  // namespace voicebridge
