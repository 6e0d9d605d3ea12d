#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const char* const kTalks = R"({"script":[{"tone":440,"ms":60000}]})";

struct Conference : Network {
  explicit Conference(int legs, const char* every = kTalks) : Network(default_options()) {
    for (int i = 0; i < legs; ++i) {
      carrier.plan_next("", plan(every));
      leg.push_back(dial());
    }
    run(Millis(1200));
    posts.clear();
    answered = 0;
  }

  std::string create(const std::string& more = "") {
    const auto reply =
        request("POST", "/v2/conferences",
                R"({"call_control_id":")" + leg[0] + R"(","name":"warm")" + more + "}");
    created = summary(reply.response);
    id = Json::parse(reply.response.body).value()["data"]["id"].string_or("");
    return id;
  }
  std::string act_on(const std::string& action, const std::string& body = "{}") {
    return post("/v2/conferences/" + id + "/actions/" + action, body);
  }
  std::string join(std::size_t which, const std::string& more = "") {
    return act_on("join", R"({"call_control_id":")" + leg[which] + "\"" + more + "}");
  }
  std::string with(const std::string& action, std::size_t which) {
    return act_on(action, R"({"call_control_ids":[")" + leg[which] + "\"]}");
  }
  /// Who hears whom: "0<1 1<0" is that 0 hears 1 and 1 hears 0.
  std::string hearing() const {
    std::string text;
    for (std::size_t a = 0; a < leg.size(); ++a) {
      for (std::size_t b = 0; b < leg.size(); ++b) {
        if (carrier.hears(leg[a], leg[b]))
          text += std::to_string(a) + "<" + std::to_string(b) + " ";
      }
    }
    return text;
  }
  std::string payload(const std::string& type, const char* member) const {
    return event(type)["data"]["payload"][member].string_or("");
  }

  std::vector<std::string> leg;
  std::string id;
  std::string created;
};

}  // namespace

TEST_CASE("a conference is made with a leg, joined, left and ends with the last of them") {
  Conference net(2);
  net.create();
  CHECK(net.created == "200");
  CHECK(net.hearing().empty());
  CHECK(net.join(1) == "200");
  CHECK(net.hearing() == "0<1 1<0 ");
  CHECK(net.carrier.conference_of(net.leg[1]) == net.id);
  net.run(Millis(500));
  CHECK(net.carrier.heard_from(net.leg[0], net.leg[1]) >= Millis(480));
  CHECK(net.join(1) == "422 90044");
  CHECK(net.act_on("leave", R"({"call_control_id":")" + net.leg[1] + "\"}") == "200");
  CHECK(net.hearing().empty());
  CHECK(net.carrier.active_calls() == 2);
  CHECK(net.act(net.leg[0], "hangup") == "200");
  net.run(Millis(100));
  CHECK(net.types() ==
        std::vector<std::string>{"conference.created", "conference.participant.joined",
                                 "conference.participant.joined", "conference.floor.changed",
                                 "conference.participant.left", "call.hangup",
                                 "conference.participant.left", "conference.ended"});
  CHECK(net.payload("conference.ended", "reason") == "all_left");
  CHECK(net.join(1) == "422 90019");
  net.id = "00000000-0000-4000-8000-000000000000";
  CHECK(net.join(1) == "404 90058");
}

TEST_CASE("hold and mute decide who hears whom, for some or for all") {
  Conference net(3);
  net.create();
  net.join(1);
  net.join(2, R"(,"mute":true)");
  CHECK(net.hearing() == "0<1 1<0 2<0 2<1 ");
  CHECK(net.with("unmute", 2) == "200");
  CHECK(net.with("hold", 0) == "200");
  CHECK(net.hearing() == "1<2 2<1 ");
  CHECK(net.act_on("unhold") == "422 10004 /call_control_ids");
  CHECK(net.with("unhold", 0) == "200");
  CHECK(net.act_on("mute") == "200");
  CHECK(net.hearing().empty());
  CHECK(net.act_on("unmute") == "200");
  CHECK(net.act_on("hold") == "200");
  CHECK(net.hearing().empty());
  CHECK(net.act_on("mute", R"({"call_control_ids":["v3:nobody"]})") ==
        "422 90015 /call_control_ids");
}

