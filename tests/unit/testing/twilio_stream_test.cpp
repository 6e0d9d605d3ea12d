// Twilio's media WebSocket: what is sent, what is played, what is found fault with.
#include "unit/testing/twilio_town.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// A call whose stream is open.
struct OpenStream : TwilioTown {
  explicit OpenStream(const char* plan_json = R"({"ring_ms":300})", TwilioMediaChaos chaos = {},
                      const char* twiml = kStreamTwiml)
      : TwilioTown(options_of(chaos)) {
    carrier.plan_next("", twilio_plan(plan_json));
    sid = dial(twiml);
    run(Millis(360));
    REQUIRE(opens.size() == 1);
    socket = &take_stream();
  }
  static TwilioCarrierOptions options_of(TwilioMediaChaos chaos) {
    auto options = default_options();
    options.media = chaos;
    return options;
  }
  std::string echoes() const {
    std::string names;
    for (const Json& mark : socket->events("mark"))
      names += mark["mark"]["name"].string_or("") + " ";
    return names;
  }
  std::string sid;
  SocketLog* socket = nullptr;
};

/// The message without what differs from call to call.
std::string twilio_shape(JsonView message) {
  std::string text;
  for (const auto& member : message.members()) {
    text += std::string(member.key);
    text += member.value.is_object()   ? "{" + twilio_shape(member.value) + "}"
            : member.value.is_string() ? ":s "
            : member.value.is_number() ? ":n "
                                       : ":? ";
  }
  return text;
}

}  // namespace

