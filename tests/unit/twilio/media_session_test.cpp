#include "voicebridge/twilio/media_session.hpp"

#include <vector>

#include "support/allocation_counter.hpp"
#include "unit/telnyx/fake_media.hpp"
#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"
#include "voicebridge/core/base64.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using twilio::MediaSession;
using twilio::MediaSessionOptions;

namespace {

/// A media session with both its ends in the test's hands.
struct Line {
  FakeSink sink;
  FakeMediaObserver observer;
  std::vector<Error> troubles;
  TimePoint now{std::chrono::hours(1)};
  MediaSession session;

  explicit Line(MediaSessionOptions options = {})
      : session(sink, observer, with_ear(std::move(options)), now) {}

  MediaSessionOptions with_ear(MediaSessionOptions options) {
    options.on_trouble = [this](const Error& error) { troubles.push_back(error); };
    return options;
  }
  void get(std::string_view text) { session.receive(text, now); }
  void get_sample(std::string_view name) { get(twilio_sample(name).dump()); }
  void start() {
    get_sample("ws_01_connected");
    get_sample("ws_02_start");
  }
  void wait(Millis time) {
    now += time;
    session.on_deadline(now);
  }
  Json last_sent() const {
    REQUIRE_FALSE(sink.sent.empty());
    auto json = Json::parse(sink.sent.back());
    REQUIRE(json);
    return *json;
  }
  /// The echo of a mark that was sent.
  void echo(const Json& sent) {
    const std::string name = sent["mark"]["name"].string_or("");
    get(R"({"event":"mark","sequenceNumber":"9","streamSid":"x","mark":{"name":")" + name + "\"}}");
  }
};

std::string media(std::string_view chunk, std::string_view timestamp, const std::string& payload,
                  std::string_view track = "inbound") {
  return R"({"event":"media","sequenceNumber":"4","media":{"track":")" + std::string(track) +
         R"(","chunk":")" + std::string(chunk) + R"(","timestamp":")" + std::string(timestamp) +
         R"(","payload":")" + payload + R"("},"streamSid":")" + kStream + "\"}";
}

std::string tone(std::size_t bytes = 160) { return base64_encode(Bytes(bytes, 0x7F)); }

AudioPayload payload(const std::string& base64) {
  return AudioPayload::from_base64(AudioFormat::pcmu(), base64);
}

}  // namespace

TEST_CASE("a stream starts with what its start says", "[twilio][media]") {
  Line line;
  line.start();
  REQUIRE(line.observer.starts.size() == 1);
  const MediaStart& start = line.observer.starts[0];
  CHECK(start.stream_id == kStream);
  CHECK(start.call_id == kCallSid);
  CHECK(start.inbound == AudioFormat::pcmu());
  CHECK(start.outbound == AudioFormat::pcmu());
  CHECK(start.parameters ==
        std::map<std::string, std::string>{{"token", "k3Jx0QmZ7v"}, {"tenant", "acme"}});
  CHECK(line.session.account_sid() == "AC0123456789abcdef0123456789abcdef");
  line.get_sample("ws_02_start");
  CHECK(line.observer.starts.size() == 1);
  CHECK(line.session.counters().ignored == 1);
}

TEST_CASE("a start is read where early versions had its fields", "[twilio][media]") {
  Line line;
  line.get(R"({"event":"start","streamSid":"MZ1","callSid":"CA1","accountSid":"AC1","start":{}})");
  REQUIRE(line.observer.starts.size() == 1);
  CHECK(line.observer.starts[0].stream_id == "MZ1");
  CHECK(line.observer.starts[0].call_id == "CA1");
  CHECK(line.session.account_sid() == "AC1");
}

TEST_CASE("the sample messages come to the observer", "[twilio][media]") {
  Line line;
  line.start();
  line.get_sample("ws_03_media_inbound_silence");
  line.get_sample("ws_03b_media_inbound_tone440");
  line.get_sample("ws_03c_media_after_gap");
  line.get_sample("ws_04_dtmf");
  line.get_sample("ws_06_stop");
  REQUIRE(line.observer.audio.size() == 3);
  CHECK(line.observer.audio[0].position == Millis(0));
  CHECK(line.observer.audio[1].position == Millis(20));
  // What Twilio did not send shows as a jump.
  CHECK(line.observer.audio[2].position == Millis(440));
  CHECK(line.observer.audio[1].base64 ==
        twilio_sample("ws_03b_media_inbound_tone440")["media"]["payload"].string());
  CHECK(line.observer.digits == "1");
  REQUIRE(line.observer.stops.size() == 1);
  CHECK_FALSE(line.observer.stops[0]);
  CHECK(line.sink.closed == std::vector<std::uint16_t>{1000});
  CHECK(line.session.counters().frames_in == 3);
  CHECK(line.session.counters().bytes_in == 480);
}

