#include "support/allocation_counter.hpp"
#include "support/catch.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/openai/realtime_session.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

class CountingSink final : public WireSink {
 public:
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    bytes += head.size() + payload.size() + tail.size();
    return SendStatus::sent;
  }
  void close(std::uint16_t, std::string_view) override {}
  std::size_t backlog() const override { return 0; }
  std::size_t bytes = 0;
};

class CountingObserver final : public SpeechObserver {
 public:
  void on_speech_audio(std::string_view, const AudioPayload& audio, TimePoint) override {
    bytes += payload_size(audio);
  }
  void on_speech_event(const SpeechEvent&, TimePoint) override {}
  std::size_t bytes = 0;
};

}  // namespace

TEST_CASE("audio goes both ways without an allocation") {
  constexpr int kFrames = 1000;
  const TimePoint now{std::chrono::hours(1)};
  const Bytes frame(160, 0xFF);
  const std::string base64 = base64_encode(frame);
  const std::string delta =
      R"({"type":"response.output_audio.delta","event_id":"event_CTUVMQvxMRM0uq9Yf7q6Z",)"
      R"("response_id":"resp_CTUVKFmRHuQ0aPbCeZLP4","item_id":"item_CTUVLSVz2xT1p1j5UYqVx",)"
      R"("output_index":0,"content_index":0,"delta":")" +
      base64 + "\"}";
  CountingSink sink;
  CountingObserver observer;
  RealtimeSession session({}, sink);
  SpeechSpec spec;
  spec.input = spec.output = AudioFormat::pcmu();
  session.start(spec, observer, now);
  session.on_open(now);
  session.receive(R"({"type":"session.created","session":{}})", now);
  session.receive(R"({"type":"session.updated","session":{}})", now);
  session.receive(R"({"type":"response.created","response":{"id":"resp_CTUVKFmRHuQ0aPbCeZLP4"}})",
                  now);

  const auto frame_each_way = [&] {
    session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), base64), now);
    session.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), frame), now);
    session.receive(delta, now);
  };
  frame_each_way();
  sink.bytes = observer.bytes = 0;
  const std::size_t before = test::allocation_count();
  for (int i = 0; i < kFrames; ++i) frame_each_way();
  CHECK(test::allocation_count() - before == 0);
  CHECK(observer.bytes == kFrames * frame.size());
  constexpr std::string_view kEnvelope = R"({"type":"input_audio_buffer.append","audio":""})";
  CHECK(sink.bytes == 2 * kFrames * (base64.size() + kEnvelope.size()));
}