TEST_CASE("what a Twilio stream sends looks like the samples, numbers as strings", "[twilio_sim]") {
  OpenStream town(
      R"({"ring_ms":300,"script":[{"wait":"ms","ms":100},{"dtmf":"1"}]})", {},
      R"(<Response><Connect><Stream url="ws://app.test/media"><Parameter name="token" value="k3Jx0QmZ7v"/><Parameter name="tenant" value="acme"/></Stream></Connect></Response>)");
  CHECK(town.opens[0].url == "ws://app.test/media");
  CHECK(
      *town.opens[0].headers.find("X-Twilio-Signature") ==
      twilio::request_signature(Secret("00000000000000000000000000000002"), "ws://app.test/media"));
  town.say_to_stream(town.mark("m"));
  town.run(Millis(400));
  town.update(town.sid, {{"Status", "completed"}});
  const auto same = [&](const char* event, const char* sample) {
    CAPTURE(event);
    REQUIRE_FALSE(town.socket->events(event).empty());
    CHECK(twilio_shape(town.socket->events(event)[0]) == twilio_shape(twilio_sample(sample)));
  };
  same("connected", "ws_01_connected");
  same("start", "ws_02_start");
  same("media", "ws_03_media_inbound_silence");
  same("dtmf", "ws_04_dtmf");
  same("mark", "ws_05_mark_echo");
  same("stop", "ws_06_stop");
  // One numbering over all but the first message, from 1.
  std::int64_t number = 0;
  for (const std::string& text : town.socket->texts) {
    const Json message = Json::parse(text).value();
    if (message["event"].string_or("") == "connected") continue;
    CHECK(message["sequenceNumber"].string_or("") == std::to_string(++number));
  }
  const auto media = town.socket->events("media");
  CHECK(media.size() == 20);
  CHECK(media[19]["media"]["chunk"].string_or("") == "20");
  CHECK(media[0]["media"]["payload"].string_or("").size() == 216);
  CHECK(town.socket->events("start")[0]["start"]["customParameters"]["tenant"].string_or("") ==
        "acme");
  CHECK(town.socket->events("dtmf")[0]["dtmf"]["track"].string_or("") == "inbound_track");
  CHECK(town.socket->closes == std::vector<int>{1000});
}

TEST_CASE("a clock that comes late does not make the caller's audio later", "[twilio_sim]") {
  OpenStream town;
  town.run(Millis(100));
  const std::size_t before = town.socket->events("media").size();
  for (const int late : {95, 20, 310, 7}) {
    town.now += Millis(late);
    town.carrier.on_deadline(town.now);
  }
  const auto media = town.socket->events("media");
  REQUIRE(media.size() > before + 20);
  const auto stamp = [&](std::size_t i) {
    return std::stoi(std::string(media[i]["media"]["timestamp"].string_or("")));
  };
  for (std::size_t i = 1; i < media.size(); ++i) {
    CAPTURE(i);
    CHECK(stamp(i) - stamp(i - 1) == 20);
  }
}

TEST_CASE("Twilio plays in order and in real time; marks tell what was heard", "[twilio_sim]") {
  OpenStream town;
  town.say_to_stream(town.mark("empty"));
  CHECK(town.echoes() == "empty ");
  town.say_to_stream(town.media(Bytes(8000, 0x20)));
  town.say_to_stream(town.mark("first"));
  town.say_to_stream(town.media(Bytes(4000, 0x30)));
  town.say_to_stream(town.mark("second"));
  town.run(Millis(999));
  CHECK(town.echoes() == "empty ");
  town.run(Millis(1));
  CHECK(town.echoes() == "empty first ");
  town.run(Millis(200));
  town.say_to_stream(town.clear());
  CHECK(town.echoes() == "empty first second ");
  town.run(Millis(2000));
  const SimLeg& leg = *town.carrier.leg(town.sid);
  // After the clear nothing is heard, to the byte.
  CHECK(leg.stats().heard_bytes == 8000 + 1600);
  CHECK(leg.stats().cleared_bytes == 2400);
  REQUIRE(leg.playout()->marks().size() == 3);
  CHECK(leg.playout()->marks()[2].by_clear);
  CHECK(leg.heard().size() == 9600);
  CHECK(leg.heard()[7999] == 0x20);
  CHECK(leg.heard()[8000] == 0x30);
}

TEST_CASE("what Twilio does not understand is dropped and counted; the stream goes on",
          "[twilio_sim]") {
  OpenStream town;
  const Json sample = twilio_sample("srv_invalid_examples");
  for (const JsonView one : sample["cases"].elements()) {
    if (one["raw"].exists()) {
      std::string text = one["raw"].string_or("");
      const std::string theirs = "MZ0f1e2d3c4b5a69788796a5b4c3d2e1f0";
      if (const auto at = text.find(theirs); at != std::string::npos) {
        text.replace(at, theirs.size(), town.opens[0].id);
      }
      town.say_to_stream(text);
    } else {
      town.carrier.on_stream_binary(town.opens[0].id, town.now);
    }
  }
  CHECK(town.carrier.warnings().invalid == 4);
  CHECK(town.carrier.warnings().malformed == 1);
  CHECK(town.echoes().empty());
  town.say_to_stream(town.media({}));
  town.say_to_stream(R"({"event":"media","streamSid":")" + town.opens[0].id + "\"}");
  CHECK(town.carrier.warnings().invalid == 6);
  town.say_to_stream(town.media(Bytes(160, 0x20)));
  town.run(Millis(100));
  CHECK(town.carrier.leg(town.sid)->stats().heard_bytes == 160);
}

TEST_CASE("a gap lets the timestamp jump, and no number is left out", "[twilio_sim]") {
  OpenStream town(R"({"ring_ms":300,"faults":{"gaps":[{"begin_ms":200,"length_ms":400}]}})");
  town.run(Millis(1000));
  std::int64_t last = 0;
  std::int64_t longest = 0;
  std::int64_t chunk = 0;
  for (const Json& message : town.socket->events("media")) {
    const auto at = std::stoll(message["media"]["timestamp"].string_or("0"));
    CHECK(message["media"]["chunk"].string_or("") == std::to_string(++chunk));
    longest = std::max<std::int64_t>(longest, at - last);
    last = at;
  }
  CHECK(longest == 420);
  CHECK(town.carrier.leg(town.sid)->stats().frames_lost == 20);
}

