// The OpenAPI document of the example server: that it is one, that it is that of all routes, and
// that what it does not allow is refused by the field.
#include "api.hpp"
#include "integration/server_town.hpp"
#include "support/openapi_check.hpp"
#include "voicebridge/testing/seeded_random.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kOpenApiScenario =
    R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}]})";

/// The document with one text in place of another.
Json changed(const std::string& what, const std::string& by) {
  std::string text = Json::parse(server::kOpenApi).value().dump();
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return Json::parse(text.replace(at, what.size(), by)).value();
}

bool is_faulty(const std::string& what, const std::string& by) {
  return !openapi_faults(changed(what, by)).empty();
}

/// A JSON route that a bearer token lets in, and its body.
struct Guarded {
  std::string path;
  Json schema;
};

std::vector<Guarded> guarded_bodies() {
  const Json document = Json::parse(server::kOpenApi).value();
  std::vector<Guarded> found;
  for (const JsonView::Member& item : document["paths"].members()) {
    const JsonView post = item.value["post"];
    const JsonView schema = post["requestBody"]["content"]["application/json"]["schema"];
    if (!schema.exists() || post["security"].exists()) continue;
    found.push_back({std::string(item.key), server::resolve_references(document, schema).value()});
  }
  return found;
}

/// Something that the schema of a member does not allow; nothing when it allows everything.
std::optional<std::string> wrong_value(JsonView schema, testing::SeededRandom& random) {
  std::vector<std::string> wrong;
  const std::string type = schema["type"].string_or("");
  if (type != "string") wrong.emplace_back(R"("text")");
  if (type != "boolean") wrong.emplace_back("true");
  if (type != "object") wrong.emplace_back("{}");
  if (type == "string" && schema["maxLength"].exists()) {
    const auto most = static_cast<std::size_t>(schema["maxLength"].integer_or(0));
    wrong.push_back('"' + std::string(most + 1 + random.next() % 50, 'x') + '"');
  }
  if (schema["minLength"].integer_or(0) > 0) wrong.emplace_back("\"\"");
  if (schema["enum"].exists()) wrong.emplace_back(R"("none of them")");
  wrong.insert(wrong.end(), {"null", "[]", "7.5"});
  return wrong[random.next() % wrong.size()];
}

/// A value that the schema allows.
std::string good_value(const std::string& name, JsonView schema) {
  const std::string type = schema["type"].string_or("");
  if (type == "boolean") return "true";
  if (type == "object") return "{}";
  if (schema["enum"].exists()) return schema["enum"].at(0).dump();
  const bool phone = name == "phone" || name == "toNumber";
  return phone ? R"("+12025550188")" : R"("ld_none")";
}

std::string field_in(const HttpResponse& response) {
  const auto body = Json::parse(response.body);
  return body ? (*body)["error"]["field"].string_or("no field") : "no JSON";
}

}  // namespace

TEST_CASE("the OpenAPI document is one", "[server][openapi]") {
  const auto faults = openapi_faults(Json::parse(server::kOpenApi).value());
  CHECK(faults == std::vector<std::string>());
}

