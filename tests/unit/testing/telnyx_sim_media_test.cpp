#include "voicebridge/testing/telnyx_sim_media.hpp"

#include "support/catch.hpp"
#include "unit/testing/telnyx_media_line.hpp"
#include "voicebridge/audio/audio_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string error_code(const SocketLog& socket) {
  const auto errors = socket.events("error");
  return errors.empty() ? "" : errors.back()["payload"]["code"].dump();
}

}  // namespace

TEST_CASE("connected, then start with the leg and its format, then a frame every 20 ms") {
  auto params = rtp_self();
  params.auth_token = "one-time";
  params.custom_parameters = {{"a", "b"}};
  Line line(leg(), params);
  line.run(Millis(60));

  REQUIRE(line.socket.texts.size() == 5);
  const Json connected = Json::parse(line.socket.texts[0]).value();
  CHECK(connected["event"].string_or("") == "connected");
  CHECK(connected["version"].string_or("") == "1.0.0");
  CHECK(connected["connected"]["x-telnyx-streaming-auth-token"].string_or("") == "one-time");
  const Json start = Json::parse(line.socket.texts[1]).value();
  CHECK(start["sequence_number"].string_or("") == "1");
  CHECK(start["stream_id"].string_or("") == line.media.stream_id());
  CHECK(start["start"]["call_control_id"].string_or("") == "v3:call");
  CHECK(start["start"]["client_state"].string_or("") == "c3RhdGU=");
  CHECK(start["start"]["custom_parameters"]["a"].string_or("") == "b");
  CHECK(start["start"]["media_format"]["encoding"].string_or("") == "PCMA");
  CHECK(start["start"]["media_format"]["sample_rate"].integer_or(0) == 8000);
  CHECK(start["start"]["media_format"]["channels"].integer_or(0) == 1);
  const Json third = Json::parse(line.socket.texts[4]).value();
  CHECK(third["sequence_number"].string_or("") == "4");
  CHECK(third["media"]["track"].string_or("") == "inbound");
  CHECK(third["media"]["chunk"].string_or("") == "3");
  CHECK(third["media"]["timestamp"].string_or("") == "40");
  CHECK(base64_decode(third["media"]["payload"].string_or("")).value() == Bytes(160, 0xD5));
}

TEST_CASE("no frame before the answer, though the stream is open") {
  SocketLog socket;
  TelnyxSimMedia media(leg());
  media.open(socket, rtp_self(), kStart);
  run_until(media, kStart + Millis(500));
  CHECK(socket.texts.size() == 2);
  media.answer(kStart + Millis(500));
  run_until(media, kStart + Millis(520));
  CHECK(socket.events("media").size() == 1);
}

TEST_CASE("what the application sends is heard to the byte, marks come back in time") {
  Line line;
  Bytes audio = loud(400);
  audio[399] = 7;
  line.media.on_text(media_message(audio), kStart);
  line.media.on_text(mark_message("end"), kStart);
  line.run(Millis(49));
  CHECK(line.socket.events("mark").empty());
  line.run(Millis(50));
  REQUIRE(line.socket.events("mark").size() == 1);
  CHECK(line.socket.events("mark")[0]["mark"]["name"].string_or("") == "end");
  CHECK(line.media.heard() == audio);
  CHECK(line.media.playout()->marks()[0].echoed == kStart + Millis(50));
}

TEST_CASE("clear stops at once, and heard plus cleared is what was sent") {
  Line line;
  line.media.on_text(media_message(loud(1600)), kStart);
  line.media.on_text(mark_message("unheard"), kStart);
  line.run(Millis(70));
  line.media.on_text(R"({"event":"clear"})", kStart + Millis(73));
  CHECK(line.media.heard().size() == 584);
  CHECK(line.media.cleared().size() == 1016);
  CHECK(line.socket.events("mark").size() == 1);
  CHECK(line.media.playout()->marks()[0].by_clear);
  line.run(Millis(400));
  CHECK(line.media.stats().heard_bytes == 584);
}

