#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const char* const kSpeaks = R"({"ring_ms":500,"script":[{"tone":440,"ms":60000}]})";

struct Legs : Network {
  /// Calls a number whose callee follows `plan_json`.
  std::string call(const char* to, const char* plan_json, const std::string& more = "") {
    carrier.plan_next(to, plan(plan_json));
    const auto reply = request("POST", "/v2/calls",
                               R"({"connection_id":"1","from":"+33199001234","to":")" +
                                   std::string(to) + "\"" + more + "}");
    return Json::parse(reply.response.body).value()["data"]["call_control_id"].string_or("");
  }
  std::string bridge(const std::string& a, const std::string& b, const std::string& more = "") {
    return act(a, "bridge", R"({"call_control_id":")" + b + "\"" + more + "}");
  }
};

}  // namespace

TEST_CASE("bridged legs hear each other, and a new bridge leaves the old peer behind") {
  Legs net;
  const std::string a = net.call("+33100000001", kSpeaks);
  const std::string b = net.call("+33100000002", kSpeaks);
  const std::string c = net.call("+33100000003", kSpeaks);
  net.run(Millis(1000));
  CHECK_FALSE(net.carrier.hears(a, b));
  CHECK(net.bridge(a, b) == "200");
  CHECK(net.carrier.hears(a, b));
  CHECK(net.carrier.hears(b, a));
  net.run(Millis(1000));
  CHECK(net.carrier.heard_from(a, b) >= Millis(980));
  CHECK(net.carrier.heard_from(c, a) == Millis(0));
  CHECK(net.bridge(a, c) == "200");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 2);
  CHECK(net.carrier.hears(a, c));
  CHECK(net.act(b, "hangup") == "422 90018");
}

TEST_CASE(
    "a leg dialled with link_to and bridge_on_answer is bridged, keeps the session, stays parked") {
  Legs net;
  const std::string a = net.call("+33100000001", kSpeaks);
  net.run(Millis(1000));
  const std::string b =
      net.call("+33100000002", kSpeaks,
               R"(,"bridge_on_answer":true,"park_after_unbridge":"self","link_to":")" + a + "\"");
  net.run(Millis(1000));
  CHECK(net.count("call.bridged") == 2);
  const Json state = Json::parse(net.carrier.state_json(net.now)).value();
  CHECK(state["calls"].at(1)["bridged_with"].string() == a);
  CHECK(net.act(a, "hangup") == "200");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 1);
  CHECK(net.act(b, "hangup") == "200");
}

TEST_CASE("a blind transfer ends as the target wills, and a failed one leaves the leg alone") {
  const auto outcome = [](const char* target, Millis wait = Millis(3000)) {
    Legs net;
    const std::string a = net.call("+33100000001", kSpeaks);
    net.run(Millis(1000));
    net.posts.clear();
    net.answered = 0;
    net.carrier.plan_next("+33155556666", plan(target));
    CHECK(net.act(a, "transfer", R"({"to":"+33155556666","timeout_secs":10})") == "200");
    net.run(wait);
    const std::string cause =
        net.event("call.hangup")["data"]["payload"]["hangup_cause"].string_or("");
    return cause + " " + std::to_string(net.count("call.bridged")) + " " +
           std::to_string(net.carrier.active_calls());
  };
  CHECK(outcome(R"({})") == " 2 2");
  CHECK(outcome(R"({"outcome":"busy"})") == "user_busy 0 1");
  CHECK(outcome(R"({"outcome":"decline"})") == "call_rejected 0 1");
  CHECK(outcome(R"({"outcome":"timeout"})", Millis(12000)) == "timeout 0 1");
  CHECK(outcome(R"({"hangup_after_ms":500})") == "normal_clearing 2 0");
}

