// Calls of the simulated service: what arrives by SIP, and what the REST interface does with it.
#include "openai_calls_rig.hpp"
#include "testing/openai_webhooks.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using End = OpenAiCallRecord::End;
using State = OpenAiCallRecord::State;

constexpr const char* kSession =
    R"({"type":"realtime","model":"gpt-realtime-2.1","instructions":"Be brief."})";

Json webhook(const SimPost& post) { return Json::parse(post.body).value(); }

TEST_CASE("the signature is that of the reference's vector", "[openai_calls]") {
  const std::string body =
      R"({"object":"event","id":"evt_test","type":"realtime.call.incoming","created_at":1750287018,"data":{"call_id":"rtc_test","sip_headers":[{"name":"From","value":"sip:+15550100@example.com"}]}})";
  CHECK(detail::webhook_signature("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                                  "wh_685342e6c53c8190a1be43f081506c52", "1750287078",
                                  body) == "v1,Ebh1YKP7xAU/jgjtoXrqaZDi1j2/+y840oWSYi8ze7Q=");
}

TEST_CASE("a call by SIP is told with a signed webhook", "[openai_calls]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.to = "+12025550100";
  plan.headers = {{"X-Queue", "7"}, {"X-Queue", "8"}};
  const std::string id = rig.calls().sip_call(plan, rig.now());
  CHECK(id.substr(0, 4) == "rtc_");
  CHECK(rig.posts.empty());
  rig.run(Millis(20));
  REQUIRE(rig.posts.size() == 1);
  const auto& post = rig.posts.front();
  const Json event = webhook(post);
  const test::SchemaFile schema("openai/realtime-events.schema.json");
  CHECK(schema.check(event, "RealtimeCallIncoming") == "");
  CHECK(event["data"]["call_id"].string_or("") == id);
  const JsonView headers = event["data"]["sip_headers"];
  CHECK(headers.at(0)["value"].string_or("") == "<sip:+12025550123@pstn.example.com>");
  CHECK(headers.at(1)["value"].string_or("") == "<sip:+12025550100@sip.api.openai.com>");
  CHECK(headers.at(4)["value"].string_or("") == "8");
  const std::string timestamp(post.headers.find("webhook-timestamp").value());
  CHECK(event["created_at"].integer_or(0) <= std::stoll(timestamp));
  CHECK(post.headers.find("webhook-signature").value() ==
        detail::webhook_signature(CallsRig::with_url().webhook_secret,
                                  post.headers.find("webhook-id").value(), timestamp, post.body));
  CHECK(rig.record(id).state == State::ringing);
}

TEST_CASE("a webhook is repeated until it is taken, under the same id", "[openai_calls]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.webhook.copies = 2;
  plan.webhook.late = Millis(60000);
  const std::string id = rig.calls().sip_call(plan, rig.now());
  rig.run(Millis(100));
  REQUIRE(rig.posts.size() == 2);
  rig.calls().on_webhook_answer(rig.posts[0].id, 500, rig.now());
  rig.calls().on_webhook_answer(rig.posts[1].id, 200, rig.now());
  rig.run(Millis(1000));
  REQUIRE(rig.posts.size() == 3);
  rig.calls().on_webhook_answer(rig.posts[2].id, 302, rig.now());
  rig.run(Millis(2000));
  REQUIRE(rig.posts.size() == 4);
  rig.calls().on_webhook_answer(rig.posts[3].id, 204, rig.now());
  rig.run(Millis(60000));
  REQUIRE(rig.posts.size() == 5);  // the late one: the call is long over
  for (const auto& post : rig.posts) {
    CHECK(post.headers.find("webhook-id") == rig.posts[0].headers.find("webhook-id"));
    CHECK(post.body == rig.posts[0].body);
  }
  CHECK(rig.posts[4].headers.find("webhook-timestamp") !=
        rig.posts[0].headers.find("webhook-timestamp"));
  const auto record = rig.record(id);
  REQUIRE(record.webhooks.size() == 5);
  CHECK(record.webhooks[2].status == std::optional<int>(302));
  CHECK_FALSE(record.webhooks[4].status);
}

