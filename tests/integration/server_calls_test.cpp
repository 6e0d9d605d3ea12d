// Calls that applications ask for: /api/voice-calls, by Telnyx.
#include "integration/server_town.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kCallsScenario = R"({"agents":[
  {"name":"known","match":"Ada Lovelace; their own business: Engines Ltd",
   "replies":[{"on":"start","say":"Good morning, Ada."}]},
  {"name":"other","replies":[{"on":"start","say":"Hello."}]}]})";

const HttpHeaders kCallsToken = {{"Authorization", "Bearer the-right-token"}};
const std::string kCalls = "/api/voice-calls";
const std::string kStart = kCalls + "/realtime";

std::string wish(const std::string& number, const std::string& more = {}) {
  return R"({"toNumber":")" + number + "\"" + (more.empty() ? "" : "," + more) + "}";
}

/// The answer's body, which is as the document says.
Json checked(Town& town, const std::string& method, const std::string& path,
             const HttpResponse& response) {
  const server::ApiOperation* operation = town.app->api().operation(method, path);
  REQUIRE(operation != nullptr);
  const JsonSchema* schema = operation->answer(response.status);
  CAPTURE(response.status, response.body);
  REQUIRE(schema != nullptr);
  const Json body = Json::parse(response.body).value();
  const auto valid = schema->validate(body);
  CHECK((valid ? "" : valid.error().message) == "");
  return body;
}

Json get_json(Town& town, const std::string& target, const std::string& path) {
  HttpRequest request;
  request.url = town.url(target);
  request.headers = kCallsToken;
  return checked(town, "GET", path, town.send(request));
}

testing::CallPlan talker() {
  testing::CallPlan plan;
  plan.ring = 50ms;
  plan.leg_format = AudioFormat::pcmu();
  return plan;
}

}  // namespace