TEST_CASE("audio_url of a transfer is heard by the target before the bridge") {
  Legs net;
  const std::string a = net.call("+33100000001", kSpeaks);
  net.run(Millis(1000));
  CHECK(net.act(a, "transfer", R"({"to":"+33155556666","audio_url":"https://x.test/hi.mp3"})") ==
        "200");
  net.run(Millis(2000));
  CHECK(net.count("call.playback.started") == 1);
  CHECK(net.count("call.bridged") == 0);
  net.run(Millis(2000));
  CHECK(net.count("call.playback.ended") == 1);
  CHECK(net.count("call.bridged") == 2);
}

TEST_CASE("what the agent plays to the opposite is heard by the peer, not by the leg") {
  Legs net;
  const char* waits =
      R"({"ring_ms":500,"script":[{"wait":"agent_speaking","ms":200,"timeout_ms":30000},{"dtmf":"1"}]})";
  const std::string a = net.call(
      "+33100000001", waits,
      R"(,"stream_url":"wss://app.test/s","stream_bidirectional_mode":"rtp","stream_bidirectional_codec":"PCMA")");
  const std::string b = net.call("+33100000002", waits);
  net.run(Millis(1000));
  SocketLog socket;
  net.carrier.on_stream_open(a, socket, net.now);
  net.run(Millis(100));
  net.bridge(a, b);
  net.carrier.on_stream_text(a, media_message(Bytes(4000, 0x20)), net.now);
  net.run(Millis(1000));
  REQUIRE(net.count("call.dtmf.received") == 1);
  CHECK(net.event("call.dtmf.received")["data"]["payload"]["call_control_id"].string() == b);
  CHECK(net.carrier.media(a)->stats().opposite_bytes == 4000);
  CHECK(net.carrier.media(a)->stats().heard_bytes == 0);
}

TEST_CASE("a supervising leg hears its call and is heard by role") {
  Legs net;
  const std::string a = net.call("+33100000001", kSpeaks);
  const std::string b = net.call("+33100000002", kSpeaks);
  net.run(Millis(1000));
  net.bridge(a, b);
  const std::string s =
      net.call("+33100000003", kSpeaks,
               R"(,"supervisor_role":"monitor","supervise_call_control_id":")" + a + "\"");
  net.run(Millis(1000));
  CHECK(net.carrier.hears(s, a));
  CHECK(net.carrier.hears(s, b));
  CHECK_FALSE(net.carrier.hears(a, s));
  CHECK(net.act(s, "switch_supervisor_role", R"({"role":"whisper"})") == "200");
  CHECK(net.carrier.hears(a, s));
  CHECK_FALSE(net.carrier.hears(b, s));
  CHECK(net.act(s, "switch_supervisor_role", R"({"role":"barge"})") == "200");
  CHECK(net.carrier.hears(b, s));
  net.run(Millis(500));
  CHECK(net.carrier.heard_from(s, b) > Millis(400));
  CHECK(net.carrier.heard_from(b, s) > Millis(400));
  CHECK(net.act(a, "switch_supervisor_role", R"({"role":"barge"})") == "422 10015 /role");
  CHECK(net.act(s, "switch_supervisor_role") == "422 10004 /role");
}

TEST_CASE(
    "queues take calls up to their size, in order, and let them go by bridge, wish, time, "
    "hang-up") {
  Legs net;
  std::vector<std::string> leg;
  for (int i = 0; i < 4; ++i) leg.push_back(net.call("+33100000001", kSpeaks));
  net.run(Millis(1000));
  const char* queue = R"({"queue_name":"support","max_size":2,"max_wait_time_secs":60})";
  CHECK(net.act(leg[0], "enqueue", queue) == "200");
  CHECK(net.act(leg[0], "enqueue", queue) == "422 90038");
  CHECK(net.act(leg[1], "enqueue", queue) == "200");
  CHECK(net.act(leg[2], "enqueue", queue) == "422 90036");
  CHECK(net.act(leg[2], "leave_queue") == "422 90035");
  CHECK(net.act(leg[3], "bridge", R"({})") == "422 10004 /call_control_id");
  CHECK(net.act(leg[3], "bridge", R"({"queue":"support"})") == "200");
  CHECK(net.carrier.hears(leg[3], leg[0]));
  const auto reason = [&] {
    net.run(Millis(100));
    std::string all;
    for (const auto& post : net.posts) {
      const Json json = Json::parse(post.body).value();
      if (json["data"]["event_type"].string() == "call.dequeued")
        all += json["data"]["payload"]["reason"].string_or("") + " ";
    }
    return all;
  };
  CHECK(reason() == "bridged ");
  CHECK(net.act(leg[1], "leave_queue") == "200");
  CHECK(reason() == "bridged leave ");
  net.act(leg[1], "enqueue", queue);
  net.act(leg[2], "enqueue", queue);
  net.act(leg[1], "hangup");
  CHECK(reason() == "bridged leave hangup ");
  net.run(Millis(60000));
  CHECK(reason() == "bridged leave hangup timeout ");
}

TEST_CASE("what an option names is refused with 90045 while a stream is open") {
  auto options = Network::default_options();
  options.refused_while_streaming = {"bridge", "conference.join", "fork_start"};
  Network net(options);
  const std::string a = net.dial(R"(,"stream_url":"wss://app.test/s")");
  const std::string b = net.dial();
  net.run(Millis(2000));
  SocketLog socket;
  net.carrier.on_stream_open(a, socket, net.now);
  CHECK(net.act(a, "bridge", R"({"call_control_id":")" + b + "\"}") == "422 90045");
  CHECK(net.act(b, "bridge", R"({"call_control_id":")" + a + "\"}") == "422 90045");
  CHECK(net.act(a, "fork_start", R"({"rx":"udp:192.0.2.1:9000"})") == "422 90045");
  CHECK(net.act(a, "streaming_stop") == "200");
  CHECK(net.act(a, "bridge", R"({"call_control_id":")" + b + "\"}") == "200");
}

