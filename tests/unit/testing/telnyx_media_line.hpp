#pragma once

#include <utility>

#include "unit/testing/telnyx_support.hpp"
#include "voicebridge/testing/telnyx_sim_media.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

inline TelnyxStreamParams rtp_self() {
  TelnyxStreamParams params;
  params.url = "wss://example.test/stream";
  params.bidirectional_mode = "rtp";
  params.bidirectional_target_legs = "self";
  params.bidirectional_codec = "PCMA";
  return params;
}

inline TelnyxSimMediaOptions leg(const char* script = "[]") {
  TelnyxSimMediaOptions options;
  options.leg = {"user-1", "v3:call", "session-1", "+33199001234", "+33639981234", "c3RhdGU="};
  options.script = CalleeScript::parse(Json::parse(script).value()).value();
  options.start_delay = Millis(0);
  return options;
}

/// An answered leg with an open stream; `start` has been sent.
struct Line {
  explicit Line(TelnyxSimMediaOptions options = leg(), TelnyxStreamParams params = rtp_self(),
                TelnyxMediaEvents events = {})
      : media(std::move(options), std::move(events)) {
    media.answer(kStart);
    media.open(socket, params, kStart);
    media.on_deadline(kStart);
  }
  void run(Millis until) { run_until(media, kStart + until); }

  SocketLog socket;
  TelnyxSimMedia media;
};

inline Bytes loud(std::size_t size) { return Bytes(size, 0x20); }

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