TEST_CASE("a supervisor monitors, whispers to some and barges in") {
  Conference net(3);
  net.create();
  net.join(1);
  net.join(2, R"(,"supervisor_role":"monitor")");
  CHECK(net.hearing() == "0<1 1<0 2<0 2<1 ");
  const auto update = [&](const std::string& more) {
    return net.act_on("update", R"({"call_control_id":")" + net.leg[2] + "\"," + more + "}");
  };
  CHECK(update(R"("supervisor_role":"whisper","whisper_call_control_ids":[")" + net.leg[1] +
               "\"]") == "200");
  CHECK(net.hearing() == "0<1 1<0 1<2 2<0 2<1 ");
  CHECK(update(R"("supervisor_role":"barge")") == "200");
  CHECK(net.hearing() == "0<1 0<2 1<0 1<2 2<0 2<1 ");
  CHECK(update(R"("supervisor_role":"shout")") == "422 10032 /supervisor_role");
}

TEST_CASE("the host's leaving ends the conference: hard, softly, by command, by time") {
  const auto ended = [](const std::string& how, auto leave) {
    Conference net(3);
    net.create();
    net.join(1, how);
    net.join(2);
    leave(net);
    net.run(Millis(100));
    return net.payload("conference.ended", "reason") + " " +
           std::to_string(net.carrier.active_calls());
  };
  const auto hang_up_1 = [](Conference& net) { net.act(net.leg[1], "hangup"); };
  CHECK(ended(R"(,"end_conference_on_exit":true)", hang_up_1) == "host_left 0");
  CHECK(ended(R"(,"soft_end_conference_on_exit":true)", hang_up_1) == "host_left 2");
  CHECK(ended("", hang_up_1) == " 2");
  CHECK(ended("", [](Conference& net) { net.act_on("end"); }) == "ended_via_api 0");

  Conference net(1);
  net.create(R"(,"duration_minutes":2)");
  net.run(std::chrono::minutes(2));
  net.run(Millis(100));
  CHECK(net.payload("conference.ended", "reason") == "time_exceeded");
}

TEST_CASE("a conference is refused with the vendor's errors") {
  Conference net(3);
  CHECK(net.post("/v2/conferences", "{}") == "422 10004 /call_control_id");
  CHECK(net.post("/v2/conferences", R"({"call_control_id":"v3:nobody","name":"n"})") ==
        "422 90015 /call_control_id");
  net.create(R"(,"max_participants":2)");
  const std::string first = net.id;
  net.create();
  CHECK(net.created == "422 90033");
  net.id = first;
  CHECK(net.join(1) == "200");
  CHECK(net.join(2) == "422 90032");
  CHECK(net.act_on("shout") == "404 10007");
  net.act(net.leg[2], "hangup");
  CHECK(net.join(2) == "422 90018");
  const std::string ringing = net.dial();
  CHECK(net.act_on("join", R"({"call_control_id":")" + ringing + "\"}") == "422 90034");
}

TEST_CASE("a conference command with a known command_id is not done twice") {
  Conference net(2);
  net.create();
  CHECK(net.join(1, R"(,"command_id":"j1")") == "200");
  CHECK(net.join(1, R"(,"command_id":"j1")") == "200");
  CHECK(net.carrier.requests().back().repeated);
  CHECK(net.carrier.requests().back().command == "conference.join");
}

