#pragma once

#include <string>
#include <vector>

#include "unit/telnyx/fake_media.hpp"
#include "unit/telnyx/samples.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/telnyx/media_session.hpp"

namespace voicebridge::test {

using telnyx::MediaSession;
using telnyx::MediaSessionOptions;

/// A media session with both its ends in the test's hands.
struct Stream {
  FakeSink sink;
  FakeMediaObserver observer;
  std::vector<Error> troubles;
  TimePoint now{std::chrono::hours(1)};
  MediaSession session;

  explicit Stream(MediaSessionOptions options = {})
      : session(sink, observer, with_ear(options), now) {}

  MediaSessionOptions with_ear(MediaSessionOptions options) {
    options.on_trouble = [this](const Error& error) { troubles.push_back(error); };
    return options;
  }
  void get(std::string_view text) { session.receive(text, now); }
  void get_sample(std::string_view name) { get(telnyx_sample(name)); }
  void start() { get_sample("ws.in.start.pcmu"); }
  void get_media(std::uint64_t chunk, const std::string& payload) {
    get(R"({"event":"media","media":{"track":"inbound","chunk":")" + std::to_string(chunk) +
        R"(","timestamp":")" + std::to_string(chunk * 20) + R"(","payload":")" + payload +
        R"("}})");
  }
  void wait(Millis time) {
    now += time;
    session.on_deadline(now);
  }
};

/// 20 ms of one µ-law code.
inline std::string tone(std::uint8_t code = 0x7F) { return base64_encode(Bytes(160, code)); }

inline AudioPayload payload(const std::string& base64) {
  return AudioPayload::from_base64(AudioFormat::pcmu(), base64);
}

}  // namespace voicebridge::test
