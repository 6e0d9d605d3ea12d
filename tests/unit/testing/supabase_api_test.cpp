#include "testing/supabase_api.hpp"

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {
namespace {

const char* const kAnn =
    R"({"id":"u1","first_name":"Ann","last_name":"Lee","phone_e164":"+33612345678"})";

/// The service and who asks it.
struct Desk {
  Api api{SupabaseSimulatorOptions()};
  HttpHeaders headers = {{"apikey", "sb_secret_simulated"}};

  HttpResponse ask(const std::string& method, const std::string& query,
                   const std::string& body = "", const std::string& prefer = "") {
    ApiRequest request{method, "leads", query, headers, body};
    if (!prefer.empty()) request.headers.add("Prefer", prefer);
    return api.on_request(request, 1'795'000'000'000);
  }
  /// Status, and the code of an error: "409 23505".
  std::string said(const std::string& method, const std::string& query,
                   const std::string& body = "", const std::string& prefer = "") {
    const HttpResponse answer = ask(method, query, body, prefer);
    const auto json = Json::parse(answer.body);
    const std::string code = json ? (*json)["code"].string_or("") : "";
    return std::to_string(answer.status) + (code.empty() ? "" : " " + code);
  }
};

const char* const kMerge = "resolution=merge-duplicates,return=representation";

}  // namespace

TEST_CASE("the gateway looks at the key first", "[supabase_api]") {
  Desk desk;
  desk.headers = {};
  CHECK(desk.ask("GET", "").body.find("No API key found") != std::string::npos);
  desk.headers = {{"apikey", "wrong"}};
  CHECK(desk.said("GET", "") == "401");
  desk.headers = {{"apikey", "sb_publishable_simulated"}};
  CHECK(desk.said("GET", "") == "401 42501");
  desk.headers = {{"apikey", "sb_secret_simulated"}, {"User-Agent", "Mozilla/5.0"}};
  CHECK(desk.said("GET", "") == "401");
  // An opaque key is no JWT, but the gateway takes one that comes twice.
  desk.headers = {{"apikey", "sb_secret_simulated"}, {"Authorization", "Bearer sb_secret_other"}};
  CHECK(desk.said("GET", "") == "401 PGRST301");
  desk.headers = {{"apikey", "sb_secret_simulated"},
                  {"Authorization", "Bearer sb_secret_simulated"}};
  CHECK(desk.said("GET", "") == "200");
  desk.headers = {{"apikey", "sb_publishable_simulated"},
                  {"Authorization", "Bearer sb_publishable_simulated"}};
  CHECK(desk.said("GET", "") == "401 42501");
  const std::string jwt = SupabaseSimulatorOptions().service_jwt;
  desk.headers = {{"apikey", jwt}, {"Authorization", "Bearer " + jwt}};
  CHECK(desk.said("GET", "") == "200");
}

TEST_CASE("an upsert inserts, then keeps who is known", "[supabase_api]") {
  Desk desk;
  const HttpResponse first = desk.ask("POST", "on_conflict=phone_e164&select=id", kAnn, kMerge);
  CHECK(first.status == 201);
  CHECK(first.body == R"([{"id":"u1"}])");
  CHECK(first.headers.find("preference-applied") ==
        "resolution=merge-duplicates, return=representation");
  const HttpResponse again = desk.ask(
      "POST", "on_conflict=phone_e164&select=id,first_name",
      R"({"id":"u2","first_name":"Zoe","last_name":"Lee","phone_e164":"+33612345678"})", kMerge);
  CHECK(again.status == 200);
  CHECK(again.body == R"([{"id":"u1","first_name":"Zoe"}])");
  CHECK(desk.api.table().rows().size() == 1);
  CHECK(desk.ask("POST", "on_conflict=phone_e164", kAnn,
                 "resolution=ignore-duplicates,return=representation")
            .body == "[]");
  CHECK(desk.said("POST", "", kAnn) == "409 23505");
  // Without on_conflict it is the primary key that decides.
  CHECK(desk.said("POST", "",
                  R"({"id":"u3","first_name":"A","last_name":"B",)"
                  R"("phone_e164":"+33612345678"})",
                  kMerge) == "409 23505");
}

TEST_CASE("bodies that break a rule change nothing", "[supabase_api]") {
  Desk desk;
  CHECK(desk.said("POST", "", "{") == "400 PGRST102");
  CHECK(desk.said("POST", "", R"({"nope":1})") == "400 PGRST204");
  CHECK(desk.said("POST", "", R"({"first_name":"A","phone_e164":"+33612345678"})") == "400 23502");
  CHECK(desk.said("POST", "", R"({"first_name":"","last_name":"B","phone_e164":"+33612345678"})") ==
        "400 23514");
  CHECK(desk.said("POST", "", R"({"first_name":"A","last_name":"B","phone_e164":"06"})") ==
        "400 23514");
  CHECK(desk.said("POST", "", R"({"consent":"perhaps"})") == "400 22P02");
  CHECK(desk.said("POST", "", R"({"created_at":"today"})") == "400 22007");
  CHECK(desk.said("POST", "on_conflict=last_name", kAnn, kMerge) == "400 42P10");
  const std::string ann = kAnn;
  CHECK(desk.said("POST", "", "[" + ann + "," + ann + "]") == "409 23505");
  CHECK(desk.said("POST", "", "[" + ann + R"(,{"id":"u2"}])") == "400 PGRST102");
  CHECK(desk.api.table().rows().empty());
}

TEST_CASE("rows are found by filters, with the plus encoded", "[supabase_api]") {
  Desk desk;
  REQUIRE(desk.said("POST", "", kAnn) == "201");
  REQUIRE(desk.said("POST", "",
                    R"({"id":"u2","first_name":"Bob","last_name":"Lee",)"
                    R"("phone_e164":"+33612345679"})") == "201");
  const auto ids = [&](const std::string& query) {
    return desk.ask("GET", "select=id&" + query).body;
  };
  CHECK(ids("phone_e164=eq.%2B33612345678") == R"([{"id":"u1"}])");
  CHECK(ids("phone_e164=eq.+33612345678") == "[]");
  CHECK(ids("phone_e164=in.(%22%2B33612345679%22,x)") == R"([{"id":"u2"}])");
  CHECK(ids("consent_at=is.null&order=first_name.desc&limit=1") == R"([{"id":"u2"}])");
  CHECK(ids("consent=is.true") == "[]");
  CHECK(ids("order=id&offset=1") == R"([{"id":"u2"}])");
  CHECK(desk.ask("GET", "").headers.find("content-range") == "0-1/*");
  CHECK(desk.said("GET", "nope=eq.1") == "400 42703");
  CHECK(desk.said("GET", "id=like.x") == "400 PGRST100");
  CHECK(desk.said("GET", "limit=x") == "400 PGRST100");
  desk.headers.add("Accept", "application/vnd.pgrst.object+json");
  CHECK(desk.ask("GET", "select=id&id=eq.u1").body == R"({"id":"u1"})");
  CHECK(desk.said("GET", "") == "406 PGRST116");
}

TEST_CASE("of bodies the named columns are taken", "[supabase_api]") {
  Desk desk;
  const std::string bob =
      R"({"id":"u2","first_name":"Bob","last_name":"Lee","phone_e164":"+33612345679","summary":"s"})";
  const std::string both = "[" + std::string(kAnn) + "," + bob + "]";
  const std::string named =
      "columns=%22id%22,%22first_name%22,%22last_name%22,%22phone_e164%22&select=id,summary";
  const std::string rows = "return=representation";
  CHECK(desk.said("POST", "", both) == "400 PGRST102");
  CHECK(desk.said("POST", "columns=id,nope", both) == "400 PGRST204");
  CHECK(desk.ask("POST", named, both, rows).body ==
        R"([{"id":"u1","summary":""},{"id":"u2","summary":""}])");
  REQUIRE(desk.said("DELETE", "id=neq.x") == "204");
  // What a row has not is null, unless its default is asked for.
  CHECK(desk.said("POST", named + "&columns=id,first_name,last_name,phone_e164,summary", both) ==
        "400 23502");
  const HttpResponse defaults = desk.ask(
      "POST", "columns=id,first_name,last_name,phone_e164,summary", both, "missing=default");
  CHECK(defaults.status == 201);
  CHECK(defaults.headers.find("preference-applied") == "missing=default");
  CHECK(desk.ask("GET", "select=summary&order=id").body == R"([{"summary":""},{"summary":"s"}])");
}

TEST_CASE("rows are counted where that is asked for", "[supabase_api]") {
  Desk desk;
  REQUIRE(desk.said("POST", "", kAnn) == "201");
  const auto range = [&](const std::string& method, const std::string& query,
                         const std::string& body = "") {
    const HttpResponse answer = desk.ask(method, query, body, "count=exact");
    return std::to_string(answer.status) + " " +
           std::string(answer.headers.find("content-range").value_or("-"));
  };
  CHECK(range("GET", "") == "200 0-0/1");
  CHECK(range("GET", "limit=0") == "206 */1");
  CHECK(range("HEAD", "id=eq.u9") == "200 */0");
  CHECK(range("PATCH", "id=eq.u1", R"({"summary":"s"})") == "204 0-0/1");
  CHECK(desk.said("GET", "offset=2", "", "count=exact") == "416 PGRST103");
  CHECK(range("DELETE", "id=eq.u1") == "204 */1");
}

TEST_CASE("one object that is none changes nothing", "[supabase_api]") {
  Desk desk;
  desk.headers.add("Accept", "application/vnd.pgrst.object+json");
  CHECK(desk.ask("POST", "select=id", kAnn, "return=representation").body == R"({"id":"u1"})");
  REQUIRE(desk.said("POST", "",
                    R"({"id":"u2","first_name":"Bob","last_name":"Lee",)"
                    R"("phone_e164":"+33612345679"})") == "201");
  CHECK(desk.said("DELETE", "id=neq.x", "", "return=representation") == "406 PGRST116");
  CHECK(desk.said("PATCH", "id=neq.x", R"({"summary":"s"})", "return=representation") ==
        "406 PGRST116");
  CHECK(desk.api.table().rows().size() == 2);
  CHECK(desk.api.table().rows().front().at("summary") == "");
}

TEST_CASE("changes need a filter", "[supabase_api]") {
  Desk desk;
  REQUIRE(desk.said("POST", "", kAnn) == "201");
  CHECK(desk.said("PATCH", "", R"({"summary":"s"})") == "400 21000");
  CHECK(desk.said("DELETE", "") == "400 21000");
  CHECK(desk.said("PATCH", "id=eq.u1", R"({"summary":"s"})") == "204");
  CHECK(
      desk.ask("PATCH", "id=eq.u9&select=id", R"({"summary":"s"})", "return=representation").body ==
      "[]");
  CHECK(desk.ask("PATCH", "id=eq.u1&select=summary", R"({"summary":"t"})", "return=representation")
            .body == R"([{"summary":"t"}])");
  CHECK(desk.said("DELETE", "id=eq.u1") == "204");
  CHECK(desk.api.table().rows().empty());
}

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
