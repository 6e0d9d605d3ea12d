// What the example server answers to requests that are wrong, late, forged or endless, while a call
// is up.
#include "integration/server_town.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kAgents = R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}]})";

/// The field that an error names.
std::string field_of(const HttpResponse& response) {
  const auto body = Json::parse(response.body);
  return body ? (*body)["error"]["field"].string_or("") : "no JSON";
}

std::string lead(const std::string& first, const std::string& last, const std::string& phone) {
  return JsonWriter()
      .object()
      .field("first_name", first)
      .field("last_name", last)
      .field("phone", phone)
      .field("consent", true)
      .end()
      .take();
}

std::string deep_json() { return std::string(10000, '[') + std::string(10000, ']'); }

std::string webhook(const std::string& id) {
  return R"({"data":{"record_type":"event","event_type":"call.bridged","id":")" + id +
         R"(","occurred_at":"2026-01-01T00:00:00.000000Z","payload":{"call_control_id":"v3:none",)"
         R"("call_leg_id":"leg","call_session_id":"session","connection_id":"1"}}})";
}

}  // namespace

TEST_CASE("a lead that is wrong is refused by the field", "[server][http]") {
  Town town(kAgents);
  SteadyCall steady(town);
  const std::string path = "/tools/save_lead";
  CHECK(town.post(path, "{\"first_name\":").status == 400);
  CHECK(town.post(path, deep_json()).status == 413);  // Too much of it, if not of bytes.
  CHECK(town.post(path, lead("Ada", "Byron", "+12025550123"), {{"Content-Type", "text/plain"}})
            .status == 415);
  CHECK(town.post(path, std::string(2 << 20, ' ')).status == 413);

  const std::pair<std::string, std::string> wrong[] = {
      {lead("", "Byron", "+12025550123"), "first_name"},
      {lead("Ada", " ", "+12025550123"), "last_name"},
      {lead("Ada", "Byron", "12"), "phone"},
      {R"({"first_name":"Ada","phone":"+12025550123"})", "last_name"},
      {R"({"first_name":7,"last_name":"Byron","phone":"+12025550123"})", "first_name"},
      {R"({"first_name":"Ada","last_name":"Byron","phone":"+12025550123","age":9})", "age"}};
  for (const auto& [body, field] : wrong) {
    CAPTURE(body);
    const HttpResponse refused = town.post(path, body);
    CHECK(refused.status == 422);
    CHECK(field_of(refused) == field);
  }
  CHECK(town.post("/tools/nothing", "{}").status == 404);
  CHECK(town.post(path, lead("Ada", "Byron", "+12025550123"), {{"Authorization", "Bearer guess"}})
            .status == 401);
  CHECK(town.post(path, lead("Ada", "Byron", "+12025550123"),
                  {{"Authorization", "Bearer the-right-token"}})
            .status == 200);
  steady.require_untouched();
}

TEST_CASE("whom a proxy may let in needs the token, though the address is a loopback one",
          "[server][http]") {
  Town town(kAgents,
            [](server::Config& config) { config.public_app_url = "https://voice.example.com"; });
  const std::string path = "/tools/save_lead";
  const std::string body = lead("Ada", "Byron", "+12025550123");
  CHECK(town.post(path, body).status == 401);
  CHECK(town.post("/tools/trigger_call", R"({"lead_id":"ld_1"})").status == 401);
  CHECK(town.post("/admin/reload", "").status == 401);
  CHECK(town.post("/api/voice-calls/realtime", R"({"toNumber":"+12025550123"})").status == 401);
  CHECK(town.post(path, body, {{"Authorization", "Bearer the-right-token"}}).status == 200);
}

TEST_CASE("without a token that was set nobody from outside gets in", "[server][http]") {
  Town town(kAgents, [](server::Config& config) {
    config.public_app_url = "https://voice.example.com";
    config.api_token = Secret();
  });
  const HttpResponse refused = town.post("/tools/save_lead", "{}");
  CHECK(refused.status == 401);
  CHECK(refused.body.find("set VOICEBRIDGE_API_TOKEN") != std::string::npos);
  CHECK(town.post("/tools/save_lead", "{}", {{"Authorization", "Bearer "}}).status == 401);
}

TEST_CASE("only a lead who agreed is called, and once", "[server][http]") {
  Town town(kAgents);
  SteadyCall steady(town);
  CHECK(town.trigger("ld_nobody").status == 404);
  CHECK(field_of(town.post("/tools/trigger_call", "{}")) == "lead_id");
  CHECK(town.trigger(town.save_lead("Shy", "+12025550140", false)).status == 409);

  testing::CallPlan busy;
  busy.outcome = testing::CallOutcome::busy;
  busy.ring = 500ms;
  town.telnyx->plan_next("+12025550141", busy);
  const std::string lead_id = town.save_lead("Ada", "+12025550141");
  const HttpResponse first = town.trigger(lead_id);
  const HttpResponse second = town.trigger(lead_id);
  CHECK(first.status == 202);
  CHECK(second.status == 200);
  const std::string call_id = Json::parse(first.body).value()["call_id"].string_or("");
  CHECK(Json::parse(second.body).value()["call_id"].string_or("?") == call_id);
  CHECK(town.end_of(call_id).end_reason == EndReason::not_reached);
  std::size_t dialed = 0;
  town.telnyx->inspect([&](const testing::TelnyxCarrier& carrier, TimePoint) {
    for (const auto& request : carrier.requests()) dialed += request.command == "dial" ? 1 : 0;
  });
  CHECK(dialed == 2);  // The steady call, and this one.
  steady.require_untouched();
}

TEST_CASE("a webhook is believed once, and only when it is the carrier's", "[server][http]") {
  Town town(kAgents);
  SteadyCall steady(town);
  const char* path = GENERATE("/telnyx/webhooks", "/api/telnyx/webhooks");
  const std::string body = webhook("event-1");
  const HttpHeaders good = town.signed_headers(body);

  CHECK(town.post(path, body).status == 401);
  CHECK(town.post(path, body, {{"telnyx-timestamp", std::string(*good.find("telnyx-timestamp"))}})
            .status == 401);
  CHECK(town.post(path, webhook("event-2"), good).status == 401);
  CHECK(town.post(path, body, town.signed_headers(body, 301s)).status == 403);
  CHECK(town.post(path, "[]", town.signed_headers("[]")).status == 400);
  CHECK(town.post(path, deep_json(), town.signed_headers(deep_json())).status == 400);
  CHECK(town.post(path, body, good).status == 200);
  CHECK(town.post(path, body, good).status == 403);
  CHECK(town.post(path, body, town.signed_headers(body, 1s)).status == 200);  // Delivered again.
  steady.require_untouched();
}

TEST_CASE("clients that never finish a request are let go", "[server][http]") {
  Town town(kAgents);
  SteadyCall steady(town);
  std::vector<RawSocket> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(town.app->port());
    slow.back().send("POST /tools/save_lead HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  }
  CHECK(town.post("/tools/save_lead", lead("Ada", "Byron", "+12025550123")).status == 200);
  for (RawSocket& socket : slow) {
    const std::string last_words = socket.receive_until_end();
    CHECK((last_words.empty() || last_words.find(" 408 ") != std::string::npos));
  }
  steady.require_untouched();
}