TEST_CASE("numbers may be text or numbers, frames of any length", "[twilio][media]") {
  Line line;
  line.start();
  line.get(R"({"event":"media","media":{"track":"inbound","chunk":1,"timestamp":7,"payload":")" +
           tone(800) + "\"}}");
  line.get(R"({"event":"media","media":{"payload":")" + tone(1) + "\"}}");
  REQUIRE(line.observer.audio.size() == 2);
  CHECK(line.observer.audio[1].position == Millis(100));
}

TEST_CASE("our own audio and repeated frames are not the caller's", "[twilio][media]") {
  Line line;
  line.start();
  line.get_sample("ws_03d_media_outbound_track_unidirectional");
  line.get(media("1", "5", tone()));
  line.get(media("1", "5", tone()));
  line.get(media("3", "45", tone()));
  line.get(media("2", "25", tone()));
  CHECK(line.observer.audio.size() == 2);
  CHECK(line.session.counters().other_tracks == 1);
  CHECK(line.session.counters().duplicates == 2);
}

TEST_CASE("audio that is none is dropped, and takes its time", "[twilio][media]") {
  Line line;
  line.start();
  line.get(media("1", "0", tone()));
  line.get(media("2", "20", "*not base64*"));
  line.get(media("3", "40", tone()));
  CHECK(line.session.counters().bad_media == 1);
  REQUIRE(line.observer.audio.size() == 2);
  CHECK(line.observer.audio[1].position == Millis(40));
}

TEST_CASE("what is sent has the form of the samples", "[twilio][media]") {
  Line line;
  line.start();
  const Json wanted = twilio_sample("srv_media");
  CHECK(line.session.send_audio(payload(wanted["media"]["payload"].string_or(""))));
  CHECK(line.last_sent().root() == wanted.root());
  const Bytes bytes(160, 0x12);
  CHECK(line.session.send_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), bytes)));
  CHECK(line.last_sent()["media"]["payload"].string() == base64_encode(bytes));
  line.session.send_mark("a \"b\"");
  CHECK(line.last_sent()["event"].string() == "mark");
  CHECK(line.last_sent()["streamSid"].string() == kStream);
  CHECK(line.last_sent()["mark"]["name"].string() == "0:a \"b\"");
  line.session.clear();
  CHECK(line.last_sent().root() == twilio_sample("srv_clear").root());
  CHECK(line.session.counters().frames_out == 2);
}

TEST_CASE("base64 goes through as it came", "[twilio][media]") {
  Line line;
  line.start();
  const std::string audio = tone();
  line.session.send_audio(payload(audio));
  CHECK(line.sink.last_parts[1].data() == audio.data());
}

TEST_CASE("a media message takes no allocation in either direction", "[twilio][media]") {
  Line line;
  line.start();
  line.observer.keep = false;
  line.sink.keep = false;
  const std::string in = media("1", "5", tone());
  const std::string out = tone();
  const std::string next = media("2", "25", tone());
  line.get(in);
  line.session.send_audio(payload(out));
  const std::size_t before = allocation_count();
  line.get(next);
  line.session.send_audio(payload(out));
  const std::size_t after = allocation_count();
  CHECK(after == before);
  CHECK(line.observer.frames == 2);
}

TEST_CASE("audio that Twilio cannot play is not sent", "[twilio][media]") {
  Line line;
  CHECK_FALSE(line.session.send_audio(payload(tone())));  // No start, no name of the stream.
  line.start();
  CHECK_FALSE(line.session.send_audio(AudioPayload::from_base64(AudioFormat::pcma(), tone())));
  CHECK_FALSE(line.session.send_audio(payload("AAA")));
  CHECK_FALSE(line.session.send_audio(payload(tone(8000 * 30 + 1))));
  CHECK(line.session.send_audio(payload(tone(8000 * 30))));
  line.session.send_mark("");
  line.sink.status = SendStatus::dropped;
  CHECK_FALSE(line.session.send_audio(payload(tone())));
  CHECK(line.session.counters().dropped_out == 6);
  CHECK(line.sink.sent.size() == 1);
}

TEST_CASE("a mark comes back by the name it was given", "[twilio][media]") {
  Line line;
  line.start();
  line.session.send_mark("hello:1");
  const Json mark = line.last_sent();
  line.echo(mark);
  CHECK(line.observer.marks == std::vector<std::string>{"hello:1"});
  // Names that we never sent are nobody's.
  line.get_sample("ws_05_mark_echo");
  line.get(R"({"event":"mark","mark":{"name":"7:hello"}})");
  CHECK(line.observer.marks.size() == 1);
  CHECK(line.session.counters().ignored == 2);
}