TEST_CASE(
    "a dialled leg joins by its conference_config, and makes the conference that is not there") {
  Network net;
  net.carrier.plan_number("+33155556666", plan(R"({"ring_ms":500})"));
  const std::string a =
      net.dial(R"(,"conference_config":{"conference_name":"room","end_conference_on_exit":true})");
  net.run(Millis(1200));
  const std::string conference = net.carrier.conference_of(a);
  CHECK_FALSE(conference.empty());
  const auto dialled = net.request(
      "POST", "/v2/calls",
      R"({"connection_id":"1","to":"+33155556666","from":"+33199001234","conference_config":{"id":")" +
          conference + R"(","mute":true}})");
  const std::string b =
      Json::parse(dialled.response.body).value()["data"]["call_control_id"].string_or("");
  net.run(Millis(600));
  CHECK(net.carrier.conference_of(b) == conference);
  CHECK(net.carrier.hears(b, a));
  CHECK_FALSE(net.carrier.hears(a, b));
}

TEST_CASE("a conference that has not started holds everybody until the starter enters") {
  Conference net(3);
  net.create(R"(,"start_conference_on_create":false)");
  net.join(1);
  CHECK(net.hearing().empty());
  net.join(2, R"(,"start_conference_on_enter":true)");
  CHECK(net.hearing() == "0<1 0<2 1<0 1<2 2<0 2<1 ");
}

TEST_CASE("speech and music in a conference are for all or for some, and can be stopped") {
  Conference net(
      2, R"({"script":[{"wait":"agent_speaking","ms":100,"timeout_ms":9000},{"dtmf":"1"}]})");
  net.create();
  net.join(1);
  CHECK(
      net.act_on("speak", R"({"payload":"twenty characters ..","voice":"v","call_control_ids":[")" +
                              net.leg[1] + "\"]}") == "200");
  net.run(Millis(1400));
  CHECK(net.count("conference.participant.speak.started") == 1);
  CHECK(net.count("conference.participant.speak.ended") == 1);
  CHECK(net.count("call.dtmf.received") == 1);  // of the one that heard it
  CHECK(net.act_on("play", R"({"audio_url":"https://x.test/hold.mp3","loop":"infinity"})") ==
        "200");
  net.run(Millis(5000));
  CHECK(net.count("conference.playback.started") == 1);
  CHECK(net.count("conference.playback.ended") == 0);
  CHECK(net.act_on("stop") == "200");
  net.run(Millis(100));
  CHECK(net.count("conference.playback.ended") == 1);
  CHECK(net.act_on("play") == "422 10004 /audio_url");
}

TEST_CASE("a conference is recorded, sends keys, and is told in the state and by GET") {
  Conference net(2);
  net.create();
  net.join(1);
  CHECK(net.act_on("record_start", R"({"format":"mp3"})") == "200");
  CHECK(net.act_on("record_pause") == "200");
  CHECK(net.act_on("record_resume") == "200");
  CHECK(net.act_on("record_stop") == "200");
  CHECK(net.act_on("send_dtmf", R"({"digits":"12#","call_control_ids":[")" + net.leg[1] + "\"]}") ==
        "200");
  net.run(Millis(1500));
  CHECK(net.payload("conference.recording.saved", "channels") == "single");
  const Json state = Json::parse(net.carrier.state_json(net.now)).value();
  CHECK(state["calls"].at(1)["digits_heard"].string() == "12#");
  CHECK(state["calls"].at(0)["hears"].at(0).string() == net.leg[1]);
  CHECK(state["calls"].at(0)["heard_ms"][net.leg[1]].integer_or(0) > 1000);
  CHECK(state["conferences"].at(0)["status"].string() == "in_progress");
  CHECK(state["conferences"].at(0)["participants"].size() == 2);
  const auto listed = net.request("GET", "/v2/conferences/" + net.id + "/participants", "");
  const Json participants = Json::parse(listed.response.body).value();
  REQUIRE(participants["data"].size() == 2);
  const std::string participant = participants["data"].at(0)["id"].string_or("");
  const auto patched =
      net.request("PATCH", "/v2/conferences/" + net.id + "/participants/" + participant,
                  R"({"end_conference_on_exit":true})");
  CHECK(patched.response.status == 200);
  CHECK(net.request("GET", "/v2/conferences/" + net.id, "").response.status == 200);
  CHECK(net.request("GET", "/v2/conferences", "").response.status == 200);
  net.act(net.leg[0], "hangup");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 0);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
