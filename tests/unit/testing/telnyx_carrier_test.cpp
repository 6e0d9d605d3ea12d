#include "voicebridge/testing/telnyx_carrier.hpp"

#include <algorithm>
#include <map>

#include "support/catch.hpp"
#include "unit/testing/telnyx_support.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge::testing {
namespace {

/// The carrier with an application that answers every webhook and takes every stream.
struct Network : TelnyxCarrierNetwork {
  explicit Network(TelnyxCarrierOptions options = default_options())
      : carrier(std::move(options), *this, kStart) {}

  static TelnyxCarrierOptions default_options() {
    TelnyxCarrierOptions options;
    options.webhook_url = "http://app.test/telnyx/webhooks";
    return options;
  }

  void post_webhook(const TelnyxWebhookPost& post) override { posts.push_back(post); }
  void open_stream(const TelnyxStreamOpen& open) override { opens.push_back(open); }

  TelnyxApiReply request(const std::string& method, const std::string& path,
                         const std::string& body) {
    TelnyxApiRequest request{method, path, {{"Authorization", "Bearer KEY_SIMULATED"}}, body};
    return carrier.on_request(request, now);
  }
  /// The status and, for errors, code and pointer: "422 10004 /to".
  std::string post(const std::string& path, const std::string& body = "{}") {
    return summary(request("POST", path, body).response);
  }
  std::string act(const std::string& call, const std::string& command,
                  const std::string& body = "{}") {
    return post("/v2/calls/" + call + "/actions/" + command, body);
  }
  static std::string summary(const HttpResponse& response) {
    const Json json = Json::parse(response.body).value();
    const JsonView error = json["errors"].at(0);
    std::string text = std::to_string(response.status);
    if (error.exists()) text += " " + error["code"].string_or("");
    const std::string pointer = error["source"]["pointer"].string_or("");
    return pointer.empty() ? text : text + " " + pointer;
  }

  std::string dial(const std::string& more = "") {
    const std::string body =
        R"({"connection_id":"1","to":"+33639981234","from":"+33199001234")" + more + "}";
    const TelnyxApiReply reply = request("POST", "/v2/calls", body);
    return Json::parse(reply.response.body).value()["data"]["call_control_id"].string_or("");
  }

  /// Lets time pass; the application answers each webhook with `status` at once.
  void run(Millis by) {
    const TimePoint until = now + by;
    while (carrier.next_deadline() && *carrier.next_deadline() <= until) {
      now = std::max(now, *carrier.next_deadline());
      carrier.on_deadline(now);
      for (; answered < posts.size(); ++answered)
        carrier.on_webhook_answer(posts[answered].id, status, now);
    }
    now = until;
  }

  std::vector<std::string> types() const {
    std::vector<std::string> all;
    for (const auto& post : posts) {
      all.push_back(Json::parse(post.body).value()["data"]["event_type"].string_or(""));
    }
    return all;
  }
  std::ptrdiff_t count(const std::string& type) const {
    const auto all = types();
    return std::count(all.begin(), all.end(), type);
  }
  Json event(const std::string& type) const {
    for (const auto& post : posts) {
      Json json = Json::parse(post.body).value();
      if (json["data"]["event_type"].string_or("") == type) return json;
    }
    return Json();
  }
  std::string result(const std::string& type) const {
    return event(type)["data"]["payload"]["result"].string_or("");
  }