TEST_CASE("the check of OpenAPI documents finds what is wrong with one", "[server][openapi]") {
  CHECK(is_faulty(R"("openapi":"3.1.0")", R"("openapi":"3.0.0")"));
  CHECK(is_faulty(R"("title":)", R"("titel":)"));
  CHECK(is_faulty(R"("operationId":"health")", R"("operationId":"openapi")"));
  CHECK(is_faulty(R"(#/components/schemas/StartCall")", R"(#/components/schemas/StartCal")"));
  CHECK(is_faulty(R"("/api/voice-calls/{id}":)", R"("/api/voice-calls/{call}":)"));
  CHECK(is_faulty(R"({"name":"id","in":"path","required":true)", R"({"name":"id","in":"path")"));
  CHECK(is_faulty(R"("security":[{"twilioSignature":[]}])", R"("security":[{"twilio":[]}])"));
  CHECK(is_faulty(R"("tags":["calls"])", R"("tags":["telephone"])"));
  CHECK(is_faulty(R"("name":"limit","in":"query")", R"("name":"limit","in":"body")"));
  CHECK(is_faulty(R"("name":"from","in":"query")", R"("name":"to","in":"query")"));
  CHECK(is_faulty(R"("type":"integer","minimum":1)", R"("type":"int","minimum":1)"));
  CHECK(is_faulty(R"("requestBody":{"required":true,"content":)",
                  R"("requestBodies":{"required":true,"content":)"));
}

TEST_CASE("every route has its entry, and every entry its route", "[server][openapi]") {
  Town town(kOpenApiScenario);  // The server does not start without.
  CHECK(town.app->api().complete());
  auto runtime = Runtime::create({}).value();
  auto http = HttpServer::create(*runtime, {}).value();
  auto api = server::Api::create(
      *http, R"({"paths":{"/a":{"get":{"responses":{}}},"/b":{"post":{"responses":{}}}}})");
  REQUIRE(api);
  api->route("GET", "/a", [](const auto&, const auto&) {});
  api->route("GET", "/c", [](const auto&, const auto&) {});
  const auto complete = api->complete();
  REQUIRE_FALSE(complete);
  CHECK(complete.error().message.find("The route GET /c has no entry.") != std::string::npos);
  CHECK(complete.error().message.find("The entry POST /b has no route.") != std::string::npos);
  CHECK(complete.error().message.find("/a") == std::string::npos);
  const auto broken = server::Api::create(
      *http, R"({"paths":{"/a":{"get":{"parameters":[{"$ref":"#/components/x"}]}}}})");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find("GET /a") == 0);
}

TEST_CASE("the document is served as it is", "[server][openapi]") {
  Town town(kOpenApiScenario);
  HttpRequest request;
  request.url = town.url("/openapi.json");
  const HttpResponse served = town.send(request);
  CHECK(served.status == 200);
  CHECK(Json::parse(served.body).value().root() == Json::parse(server::kOpenApi).value().root());
}

TEST_CASE("a body that the document does not allow is refused by the field", "[server][openapi]") {
  Town town(kOpenApiScenario);
  testing::SeededRandom random(7);
  const auto bodies = guarded_bodies();
  REQUIRE(bodies.size() >= 3);
  for (const Guarded& route : bodies) {
    const auto members = route.schema["properties"].members();
    const auto body = [&](std::string_view but, const std::string& value) {
      JsonWriter json;
      json.object();
      for (const JsonView::Member& member : members) {
        const std::string name(member.key);
        if (name == but && value.empty()) continue;
        json.key(name).raw(name == but ? value : good_value(name, member.value));
      }
      return json.end().take();
    };
    for (int round = 0; round < 8; ++round) {
      for (const JsonView::Member& member : members) {
        const auto wrong = wrong_value(member.value, random);
        if (!wrong) continue;
        CAPTURE(route.path, member.key, *wrong);
        const HttpResponse refused = town.post(route.path, body(member.key, *wrong));
        CHECK(refused.status == 422);
        CHECK(field_in(refused) == member.key);
      }
    }
    for (const JsonView required : route.schema["required"].elements()) {
      const HttpResponse refused = town.post(route.path, body(*required.string(), ""));
      CAPTURE(route.path, *required.string());
      CHECK(refused.status == 422);
      CHECK(field_in(refused) == *required.string());
    }
    std::string more = body("", "");
    more.insert(1, R"("surprise":1,)");
    CHECK(field_in(town.post(route.path, more)) == "surprise");
    CHECK(town.post(route.path, more.substr(0, more.size() - 2)).status == 400);
    CHECK(town.post(route.path, "[]").status == 422);
    CHECK(town.post(route.path, "{}", {{"Content-Type", "text/plain"}}).status == 415);
    CHECK(town.post(route.path, "{}", {{"Authorization", "Bearer guess"}}).status == 401);
  }
  CHECK(town.app->agent().live_calls() == 0);
}

TEST_CASE("a parameter that the document does not allow is refused by its name",
          "[server][openapi]") {
  Town town(kOpenApiScenario);
  const auto get = [&](const std::string& target) {
    HttpRequest request;
    request.url = town.url(target);
    return town.send(request);
  };
  const std::string list = "/api/voice-calls";
  for (const auto& [query, field] :
       std::vector<std::pair<std::string, std::string>>{{"status=busy", "status"},
                                                        {"limit=0", "limit"},
                                                        {"limit=201", "limit"},
                                                        {"limit=many", "limit"},
                                                        {"limit=1&limit=2", "limit"},
                                                        {"from=yesterday", "from"},
                                                        {"from=2026-13-01", "from"},
                                                        {"to=2026-02-30", "to"},
                                                        {"to=2026-02-01T25:00:00Z", "to"},
                                                        {"toNumber=12", "toNumber"},
                                                        {"toNumber=letters", "toNumber"},
                                                        {"cursor=xyz", "cursor"},
                                                        {"userId=", "userId"},
                                                        {"statsu=ended", "statsu"}}) {
    CAPTURE(query);
    const HttpResponse refused = get(list + "?" + query);
    CHECK(refused.status == 422);
    CHECK(field_in(refused) == field);
  }
  CHECK(
      get(list + "?status=ended&limit=5&from=2026-01-01&to=2026-01-31T10:00:00.5%2B01:00").status ==
      200);
  const HttpResponse bad_id = get(list + "/no%20id");
  CHECK(bad_id.status == 422);
  CHECK(field_in(bad_id) == "id");
  const HttpResponse no_call = get(list + "/call_none");
  CHECK(no_call.status == 404);
  CHECK(field_in(no_call) == "id");
  const HttpResponse key = town.post(list + "/realtime", R"({"toNumber":"+12025550188"})",
                                     {{"Idempotency-Key", std::string(300, 'k')}});
  CHECK(key.status == 422);
  CHECK(field_in(key) == "Idempotency-Key");
}
