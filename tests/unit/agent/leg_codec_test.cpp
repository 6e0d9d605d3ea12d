#include <memory>

#include "agent/leg_encoder.hpp"
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// A leg that keeps each message.
struct MessageLog : MediaStream {
  bool send_audio(const AudioPayload& audio) override {
    formats.push_back(audio.format);
    messages.emplace_back(audio.bytes.begin(), audio.bytes.end());
    return messages.size() != refuse;
  }
  void send_mark(std::string_view name) override { marks.emplace_back(name); }
  void clear() override { ++clears; }
  void close() override { closed = true; }

  std::vector<AudioFormat> formats;
  std::vector<Bytes> messages;
  std::vector<std::string> marks;
  std::size_t refuse = 0;  ///< The n-th message is dropped.
  int clears = 0;
  bool closed = false;
};

/// The optional codecs that this build has; which those are, the tests of the codecs see to.
std::vector<AudioFormat> coded_formats() {
  std::vector<AudioFormat> formats;
  for (const AudioFormat format : {AudioFormat::g722(), AudioFormat::opus(8000),
                                   AudioFormat::opus(16000), AudioFormat::opus(48000)}) {
    if (make_audio_codec(format)) formats.push_back(format);
  }
  return formats;
}

Bytes linear(const Samples& samples, std::uint32_t rate) {
  Bytes bytes;
  REQUIRE((*make_audio_codec(AudioFormat::l16(rate)))->encode(samples, bytes));
  return bytes;
}

/// What a phone sends of a tone: a message for every 20 ms.
std::vector<Bytes> phone_frames(AudioFormat format, std::size_t count) {
  const auto codec = make_audio_codec(format);
  REQUIRE(codec);
  const std::size_t frame = format.sample_rate / 50;
  const Samples tone = sine(400, format.sample_rate, count * frame, 8000);
  std::vector<Bytes> frames(count);
  for (std::size_t i = 0; i < count; ++i) {
    REQUIRE((*codec)->encode(SampleView(tone).subview(i * frame, frame), frames[i]));
  }
  return frames;
}

}  // namespace

TEST_CASE("only codecs with packets or a memory are taken apart at the leg", "[call][lane]") {
  CHECK(is_coded(AudioFormat::g722()));
  CHECK(is_coded(AudioFormat::opus(16000)));
  for (const AudioFormat format :
       {AudioFormat::pcmu(), AudioFormat::pcma(), AudioFormat::l16(16000),
        AudioFormat{AudioEncoding::l16be, 8000}}) {
    CHECK_FALSE(is_coded(format));
  }
  CHECK(model_format_for(AudioFormat::pcma()) == AudioFormat::pcma());
  CHECK(model_format_for(AudioFormat::l16(8000)) == AudioFormat::l16(24000));
  CHECK(LegDecoder::create(AudioFormat::opus(44100)).error().field == "sample_rate");
}

TEST_CASE("what goes to the leg are whole packets of 20 ms, and all of it decodes",
          "[call][lane]") {
  for (const AudioFormat format : coded_formats()) {
    CAPTURE(to_string(format));
    MessageLog leg;
    auto made = LegEncoder::create(leg, format);
    REQUIRE(made);
    LegEncoder& encoder = **made;
    CHECK(encoder.format() == AudioFormat::l16(format.sample_rate));
    const std::size_t frame = format.sample_rate / 50;
    const Samples tone = sine(400, format.sample_rate, 10 * frame, 8000);
    const Bytes bytes = linear(tone, format.sample_rate);
    // One frame, then four and five at once, as play-out sends them.
    for (const auto& [from, count] : {std::pair<std::size_t, std::size_t>{0, 1}, {1, 4}, {5, 5}}) {
      REQUIRE(encoder.send_audio(AudioPayload::from_bytes(
          encoder.format(), ByteView(bytes).subview(from * 2 * frame, count * 2 * frame))));
    }
    encoder.send_mark("m");
    encoder.clear();
    encoder.close();
    CHECK(leg.marks == std::vector<std::string>{"m"});
    CHECK(leg.clears == 1);
    CHECK(leg.closed);
    CHECK(leg.messages.size() == (format.constant_rate() ? 3 : 10));
    const auto far = make_audio_codec(format);
    Samples heard;
    for (std::size_t i = 0; i < leg.messages.size(); ++i) {
      CHECK(leg.formats[i] == format);
      if (!format.constant_rate()) {
        CHECK(payload_duration(AudioPayload::from_bytes(format, leg.messages[i])) == 20ms);
      }
      REQUIRE((*far)->decode(leg.messages[i], heard));
    }
    CHECK(heard.size() == tone.size());
    CHECK(sine_snr_db(SampleView(heard).subview(3 * frame), 400, format.sample_rate) > 15);
  }
}

TEST_CASE("what the leg drops, or nobody can send, is told", "[call][lane]") {
  for (const AudioFormat format : coded_formats()) {
    MessageLog leg;
    auto encoder = LegEncoder::create(leg, format);
    REQUIRE(encoder);
    const Bytes frames(std::size_t{4} * format.sample_rate / 50, 1);
    CHECK_FALSE((*encoder)->send_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), frames)));
    CHECK_FALSE(
        (*encoder)->send_audio(AudioPayload::from_base64((*encoder)->format(), "no base64!")));
    leg.refuse = 1;
    CHECK_FALSE((*encoder)->send_audio(AudioPayload::from_bytes((*encoder)->format(), frames)));
    CHECK((*encoder)->send_audio(AudioPayload::from_bytes((*encoder)->format(), frames)));
  }
}

