#include "voicebridge/telnyx/media_session.hpp"

#include "unit/telnyx/media_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("start tells everything about the stream", "[telnyx][media]") {
  Stream s;
  s.get_sample("ws.in.connected.with_token");
  CHECK(s.session.auth_token() == "your-auth-token");
  s.start();
  REQUIRE(s.observer.starts.size() == 1);
  const MediaStart& start = s.observer.starts[0];
  CHECK(start.stream_id == "32de0dea-53cb-4b21-89a4-9e1819c043bc");
  CHECK(start.call_id == "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg");
  CHECK(start.from == "+33199001234");
  CHECK(start.to == "+33639981234");
  CHECK(start.client_state == "have a nice day =]");
  CHECK(start.parameters == std::map<std::string, std::string>{{"param1", "value1"}});
  CHECK(start.inbound == AudioFormat::pcmu());
  CHECK(start.outbound == AudioFormat::pcmu());
}

TEST_CASE("the lane is chosen by what the carrier announces", "[telnyx][media]") {
  Stream pcma;
  pcma.get_sample("ws.in.start.pcma");
  CHECK(pcma.observer.starts.at(0).inbound == AudioFormat::pcma());

  MediaSessionOptions options;
  options.l16 = AudioEncoding::l16be;
  options.outbound = AudioFormat::pcma();
  Stream l16(options);
  l16.get_sample("ws.in.start.l16_16k");
  CHECK(l16.observer.starts.at(0).inbound == AudioFormat{AudioEncoding::l16be, 16000});
  CHECK(l16.observer.starts.at(0).outbound == AudioFormat::pcma());
}

TEST_CASE("an unknown codec ends the stream with a clear error", "[telnyx][media]") {
  Stream s;
  s.get(R"({"event":"start","stream_id":"s","start":{"call_control_id":"c","media_format":)"
        R"({"encoding":"AMR-WB","sample_rate":16000,"channels":1}}})");
  CHECK(s.observer.starts.empty());
  REQUIRE(s.observer.stops.size() == 1);
  REQUIRE(s.observer.stops[0]);
  CHECK(s.observer.stops[0]->code == Errc::unsupported);
  CHECK(s.observer.stops[0]->origin == "telnyx");
  CHECK(s.observer.stops[0]->field == "media_format.encoding");
  CHECK(s.sink.closed == std::vector<std::uint16_t>{1003});
  s.session.on_socket_closed(1003, s.now);
  CHECK(s.observer.stops.size() == 1);
}

TEST_CASE("caller audio is handed on as it came", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_sample("ws.in.media.pcmu");
  s.wait(Millis(60));
  REQUIRE(s.observer.audio.size() == 1);
  CHECK(s.observer.audio[0].format == AudioFormat::pcmu());
  CHECK(s.observer.audio[0].base64 ==
        telnyx_sample_json("ws.in.media.pcmu")["media"]["payload"].string_or(""));
  CHECK(s.session.counters().frames_in == 1);
  CHECK(s.session.counters().bytes_in == 160);
}

TEST_CASE("the position is the caller's time, gaps included", "[telnyx][media]") {
  Stream s;
  s.start();
  for (const std::uint64_t chunk : {1, 2, 3}) s.get_media(chunk, tone());
  s.get_media(10, tone());
  REQUIRE(s.observer.audio.size() == 4);
  CHECK(s.observer.audio[2].position == Millis(40));
  CHECK(s.observer.audio[3].position == Millis(180));
  CHECK(s.session.counters().lost == 6);
}

TEST_CASE("only the caller's track is heard", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_sample("ws.in.media.outbound_track");
  s.get(R"({"event":"media","media":{"track":"sideways","payload":"AAAA"}})");
  CHECK(s.observer.frames == 0);
  CHECK(s.session.counters().other_tracks == 2);
}

TEST_CASE("audio before start is ignored", "[telnyx][media]") {
  Stream s;
  s.get_media(1, tone());
  s.get_sample("ws.in.mark");
  s.get_sample("ws.in.dtmf");
  CHECK(s.observer.frames == 0);
  CHECK(s.observer.marks.empty());
  CHECK(s.observer.digits.empty());
  CHECK(s.session.counters().ignored == 3);
}

TEST_CASE("a second start changes nothing", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_sample("ws.in.start.pcma");
  CHECK(s.observer.starts.size() == 1);
  CHECK(s.session.counters().ignored == 1);
}

