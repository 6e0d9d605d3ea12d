// The web page's side of the example server, from POST /session to the end of the phone call, over
// real sockets with the simulators.
#include "integration/server_web.hpp"
#include "web_site.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

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
  const HttpResponse page = fetch_page(town, "/");
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
  const HttpResponse again = fetch_page(town, "/", {{"If-None-Match", tag}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(fetch_page(town, "/", {{"If-None-Match", "\"other\""}}).status == 200);
  CHECK(fetch_page(town, "/favicon.ico").status < 300);
  CHECK(fetch_page(town, "/no-such-file.js").status == 404);
  for (const server::WebFile& file : server::web_files()) {
    CAPTURE(file.path);
    CHECK(fetch_page(town, std::string(file.path)).body == file.bytes);
  }
}

TEST_CASE("a talk over the server's own stream, from the page to the call", "[server][web]") {
  Town town(kWebScenario);
  const HttpResponse started = start_web(town, "websocket");
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
  const HttpResponse started = start_webrtc(town, "?language=en");
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
  const HttpResponse started = start_web(town, "ephemeral");
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
  CHECK(town.post("/tools/trigger_call", R"({"lead_id":")" + other + R"("})", bearing(entry.token))
            .status == 409);
  const HttpResponse saved = town.post("/tools/save_lead", person, bearing(entry.token));
  REQUIRE(saved.status == 200);
  CHECK(town.post("/tools/trigger_call", R"({"lead_id":")" + other + R"("})", bearing(entry.token))
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
      bearing(entry.token));
  CHECK(told.status == 200);
  const HttpResponse called =
      town.post("/tools/trigger_call", R"({"lead_id":")" + lead + R"("})", bearing(entry.token));
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
  // Kept like any other talk, and the lead's, whose data can be asked for and erased.
  REQUIRE(eventually([&] { return town.app->stores().calls->find(entry.id).has_value(); }));
  const auto talk = town.app->stores().calls->find(entry.id);
  CHECK(talk->call.lead_id == lead);
  REQUIRE(talk->transcript.size() == 1);
  CHECK(talk->transcript[0].text == "The attic is wet.");
}

TEST_CASE("the page's own words: the card, call me, and the end", "[server][web]") {
  Town town(kWebScenario);
  const WebEntry entry = entry_of(start_web(town, "websocket"));
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
  CHECK(eventually([&] { return calls_to(town, "+12025550177") >= 1; }));
  page.say(R"({"type":"ping"})");
  CHECK(page.sees("pong", [](const Json&) { return true; }));
  page.say(R"({"type":"end"})");
  CHECK(page.sees_state("ended"));
  CHECK(page.closed().rfind("closed:1000", 0) == 0);
}

TEST_CASE("edits of the card that come at once are saved in their order", "[server][web]") {
  Town town(kWebScenario);
  PageSocket page(town, "/api/web/stream", entry_of(start_web(town, "websocket")));
  REQUIRE(page.sees_words("agent", "Hello, what brings you here?"));
  constexpr int kEdits = 40;
  for (int i = 1; i <= kEdits; ++i) {
    page.say(R"({"type":"lead","first_name":"Grace","last_name":"Hopper )" + std::to_string(i) +
             R"(","phone":"(202) 555-0177","consent":true})");
  }
  const std::string last = "Hopper " + std::to_string(kEdits);
  REQUIRE(page.sees(
      "lead", [&](const Json& event) { return event["lead"]["last_name"].string() == last; }));
  page.say(R"({"type":"ping"})");
  REQUIRE(page.sees("pong", [](const Json&) { return true; }));
  std::string shown;
  for (const Json& event : page.events()) {
    if (event["type"].string() == "lead") shown = event["lead"]["last_name"].string_or("");
  }
  CHECK(shown == last);
  CHECK(town.app->stores().leads->find_by_phone("+12025550177").value().last_name == last);
}

TEST_CASE("a page that comes back gets what it has missed", "[server][web]") {
  Town town(kWebScenario);
  const WebEntry entry = entry_of(start_webrtc(town));
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