TEST_CASE("calls that bridge, join and end in any order leave nobody behind", "[property]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    Legs net;
    std::vector<std::string> leg;
    for (int i = 0; i < 4; ++i) leg.push_back(net.call("+33100000001", R"({"ring_ms":100})"));
    net.run(Millis(300));
    std::string conference;
    for (int step = 0; step < 40; ++step) {
      const std::string& one = leg[random.up_to(leg.size() - 1)];
      const std::string& two = leg[random.up_to(leg.size() - 1)];
      switch (random.up_to(6)) {
        case 0:
          net.bridge(one, two, random.chance(0.5) ? R"(,"park_after_unbridge":"self")" : "");
          break;
        case 1: {
          const auto made = net.request("POST", "/v2/conferences",
                                        R"({"name":"n","call_control_id":")" + one + "\"}");
          if (made.response.status == 200)
            conference = Json::parse(made.response.body).value()["data"]["id"].string_or("");
          break;
        }
        case 2:
          net.post("/v2/conferences/" + conference + "/actions/join",
                   R"({"end_conference_on_exit":)" +
                       std::string(random.chance(0.3) ? "true" : "false") +
                       R"(,"call_control_id":")" + one + "\"}");
          break;
        case 3:
          net.post("/v2/conferences/" + conference + "/actions/leave",
                   R"({"call_control_id":")" + one + "\"}");
          break;
        case 4:
          if (random.chance(0.3)) net.act(one, "hangup");
          break;
        case 5:
          net.act(one, "enqueue", R"({"queue_name":"q"})");
          break;
        default:
          net.run(Millis(40));
      }
      for (const std::string& a : leg) {
        for (const std::string& b : leg) {
          // Without roles, mute and hold hearing is mutual.
          CHECK(net.carrier.hears(a, b) == net.carrier.hears(b, a));
        }
      }
    }
    for (const std::string& one : leg) net.act(one, "hangup");
    net.run(Millis(100));
    CHECK(net.carrier.active_calls() == 0);
    CHECK(net.count("call.hangup") == 4);
    CHECK(net.count("conference.created") == net.count("conference.ended"));
    CHECK(net.count("conference.participant.joined") == net.count("conference.participant.left"));
    CHECK(net.count("call.enqueued") == net.count("call.dequeued"));
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
