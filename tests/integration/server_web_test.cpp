// The web page's side of the example server, from POST /session to the end of the phone call, over
// real sockets with the simulators.
#include "integration/server_web.hpp"
#include "web_site.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

// The page's agent asks, saves and calls; the phone's says one sentence and hangs up.
constexpr const char* kWebScenario = R"({"agents":[
  {"name":"web","match":"on its web page","replies":[
    {"on":"start","say":"Hello, what brings you here?"},
    {"on":"text","say":"Your name and number, please."},
    {"on":"text","calls":[{"name":"save_lead","arguments":
      {"first_name":"Ada","last_name":"Lovelace","phone":"+1 202 555 0143","consent":true}}]},
    {"on":"tool_result","calls":[{"name":"trigger_call","arguments":
      {"lead_id":"{{tool.save_lead.lead_id}}"}}]},
    {"on":"tool_result","say":"I am calling you now.",
     "calls":[{"name":"end_call","arguments":{}}]}]},
  {"name":"phone","match":"on the phone for","replies":[
    {"on":"start","say":"Hello Ada, as promised.","calls":[{"name":"end_call","arguments":{}}]}]}]})";

HttpResponse start(Town& town, const std::string& mode, HttpHeaders headers = {}) {
  return town.post("/session", R"({"mode":")" + mode + R"(","language":"en"})", std::move(headers));
}

HttpResponse start_sdp(Town& town, const std::string& query = {}) {
  return town.post("/session" + query, kBrowserOffer, {{"Content-Type", "application/sdp"}});
}

HttpHeaders bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

HttpResponse fetch(Town& town, const std::string& path, HttpHeaders headers = {}) {
  HttpRequest request;
  request.url = town.url(path);
  request.headers = std::move(headers);
  return town.send(std::move(request));
}

/// Everything that a browser was sent, to look for secrets in.
std::string all_of(const HttpResponse& response) {
  std::string text = response.body;
  for (const auto& [name, value] : response.headers.fields()) text += '\n' + name + ": " + value;
  return text;
}

/// From the greeting to the end of the call; the socket is where events come.
void talk_until_called(Town& town, PageSocket& page) {
  REQUIRE(page.sees_words("agent", "Hello, what brings you here?"));
  page.type("My boiler is broken.");
  REQUIRE(page.sees_words("visitor", "My boiler is broken."));
  REQUIRE(page.sees_words("agent", "Your name and number, please."));
  page.type("Ada Lovelace, 202 555 0143, and yes.");
  REQUIRE(page.sees(
      "lead", [](const Json& event) { return event["lead"]["phone"].string() == "+12025550143"; }));
  const auto ended = [](const Json& event) { return event["state"].string() == "ended"; };
  REQUIRE(page.sees("call", ended));
  REQUIRE(page.sees("state", ended));
  REQUIRE(page.sees("bye", [](const Json&) { return true; }));
  CHECK(page.closed().rfind("closed:1000", 0) == 0);
  const auto lead = town.app->stores().leads->find_by_phone("+12025550143");
  REQUIRE(lead);
  CHECK(lead->first_name == "Ada");
  CHECK(lead->consent);
  CHECK(lead->summary.find("My boiler is broken.") != std::string::npos);
}

/// The events in order: numbered without a gap, no call before its lead, states that only go on.
void check_order(const PageSocket& page) {
  std::int64_t last = 0;
  std::vector<std::string> calls;
  bool lead = false;
  for (const Json& event : page.events()) {
    if (event["seq"].integer_or(0) == 0) continue;  // Of the socket, not of the session.
    REQUIRE(event["seq"].integer_or(0) == last + 1);
    last = event["seq"].integer_or(0);
    lead |= event["type"].string() == "lead";
    if (event["type"].string() != "call") continue;
    CHECK(lead);
    calls.push_back(event["state"].string_or(""));
    if (calls.back() != "ended") continue;
    REQUIRE(event["transcript"].size() == 1);
    CHECK(event["transcript"].at(0)["text"].string() == "Hello Ada, as promised.");
  }
  CHECK(calls == std::vector<std::string>{"dialing", "ringing", "answered", "talking", "ended"});
}

std::size_t calls_to(Town& town, const std::string& number) {
  std::size_t count = 0;
  town.telnyx->inspect([&](const testing::TelnyxCarrier& carrier, TimePoint) {
    for (const testing::SimApiRecord& request : carrier.requests()) {
      count += request.body.find(number) != std::string::npos ? 1 : 0;
    }
  });
  return count;
}

}  // namespace

