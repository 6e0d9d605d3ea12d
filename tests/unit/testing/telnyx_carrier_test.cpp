#include "voicebridge/testing/telnyx_carrier.hpp"

#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const char* const kStream =
    R"(,"stream_url":"wss://app.test/stream","stream_bidirectional_mode":"rtp","stream_bidirectional_codec":"PCMA",)"
    R"("stream_bidirectional_target_legs":"self","stream_auth_token":"once")";

}  // namespace

TEST_CASE(
    "a dialled call is initiated, answered and hung up, with the fields of the real webhooks") {
  Network net;
  const std::string id = net.dial(R"(,"client_state":"c3RhdGU=")");
  CHECK(id.substr(0, 3) == "v3:");
  net.run(Millis(1100));
  REQUIRE(net.types() == std::vector<std::string>{"call.initiated", "call.answered"});
  const Json initiated = net.event("call.initiated");
  CHECK(initiated["data"]["record_type"].string_or("") == "event");
  CHECK(initiated["data"]["occurred_at"].string_or("").size() == 27);
  CHECK(initiated["data"]["payload"]["direction"].string_or("") == "outgoing");
  CHECK(initiated["data"]["payload"]["state"].string_or("") == "bridging");
  CHECK(initiated["data"]["payload"]["client_state"].string_or("") == "c3RhdGU=");
  CHECK(initiated["data"]["payload"]["to"].string_or("") == "+33639981234");
  CHECK(initiated["meta"]["attempt"].integer_or(0) == 1);
  CHECK(initiated["meta"]["delivered_to"].string_or("") == "http://app.test/telnyx/webhooks");
  CHECK(net.event("call.answered")["data"]["payload"]["codec"].string_or("") == "PCMA");

  const auto alive = net.request("GET", "/v2/calls/" + id, "");
  CHECK(Json::parse(alive.response.body).value()["data"]["is_alive"].bool_or(false));
  CHECK(net.act(id, "hangup") == "200");
  net.run(Millis(100));
  const Json hangup = net.event("call.hangup");
  CHECK(hangup["data"]["payload"]["hangup_cause"].string_or("") == "normal_clearing");
  CHECK(hangup["data"]["payload"]["hangup_source"].string_or("") == "caller");
  CHECK(hangup["data"]["payload"]["sip_hangup_cause"].string_or("") == "200");
  CHECK(hangup["data"]["payload"]["call_quality_stats"]["inbound"]["mos"].is_string());
  CHECK(net.act(id, "hangup") == "422 90018");
  CHECK(net.carrier.active_calls() == 0);
  net.run(std::chrono::minutes(11));
  CHECK(Network::summary(net.request("GET", "/v2/calls/" + id, "").response) == "404 10007");
}

TEST_CASE("every way a call is not answered has its cause, source and SIP code") {
  const auto outcome = [](const char* json, Millis wait = Millis(2000)) {
    Network net;
    net.carrier.plan_next("", plan(json));
    net.dial();
    net.run(wait);
    const Json hangup = net.event("call.hangup");
    const JsonView payload = hangup["data"]["payload"];
    CHECK_FALSE(payload["call_quality_stats"].is_object());
    return payload["hangup_cause"].string_or("") + " " + payload["hangup_source"].string_or("") +
           " " + payload["sip_hangup_cause"].string_or("");
  };
  CHECK(outcome(R"({"outcome":"busy"})") == "user_busy callee 486");
  CHECK(outcome(R"({"outcome":"decline"})") == "call_rejected callee 603");
  CHECK(outcome(R"({"outcome":"no_answer"})") == "no_answer callee 480");
  CHECK(outcome(R"({"outcome":"not_found"})") == "not_found callee 404");
  CHECK(outcome(R"({"outcome":"route_failure"})") == "unspecified unknown 503");
  CHECK(outcome(R"({"outcome":"timeout"})") == "  ");
  CHECK(outcome(R"({"outcome":"timeout"})", Millis(31000)) == "timeout unknown 487");
}

TEST_CASE("hanging up while it rings, the length limit and the callee end a call too") {
  Network early;
  const std::string id = early.dial();
  early.run(Millis(500));
  CHECK(early.act(id, "hangup") == "200");
  early.run(Millis(5000));
  CHECK(early.event("call.hangup")["data"]["payload"]["hangup_cause"].string_or("") ==
        "originator_cancel");
  CHECK(early.count("call.answered") == 0);

  Network limit;
  limit.dial(R"(,"time_limit_secs":30)");
  limit.run(Millis(32000));
  CHECK(limit.event("call.hangup")["data"]["payload"]["hangup_cause"].string_or("") ==
        "time_limit");

  Network callee;
  callee.carrier.plan_next("", plan(R"({"hangup_after_ms":700})"));
  callee.dial();
  callee.run(Millis(3000));
  CHECK(callee.event("call.hangup")["data"]["payload"]["hangup_source"].string_or("") == "callee");
}