  TimePoint now = kStart;
  int status = 200;
  std::size_t answered = 0;
  std::vector<TelnyxWebhookPost> posts;
  std::vector<TelnyxStreamOpen> opens;
  TelnyxCarrier carrier;
};

TelnyxCallPlan plan(const char* json) {
  return TelnyxCallPlan::parse(Json::parse(json).value()).value();
}

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

TEST_CASE("webhooks are signed over timestamp and raw body with the carrier's key") {
  Network net;
  net.dial();
  net.run(Millis(500));
  REQUIRE(net.posts.size() == 1);
  const TelnyxWebhookPost& post = net.posts[0];
  const auto key = Ed25519PublicKey::parse(net.carrier.public_key_base64()).value();
  const std::string timestamp(*post.headers.find("telnyx-timestamp"));
  const Bytes signature = base64_decode(*post.headers.find("telnyx-signature-ed25519")).value();
  CHECK(signature.size() == 64);
  CHECK(timestamp == "1763717400");
  CHECK(key.verify(ByteView(timestamp + "|" + post.body), signature));
  CHECK_FALSE(key.verify(ByteView(timestamp + "|" + post.body + " "), signature));
}

TEST_CASE(
    "webhooks come twice, in another order, stale, forged or not at all as they are told to") {
  auto options = Network::default_options();
  TelnyxWebhookFaults::Rule late{"call.initiated"};
  late.delay = Millis(3000);
  TelnyxWebhookFaults::Rule twice{"call.answered"};
  twice.copies = 2;
  twice.stale = Millis(301000);
  TelnyxWebhookFaults::Rule never{"call.hangup"};
  never.copies = 0;
  TelnyxWebhookFaults::Rule forged{"call.machine.premium.detection.ended"};
  forged.bad_signature = true;
  options.webhooks.rules = {late, twice, never, forged};
  Network net(options);
  const std::string id = net.dial(R"(,"answering_machine_detection":"premium")");
  net.run(Millis(5000));
  net.act(id, "hangup");
  net.run(Millis(5000));
  CHECK(net.types() == std::vector<std::string>{"call.answered", "call.answered",
                                                "call.machine.premium.detection.ended",
                                                "call.initiated"});
  const auto event_id = [&](std::size_t i) {
    return Json::parse(net.posts[i].body).value()["data"]["id"].string_or("");
  };
  CHECK(event_id(0) == event_id(1));
  const auto sent = std::stoll(std::string(*net.posts[0].headers.find("telnyx-timestamp")));
  CHECK(sent == 1763717400 + 1 - 301);
  const auto key = Ed25519PublicKey::parse(net.carrier.public_key_base64()).value();
  const auto verified = [&](const TelnyxWebhookPost& post) {
    return key.verify(
        ByteView(std::string(*post.headers.find("telnyx-timestamp")) + "|" + post.body),
        base64_decode(*post.headers.find("telnyx-signature-ed25519")).value());
  };
  CHECK(verified(net.posts[0]));
  CHECK_FALSE(verified(net.posts[2]));
  const auto& records = net.carrier.webhooks();
  const auto hangup =
      std::find_if(records.begin(), records.end(), [](auto& r) { return r.type == "call.hangup"; });
  REQUIRE(hangup != records.end());
  CHECK(hangup->copies == 0);
  CHECK(hangup->attempts == 0);
}

TEST_CASE("a webhook that is not taken is tried again, with a new signature and a higher attempt") {
  Network net;
  net.status = 500;
  net.dial();
  net.run(Millis(1000));
  REQUIRE(net.posts.size() == 1);
  net.run(Millis(1000));
  net.status = 200;
  net.run(Millis(20000));
  std::vector<std::int64_t> attempts;
  for (const auto& post : net.posts) {
    const Json json = Json::parse(post.body).value();
    if (json["data"]["event_type"].string_or("") != "call.initiated") continue;
    attempts.push_back(json["meta"]["attempt"].integer_or(0));
  }
  CHECK(attempts == std::vector<std::int64_t>{1, 2, 3});
  CHECK(net.carrier.webhooks()[0].answers == std::vector<int>{500, 500, 200});
  CHECK(net.carrier.webhooks()[0].delivered);
  CHECK(net.posts[0].headers.find("telnyx-timestamp") !=
        net.posts[2].headers.find("telnyx-timestamp"));
}

TEST_CASE("retries end, follow the call's policy and go to the failover URL") {
  auto options = Network::default_options();
  options.webhook_failover_url = "http://backup.test/";
  Network net(options);
  net.status = 0;
  net.dial(
      R"(,"webhook_url":"http://other.test/","webhook_retries_policies":{"call.initiated":{"retries_ms":[100]}})");
  net.run(Millis(900));
  REQUIRE(net.posts.size() == 2);
  CHECK(net.posts[0].url == "http://other.test/");
  CHECK(net.posts[1].url == "http://backup.test/");
  CHECK_FALSE(net.carrier.webhooks()[0].delivered);
}

TEST_CASE("dial names the parameter that is wrong") {
  Network net;
  const auto dial = [&](const std::string& body) { return net.post("/v2/calls", body); };
  CHECK(dial("{") == "400 10023");
  CHECK(dial("[]") == "400 10023");
  CHECK(dial("{}") == "422 10004 /connection_id");
  CHECK(dial(R"({"connection_id":"1","from":"+33199001234"})") == "422 10004 /to");
  CHECK(dial(R"({"connection_id":"1","to":"","from":"+33199001234"})") == "422 10004 /to");
  CHECK(dial(R"({"connection_id":"1","to":"0612","from":"+33199001234"})") == "422 10016 /to");
  CHECK(dial(R"({"connection_id":"1","to":7,"from":"+33199001234"})") == "422 10026 /to");
  const auto with = [&](const char* more) {
    return dial(std::string(R"({"connection_id":"1","to":"+33639981234","from":"+33199001234",)") +
                more + "}");
  };
  CHECK(with(R"("timeout_secs":4)") == "422 10033 /timeout_secs");
  CHECK(with(R"("timeout_secs":"30")") == "422 10026 /timeout_secs");
  CHECK(with(R"("time_limit_secs":14401)") == "422 10033 /time_limit_secs");
  CHECK(with(R"("answering_machine_detection":"Premium")") ==
        "422 10032 /answering_machine_detection");
  CHECK(with(R"("stream_bidirectional_sampling_rate":44100)") ==
        "422 10032 /stream_bidirectional_sampling_rate");
  CHECK(with(R"("stream_bidirectional_codec":"pcmu")") == "422 10032 /stream_bidirectional_codec");
  CHECK(with(R"("stream_url":"https://app.test")") == "422 10003 /stream_url");
  CHECK(with(R"("webhook_url":"nonsense")") == "422 10003 /webhook_url");
  CHECK(with(R"("client_state":"not base64!")") == "422 90017 /client_state");
  CHECK(with(R"("link_to":"v3:nobody")") == "422 90015 /link_to");
  CHECK(with(R"("bridge_on_answer":"yes")") == "422 10026 /bridge_on_answer");
  CHECK(with(R"("retry_on_timeout":false)") == "200");

  auto options = Network::default_options();
  options.connection_id = "42";
  options.channel_limit = 1;
  Network strict(options);
  CHECK(strict.post("/v2/calls",
                    R"({"connection_id":"1","to":"+33639981234","from":"+33199001234"})") ==
        "422 10015 /connection_id");
  const std::string good = R"({"connection_id":"42","to":["+33639981234"],"from":"+33199001234"})";
  CHECK(strict.post("/v2/calls", good) == "200");
  CHECK(strict.post("/v2/calls", good) == "403 90041");
}

TEST_CASE("keys, routes and states are checked before a command runs") {
  Network net;
  TelnyxApiRequest request{"POST", "/v2/calls", {}, "{}"};
  CHECK(Network::summary(net.carrier.on_request(request, kStart).response) == "401 10009");
  request.headers.add("Authorization", "Bearer WRONG");
  CHECK(Network::summary(net.carrier.on_request(request, kStart).response) == "401 10009");
  CHECK(net.post("/v2/elsewhere") == "404 10007");
  CHECK(net.post("/v2/calls/x") == "404 10007");
  CHECK(net.act("x", "mute") == "404 10007");
  CHECK(net.act("x", "dial") == "404 10007");
  CHECK(Network::summary(net.request("GET", "/v2/calls", "").response) == "404 10007");
  CHECK(Network::summary(net.request("GET", "/v2/calls/nobody", "").response) == "404 10007");
  CHECK(net.act("v3:nobody", "hangup") == "422 90015 /call_control_id");

  const std::string id = net.dial();
  CHECK(net.act(id, "speak", R"({"payload":"hi","voice":"female"})") == "422 90034");
  CHECK(net.act(id, "record_start", R"({"format":"mp3","channels":"dual"})") == "422 90020");
  CHECK(net.act(id, "answer") == "422 90102");
  CHECK(net.act(id, "reject", R"({"cause":"USER_BUSY"})") == "422 90102");
  net.run(Millis(2000));
  CHECK(net.act(id, "speak", R"({"payload":"hi"})") == "422 10004 /voice");
  CHECK(net.act(id, "send_dtmf", R"({"digits":"1","duration_millis":99})") ==
        "422 10033 /duration_millis");
  CHECK(net.act(id, "send_dtmf", R"({"digits":"xyz"})") == "422 10032 /digits");
  CHECK(net.act(id, "send_dtmf", R"({"digits":"12wW#"})") == "200");
  CHECK(net.act(id, "playback_start") == "422 10004 /audio_url");
  CHECK(net.act(id, "streaming_start") == "422 10004 /stream_url");
  CHECK(net.act(id, "streaming_stop") == "422 90048");
  CHECK(net.act(id, "bridge", R"({"call_control_id":"v3:nobody"})") ==
        "422 90015 /call_control_id");
}

TEST_CASE("rate limit headers count down and the limit answers 429") {
  auto options = Network::default_options();
  options.rate_limit = 2;
  Network net(options);
  const auto first = net.request("GET", "/v2/calls/x", "");
  CHECK(first.response.headers.find("x-ratelimit-limit") == "2");
  CHECK(first.response.headers.find("x-ratelimit-remaining") == "1");
  net.request("GET", "/v2/calls/x", "");
  CHECK(Network::summary(net.request("GET", "/v2/calls/x", "").response) == "429 10011");
  net.run(Millis(1000));
  CHECK(Network::summary(net.request("GET", "/v2/calls/x", "").response) == "404 10007");
}

TEST_CASE("the same command_id is carried out once in 60 seconds") {
  Network net;
  const std::string first = net.dial(R"(,"command_id":"c1")");
  CHECK(net.dial(R"(,"command_id":"c1")") == first);
  CHECK(net.dial(R"(,"command_id":"c2")") != first);
  CHECK(net.carrier.calls().size() == 2);
  CHECK(net.carrier.requests()[1].repeated);
  net.run(Millis(2000));
  const char* speak = R"({"payload":"hi","voice":"v","command_id":"s1"})";
  CHECK(net.act(first, "speak", speak) == "200");
  CHECK(net.act(first, "speak", speak) == "200");
  net.run(Millis(3000));
  CHECK(net.count("call.speak.started") == 1);
  net.run(Millis(60000));
  net.act(first, "speak", speak);
  net.run(Millis(3000));
  CHECK(net.count("call.speak.started") == 2);
}

TEST_CASE("injected failures replace the answer, or only the answer") {
  Network net;
  net.carrier.inject({"dial", 2, 500, Millis(700), false});
  const auto failed = net.request("POST", "/v2/calls", "{}");
  CHECK(failed.response.status == 500);
  CHECK(failed.delay == Millis(700));
  CHECK(net.dial().empty());
  CHECK(net.carrier.calls().empty());
  CHECK_FALSE(net.dial().empty());

  net.carrier.inject({"dial", 1, 0, Millis(0), true});
  const auto lost = net.request(
      "POST", "/v2/calls",
      R"({"connection_id":"1","to":"+33639981234","from":"+33199001234","command_id":"k"})");
  CHECK_FALSE(lost.answered);
  CHECK(net.carrier.calls().size() == 2);
  CHECK_FALSE(net.dial(R"(,"command_id":"k")").empty());
  CHECK(net.carrier.calls().size() == 2);
  net.carrier.inject({"", 1, 429, Millis(0), false});
  CHECK(net.post("/v2/calls") == "429 10011");
}

TEST_CASE("the media stream: token, started, audio both ways, stopped") {
  Network net;
  const std::string id = net.dial(kStream);
  net.run(Millis(2000));
  REQUIRE(net.opens.size() == 1);
  CHECK(net.opens[0].call_control_id == id);
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
  net.carrier.on_stream_refused(id, net.now);
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
  refused.carrier.on_stream_refused(other, refused.now);
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

TEST_CASE("speak and playback take turns; stop, hang-up and the beep of a machine end them") {
  Network net;
  net.carrier.plan_next(
      "",
      plan(R"({"amd":{"result":"machine","greeting":"beep_detected","greeting_delay_ms":9000}})"));
  const std::string id = net.dial(R"(,"answering_machine_detection":"premium")");
  net.run(Millis(1200));
  net.act(id, "speak", R"({"payload":"twenty characters ..","voice":"v"})");  // 1.3 s
  net.act(id, "playback_start", R"({"audio_url":"https://x.test/a.mp3","loop":"infinity"})");
  net.run(Millis(1299));
  CHECK_FALSE(net.event("call.speak.ended")["data"]["payload"].exists());
  net.run(Millis(101));
  CHECK(net.event("call.speak.ended")["data"]["payload"]["status"].string_or("") == "completed");
  CHECK(net.event("call.playback.started")["data"]["payload"]["media_url"].string_or("") ==
        "https://x.test/a.mp3");
  CHECK(net.act(id, "playback_stop") == "200");
  net.run(Millis(100));
  CHECK(net.event("call.playback.ended")["data"]["payload"]["status"].string_or("") == "cancelled");
  net.run(Millis(4000));
  net.posts.clear();
  net.answered = 0;
  net.act(id, "speak", R"({"payload":"twenty characters ..","voice":"v","loop":9})");
  net.run(Millis(8000));
  CHECK(net.event("call.speak.ended")["data"]["payload"]["status"].string_or("") ==
        "cancelled_amd");
  net.posts.clear();
  net.answered = 0;
  net.act(id, "speak", R"({"payload":"twenty characters ..","voice":"v"})");
  net.act(id, "hangup");
  net.run(Millis(100));
  CHECK(net.event("call.speak.ended")["data"]["payload"]["status"].string_or("") == "call_hangup");
}

TEST_CASE("a hundred announcements may wait, more are refused") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  const char* speak = R"({"payload":"hi","voice":"v"})";
  for (int i = 0; i < 100; ++i) CHECK(net.act(id, "speak", speak) == "200");
  CHECK(net.act(id, "speak", speak) == "429 10011");
  CHECK(net.act(id, "playback_start", R"({"media_name":"x"})") == "429 10011");
  CHECK(net.act(id, "playback_stop") == "200");
  CHECK(net.act(id, "speak", speak) == "200");
}

TEST_CASE("gather collects keys until the terminator, the maximum, a timeout or a stop") {
  const auto gathered = [](const char* script, const char* request, Millis wait) {
    Network net;
    net.carrier.plan_next("", plan(script));
    const std::string id = net.dial();
    net.run(Millis(1100));
    CHECK(net.act(id, "gather", request) == "200");
    net.run(wait);
    const Json ended = net.event("call.gather.ended");
    return ended["data"]["payload"]["digits"].string_or("-") + " " +
           ended["data"]["payload"]["status"].string_or("-");
  };
  const char* keys = R"({"script":[{"wait":"ms","ms":300},{"dtmf":"503#"}]})";
  CHECK(gathered(keys, "{}", Millis(3000)) == "503 valid");
  CHECK(gathered(keys, R"({"maximum_digits":2})", Millis(3000)) == "50 valid");
  CHECK(gathered(keys, R"({"terminating_digit":"*","inter_digit_timeout_millis":1000})",
                 Millis(4000)) == "503# valid");
  CHECK(gathered(keys, R"({"valid_digits":"3"})", Millis(3000)) == "3 valid");
  CHECK(gathered(R"({})", "{}", Millis(4000)) == "- -");
  CHECK(gathered(R"({})", "{}", Millis(6000)) == " timeout");
  CHECK(gathered(R"({"hangup_after_ms":1000})", "{}", Millis(4000)) == " call_hangup");
}

TEST_CASE("recording is saved after it stops, also by the hang-up") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(id, "record_start", R"({"format":"mp3","channels":"dual"})") == "200");
  net.act(id, "hangup");
  net.run(Millis(3000));
  CHECK(net.types().back() == "call.recording.saved");
  CHECK(net.event("call.recording.saved")["data"]["payload"]["channels"].string_or("") == "dual");
}

TEST_CASE("transfer rings a second leg and bridges; a busy target leaves the first alive") {
  Network net;
  const std::string a = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(a, "transfer", R"({"to":"+33155556666"})") == "200");
  net.run(Millis(3000));
  const auto calls = net.carrier.calls();
  REQUIRE(calls.size() == 2);
  CHECK(net.count("call.bridged") == 2);
  net.act(calls[1], "hangup");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 0);

  Network busy;
  const std::string first = busy.dial();
  busy.run(Millis(1200));
  busy.carrier.plan_next("+33155556666", plan(R"({"outcome":"busy"})"));
  busy.act(first, "transfer", R"({"to":"+33155556666"})");
  busy.run(Millis(3000));
  CHECK(busy.carrier.active_calls() == 1);
}

TEST_CASE("bridge joins two answered legs and park_after_unbridge keeps one of them") {
  Network net;
  const std::string a = net.dial();
  const std::string b = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(a, "bridge",
                R"({"call_control_id":")" + b + R"(","park_after_unbridge":"self"})") == "200");
  net.act(b, "hangup");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 1);
  CHECK(net.act(a, "hangup") == "200");
}

TEST_CASE("client_state of any command is echoed from then on") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  CHECK(net.event("call.answered")["data"]["payload"]["client_state"].is_null());
  net.act(id, "hangup", R"({"client_state":"bmV3"})");
  net.run(Millis(100));
  CHECK(net.event("call.hangup")["data"]["payload"]["client_state"].string_or("") == "bmV3");
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

TEST_CASE("a plan is read from JSON and a fault names its place") {
  const TelnyxCallPlan read =
      plan(R"({"outcome":"answer","ring_ms":5,"idle":"nothing","leg_codec":"PCMU",
    "codec_surprise":"L16","faults":{"jitter_ms":3,"loss":0.5,"gaps":[{"begin_ms":1,"length_ms":2}]},
    "script":[{"hangup":true}]})");
  CHECK(read.ring == Millis(5));
  CHECK(read.idle == CalleeIdle::nothing);
  CHECK(read.leg_format == AudioFormat::pcmu());
  CHECK(read.codec_surprise == AudioFormat::l16(16000));
  CHECK(read.faults.gaps.size() == 1);
  const auto field = [](const char* json) {
    const auto parsed = TelnyxCallPlan::parse(Json::parse(json).value());
    return parsed ? std::string("none") : parsed.error().field;
  };
  CHECK(field(R"({"outcome":"maybe"})") == "outcome");
  CHECK(field(R"({"ring_ms":-1})") == "ring_ms");
  CHECK(field(R"({"amd":{"result":"alien"}})") == "amd.result");
  CHECK(field(R"({"faults":{"loss":2}})") == "faults.loss");
  CHECK(field(R"({"leg_codec":"G729"})") == "leg_codec");
  CHECK(field(R"({"script":[{"hangup":false}]})") == "steps.0");
  CHECK(field(R"({"ringms":1})").empty());
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

}  // namespace voicebridge::testing
