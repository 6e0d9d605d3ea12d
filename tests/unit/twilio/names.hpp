#pragma once

#include <string>

namespace voicebridge::test {

/// The ones in tests/data/twilio.
inline const std::string kHost = "https://voice.example.com";
inline const std::string kAuthToken = "2b1f6a0c9d8e7f60112233445566778a";
inline const std::string kAccount = "AC0123456789abcdef0123456789abcdef";
inline const std::string kCallSid = "CA0123456789abcdef0123456789abcdef";
inline const std::string kConference = "CFaabbccddeeff00112233445566778899";
inline const std::string kAgentLeg = "CA11112222333344445555666677778888";
inline const std::string kStream = "MZ0f1e2d3c4b5a69788796a5b4c3d2e1f0";

}  // namespace voicebridge::test