TEST_CASE("frames are put in order, repeated ones dropped", "[telnyx][media]") {
  Stream s;
  s.start();
  for (const std::uint64_t chunk : {1, 3, 2, 2, 4})
    s.get_media(chunk, tone(static_cast<std::uint8_t>(chunk)));
  REQUIRE(s.observer.audio.size() == 4);
  for (std::uint8_t i = 0; i < 4; ++i) CHECK(s.observer.audio[i].base64 == tone(i + 1));
  CHECK(s.observer.audio[3].position == Millis(60));
  CHECK(s.session.counters().reordered == 1);
  CHECK(s.session.counters().duplicates == 1);
  CHECK(s.session.counters().lost == 0);
}

TEST_CASE("a frame that stays away is given up by the deadline", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_media(1, tone());
  s.get_media(3, tone());
  CHECK(s.session.next_deadline() == s.now + Millis(60));
  s.wait(Millis(60));
  CHECK(s.observer.frames == 2);
  CHECK(s.session.counters().lost == 1);
  s.get_media(2, tone());
  CHECK(s.session.counters().late == 1);
}

TEST_CASE("bad base64 is dropped and the stream goes on", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_media(1, tone());
  for (const char* bad : {"", "A", "AA!A", "A===", "AB=="}) s.get_media(2, bad);
  s.get_media(3, tone());
  CHECK(s.observer.frames == 2);
  CHECK(s.session.counters().bad_media == 1);
  CHECK(s.session.counters().duplicates == 4);
  CHECK(s.sink.closed.empty());
}

TEST_CASE("half a linear sample is bad media", "[telnyx][media]") {
  Stream s;
  s.get_sample("ws.in.start.l16_16k");
  s.get_media(1, base64_encode(Bytes(641, 0)));
  s.get_media(2, base64_encode(Bytes(640, 0)));
  CHECK(s.observer.frames == 1);
  CHECK(s.session.counters().bad_media == 1);
}

TEST_CASE("a payload with escapes takes the long way and arrives", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get(R"({"event":"media","media":{"track":"inbound","chunk":"1","payload":"AA\/A"}})");
  REQUIRE(s.observer.audio.size() == 1);
  CHECK(s.observer.audio[0].base64 == "AA/A");
}

TEST_CASE("frames without numbers are taken as they come", "[telnyx][media]") {
  Stream s;
  s.start();
  for (int i = 0; i < 3; ++i) {
    s.get(R"({"event":"media","media":{"payload":")" + tone() + R"("}})");
  }
  REQUIRE(s.observer.audio.size() == 3);
  CHECK(s.observer.audio[2].position == Millis(40));
}