TEST_CASE("an application has a number called, follows the call and hangs it up",
          "[server][calls]") {
  Town town(kCallsScenario);
  town.telnyx->plan_next("+12025550143", talker());
  const HttpResponse answer = town.post(
      kStart, wish("202 555 0143", R"("contactName":"Ada Lovelace","businessName":"Engines Ltd",
        "userId":"user_7","metadata":{"order":42,"tags":["a","é"]})"));
  REQUIRE(answer.status == 201);
  const Json started = checked(town, "POST", kStart, answer);
  CHECK(started["mode"].string_or("") == "realtime");
  CHECK_FALSE(started["existing"].bool_or(true));
  const JsonView data = started["data"];
  const std::string id = data["id"].string_or("");
  CHECK(data["toNumber"].string_or("") == "+12025550143");
  CHECK(data["fromNumber"].string_or("") == "+12025550100");
  CHECK(data["carrier"].string_or("") == "telnyx");
  CHECK(data["legId"].is_string());
  CHECK(data["twilioCallSid"].is_null());
  CHECK(data["metadata"] == Json::parse(R"({"order":42,"tags":["a","é"]})").value().root());
  CHECK(eventually([&] { return town.state_of(id) == "talking"; }));
  CHECK(eventually([&] {
    const auto models = town.openai->records();
    return models.front().agent == "known" && !models.front().utterances.empty();
  }));

  const Json up = get_json(town, kCalls + "/" + id, kCalls + "/{id}");
  CHECK(up["data"]["status"].string_or("") == "talking");
  CHECK(up["data"]["legId"] == data["legId"]);
  CHECK(up["data"]["userId"].string_or("") == "user_7");
  CHECK(up["data"]["endedAt"].is_null());

  const std::string hang_up = kCalls + "/" + id + "/hangup";
  const HttpResponse ending = town.post(hang_up, "", kCallsToken);
  CHECK(ending.status == 202);
  checked(town, "POST", kCalls + "/{id}/hangup", ending);
  CHECK(town.end_of(id).end_reason == EndReason::cancelled);
  CHECK(eventually([&] { return town.telnyx->active_calls() == 0; }));
  CHECK(town.post(hang_up, "", kCallsToken).status == 200);
  CHECK(town.post(kCalls + "/call_none/hangup", "", kCallsToken).status == 404);
  CHECK(eventually([&] {
    const Json over = get_json(town, kCalls + "/" + id, kCalls + "/{id}");
    return over["data"]["status"].string_or("") == "ended" &&
           over["data"]["endReason"].string_or("") == "cancelled" &&
           over["data"]["endedAt"].is_string() && over["data"]["timeline"].size() > 3;
  }));
  const Json over = get_json(town, kCalls + "/" + id, kCalls + "/{id}");
  REQUIRE(over["data"]["transcript"].size() > 0);
  CHECK(over["data"]["transcript"].at(0)["speaker"].string_or("") == "agent");
}

TEST_CASE("a number is called once, whoever asks and however often", "[server][calls]") {
  Town town(kCallsScenario);
  testing::CallPlan busy = talker();
  busy.outcome = testing::CallOutcome::busy;
  town.telnyx->plan_next("", busy);
  const HttpHeaders keyed = {{"Idempotency-Key", "order-42"}};
  const HttpResponse first = town.post(kStart, wish("+12025550143", R"("userId":"user_1")"), keyed);
  REQUIRE(first.status == 201);
  const std::string id = Json::parse(first.body).value()["data"]["id"].string_or("");
  CHECK(town.end_of(id).end_reason == EndReason::not_reached);

  const HttpResponse again = town.post(kStart, wish("+12025550143"));
  CHECK(again.status == 200);
  const Json known = checked(town, "POST", kStart, again);
  CHECK(known["existing"].bool_or(false));
  CHECK(known["data"]["id"].string_or("") == id);
  CHECK(known["data"]["userId"].string_or("") == "user_1");
  CHECK(town.post(kStart, wish("+12025550143", R"("userId":"user_1")"), keyed).status == 200);
  const HttpResponse other = town.post(kStart, wish("+12025550144"), keyed);
  CHECK(other.status == 409);
  CHECK(Json::parse(other.body).value()["error"]["field"].string_or("") == "Idempotency-Key");
  std::size_t dialed = 0;
  town.telnyx->inspect([&](const testing::TelnyxCarrier& carrier, TimePoint) {
    for (const auto& request : carrier.requests()) dialed += request.command == "dial" ? 1 : 0;
  });
  CHECK(dialed == 1);
}

TEST_CASE("what cannot be called is said, by the field", "[server][calls]") {
  Town town(kCallsScenario, [](server::Config& config) { config.max_calls = 1; });
  const auto refused = [&](const std::string& body, int status, const std::string& field) {
    const HttpResponse answer = town.post(kStart, body);
    CAPTURE(body);
    CHECK(answer.status == status);
    const Json error = checked(town, "POST", kStart, answer);
    CHECK(error["error"]["field"].string_or("") == field);
  };
  refused(wish("12"), 422, "toNumber");
  refused(wish("+12025550143", R"("agent":"nobody")"), 404, "agent");
  refused(wish("+12025550143", R"("carrier":"twilio")"), 422, "carrier");
  refused(wish("+12025550143", R"("metadata":{"long":")" + std::string(9000, 'x') + "\"}"), 422,
          "metadata");
  // The carrier refuses the server, not the client.
  town.telnyx->inject({"dial", 1, 401});
  refused(wish("+12025550143"), 502, "");
  CHECK(eventually([&] { return town.app->agent().live_calls() == 0; }));
  town.telnyx->plan_next("", talker());
  CHECK(town.post(kStart, wish("+12025550143")).status == 201);
  refused(wish("+12025550144"), 429, "");
}