TEST_CASE("answering machine detection says what the plan says, when asked") {
  const auto amd = [](const char* json, const char* mode, Millis wait) {
    Network net;
    net.carrier.plan_next("", plan(json));
    net.dial(std::string(R"(,"answering_machine_detection":")") + mode + "\"");
    net.run(wait);
    std::string text;
    for (const std::string& type : net.types()) {
      if (type.rfind("call.machine.", 0) == 0)
        text += type.substr(13) + "=" + net.result(type) + " ";
    }
    return text;
  };
  CHECK(amd(R"({})", "premium", Millis(4000)) == "premium.detection.ended=human_residence ");
  CHECK(amd(R"({})", "disabled", Millis(4000)).empty());
  CHECK(amd(R"({"amd":{"result":"human_business","delay_ms":5000}})", "premium", Millis(4000))
            .empty());
  CHECK(
      amd(R"({"amd":{"result":"machine","greeting":"beep_detected"}})", "premium", Millis(8000)) ==
      "premium.detection.ended=machine premium.greeting.ended=beep_detected ");
  CHECK(
      amd(R"({"amd":{"result":"machine","greeting":"beep_detected","beep_before_detection":true}})",
          "premium", Millis(8000)) == "premium.greeting.ended=beep_detected ");
  CHECK(amd(R"({"amd":{"result":"silence"}})", "premium", Millis(4000)) ==
        "premium.detection.ended=silence ");
  CHECK(amd(R"({"amd":{"result":"fax_detected"}})", "premium", Millis(4000)) ==
        "premium.detection.ended=fax_detected ");
  CHECK(amd(R"({"amd":{"result":"not_sure"}})", "premium", Millis(30000)).empty());
  CHECK(amd(R"({"amd":{"result":"not_sure"}})", "premium", Millis(32000)) ==
        "premium.detection.ended=not_sure ");
  CHECK(amd(R"({"amd":{"result":""}})", "premium", Millis(60000)).empty());
  CHECK(amd(R"({"amd":{"result":"human_business"}})", "detect", Millis(4000)) ==
        "detection.ended=human ");
  CHECK(amd(R"({"amd":{"result":"fax_detected"}})", "detect", Millis(4000)) ==
        "detection.ended=machine ");
}