TEST_CASE("marks and digits come through", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_sample("ws.in.mark");
  s.get(R"({"event":"mark","mark":{"name":"caf\u00e9"}})");
  s.get_sample("ws.in.dtmf");
  s.get(R"({"event":"dtmf","dtmf":{"digit":"#"}})");
  s.get(R"({"event":"dtmf","dtmf":{"digit":"12"}})");
  s.get(R"({"event":"dtmf","dtmf":{"digit":"x"}})");
  CHECK(s.observer.marks == std::vector<std::string>{"utt-0007-end", "caf\xC3\xA9"});
  CHECK(s.observer.digits == "1#");
  CHECK(s.session.counters().malformed == 2);
}

TEST_CASE("both forms of a carrier error are reported and end nothing", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_sample("ws.in.error.100004");
  s.get(
      R"({"event":"error","sequence_number":"9","error":{"code":"100005","title":"rate_limit_reached"}})");
  REQUIRE(s.troubles.size() == 2);
  CHECK(s.troubles[0].provider_code == "100004");
  CHECK(s.troubles[0].message == "invalid_media: Media provided was not base64 encoded");
  CHECK(s.troubles[1].provider_code == "100005");
  CHECK(s.troubles[1].code == Errc::resource_exhausted);
  CHECK(s.session.counters().carrier_errors == 2);
  CHECK(s.observer.stops.empty());
}

TEST_CASE("stop ends the stream once and nothing comes after", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_sample("ws.in.stop");
  REQUIRE(s.observer.stops.size() == 1);
  CHECK_FALSE(s.observer.stops[0]);
  CHECK(s.sink.closed == std::vector<std::uint16_t>{1000});
  s.get_media(1, tone());
  s.get_sample("ws.in.stop");
  s.session.on_socket_closed(1005, s.now);
  CHECK_FALSE(s.session.send_audio(payload(tone())));
  s.session.clear();
  s.session.close();
  CHECK(s.observer.stops.size() == 1);
  CHECK(s.observer.frames == 0);
  CHECK(s.sink.sent.empty());
  CHECK(s.sink.closed.size() == 1);
  CHECK_FALSE(s.session.next_deadline());
}

TEST_CASE("a socket that is lost is an error, one that closes is not", "[telnyx][media]") {
  Stream lost;
  lost.start();
  lost.session.on_socket_closed(1006, lost.now);
  REQUIRE(lost.observer.stops.size() == 1);
  REQUIRE(lost.observer.stops[0]);
  CHECK(lost.observer.stops[0]->code == Errc::unavailable);
  CHECK(lost.sink.closed.empty());

  Stream closed;
  closed.start();
  closed.session.on_socket_closed(1005, closed.now);
  REQUIRE(closed.observer.stops.size() == 1);
  CHECK_FALSE(closed.observer.stops[0]);
}

TEST_CASE("close of our own ends the stream when the socket is gone", "[telnyx][media]") {
  Stream s;
  s.start();
  s.session.close();
  s.session.close();
  CHECK(s.sink.closed == std::vector<std::uint16_t>{1000});
  s.get_media(1, tone());
  CHECK(s.observer.frames == 0);
  CHECK(s.observer.stops.empty());
  s.session.on_socket_closed(1006, s.now);
  REQUIRE(s.observer.stops.size() == 1);
  CHECK_FALSE(s.observer.stops[0]);
}

TEST_CASE("a socket that never sends start is closed", "[telnyx][media]") {
  Stream s;
  s.get_sample("ws.in.connected");
  CHECK(s.session.next_deadline() == s.now + Millis(10000));
  s.wait(Millis(9999));
  CHECK(s.sink.closed.empty());
  s.wait(Millis(1));
  CHECK(s.sink.closed == std::vector<std::uint16_t>{1008});
  REQUIRE(s.observer.stops.size() == 1);
  CHECK(s.observer.stops[0]->code == Errc::deadline_exceeded);
}

TEST_CASE("silence of the carrier is reported once a gap", "[telnyx][media]") {
  Stream s;
  s.start();
  s.get_media(1, tone());
  s.wait(Millis(4999));
  CHECK(s.troubles.empty());
  s.wait(Millis(1));
  s.wait(Millis(60000));
  REQUIRE(s.troubles.size() == 1);
  CHECK(s.troubles[0].code == Errc::deadline_exceeded);
  s.get_media(2, tone());
  s.wait(Millis(5000));
  CHECK(s.session.counters().gaps == 2);
  CHECK(s.observer.stops.empty());
}

TEST_CASE("malformed messages are counted, too many close the socket", "[telnyx][media]") {
  MediaSessionOptions options;
  options.max_malformed = 7;
  options.max_message_bytes = 1000;
  Stream s(options);
  s.start();
  s.get("");
  s.get("{");
  s.get("[]");
  s.get(R"({"event":1})");
  s.get(R"({"event":"media"})");
  s.get(R"({"event":"mark","mark":{"name":5}})");
  s.get(std::string(1001, ' '));
  CHECK(s.session.counters().malformed == 7);
  CHECK(s.sink.closed.empty());
  s.get(std::string(10000, '['));
  CHECK(s.sink.closed == std::vector<std::uint16_t>{1008});
  REQUIRE(s.observer.stops.size() == 1);
  CHECK(s.observer.stops[0]->code == Errc::protocol_error);
}

TEST_CASE("unknown events are ignored", "[telnyx][media]") {
  Stream s;
  s.get(R"({"event":"weather","temperature":{"celsius":21}})");
  CHECK(s.session.counters().ignored == 1);
  CHECK(s.session.counters().malformed == 0);
}

TEST_CASE("an observer may close the stream inside a callback", "[telnyx][media]") {
  struct Closer : FakeMediaObserver {
    MediaStream* stream = nullptr;
    void on_media_audio(const AudioPayload& frame, Millis position, TimePoint now) override {
      FakeMediaObserver::on_media_audio(frame, position, now);
      stream->close();
    }
  };
  FakeSink sink;
  Closer observer;
  const TimePoint now{std::chrono::hours(1)};
  MediaSession session(sink, observer, {}, now);
  observer.stream = &session;
  session.receive(telnyx_sample("ws.in.start.pcmu"), now);
  // Chunk 1 releases 2 and 3, but after the first of them nobody wants the rest.
  for (const char* chunk : {"3", "2", "1"}) {
    session.receive(
        std::string(R"({"event":"media","media":{"chunk":")") + chunk + R"(","payload":"AAAA"}})",
        now);
  }
  CHECK(observer.frames == 1);
  CHECK(sink.closed.size() == 1);
}