TEST_CASE("a webhook can be wrong in each way", "[openai_calls]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.webhook.bad_signature = true;
  plan.webhook.stale = Millis(600000);
  plan.webhook.rotated = true;
  plan.webhook.live_event = true;
  rig.calls().sip_call(plan, rig.now());
  rig.run(Millis(20));
  REQUIRE(rig.posts.size() == 2);
  CHECK(webhook(rig.posts[0])["type"].string_or("") == "live.call.incoming");
  const auto& post = rig.posts[1];
  const std::string timestamp(post.headers.find("webhook-timestamp").value());
  CHECK(webhook(post)["created_at"].integer_or(0) - std::stoll(timestamp) == 600);
  const std::string good =
      detail::webhook_signature(CallsRig::with_url().webhook_secret,
                                post.headers.find("webhook-id").value(), timestamp, post.body);
  const std::string given(post.headers.find("webhook-signature").value());
  CHECK(given.find(' ') != std::string::npos);
  CHECK(given.find(good) == std::string::npos);
}

TEST_CASE("who is not accepted gives up, and is then gone", "[openai_calls]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.ring = Millis(5000);
  const std::string id = rig.calls().sip_call(plan, rig.now());
  rig.run(Millis(4999));
  CHECK(rig.record(id).state == State::ringing);
  rig.run(Millis(1));
  CHECK(rig.record(id).end == End::caller_gave_up);
  CHECK(rig.record(id).sip_status == 487);
  const auto late = rig.command(id, "accept", kSession);
  CHECK(late.response.status == 400);
  CHECK(error_code(late) == "call_id_not_found");
  CHECK(rig.command(id, "hangup").response.status == 400);
  CHECK(rig.command("rtc_unknown", "hangup").response.status == 404);
  CHECK(rig.upgrade("?call_id=" + id) == 404);
  const auto record = rig.record(id);
  REQUIRE(record.requests.size() == 2);
  CHECK(record.requests[0].code == "call_id_not_found");
}

TEST_CASE("a call is rejected with the status that was asked for", "[openai_calls]") {
  CallsRig rig;
  const std::string busy = rig.calls().sip_call({}, rig.now());
  CHECK(rig.command(busy, "reject", R"({"status_code":"486"})").response.status == 400);
  CHECK(rig.command(busy, "reject", R"({"status":486})").response.status == 400);
  CHECK(rig.command(busy, "reject", R"({"status_code":486})").response.status == 200);
  CHECK(rig.record(busy).sip_status == 486);
  const std::string declined = rig.calls().sip_call({}, rig.now());
  CHECK(rig.command(declined, "reject").response.status == 200);
  CHECK(rig.record(declined).sip_status == 603);
  CHECK(rig.record(declined).end == End::rejected);
}

TEST_CASE("accept is as strict as session.update, and stricter", "[openai_calls]") {
  CallsRig rig;
  const std::string id = rig.calls().sip_call({}, rig.now());
  const auto refused = [&](const std::string& session, const std::string& code,
                           const std::string& param) {
    const auto reply = rig.command(id, "accept", session);
    CHECK(reply.response.status == 400);
    const Json body = Json::parse(reply.response.body).value();
    CHECK(body["error"]["code"].string_or("null") == code);
    CHECK(body["error"]["param"].string_or("null") == param);
    return body["error"]["message"].string_or("");
  };
  refused("{}", "missing_required_parameter", "session.type");
  refused("not json", "null", "null");
  refused(R"({"type":"realtime","voice":"marin"})", "unknown_parameter", "session.voice");
  refused(R"({"type":"transcription"})", "invalid_value", "session.type");
  for (const char* key : {"threshold", "prefix_padding_ms", "silence_duration_ms"}) {
    const std::string param = std::string("session.audio.input.turn_detection.") + key;
    CHECK(
        refused(R"({"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad",")" +
                    std::string(key) + R"(":1}}}})",
                "unknown_parameter", param) == "Unknown parameter: '" + param + "'.");
  }
  CHECK(rig.record(id).state == State::ringing);
  CHECK(rig.command(id, "accept",
                    R"({"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad",)"
                    R"("create_response":true}}}})")
            .response.status == 200);
  CHECK(rig.command(id, "accept", kSession).response.status == 400);  // the first one counts
  CHECK(rig.command(id, "reject").response.status == 400);
}