TEST_CASE("an echo from before a clear is not taken for the mark sent again", "[twilio][media]") {
  Line line;
  line.start();
  line.session.send_mark("item");
  const Json before = line.last_sent();
  line.session.send_mark("other");
  const Json other = line.last_sent();
  line.session.clear();
  line.session.send_mark("item");
  const Json after = line.last_sent();
  line.echo(before);
  CHECK(line.observer.marks.empty());
  CHECK(line.session.counters().stale_marks == 1);
  // The others come back at once, as is promised.
  line.echo(other);
  line.echo(after);
  CHECK(line.observer.marks == std::vector<std::string>{"other", "item"});
}

TEST_CASE("marks without an echo do not pile up", "[twilio][media]") {
  Line line;
  line.start();
  line.session.send_mark("first");
  const Json first = line.last_sent();
  for (int i = 0; i < 5000; ++i) line.session.send_mark(std::to_string(i));
  line.echo(line.last_sent());
  line.echo(first);
  CHECK(line.observer.marks == std::vector<std::string>{"4999", "first"});
}

TEST_CASE("a socket that says nothing is closed", "[twilio][media]") {
  Line line;
  line.get_sample("ws_01_connected");
  CHECK(line.session.next_deadline() == line.now + Millis(10000));
  line.wait(Millis(9999));
  CHECK(line.observer.stops.empty());
  line.wait(Millis(1));
  REQUIRE(line.observer.stops.size() == 1);
  REQUIRE(line.observer.stops[0]);
  CHECK(line.observer.stops[0]->code == Errc::deadline_exceeded);
  CHECK(line.sink.closed == std::vector<std::uint16_t>{1008});
}

TEST_CASE("a caller who is not heard of is reported once", "[twilio][media]") {
  Line line;
  line.start();
  line.wait(Millis(5000));
  line.wait(Millis(5000));
  REQUIRE(line.troubles.size() == 1);
  CHECK(line.troubles[0].code == Errc::deadline_exceeded);
  CHECK_FALSE(line.session.next_deadline());
  line.get(media("1", "5", tone()));
  line.wait(Millis(5000));
  CHECK(line.session.counters().gaps == 2);
  CHECK(line.observer.stops.empty());
}

TEST_CASE("a stream of another format is refused", "[twilio][media]") {
  Line line;
  line.get(R"({"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","streamSid":"MZ1",)"
           R"("mediaFormat":{"encoding":"audio/l16","sampleRate":16000,"channels":1}}})");
  CHECK(line.observer.starts.empty());
  REQUIRE(line.observer.stops.size() == 1);
  CHECK(line.observer.stops[0]->code == Errc::unsupported);
  CHECK(line.sink.closed == std::vector<std::uint16_t>{1003});
}

TEST_CASE("malformed messages are counted, and in the end close the socket", "[twilio][media]") {
  MediaSessionOptions options;
  options.max_malformed = 6;
  Line line(options);
  line.start();
  for (const char* text : {"", "not json", "[]", R"({"event":7})", R"({"event":"media"})",
                           R"({"event":"dtmf","dtmf":{"digit":"12"}})"}) {
    line.get(text);
  }
  CHECK(line.session.counters().malformed == 6);
  line.get(R"({"event":"new","x":{}})");
  CHECK(line.session.counters().ignored == 1);
  CHECK(line.observer.stops.empty());
  line.get(std::string(65 * 1024, ' '));
  REQUIRE(line.observer.stops.size() == 1);
  CHECK(line.observer.stops[0]->code == Errc::protocol_error);
}

TEST_CASE("however a stream ends, it ends once", "[twilio][media]") {
  SECTION("a lost socket is a fault") {
    Line line;
    line.start();
    line.session.on_socket_closed(1006, line.now);
    line.session.on_socket_closed(1006, line.now);
    REQUIRE(line.observer.stops.size() == 1);
    CHECK(line.observer.stops[0]->code == Errc::unavailable);
  }
  SECTION("a closed one without stop is none") {
    Line line;
    line.start();
    line.session.on_socket_closed(1000, line.now);
    REQUIRE(line.observer.stops.size() == 1);
    CHECK_FALSE(line.observer.stops[0]);
  }
  SECTION("stop, then the close") {
    Line line;
    line.start();
    line.get_sample("ws_06_stop");
    line.session.on_socket_closed(1006, line.now);
    line.get(media("1", "5", tone()));
    CHECK_FALSE(line.session.send_audio(payload(tone())));
    CHECK(line.observer.stops.size() == 1);
    CHECK(line.observer.audio.empty());
  }
  SECTION("by us") {
    Line line;
    line.start();
    line.session.close();
    line.session.close();
    CHECK(line.sink.closed == std::vector<std::uint16_t>{1000});
    CHECK(line.observer.stops.empty());
    line.session.on_socket_closed(1006, line.now);
    REQUIRE(line.observer.stops.size() == 1);
    CHECK_FALSE(line.observer.stops[0]);
  }
}