TEST_CASE("calls are listed by pages and by what is known of them", "[server][calls]") {
  Town town(kCallsScenario);
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    testing::CallPlan busy = talker();
    busy.outcome = testing::CallOutcome::busy;
    town.telnyx->plan_next("", busy);
    const std::string number = "+1202555016" + std::to_string(i);
    const HttpResponse started =
        town.post(kStart, wish(number, R"("userId":"user_)" + std::to_string(i % 2) + "\""));
    REQUIRE(started.status == 201);
    ids.insert(ids.begin(), Json::parse(started.body).value()["data"]["id"].string_or(""));
    town.end_of(ids.front());
  }
  const auto listed = [&](const std::string& query) {
    std::vector<std::string> found;
    const Json page = get_json(town, kCalls + query, kCalls);
    for (const JsonView call : page["data"].elements()) found.push_back(call["id"].string_or(""));
    return found;
  };
  CHECK(eventually([&] { return listed("?status=ended").size() == 5; }));
  std::vector<std::string> by_pages;
  std::string cursor;
  for (int pages = 1;; ++pages) {
    const Json page = get_json(
        town, kCalls + "?limit=2" + (cursor.empty() ? "" : "&cursor=" + url_encode(cursor)),
        kCalls);
    for (const JsonView call : page["data"].elements())
      by_pages.push_back(call["id"].string_or(""));
    cursor = page["nextCursor"].string_or("");
    if (!cursor.empty()) continue;
    CHECK(pages == 3);
    break;
  }
  std::sort(by_pages.begin(), by_pages.end());
  std::vector<std::string> sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  CHECK(by_pages == sorted);
  CHECK(listed("?userId=user_1").size() == 2);
  CHECK(listed("?toNumber=%2B12025550163") == std::vector<std::string>{ids[1]});
  CHECK(listed("?toNumber=+12025550163") == std::vector<std::string>{ids[1]});
  CHECK(listed("?status=talking").empty());
  CHECK(listed("?to=2026-01-01").empty());
  CHECK(listed("?from=2026-01-01&limit=200").size() == 5);
}

TEST_CASE("the calls' routes want the token wherever others can reach them", "[server][calls]") {
  Town town(kCallsScenario, [](server::Config& config) { config.host = "0.0.0.0"; });
  HttpRequest list;
  list.url = town.url(kCalls);
  CHECK(town.send(list).status == 401);
  CHECK(town.post(kStart, wish("+12025550143")).status == 401);
  CHECK(town.post(kCalls + "/x/hangup", "").status == 401);
  const HttpResponse refused = town.post("/tools/save_lead", "{}");
  CHECK(refused.status == 401);
  CHECK(refused.headers.find("www-authenticate") == "Bearer");
  list.headers = kCallsToken;
  CHECK(town.send(list).status == 200);
}

TEST_CASE("without Twilio its routes say so", "[server][calls]") {
  Town town(kCallsScenario);
  for (const char* path :
       {"/twilio/voice", "/twilio/status", "/webhook/realtime/incoming/call_1"}) {
    const HttpResponse answer =
        town.post(path, "CallSid=CA1", {{"Content-Type", "application/x-www-form-urlencoded"}});
    CHECK(answer.status == 404);
    CHECK(answer.body.find("TWILIO_ACCOUNT_SID") != std::string::npos);
  }
}

TEST_CASE("what numbers may be called is decided at the door", "[server][calls]") {
  Town town(kCallsScenario, [](server::Config& config) {
    config.dial.countries = {"US"};
    config.dial.calls_to_a_number = 1;
  });
  const auto refused = [&](const std::string& body, int status) {
    const HttpResponse answer = town.post(kStart, body);
    CAPTURE(body, answer.body);
    CHECK(answer.status == status);
    return checked(town, "POST", kStart, answer)["error"]["field"].string_or("");
  };
  CHECK(refused(wish("+33142685300"), 403) == "toNumber");
  CHECK(refused(wish("+1 900 234 5678"), 403) == "toNumber");
  // It was called an hour ago, perhaps by a process that is gone.
  StoredCall earlier;
  earlier.id = "call_earlier";
  earlier.direction = "outbound";
  earlier.to = "+12025550143";
  earlier.created_at = unix_now() - 3600000;
  REQUIRE(town.app->stores().calls->save(earlier));
  CHECK(refused(wish("+12025550143"), 429) == "toNumber");
  town.telnyx->inspect(
      [](const testing::TelnyxCarrier& carrier, TimePoint) { CHECK(carrier.requests().empty()); });
  CHECK(town.app->agent().live_calls() == 0);
}