TEST_CASE("requests are refused without the key, and by the beta header", "[openai_calls]") {
  CallsRig rig;
  const std::string id = rig.calls().sip_call({}, rig.now());
  const std::string path = "calls/" + id + "/hangup";
  CHECK(
      rig.calls().on_request({"POST", "/v1/realtime/" + path, {}, ""}, rig.now()).response.status ==
      401);
  CHECK(rig.request(path, "", {{"Authorization", "Bearer sk-wrong"}}).response.status == 401);
  HttpHeaders beta{{"Authorization", "Bearer sk-simulated"}, {"OpenAI-Beta", "realtime=v1"}};
  CHECK(error_code(rig.request(path, "", beta)) == "beta_api_shape_disabled");
  CHECK(rig.request("calls/" + id + "/mute", "").response.status == 404);
  CHECK(rig.record(id).state == State::ringing);
}

TEST_CASE("refer and hangup end a call, and its sidebands close without a word", "[openai_calls]") {
  CallsRig rig;
  const std::string first = rig.connected();
  CHECK(rig.command(first, "refer").response.status == 400);
  CHECK(rig.command(first, "refer", R"({"target_uri":"+1202"})").response.status == 400);
  const std::size_t events = rig.sink.texts.size();
  CHECK(rig.command(first, "refer", R"({"target_uri":"tel:+12025550199"})").response.status == 200);
  CHECK(rig.record(first).end == End::referred);
  CHECK(rig.record(first).refer_to == "tel:+12025550199");
  CHECK(rig.sink.close_code == 1000);
  CHECK(rig.sink.texts.size() == events);
  CHECK(rig.record(first).sidebands.at(0).closed_by_service);
  const std::string second = rig.connected();
  CHECK(rig.command(second, "hangup").response.status == 200);
  CHECK(rig.record(second).end == End::hung_up);
  const auto again = rig.command(second, "hangup");
  CHECK(again.response.status == 400);
  CHECK(error_code(again) == "call_id_not_found");
}

TEST_CASE("failures of the REST interface to order", "[openai_calls]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.faults = {{"accept", 1, 500, "server_error", Millis(0), false},
                 {"accept", 1, 0, "", Millis(0), true},
                 {"hangup", 1, 200, "", Millis(300), false}};
  const std::string id = rig.calls().sip_call(plan, rig.now());
  CHECK(rig.command(id, "accept", kSession).response.status == 500);
  CHECK(rig.record(id).state == State::ringing);
  CHECK_FALSE(rig.command(id, "accept", kSession).answered);
  CHECK(rig.record(id).state == State::connected);
  const auto slow = rig.command(id, "hangup");
  CHECK(slow.delay == Millis(300));
  CHECK(slow.response.status == 200);
  CHECK(rig.record(id).requests.at(1).status == 0);
}

TEST_CASE("many calls: the limit is kept, the oldest that ended are forgotten", "[openai_calls]") {
  OpenAiCallsOptions options = CallsRig::with_url();
  options.max_calls = 2;
  options.kept_calls = 1;
  CallsRig rig(kTalk, options);
  const std::string first = rig.calls().sip_call({}, rig.now());
  const std::string second = rig.calls().sip_call({}, rig.now());
  const std::string third = rig.calls().sip_call({}, rig.now());
  CHECK(rig.record(third).sip_status == 503);
  CHECK(rig.calls().active_calls() == 2);
  CHECK(rig.calls().hang_up(first, rig.now()));
  CHECK_FALSE(rig.calls().hang_up(first, rig.now()));
  rig.calls().sip_call({}, rig.now());
  CHECK(rig.calls().calls().size() == 3);
  CHECK_FALSE(rig.calls().record(first));
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
