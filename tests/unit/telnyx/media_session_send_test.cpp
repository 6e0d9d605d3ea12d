#include "unit/telnyx/media_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("what is sent has the exact form of the samples", "[telnyx][media]") {
  Stream s;
  s.start();
  const std::string audio =
      telnyx_sample_json("ws.out.media.rtp_pcmu")["media"]["payload"].string_or("");
  CHECK(s.session.send_audio(payload(audio)));
  s.session.send_mark("utt-0007-end");
  s.session.clear();
  REQUIRE(s.sink.sent.size() == 3);
  CHECK(s.sink.sent[0] == telnyx_sample_json("ws.out.media.rtp_pcmu").dump());
  CHECK(s.sink.sent[1] == telnyx_sample_json("ws.out.mark").dump());
  CHECK(s.sink.sent[2] == telnyx_sample_json("ws.out.clear").dump());
  CHECK(s.session.counters().frames_out == 1);
  CHECK(s.session.counters().bytes_out == 160);
}

TEST_CASE("base64 goes out in place, bytes are encoded", "[telnyx][media]") {
  Stream s;
  s.start();
  const std::string audio = tone();
  REQUIRE(s.session.send_audio(payload(audio)));
  CHECK(s.sink.last_parts.at(1).data() == audio.data());
  const Bytes bytes(160, 0x7F);
  REQUIRE(s.session.send_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), bytes)));
  CHECK(s.sink.sent[0] == s.sink.sent[1]);
}

TEST_CASE("nothing is sent before start", "[telnyx][media]") {
  Stream s;
  CHECK_FALSE(s.session.send_audio(payload(tone())));
  s.session.send_mark("m");
  s.session.clear();
  CHECK(s.sink.sent.empty());
  CHECK(s.session.counters().dropped_out == 3);
}

TEST_CASE("what Telnyx would not play is not sent", "[telnyx][media]") {
  Stream s;
  s.start();
  CHECK_FALSE(s.session.send_audio(AudioPayload::from_base64(AudioFormat::pcma(), tone())));
  CHECK_FALSE(s.session.send_audio(payload("")));
  CHECK_FALSE(s.session.send_audio(payload(R"(AA"})")));
  CHECK_FALSE(s.session.send_audio(payload(base64_encode(Bytes(30 * 8000 + 1, 0)))));
  CHECK(s.session.send_audio(payload(base64_encode(Bytes(30 * 8000, 0)))));
  s.session.send_mark("");
  CHECK(s.sink.sent.size() == 1);
  CHECK(s.session.counters().dropped_out == 5);
}

TEST_CASE("a sink that is backed up drops", "[telnyx][media]") {
  Stream s;
  s.start();
  s.sink.status = SendStatus::dropped;
  CHECK_FALSE(s.session.send_audio(payload(tone())));
  s.sink.status = SendStatus::queued;
  CHECK(s.session.send_audio(payload(tone())));
  CHECK(s.session.counters().dropped_out == 1);
  CHECK(s.session.counters().frames_out == 1);
}

TEST_CASE("the name of a mark is escaped", "[telnyx][media]") {
  Stream s;
  s.start();
  s.session.send_mark("a\"b\\c\n");
  CHECK(parsed(s.sink.sent.at(0))["mark"]["name"].string() == "a\"b\\c\n");
}