TEST_CASE("an application that reads slowly loses audio, counted", "[twilio_sim]") {
  struct SlowSocket : SocketLog {
    std::size_t backlog() const override { return unread; }
    std::size_t unread = 0;
  };
  TwilioTown town;
  const std::string sid = town.dial(kStreamTwiml);
  town.run(Millis(360));
  SlowSocket socket;
  town.carrier.on_stream_open(town.opens[0].id, socket, town.now);
  town.run(Millis(200));
  const std::size_t before = socket.events("media").size();
  CHECK(before > 5);
  socket.unread = 1 << 20;
  town.run(Millis(200));
  CHECK(socket.events("media").size() == before);
  CHECK(town.carrier.warnings().overflow == 10);
  socket.unread = 0;
  town.run(Millis(200));
  CHECK(socket.events("media").size() == before + 10);
  town.update(sid, {{"Status", "completed"}});
}

TEST_CASE("sockets that are refused, dropped or left alone end <Connect>, and tell it",
          "[twilio_sim]") {
  const char* const twiml =
      R"(<Response><Connect action="http://app.test/after"><Stream url="ws://app.test/media" name="agent" statusCallback="http://app.test/stream"/></Connect></Response>)";
  TwilioTown town;
  town.pages["/after"] = "<Response><Say>Sorry.</Say></Response>";
  CallPlan plan = twilio_plan(R"({"ring_ms":300})");
  SECTION("refused") {
    town.carrier.plan_next("", plan);
    const std::string sid = town.dial(twiml);
    town.run(Millis(360));
    town.carrier.on_stream_refused(town.opens[0].id, 403, town.now);
    town.run(Millis(100));
    const auto told = town.at("/stream");
    REQUIRE(told.size() == 1);
    CHECK(names_of(told[0].fields) == names_of(twilio_sample("hook_stream_error")["fields"]));
    CHECK(told[0].field("StreamError").substr(0, 5) == "31920");
    CHECK(town.verbs(sid) == "Connect Say");
  }
  SECTION("closed by the application") {
    town.carrier.plan_next("", plan);
    const std::string sid = town.dial(twiml);
    town.run(Millis(360));
    town.take_stream();
    town.run(Millis(100));
    town.carrier.on_stream_closed(town.opens[0].id, town.now);
    town.serve();
    CHECK(names_of(town.at("/after").at(0).fields) ==
          names_of(twilio_sample("hook_connect_action")["fields"]));
    town.run(Millis(100));
    CHECK(town.told("/stream", "StreamEvent") == "stream-started stream-stopped");
    CHECK(town.told("/stream", "StreamName") == "agent agent");
    CHECK(town.carrier.warnings().closed_by_server == 1);
    CHECK(town.verbs(sid) == "Connect Say");
  }
  SECTION("broken by the network") {
    plan.drop_stream_after = Millis(500);
    town.carrier.plan_next("", plan);
    town.dial(twiml);
    town.run(Millis(360));
    SocketLog& socket = town.take_stream();
    town.run(Millis(600));
    CHECK(socket.closes == std::vector<int>{1011});
    CHECK(socket.events("stop").empty());
    CHECK(town.at("/after").size() == 1);
  }
  SECTION("an address with a query is never connected to") {
    const std::string sid = town.dial(
        R"(<Response><Connect><Stream url="ws://app.test/media?token=1"/></Connect><Say>Sorry.</Say></Response>)");
    town.run(Millis(400));
    CHECK(town.opens.empty());
    CHECK(town.carrier.warnings().handshake == 1);
    CHECK(town.verbs(sid) == "Connect Say");
  }
}

TEST_CASE("the chaos of media sockets: no start, no stop, late echoes, a stop beside a clear",
          "[twilio_sim]") {
  TwilioMediaChaos chaos;
  SECTION("no start") {
    chaos.withhold_start = true;
    OpenStream town(R"({"ring_ms":300})", chaos);
    town.run(Millis(1000));
    CHECK(town.socket->texts.size() == 1);
  }
  SECTION("no stop") {
    chaos.withhold_stop = true;
    OpenStream town(R"({"ring_ms":300})", chaos);
    town.update(town.sid, {{"Status", "completed"}});
    CHECK(town.socket->events("stop").empty());
    CHECK(town.socket->closes == std::vector<int>{1000});
  }
  SECTION("a mark is being echoed while a clear comes") {
    chaos.mark_delay = Millis(80);
    OpenStream town(R"({"ring_ms":300})", chaos);
    town.say_to_stream(town.media(Bytes(800, 0x20)));
    town.say_to_stream(town.mark("0:a"));
    town.run(Millis(120));
    CHECK(town.echoes().empty());
    town.say_to_stream(town.mark("0:b"));
    town.say_to_stream(town.clear());
    town.run(Millis(200));
    CHECK(town.echoes() == "0:a 0:b ");
  }
  SECTION("hang-up beside a clear: marks come before the stop") {
    chaos.mark_delay = Millis(80);
    OpenStream town(R"({"ring_ms":300})", chaos);
    town.say_to_stream(town.media(Bytes(800, 0x20)));
    town.say_to_stream(town.mark("m"));
    town.say_to_stream(town.clear());
    town.update(town.sid, {{"Status", "completed"}});
    CHECK(town.echoes() == "m ");
    CHECK(Json::parse(town.socket->texts.back()).value()["event"].string_or("") == "stop");
    CHECK(town.carrier.leg(town.sid)->stats().unplayed_bytes == 0);
  }
}

TEST_CASE("one-way streams copy both directions, beside <Connect> and by the API", "[twilio_sim]") {
  TwilioTown town;
  town.carrier.plan_next(
      "",
      twilio_plan(R"({"ring_ms":300,"script":[{"wait":"ms","ms":200},{"tone":440,"ms":200}]})"));
  const std::string sid = town.dial(
      R"(<Response><Start><Stream url="ws://app.test/tap" track="both_tracks" name="tap"/></Start><Say>Hello there.</Say><Stop><Stream name="tap"/></Stop><Pause length="9"/></Response>)");
  town.run(Millis(360));
  REQUIRE(town.opens.size() == 1);
  SocketLog& socket = town.take_stream();
  town.say_to_stream(town.media(Bytes(160, 0x20)));
  CHECK(town.carrier.warnings().invalid == 1);
  town.run(Millis(1000));
  CHECK(twilio_shape(socket.events("start")[0]) ==
        twilio_shape(twilio_sample("ws_02b_start_unidirectional_both_tracks")));
  CHECK(socket.events("start")[0]["start"]["tracks"].size() == 2);
  std::map<std::string, int> tracks;
  for (const Json& message : socket.events("media"))
    ++tracks[message["media"]["track"].string_or("")];
  CHECK(tracks["inbound"] == tracks["outbound"]);
  CHECK(tracks["inbound"] > 30);
  CHECK(socket.closes == std::vector<int>{1000});  // <Stop>

  const auto made = town.ask("POST", "/Calls/" + sid + "/Streams.json",
                             {{"Url", "ws://app.test/more"},
                              {"Name", "more"},
                              {"Parameter1.Name", "tenant"},
                              {"Parameter1.Value", "acme"}});
  CHECK(made.response.status == 201);
  CHECK(names_of(Json::parse(made.response.body).value()) ==
        names_of(twilio_sample("rest_stream_create_unidirectional")["response"]["body"]));
  SocketLog& more = town.take_stream();
  CHECK(more.events("start")[0]["start"]["customParameters"]["tenant"].string_or("") == "acme");
  CHECK(town.summary("POST", "/Calls/" + sid + "/Streams/more.json", {{"Status", "stopped"}}) ==
        "200");
  CHECK(more.closes == std::vector<int>{1000});
  CHECK(town.summary("POST", "/Calls/" + sid + "/Streams/none.json", {{"Status", "stopped"}}) ==
        "404 20404");
  CHECK(town.status(sid) == "in-progress");
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
