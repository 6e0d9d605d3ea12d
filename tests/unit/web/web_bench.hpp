#pragma once

#include <memory>
#include <string>
#include <vector>

#include "voicebridge/web/media_session.hpp"

namespace voicebridge::test {

inline TimePoint web_time(int milliseconds) {
  return TimePoint(std::chrono::hours(1)) + Millis(milliseconds);
}

/// The page's end of a socket: what it was sent, in order; binary messages as "<bytes>".
class PageSink : public WireSink {
 public:
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    if (status == SendStatus::sent) {
      sent.push_back(std::string(head).append(payload).append(tail));
    }
    return status;
  }
  SendStatus send_binary(std::string_view data) override {
    if (status == SendStatus::sent) {
      sent.push_back("<" + std::to_string(data.size()) + ">");
      audio.append(data);
    }
    return status;
  }
  void close(std::uint16_t code, std::string_view) override { closed.push_back(code); }
  std::size_t backlog() const override { return waiting; }

  SendStatus status = SendStatus::sent;
  std::size_t waiting = 0;
  std::vector<std::string> sent;
  std::string audio;
  std::vector<std::uint16_t> closed;
};

/// Writes down what the observer of a stream is told.
class WebEar : public MediaObserver {
 public:
  void on_media_start(const MediaStart& start, TimePoint) override { starts.push_back(start); }
  void on_media_audio(const AudioPayload& payload, Millis position, TimePoint) override {
    positions.push_back(position);
    heard.append(reinterpret_cast<const char*>(payload.bytes.data()), payload.bytes.size());
  }
  void on_media_mark(std::string_view name, TimePoint) override { marks.emplace_back(name); }
  void on_media_played(Micros so_far, TimePoint) override { played.push_back(so_far); }
  void on_media_dtmf(char, TimePoint) override {}
  void on_media_stop(const std::optional<Error>& why, TimePoint) override { stops.push_back(why); }

  std::vector<MediaStart> starts;
  std::vector<Millis> positions;
  std::string heard;
  std::vector<std::string> marks;
  std::vector<Micros> played;
  std::vector<std::optional<Error>> stops;
};

/// A session with a page before it and a call behind it.
struct WebBench {
  explicit WebBench(bool audio = true) {
    WebMediaSessionOptions options;
    options.audio = audio;
    options.wake = [this] { ++wakes; };
    options.on_trouble = [this](const Error& error) { troubles.push_back(error); };
    make(options);
  }
  explicit WebBench(WebMediaSessionOptions options) {
    options.wake = [this] { ++wakes; };
    make(options);
  }

  void make(const WebMediaSessionOptions& options) {
    session = std::make_unique<WebMediaSession>(
        sink,
        [this](const web::PageHello& hello, TimePoint) -> Result<WebVisitor> {
          hellos.push_back(hello);
          if (!hello.token.equals("good")) return fail(refusal, "no such session");
          return WebVisitor{feed, "Anna", "fr",
                            [this](const web::PageMessage& message) { said.push_back(message); },
                            ear};
        },
        options, web_time(0));
  }

  void say(std::string_view text, int at = 0) { session->receive_text(text, web_time(at)); }
  void hello(std::uint64_t after = 0) {
    say(R"({"type":"hello","session_id":"ws_1","token":"good","after":)" + std::to_string(after) +
        "}");
  }
  void microphone(std::size_t bytes, int at = 0) {
    session->receive_binary(std::string(bytes, 'm'), web_time(at));
  }
  bool speak(std::size_t bytes) {
    const Bytes audio(bytes, 7);
    return session->send_audio(AudioPayload::from_bytes(AudioFormat::l16(24000), audio));
  }

  PageSink sink;
  std::shared_ptr<WebEar> ear = std::make_shared<WebEar>();
  std::shared_ptr<EventFeed> feed = std::make_shared<EventFeed>();
  std::vector<web::PageHello> hellos;
  std::vector<web::PageMessage> said;
  std::vector<Error> troubles;
  Errc refusal = Errc::unauthenticated;
  int wakes = 0;
  std::unique_ptr<WebMediaSession> session;
};

}  // namespace voicebridge::test
