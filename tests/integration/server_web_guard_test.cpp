// Who is let in to the web page's routes, and what goes wrong there.
#include "integration/server_web.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("who may start a session, and how often", "[server][web]") {
  Town town(kWebScenario, [](server::Config& config) {
    config.web.starts = 3;
    config.web.origins = {"https://shop.example.com"};
  });
  CHECK(start_web(town, "websocket", {{"Origin", "https://evil.example.com"}}).status == 403);
  CHECK(start_web(town, "websocket", {{"Origin", "null"}}).status == 403);
  CHECK(start_web(town, "websocket", {{"Origin", "https://shop.example.com"}}).status == 201);
  CHECK(start_web(town, "sideways").status == 422);
  CHECK(town.post("/session", "{").status == 400);
  CHECK(town.post("/session", "no sdp", {{"Content-Type", "application/sdp"}}).status == 422);
  CHECK(town.post("/session", R"({"mode":"websocket","agent":"nobody"})").status == 404);
  CHECK(start_web(town, "websocket").status == 201);
  const HttpResponse refused = start_web(town, "websocket");
  CHECK(refused.status == 429);
  const int wait =
      std::atoi(std::string(refused.headers.find("retry-after").value_or("0")).c_str());
  CHECK(wait > 0);
  CHECK(wait <= 60);
  CHECK(town.app->web()->open_count() == 2);
}

TEST_CASE("a token opens its own session and nothing else", "[server][web]") {
  Town town(kWebScenario);
  const WebEntry mine = entry_of(start_web(town, "websocket"));
  const WebEntry theirs = entry_of(start_web(town, "websocket"));
  const auto end = [&](const std::string& id, const HttpHeaders& headers) {
    return town.post("/session/" + id + "/end", "", headers).status;
  };
  CHECK(end(theirs.id, bearing(mine.token)) == 401);
  CHECK(end(mine.id, bearing("wst_wrong")) == 401);
  CHECK(end(mine.id, {}) == 401);
  CHECK(town.post("/tools/save_lead", "{}", bearing("wst_wrong")).status == 401);
  CHECK(fetch_page(town, "/api/voice-calls", bearing(mine.token)).status == 401);
  CHECK(PageSocket(town, "/api/web/events", {mine.id, theirs.token})
            .closed()
            .rfind("closed:4401", 0) == 0);
  CHECK(PageSocket(town, "/api/web/stream", {mine.id, "wst_wrong"})
            .closed()
            .rfind("closed:4401", 0) == 0);
  CHECK(PageSocket(town, "/api/web/events", mine, 0, "https://evil.example.com").refused() == 403);
  CHECK(end(mine.id, bearing(mine.token)) == 200);
}

TEST_CASE("a service that refuses the key is no talk, and says nothing of it", "[server][web]") {
  Town town(kWebScenario,
            [](server::Config& config) { config.openai_api_key = Secret("sk-wrong-and-secret"); });
  for (const HttpResponse& refused : {start_webrtc(town), start_web(town, "ephemeral")}) {
    CHECK(refused.status == 503);
    const Json error = Json::parse(refused.body).value();
    CHECK(error["error"]["code"].string() == "unavailable");
    CHECK(error["error"]["message"].string() ==
          "the voice service does not accept this server's key");
    CHECK(seen_in(refused).find("sk-") == std::string::npos);
  }
  CHECK(town.app->web()->open_count() == 0);
  const HttpResponse diagnosis = fetch_page(town, "/api/web/diagnostics");
  REQUIRE(diagnosis.status == 200);
  const Json checks = Json::parse(diagnosis.body).value();
  REQUIRE(checks["checks"].size() == 4);
  CHECK(checks["checks"].at(1)["id"].string() == "openai");
  CHECK_FALSE(checks["checks"].at(1)["ok"].bool_or(true));
  CHECK(checks["checks"].at(3)["ok"].bool_or(false));
  CHECK(seen_in(diagnosis).find("sk-") == std::string::npos);

  // The stream's own model is refused as well: the page is told so, and that it is over.
  PageSocket page(town, "/api/web/stream", entry_of(start_web(town, "websocket")));
  CHECK(page.sees("error", [](const Json& event) { return event["fatal"].bool_or(false); }));
  CHECK(page.sees("state", [](const Json& event) {
    return event["state"].string() == "ended" && event["reason"].string() == "error";
  }));
}

TEST_CASE("a sideband that is cut comes back, and the talk goes on", "[server][web]") {
  std::string scenario = kWebScenario;
  scenario.insert(scenario.size() - 1, R"(,"connections":[{"cut_after":12}])");
  Town town(scenario);
  PageSocket page(town, "/api/web/events", entry_of(start_webrtc(town)));
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
    const HttpResponse response = fetch_page(town, path);
    CAPTURE(path);
    CHECK(response.status == 200);
    seen += seen_in(response);
  }
  seen += seen_in(start_webrtc(town)) + seen_in(start_web(town, "ephemeral")) +
          seen_in(start_web(town, "websocket"));
  for (const std::string& secret :
       {town.openai->api_key(), town.telnyx->api_key(), std::string("the-right-token")}) {
    REQUIRE(secret.size() > 5);
    CHECK(seen.find(secret) == std::string::npos);
  }
  const Json config = Json::parse(fetch_page(town, "/api/web/config").body).value();
  CHECK(config["can_call"].bool_or(false));
  CHECK(config["transports"].size() == 3);
  CHECK(config["consent"]["fr"].string_or("").find("J'accepte") == 0);
}

TEST_CASE("a session that nobody uses expires, and its place is free", "[server][web]") {
  Town town(kWebScenario, [](server::Config& config) { config.web.token_seconds = 1; });
  PageSocket page(town, "/api/web/stream", entry_of(start_web(town, "websocket")));
  CHECK(page.sees("state", [](const Json& event) {
    return event["state"].string() == "ended" && event["reason"].string() == "expired";
  }));
  CHECK(eventually([&] { return town.app->web()->open_count() == 0; }));
  CHECK(eventually([&] { return town.app->agent().live_calls() == 0; }));
}

TEST_CASE("a server without the page has none of its routes", "[server][web]") {
  Town town(kWebScenario, [](server::Config& config) { config.web.on = false; });
  CHECK(fetch_page(town, "/").status == 404);
  CHECK(start_web(town, "websocket").status == 404);
  CHECK(fetch_page(town, "/api/web/config").status == 404);
}