TEST_CASE("a frame that is lost on the way to us is concealed: time is kept", "[call][lane]") {
  for (const AudioFormat format : coded_formats()) {
    CAPTURE(to_string(format));
    const std::vector<Bytes> frames = phone_frames(format, 20);
    auto decoder = LegDecoder::create(format);
    REQUIRE(decoder);
    std::size_t bytes = 0;
    const std::size_t frame = 2 * format.sample_rate / 50;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (i == 7 || i == 8 || i == 12) continue;
      const auto heard = (*decoder)->decode(AudioPayload::from_bytes(format, frames[i]),
                                            Millis(static_cast<std::int64_t>(i) * 20));
      REQUIRE(heard);
      CHECK(heard->audio.format == AudioFormat::l16(format.sample_rate));
      CHECK(heard->concealed == (i == 9 ? 40ms : i == 13 ? 20ms : 0ms));
      bytes += heard->audio.bytes.size();
    }
    CHECK(bytes == 20 * frame);
    CHECK((*decoder)->undecodable() == 0);
  }
}

TEST_CASE("a pause is not concealed, nor a position that goes back", "[call][lane]") {
  for (const AudioFormat format : coded_formats()) {
    const std::vector<Bytes> frames = phone_frames(format, 4);
    auto decoder = LegDecoder::create(format);
    REQUIRE(decoder);
    std::size_t at = 0;
    for (const Millis position : {0ms, 5000ms, 5000ms, 5024ms}) {
      const auto heard =
          (*decoder)->decode(AudioPayload::from_bytes(format, frames[at++]), position);
      REQUIRE(heard);
      CHECK(heard->concealed == 0ms);
    }
  }
}

TEST_CASE("a packet that cannot be decoded is counted and concealed", "[call][lane]") {
  const AudioFormat format = AudioFormat::opus(16000);
  if (!make_audio_codec(format)) return;
  const std::vector<Bytes> frames = phone_frames(format, 3);
  auto decoder = LegDecoder::create(format);
  REQUIRE(decoder);
  const Bytes bad{0x4A, 0xFF, 0xFF};  // Two frames of 20 ms, and no room for the first.
  std::size_t bytes = 0;
  std::size_t at = 0;
  for (const Bytes& packet : {frames[0], bad, frames[1], Bytes{0xFF, 0}, frames[2]}) {
    const auto heard = (*decoder)->decode(AudioPayload::from_bytes(format, packet),
                                          Millis(static_cast<std::int64_t>(at++) * 20));
    REQUIRE(heard);
    bytes += heard->audio.bytes.size();
  }
  CHECK((*decoder)->undecodable() == 2);
  CHECK(bytes >= 5 * 640);
  CHECK(bytes <= 6 * 640);
}

TEST_CASE("a call over such a leg: the model's wide band, whole packets, the last drop",
          "[call][lane]") {
  for (const AudioFormat format : coded_formats()) {
    CAPTURE(to_string(format));
    CallOptions options = talkative();
    options.speech.input = options.speech.output = format;  // As it was asked for.
    FakeCall call(options);
    call.connect(format);
    REQUIRE(call.models.size() == 1);
    CHECK(call.model().spec.input == AudioFormat::l16(24000));
    CHECK(call.model().spec.output == AudioFormat::l16(24000));
    CHECK(call.model().patches.empty());
    // The way down, in a piece that is no whole number of frames.
    call.event(ReplyStarted{});
    call.event(UtteranceStarted{"u"});
    const Samples tone = sine(400, 24000, 24000 * 33 / 100 + 7, 8000);
    call.session->on_speech_audio(
        "u", AudioPayload::from_bytes(AudioFormat::l16(24000), linear(tone, 24000)), call.now);
    call.event(UtteranceEnded{"u", true});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
    call.advance(2s);
    const CallCounters& counters = call.session->record(call.now).counters;
    const auto played = AudioFormat::l16(format.sample_rate)
                            .duration(counters.agent_bytes_sent + counters.agent_bytes_padding);
    // 330 ms, what the filters hold (12 ms at most), and a last frame that is full.
    CHECK(played % 20000 == Micros(0));
    CHECK(played >= 340ms);
    CHECK(played <= 360ms);
    CHECK(call.media.pieces.size() >= (format.constant_rate() ? 1 : 17));
    CHECK_FALSE(call.media.marks.empty());

    // The way up.
    std::size_t at = 0;
    for (const Bytes& frame : phone_frames(format, 10)) {
      call.session->on_media_audio(AudioPayload::from_bytes(format, frame),
                                   Millis(static_cast<std::int64_t>(at++) * 20), call.now);
    }
    if (format == AudioFormat::opus(16000)) {
      call.session->on_media_audio(AudioPayload::from_bytes(format, Bytes{0xFF, 0}), 200ms,
                                   call.now);
      CHECK(call.session->record(call.now).counters.caller_frames_undecodable == 1);
    }
    const std::size_t frames = format == AudioFormat::opus(16000) ? 11 : 10;
    CHECK(call.model().heard.size() == frames * 960);
    CHECK(call.session->state() == CallState::talking);
  }
}
