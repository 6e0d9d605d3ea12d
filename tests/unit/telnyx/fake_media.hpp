#pragma once

#include <array>
#include <string>
#include <vector>

#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/net/wire_sink.hpp"

namespace voicebridge::test {

/// Writes down what a media session puts on the wire.
class FakeSink : public WireSink {
 public:
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    if (status == SendStatus::sent || status == SendStatus::queued) {
      last_parts = {head, payload, tail};
      if (keep) sent.push_back(std::string(head).append(payload).append(tail));
    }
    return status;
  }
  void close(std::uint16_t code, std::string_view) override { closed.push_back(code); }
  std::size_t backlog() const override { return 0; }

  bool keep = true;
  SendStatus status = SendStatus::sent;
  std::array<std::string_view, 3> last_parts;
  std::vector<std::string> sent;
  std::vector<std::uint16_t> closed;
};

/// Writes down what a media session says.
class FakeMediaObserver : public MediaObserver {
 public:
  struct Audio {
    AudioFormat format;
    std::string base64;
    Millis position;
  };

  void on_media_start(const MediaStart& start, TimePoint) override { starts.push_back(start); }
  void on_media_audio(const AudioPayload& payload, Millis position, TimePoint) override {
    ++frames;
    if (keep) audio.push_back({payload.format, std::string(payload.base64), position});
  }
  void on_media_mark(std::string_view name, TimePoint) override {
    ++marks_seen;
    if (keep) marks.emplace_back(name);
  }
  void on_media_dtmf(char digit, TimePoint) override { digits += digit; }
  void on_media_stop(const std::optional<Error>& why, TimePoint) override { stops.push_back(why); }

  bool keep = true;
  std::size_t frames = 0;
  std::size_t marks_seen = 0;
  std::vector<MediaStart> starts;
  std::vector<Audio> audio;
  std::vector<std::string> marks;
  std::string digits;
  std::vector<std::optional<Error>> stops;
};

}  // namespace voicebridge::test