TEST_CASE("the media stream: token, started, audio both ways, stopped") {
  Network net;
  const std::string id = net.dial(kStream);
  net.run(Millis(2000));
  REQUIRE(net.opens.size() == 1);
  CHECK(net.opens[0].id == id);
  CHECK(net.opens[0].url == "wss://app.test/stream");
  CHECK(net.opens[0].headers.find("x-telnyx-streaming-auth-token") == "once");
  SocketLog socket;
  net.carrier.on_stream_open(id, socket, net.now);
  net.run(Millis(200));
  CHECK(socket.events("start").size() == 1);
  CHECK(socket.events("media").size() >= 8);
  net.carrier.on_stream_text(id, media_message(Bytes(800, 0x20)), net.now);
  net.run(Millis(200));
  CHECK(net.carrier.media(id)->heard() == Bytes(800, 0x20));
  CHECK(net.act(id, "streaming_start", R"({"stream_url":"wss://x.test"})") == "422 90045");
  CHECK(net.act(id, "streaming_stop") == "200");
  net.run(Millis(100));
  CHECK(socket.events("stop").size() == 1);
  CHECK(socket.closes.size() == 1);
  CHECK(net.count("streaming.started") == 1);
  CHECK(net.count("streaming.stopped") == 1);
  CHECK(net.act(id, "streaming_start", R"({"stream_url":"wss://again.test"})") == "200");
  CHECK(net.opens.size() == 2);
}

TEST_CASE("a refused stream leaves the call up and silent, a lost one can be opened again") {
  Network net;
  const std::string id = net.dial(kStream);
  net.run(Millis(2000));
  net.carrier.on_stream_refused(id, 403, net.now);
  net.run(Millis(100));
  const Json failed = net.event("streaming.failed");
  CHECK(failed["data"]["payload"]["failure_reason"].string_or("") == "connection_failed");
  CHECK(failed["data"]["payload"]["stream_params"]["stream_url"].string_or("") ==
        "wss://app.test/stream");
  CHECK(net.carrier.active_calls() == 1);
  CHECK(net.act(id, "streaming_start", R"({"stream_url":"wss://x.test"})") == "200");
  SocketLog socket;
  net.carrier.on_stream_open(id, socket, net.now);
  net.carrier.on_stream_closed(id, net.now);
  CHECK(net.act(id, "streaming_start", R"({"stream_url":"wss://x.test"})") == "200");
  net.act(id, "hangup");
  SocketLog late;
  net.carrier.on_stream_open(id, late, net.now);
  CHECK(late.closes.size() == 1);
  CHECK(late.texts.empty());
}

TEST_CASE(
    "a stream established before the call: no INVITE until it is up, no call if it is refused") {
  const std::string early =
      std::string(kStream) + R"(,"stream_establish_before_call_originate":true)";
  Network net;
  const std::string id = net.dial(early);
  REQUIRE(net.opens.size() == 1);
  net.run(Millis(3000));
  CHECK(net.posts.empty());
  SocketLog socket;
  net.carrier.on_stream_open(id, socket, net.now);
  net.run(Millis(500));
  CHECK(socket.events("start").size() == 1);
  CHECK(socket.events("media").empty());
  net.run(Millis(2000));
  CHECK_FALSE(socket.events("media").empty());

  Network refused;
  const std::string other = refused.dial(early);
  refused.carrier.on_stream_refused(other, 403, refused.now);
  CHECK(refused.carrier.active_calls() == 0);
}

TEST_CASE("a broken media socket ends streaming without stop") {
  Network net;
  net.carrier.plan_next("", plan(R"({"drop_stream_after_ms":500})"));
  const std::string id = net.dial(kStream);
  net.run(Millis(1500));
  SocketLog socket;
  net.carrier.on_stream_open(id, socket, net.now);
  net.run(Millis(1000));
  CHECK(socket.events("stop").empty());
  CHECK(socket.closes.size() == 1);
  CHECK(net.event("streaming.stopped")["data"]["payload"]["stream_url"].is_string());
  CHECK(net.carrier.active_calls() == 1);
}

TEST_CASE("an inbound call waits for an answer, and gives up") {
  Network net;
  const std::string id =
      net.carrier.call_in("+33611223344", "+33199001234", plan(R"({"ring_ms":5000})"), net.now);
  net.run(Millis(100));
  CHECK(net.event("call.initiated")["data"]["payload"]["direction"].string_or("") == "incoming");
  CHECK(net.event("call.initiated")["data"]["payload"]["state"].string_or("") == "parked");
  CHECK(net.act(id, "speak", R"({"payload":"hi","voice":"v"})") == "422 90034");
  CHECK(net.act(id, "answer",
                R"({"stream_url":"wss://app.test/s","stream_auth_token":"ignored"})") == "200");
  net.run(Millis(500));
  REQUIRE(net.opens.size() == 1);
  CHECK_FALSE(net.opens[0].headers.find("x-telnyx-streaming-auth-token"));
  CHECK(net.carrier.requests().back().ignored == std::vector<std::string>{"stream_auth_token"});
  net.act(id, "hangup");
  net.run(Millis(100));
  CHECK(net.event("call.hangup")["data"]["payload"]["hangup_source"].string_or("") == "callee");

  Network missed;
  missed.carrier.call_in("+33611223344", "+33199001234", plan(R"({"ring_ms":5000})"), missed.now);
  missed.run(Millis(6000));
  CHECK(missed.event("call.hangup")["data"]["payload"]["hangup_cause"].string_or("") ==
        "originator_cancel");

  Network busy;
  const std::string rejected = busy.carrier.call_in("+33611223344", "+33199001234", {}, busy.now);
  CHECK(busy.act(rejected, "reject", R"({"cause":"LATER"})") == "422 10032 /cause");
  CHECK(busy.act(rejected, "reject", R"({"cause":"USER_BUSY"})") == "200");
  busy.run(Millis(100));
  CHECK(busy.event("call.hangup")["data"]["payload"]["hangup_cause"].string_or("") == "user_busy");
}

TEST_CASE("ended calls beyond the limit are forgotten, running ones never") {
  auto options = Network::default_options();
  options.kept_calls = 2;
  Network net(options);
  const std::string running = net.dial();
  for (int i = 0; i < 5; ++i) net.act(net.dial(), "hangup");
  net.dial();
  CHECK(net.carrier.calls().size() == 4);
  CHECK(net.carrier.media(running) != nullptr);
}

TEST_CASE("the state tells calls, requests and webhooks") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  const auto state = Json::parse(net.carrier.state_json(net.now));
  REQUIRE(state);
  CHECK((*state)["calls"].at(0)["call_control_id"].string_or("") == id);
  CHECK((*state)["calls"].at(0)["state"].string_or("") == "answered");
  CHECK((*state)["calls"].at(0)["media"]["heard_bytes"].integer_or(-1) == 0);
  CHECK((*state)["requests"].at(0)["command"].string_or("") == "dial");
  CHECK((*state)["requests"].at(0)["status"].integer_or(0) == 200);
  CHECK((*state)["webhooks"].at(0)["event_type"].string_or("") == "call.initiated");
  CHECK((*state)["webhooks"].at(0)["answers"].at(0).integer_or(0) == 200);
}

TEST_CASE("two runs of a carrier are the same to the byte") {
  const auto run = [] {
    auto options = Network::default_options();
    options.webhooks.jitter = Millis(400);
    options.webhooks.duplicate = 0.3;
    options.webhooks.drop = 0.1;
    options.seed = 99;
    Network net(options);
    net.dial(R"(,"answering_machine_detection":"premium")");
    net.dial();
    net.run(Millis(5000));
    std::string all;
    for (const auto& post : net.posts)
      all += post.body + std::string(*post.headers.find("telnyx-signature-ed25519"));
    return all;
  };
  CHECK(run() == run());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