TEST_CASE("the defaults are silent: raw audio in mp3 mode is ignored, opposite plays to nobody") {
  TelnyxStreamParams defaults;
  defaults.bidirectional_target_legs = "self";
  Line mp3(leg(), defaults);
  mp3.media.on_text(media_message(Bytes(160, 0xFF)), kStart);
  mp3.run(Millis(100));
  CHECK(mp3.media.stats().ignored_bytes == 160);
  CHECK(mp3.media.heard().empty());
  CHECK(mp3.socket.events("error").empty());

  auto opposite = rtp_self();
  opposite.bidirectional_target_legs = TelnyxStreamParams{}.bidirectional_target_legs;
  Line muted(leg(), opposite);
  muted.media.on_text(media_message(loud(160)), kStart);
  muted.media.on_text(mark_message("m"), kStart);
  muted.run(Millis(100));
  CHECK(muted.media.stats().muted_bytes == 160);
  CHECK(muted.media.heard().empty());
  CHECK(muted.socket.events("mark").size() == 1);

  muted.media.set_bridged(true);
  muted.media.on_text(media_message(loud(160)), kStart + Millis(100));
  muted.run(Millis(200));
  CHECK(muted.media.stats().opposite_bytes == 160);  // the peer hears it, the callee does not
  CHECK(muted.media.heard().empty());
}

TEST_CASE("mp3 files are taken, one a second") {
  TelnyxStreamParams params;
  Line line(leg(), params);
  const Bytes file{0xFF, 0xFB, 0x90, 0x00};
  line.media.on_text(media_message(file), kStart);
  line.media.on_text(media_message(file), kStart + Millis(999));
  CHECK(error_code(line.socket) == "100005");
  line.media.on_text(media_message(file), kStart + Millis(1000));
  CHECK(line.media.stats().mp3_files == 2);
}

TEST_CASE("faulty messages are answered with their code and the stream goes on") {
  Line line;
  const auto code_for = [&](const char* text) {
    line.media.on_text(text, kStart);
    return error_code(line.socket);
  };
  CHECK(code_for("{") == "100003");
  CHECK(code_for(R"({"event":"dance"})") == "100003");
  CHECK(code_for(R"({"event":"media"})") == "100003");
  CHECK(code_for(R"({"event":"media","media":{"payload":7}})") == "100003");
  CHECK(code_for(R"({"event":"mark"})") == "100003");
  CHECK(code_for(R"({"event":"media","media":{"payload":"*"}})") == "100004");
  CHECK(code_for(R"({"event":"media","media":{"payload":""}})") == "100004");
  CHECK(line.media.stats().errors_sent == 7);
  line.media.on_text(media_message(Bytes(8000 * 30 + 1, 1)), kStart);
  CHECK(line.media.stats().errors_sent == 8);
  line.media.on_text(media_message(loud(160)), kStart);
  line.run(Millis(20));
  CHECK(line.media.heard().size() == 160);
}

TEST_CASE("a mark without a name is never echoed") {
  Line line;
  line.media.on_text(R"({"event":"mark","mark":{}})", kStart);
  line.media.on_text(R"({"event":"mark","mark":{"name":""}})", kStart);
  line.run(Millis(100));
  CHECK(line.socket.events("mark").empty());
  CHECK(line.media.stats().nameless_marks == 2);
}

TEST_CASE("what comes before start is dropped") {
  auto options = leg();
  options.start_delay = Millis(30);
  Line line(options);
  line.media.on_text(media_message(loud(160)), kStart + Millis(10));
  line.media.on_text(mark_message("early"), kStart + Millis(10));
  line.run(Millis(100));
  CHECK(line.media.stats().early_bytes == 160);
  CHECK(line.media.heard().empty());
  CHECK(line.socket.events("mark").empty());
  CHECK(line.socket.events("start").size() == 1);
}

TEST_CASE("the stream's codec is what was asked for, the leg's by default, or a surprise") {
  const auto format_of = [](TelnyxSimMediaOptions options, const char* codec, std::uint32_t rate) {
    auto params = rtp_self();
    params.codec = codec;
    params.bidirectional_sampling_rate = rate;
    Line line(std::move(options), params);
    line.run(Millis(20));
    const auto start = line.socket.events("start")[0];
    const auto frame =
        base64_decode(line.socket.events("media")[0]["media"]["payload"].string_or("")).value();
    return start["start"]["media_format"]["encoding"].string_or("") + "/" +
           std::to_string(start["start"]["media_format"]["sample_rate"].integer_or(0)) + "/" +
           std::to_string(frame.size());
  };
  CHECK(format_of(leg(), "default", 8000) == "PCMA/8000/160");
  CHECK(format_of(leg(), "PCMU", 8000) == "PCMU/8000/160");
  CHECK(format_of(leg(), "L16", 16000) == "L16/16000/640");
  CHECK(format_of(leg(), "L16", 8000) == "L16/8000/320");
  // What it does not speak, it sends as the leg's own.
  CHECK(format_of(leg(), "AMR-WB", 16000) == "PCMA/8000/160");
  CHECK(format_of(leg(), "OPUS", 44100) == "PCMA/8000/160");
  if (telnyx_codec("G722", 8000)) CHECK(format_of(leg(), "G722", 8000) == "G722/8000/160");
  if (telnyx_codec("OPUS", 16000)) {
    CHECK(format_of(leg(), "OPUS", 16000).substr(0, 11) == "OPUS/16000/");
  }
  auto surprise = leg();
  surprise.codec_surprise = AudioFormat::pcmu();
  CHECK(format_of(surprise, "PCMA", 8000) == "PCMU/8000/160");
}