TEST_CASE("the page comes with headers that keep out everything else", "[server][web]") {
  Town town(kWebScenario);
  const HttpResponse page = fetch(town, "/");
  CHECK(page.status == 200);
  CHECK(page.headers.find("content-type") == "text/html; charset=utf-8");
  const std::string policy(page.headers.find("content-security-policy").value_or(""));
  CHECK(policy.find("default-src 'none'; script-src 'self'; style-src 'self'") == 0);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("connect-src 'self' http://127.0.0.1:" + std::to_string(town.openai->port())) !=
        std::string::npos);
  CHECK(policy.find(" ws://127.0.0.1:" + std::to_string(town.app->port())) != std::string::npos);
  CHECK(page.headers.find("x-content-type-options") == "nosniff");
  CHECK(page.headers.find("referrer-policy") == "no-referrer");
  CHECK(page.headers.find("permissions-policy").value_or("").find("microphone=(self)") == 0);
  const std::string tag(page.headers.find("etag").value_or(""));
  REQUIRE(tag.size() > 10);
  const HttpResponse again = fetch(town, "/", {{"If-None-Match", tag}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(fetch(town, "/", {{"If-None-Match", "\"other\""}}).status == 200);
  CHECK(fetch(town, "/favicon.ico").status < 300);
  CHECK(fetch(town, "/no-such-file.js").status == 404);
  for (const server::WebFile& file : server::web_files()) {
    CAPTURE(file.path);
    CHECK(fetch(town, std::string(file.path)).body == file.bytes);
  }
}

TEST_CASE("a talk over the server's own stream, from the page to the call", "[server][web]") {
  Town town(kWebScenario);
  const HttpResponse started = start(town, "websocket");
  REQUIRE(started.status == 201);
  CHECK(Json::parse(started.body).value()["stream_url"].string() == "/api/web/stream");
  PageSocket page(town, "/api/web/stream", entry_of(started));
  REQUIRE(page.sees("ready",
                    [](const Json& event) { return event["sample_rate"].integer() == 24000; }));
  talk_until_called(town, page);
  check_order(page);
  CHECK(page.audio_bytes() > 24000);
  CHECK(calls_to(town, "+12025550143") >= 1);
  CHECK(eventually([&] { return town.app->web()->open_count() == 0; }));
  CHECK(eventually([&] { return town.app->agent().live_calls() == 0; }));
}

TEST_CASE("a talk by WebRTC that the server listens in to", "[server][web]") {
  Town town(kWebScenario);
  const HttpResponse started = start_sdp(town, "?language=en");
  REQUIRE(started.status == 201);
  CHECK(started.headers.find("content-type") == "application/sdp");
  CHECK(started.body.rfind("v=0", 0) == 0);
  const WebEntry entry = entry_of(started);
  CHECK(started.headers.find("location") == "/session/" + entry.id);
  CHECK(std::stoll(std::string(started.headers.find("x-voicebridge-expires").value_or("0"))) >
        unix_now() / 1000 + 1700);
  PageSocket page(town, "/api/web/events", entry);
  talk_until_called(town, page);
  check_order(page);
  const auto calls = town.openai->calls();
  REQUIRE(calls.size() == 1);
  CHECK(eventually([&] { return town.openai->calls().front().ended(); }));
  CHECK(town.openai->calls().front().end == testing::OpenAiCallRecord::End::hung_up);
  const Json session = Json::parse(calls.front().accepted_session).value();
  CHECK(session["instructions"].string_or("").find("on its web page") != std::string::npos);
  std::vector<std::string> tools;
  for (const JsonView tool : session["tools"].elements()) {
    tools.push_back(tool["name"].string_or(""));
  }
  std::sort(tools.begin(), tools.end());
  CHECK(tools == std::vector<std::string>{"end_call", "save_lead", "trigger_call"});
  const auto stored = town.app->stores().calls->list(10);
  REQUIRE(stored);
  CHECK(std::count_if(stored->begin(), stored->end(), [](const StoredCall& call) {
          return call.direction == "web" && !call.lead_id.empty();
        }) == 1);
}

TEST_CASE("a talk with a key of the browser's own", "[server][web]") {
  Town town(kWebScenario);
  const HttpResponse started = start(town, "ephemeral");
  REQUIRE(started.status == 201);
  const Json body = Json::parse(started.body).value();
  const std::string secret = body["client_secret"]["value"].string_or("");
  CHECK(secret.rfind("ek_", 0) == 0);
  CHECK(body["calls_url"].string() == town.openai->base_url() + "/realtime/calls");
  CHECK(body["model"].string_or("").find("gpt-realtime") == 0);
  const WebEntry entry = entry_of(started);
  PageSocket page(town, "/api/web/events", entry);
  const std::string person =
      R"({"first_name":"Ada","last_name":"Lovelace","phone":"+12025550143","consent":true})";

  // Nothing to call yet, and not anybody else's lead either.
  const std::string other = town.save_lead("Eve", "+12025550199");
  CHECK(town.post("/tools/trigger_call", R"({"lead_id":")" + other + R"("})", bearer(entry.token))
            .status == 409);
  const HttpResponse saved = town.post("/tools/save_lead", person, bearer(entry.token));
  REQUIRE(saved.status == 200);
  CHECK(town.post("/tools/trigger_call", R"({"lead_id":")" + other + R"("})", bearer(entry.token))
            .status == 403);
  CHECK(calls_to(town, "+12025550199") == 0);
  const std::string lead = Json::parse(saved.body).value()["lead_id"].string_or("");
  CHECK(page.sees("lead", [&](const Json& event) {
    return event["lead"]["lead_id"].string() == lead && event["lead"]["consent"].bool_or(false);
  }));
  const std::string kept = town.app->stores().leads->find(lead)->consent_text;
  CHECK(kept.find("I agree that") == 0);

  const HttpResponse told = town.post(
      "/session/" + entry.id + "/transcript",
      R"({"entries":[{"who":"visitor","turn":"a","text":"The attic is wet.","final":true}]})",
      bearer(entry.token));
  CHECK(told.status == 200);
  const HttpResponse called =
      town.post("/tools/trigger_call", R"({"lead_id":")" + lead + R"("})", bearer(entry.token));
  CHECK(called.status == 202);
  const auto over = [](const Json& event) { return event["state"].string() == "ended"; };
  REQUIRE(page.sees("call", over));
  CHECK(town.app->stores().leads->find(lead)->summary == "- Visitor: The attic is wet.\n");
  // As sendBeacon sends it.
  const HttpResponse ended =
      town.post("/session/" + entry.id + "/end", R"({"token":")" + entry.token + R"("})",
                {{"Content-Type", "text/plain;charset=UTF-8"}});
  CHECK(ended.status == 200);
  CHECK(page.sees("state", over));
  CHECK(page.closed().rfind("closed:1000", 0) == 0);
}

TEST_CASE("the page's own words: the card, call me, and the end", "[server][web]") {
  Town town(kWebScenario);
  const WebEntry entry = entry_of(start(town, "websocket"));
  PageSocket page(town, "/api/web/stream", entry);
  REQUIRE(page.sees_words("agent", "Hello, what brings you here?"));
  page.say(R"({"type":"call"})");
  CHECK(page.sees("error", [](const Json& event) { return event["code"].string() == "conflict"; }));
  page.say(
      R"({"type":"lead","first_name":"Grace","last_name":"Hopper","phone":"12","consent":true})");
  CHECK(page.sees("error", [](const Json& event) {
    return event["code"].string() == "invalid_argument" && !event["fatal"].bool_or(true);
  }));
  page.say(
      R"({"type":"lead","first_name":"Grace","last_name":"Hopper","phone":"(202) 555-0177","consent":false})");
  REQUIRE(page.sees(
      "lead", [](const Json& event) { return event["lead"]["phone"].string() == "+12025550177"; }));
  // The model has been told, without a word to the visitor.
  CHECK(eventually([&] {
    const auto records = town.openai->records();
    return !records.empty() && records.front().client_events.count("conversation.item.create") > 0;
  }));
  page.say(R"({"type":"call"})");
  CHECK(page.sees("error", [](const Json& event) {
    return event["message"].string_or("").find("has not agreed") != std::string::npos;
  }));
  CHECK(calls_to(town, "+12025550177") == 0);
  page.say(
      R"({"type":"lead","first_name":"Grace","last_name":"Hopper","phone":"+12025550177","consent":true})");
  REQUIRE(
      page.sees("lead", [](const Json& event) { return event["lead"]["consent"].bool_or(false); }));
  page.say(R"({"type":"call"})");
  CHECK(page.sees("call", [](const Json& event) { return event["state"].string() == "dialing"; }));
  CHECK(calls_to(town, "+12025550177") >= 1);
  page.say(R"({"type":"ping"})");
  CHECK(page.sees("pong", [](const Json&) { return true; }));
  page.say(R"({"type":"end"})");
  CHECK(page.sees_state("ended"));
  CHECK(page.closed().rfind("closed:1000", 0) == 0);
}

TEST_CASE("a page that comes back gets what it has missed", "[server][web]") {
  Town town(kWebScenario);
  const WebEntry entry = entry_of(start_sdp(town));
  std::int64_t last = 0;
  {
    PageSocket page(town, "/api/web/events", entry);
    REQUIRE(page.sees_words("agent", "Hello, what brings you here?"));
    last = page.events().back()["seq"].integer_or(0);
  }
  REQUIRE(last > 0);
  PageSocket blind(town, "/api/web/events", entry, static_cast<std::uint64_t>(last));
  REQUIRE(blind.sees("hello", [](const Json&) { return true; }));
  blind.type("My boiler is broken.");
  REQUIRE(blind.sees_words("agent", "Your name and number, please."));
  for (const Json& event : blind.events()) {
    if (event["type"].string() != "hello") CHECK(event["seq"].integer_or(0) > last);
  }
  PageSocket late(town, "/api/web/events", entry);
  CHECK(late.sees_words("agent", "Hello, what brings you here?"));
  blind.say(R"({"type":"end"})");
  CHECK(late.sees("state", [](const Json& event) {
    return event["state"].string() == "ended" && event["reason"].string() == "hangup";
  }));
}

TEST_CASE("who may start a session, and how often", "[server][web]") {
  Town town(kWebScenario, [](server::Config& config) {
    config.web.starts = 3;
    config.web.origins = {"https://shop.example.com"};
  });
  CHECK(start(town, "websocket", {{"Origin", "https://evil.example.com"}}).status == 403);
  CHECK(start(town, "websocket", {{"Origin", "null"}}).status == 403);
  CHECK(start(town, "websocket", {{"Origin", "https://shop.example.com"}}).status == 201);
  CHECK(start(town, "sideways").status == 422);
  CHECK(town.post("/session", "{").status == 400);
  CHECK(town.post("/session", "no sdp", {{"Content-Type", "application/sdp"}}).status == 422);
  CHECK(town.post("/session", R"({"mode":"websocket","agent":"nobody"})").status == 404);
  CHECK(start(town, "websocket").status == 201);
  const HttpResponse refused = start(town, "websocket");
  CHECK(refused.status == 429);
  const int wait =
      std::atoi(std::string(refused.headers.find("retry-after").value_or("0")).c_str());
  CHECK(wait > 0);
  CHECK(wait <= 60);
  CHECK(town.app->web()->open_count() == 2);
}

TEST_CASE("a token opens its own session and nothing else", "[server][web]") {
  Town town(kWebScenario);
  const WebEntry mine = entry_of(start(town, "websocket"));
  const WebEntry theirs = entry_of(start(town, "websocket"));
  const auto end = [&](const std::string& id, const HttpHeaders& headers) {
    return town.post("/session/" + id + "/end", "", headers).status;
  };
  CHECK(end(theirs.id, bearer(mine.token)) == 401);
  CHECK(end(mine.id, bearer("wst_wrong")) == 401);
  CHECK(end(mine.id, {}) == 401);
  CHECK(town.post("/tools/save_lead", "{}", bearer("wst_wrong")).status == 401);
  CHECK(fetch(town, "/api/voice-calls", bearer(mine.token)).status == 401);
  CHECK(PageSocket(town, "/api/web/events", {mine.id, theirs.token})
            .closed()
            .rfind("closed:4401", 0) == 0);
  CHECK(PageSocket(town, "/api/web/stream", {mine.id, "wst_wrong"})
            .closed()
            .rfind("closed:4401", 0) == 0);
  CHECK(PageSocket(town, "/api/web/events", mine, 0, "https://evil.example.com").refused() == 403);
  CHECK(end(mine.id, bearer(mine.token)) == 200);
}

TEST_CASE("a service that refuses the key is no talk, and says nothing of it", "[server][web]") {
  Town town(kWebScenario,
            [](server::Config& config) { config.openai_api_key = Secret("sk-wrong-and-secret"); });
  for (const HttpResponse& refused : {start_sdp(town), start(town, "ephemeral")}) {
    CHECK(refused.status == 503);
    const Json error = Json::parse(refused.body).value();
    CHECK(error["error"]["code"].string() == "unavailable");
    CHECK(error["error"]["message"].string() ==
          "the voice service does not accept this server's key");
    CHECK(all_of(refused).find("sk-") == std::string::npos);
  }
  CHECK(town.app->web()->open_count() == 0);
  const HttpResponse diagnosis = fetch(town, "/api/web/diagnostics");
  REQUIRE(diagnosis.status == 200);
  const Json checks = Json::parse(diagnosis.body).value();
  REQUIRE(checks["checks"].size() == 4);
  CHECK(checks["checks"].at(1)["id"].string() == "openai");
  CHECK_FALSE(checks["checks"].at(1)["ok"].bool_or(true));
  CHECK(checks["checks"].at(3)["ok"].bool_or(false));
  CHECK(all_of(diagnosis).find("sk-") == std::string::npos);

  // The stream's own model is refused as well: the page is told so, and that it is over.
  PageSocket page(town, "/api/web/stream", entry_of(start(town, "websocket")));
  CHECK(page.sees("error", [](const Json& event) { return event["fatal"].bool_or(false); }));
  CHECK(page.sees("state", [](const Json& event) {
    return event["state"].string() == "ended" && event["reason"].string() == "error";
  }));
}

TEST_CASE("a sideband that is cut comes back, and the talk goes on", "[server][web]") {
  std::string scenario = kWebScenario;
  scenario.insert(scenario.size() - 1, R"(,"connections":[{"cut_after":12}])");
  Town town(scenario);
  PageSocket page(town, "/api/web/events", entry_of(start_sdp(town)));
  REQUIRE(eventually([&] {
    const auto calls = town.openai->calls();
    return !calls.empty() && calls.front().sidebands.size() == 2;
  }));
  page.type("My boiler is broken.");
  CHECK(page.sees_words("agent", "Your name and number, please."));
  page.say(R"({"type":"end"})");
  CHECK(page.sees_state("ended"));
  CHECK(eventually([&] { return town.openai->active_calls() == 0; }));
}

TEST_CASE("nothing that a browser is sent holds a key", "[server][web]") {
  Town town(kWebScenario);
  std::string seen;
  for (const char* path :
       {"/", "/api/web/config", "/api/web/diagnostics", "/openapi.json", "/health"}) {
    const HttpResponse response = fetch(town, path);
    CAPTURE(path);
    CHECK(response.status == 200);
    seen += all_of(response);
  }
  seen +=
      all_of(start_sdp(town)) + all_of(start(town, "ephemeral")) + all_of(start(town, "websocket"));
  for (const std::string& secret :
       {town.openai->api_key(), town.telnyx->api_key(), std::string("the-right-token")}) {
    REQUIRE(secret.size() > 5);
    CHECK(seen.find(secret) == std::string::npos);
  }
  const Json config = Json::parse(fetch(town, "/api/web/config").body).value();
  CHECK(config["can_call"].bool_or(false));
  CHECK(config["transports"].size() == 3);
  CHECK(config["consent"]["fr"].string_or("").find("J'accepte") == 0);
}

TEST_CASE("a session that nobody uses expires, and its place is free", "[server][web]") {
  Town town(kWebScenario, [](server::Config& config) { config.web.token_seconds = 1; });
  PageSocket page(town, "/api/web/stream", entry_of(start(town, "websocket")));
  CHECK(page.sees("state", [](const Json& event) {
    return event["state"].string() == "ended" && event["reason"].string() == "expired";
  }));
  CHECK(eventually([&] { return town.app->web()->open_count() == 0; }));
  CHECK(eventually([&] { return town.app->agent().live_calls() == 0; }));
}

TEST_CASE("a server without the page has none of its routes", "[server][web]") {
  Town town(kWebScenario, [](server::Config& config) { config.web.on = false; });
  CHECK(fetch(town, "/").status == 404);
  CHECK(start(town, "websocket").status == 404);
  CHECK(fetch(town, "/api/web/config").status == 404);
}
