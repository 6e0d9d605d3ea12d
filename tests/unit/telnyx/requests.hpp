#pragma once

#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge::test {

using telnyx::DialRequest;
using telnyx::StreamParameters;

inline DialRequest minimal_dial() {
  DialRequest dial;
  dial.connection_id = "1494404757140276705";
  dial.to = {"+33639981234"};
  dial.from = "+33199001234";
  return dial;
}

inline StreamParameters sample_stream() {
  return StreamParameters::two_way("wss://media.example.com/telnyx", AudioFormat::pcma(),
                                   Secret("your-auth-token"));
}

}  // namespace voicebridge::test