TEST_CASE("both tracks: what the callee hears comes back as the outbound track") {
  auto params = rtp_self();
  params.track = "both_tracks";
  Line line(leg(), params);
  line.media.on_text(media_message(loud(100)), kStart);
  line.run(Millis(40));
  const auto frames = line.socket.events("media");
  REQUIRE(frames.size() == 4);
  CHECK(frames[0]["media"]["track"].string_or("") == "inbound");
  CHECK(frames[1]["media"]["track"].string_or("") == "outbound");
  CHECK(frames[1]["media"]["chunk"].string_or("") == "1");
  Bytes expected = loud(100);
  expected.resize(160, 0xD5);
  CHECK(base64_decode(frames[1]["media"]["payload"].string_or("")).value() == expected);
  CHECK(base64_decode(frames[3]["media"]["payload"].string_or("")).value() == Bytes(160, 0xD5));
}

TEST_CASE("packets of Opus are played one by one; two run together are refused") {
  const AudioFormat format = AudioFormat::opus(16000);
  if (!telnyx_codec("OPUS", 16000)) return;
  auto params = rtp_self();
  params.bidirectional_codec = "OPUS";
  params.bidirectional_sampling_rate = 16000;
  params.track = "both_tracks";
  Line line(leg(), params);
  const auto codec = make_audio_codec(format);
  REQUIRE(codec);
  Samples tone(320);
  for (std::size_t i = 0; i < tone.size(); ++i) tone[i] = i % 40 < 20 ? 6000 : -6000;
  Bytes both;
  for (int i = 0; i < 2; ++i) {
    Bytes packet;
    REQUIRE((*codec)->encode(tone, packet));
    both.insert(both.end(), packet.begin(), packet.end());
    line.media.on_text(media_message(packet), kStart);
  }
  line.media.on_text(mark_message("end"), kStart);
  line.run(Millis(60));
  CHECK(line.media.playout()->format() == AudioFormat::l16(16000));
  CHECK(line.media.heard().size() == 2 * 640);
  CHECK(line.media.stats().errors_sent == 0);
  CHECK(line.media.playout()->marks()[0].echoed == kStart + Millis(40));
  const auto frames = line.socket.events("media");
  const auto outbound = base64_decode(frames[1]["media"]["payload"].string_or("")).value();
  CHECK(payload_duration(AudioPayload::from_bytes(format, outbound)) == Millis(20));
  line.media.on_text(media_message(Bytes{0xFF, 0}), kStart + Millis(60));
  CHECK(line.media.stats().errors_sent == 1);
  CHECK(error_code(line.socket) == "100004");
}

TEST_CASE("the script hears what is really played, not what was sent") {
  std::vector<std::pair<char, TimePoint>> digits;
  TelnyxMediaEvents events;
  events.on_digit = [&](char digit, TimePoint now) { digits.emplace_back(digit, now); };
  const char* script = R"([{"wait":"agent_silence","ms":100},{"dtmf":"1"}])";
  Line line(leg(script), rtp_self(), events);
  line.run(Millis(200));
  line.media.on_text(media_message(loud(1600)),
                     kStart + Millis(200));  // one burst, 200 ms of speech
  line.run(Millis(495));
  CHECK(digits.empty());
  line.run(Millis(500));
  REQUIRE(digits.size() == 1);
  CHECK(digits[0] == std::make_pair('1', kStart + Millis(500)));
  REQUIRE(line.socket.events("dtmf").size() == 1);
  CHECK(line.socket.events("dtmf")[0]["dtmf"]["digit"].string_or("") == "1");
}

TEST_CASE("codec silence is not speech") {
  Line line(leg(R"([{"wait":"agent_speaking","ms":0,"timeout_ms":400},{"dtmf":"1"}])"));
  line.media.on_text(media_message(Bytes(1600, 0xD5)), kStart);
  line.run(Millis(600));
  CHECK(line.media.callee().timeouts() == 1);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
