#include "voicebridge/store/supabase_store.hpp"

#include "store/supabase_rest.hpp"
#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
namespace {

namespace rest = detail::supabase;

const char* const kRow =
    R"([{"id":"u1","first_name":"Ann","last_name":"Lee","phone_e164":"+33612345678",)"
    R"("created_at":"2026-11-21T00:20:54.370021+00:00","source":"web","consent":true,)"
    R"("consent_text":"yes","consent_at":null,"consent_source":"api","summary":"s",)"
    R"("updated_at":"2026-11-21T00:20:55+00:00"}])";

SupabaseOptions supabase(const char* key = "sb_secret_abc") {
  SupabaseOptions options;
  options.url = "https://ref.supabase.co/";
  options.service_key = Secret(key);
  return options;
}

LeadInput applicant() {
  LeadInput input;
  input.first_name = "Ann";
  input.last_name = "Lee";
  input.phone = "+33612345678";
  return input;
}

Result<HttpResponse> answer(int status, std::string body, HttpHeaders headers = {}) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

Error refused(int status, const std::string& body = "") {
  const auto rows = rest::read_rows(answer(status, body));
  REQUIRE_FALSE(rows);
  CHECK(rows.error().origin == "supabase");
  CHECK(rows.error().http_status == status);
  return rows.error();
}

std::string field_refused(const SupabaseOptions& options) {
  const auto checked = rest::check(options);
  return checked ? "" : checked.error().field;
}

/// Answers at once, inside `send`.
class PromptClient : public HttpClient {
 public:
  void send(HttpRequest request, Scheduler&, Done done) override {
    requests.push_back(std::move(request));
    done(next);
  }
  Result<HttpResponse> next = answer(201, kRow);
  std::vector<HttpRequest> requests;
};

class NoScheduler : public Scheduler {
 public:
  TimePoint now() const override { return {}; }
  void post(Task) override {}
  TimerId run_at(TimePoint, Task) override { return 1; }
  void cancel(TimerId) override {}
  bool offload(Task) override { return false; }
};

}  // namespace

TEST_CASE("a key goes where its kind belongs", "[supabase]") {
  const HttpRequest modern = rest::find_request(supabase(), "id", "x");
  CHECK(modern.headers.find("apikey") == "sb_secret_abc");
  CHECK_FALSE(modern.headers.find("authorization"));
  const HttpRequest legacy = rest::find_request(supabase("eyJh.eyJy.sig"), "id", "x");
  CHECK(legacy.headers.find("apikey") == "eyJh.eyJy.sig");
  CHECK(legacy.headers.find("authorization") == "Bearer eyJh.eyJy.sig");
  CHECK(modern.url.find("abc") == std::string::npos);
}

TEST_CASE("filters are encoded", "[supabase]") {
  CHECK(rest::find_request(supabase(), "phone_e164", "+33612345678").url ==
        "https://ref.supabase.co/rest/v1/leads?select=*&phone_e164=eq.%2B33612345678&limit=1");
  CHECK(rest::find_request(supabase(), "id", "a&b=c d").url.find("id=eq.a%26b%3Dc%20d&") !=
        std::string::npos);
  CHECK(rest::list_request(supabase(), 5000).url.find("limit=1000") != std::string::npos);
}

TEST_CASE("a save sends what was said and nothing else", "[supabase]") {
  LeadInput input = applicant();
  const HttpRequest plain = rest::save_request(supabase(), input, "u1", 1000);
  CHECK(plain.method == "POST");
  CHECK(plain.url == "https://ref.supabase.co/rest/v1/leads?on_conflict=phone_e164&select=*");
  CHECK(plain.headers.find("prefer") == "resolution=merge-duplicates,return=representation");
  CHECK(plain.headers.find("content-type") == "application/json");
  // merge-duplicates overwrites every column that is sent.
  CHECK(plain.body == R"({"id":"u1","first_name":"Ann","last_name":"Lee",)"
                      R"("phone_e164":"+33612345678","updated_at":"1970-01-01T00:00:01.000Z"})");
  input.consent = false;
  input.source = "web";
  const auto body = Json::parse(rest::save_request(supabase(), input, "u1", 1000).body).value();
  CHECK(body["consent"].boolean() == false);
  CHECK(body["consent_at"].string() == "1970-01-01T00:00:01.000Z");
  CHECK(body["source"].string() == "web");
}

TEST_CASE("a put sends every field", "[supabase]") {
  Lead lead;
  lead.id = "lead_1";
  lead.created_at = 1000;
  lead.updated_at = 2000;
  lead.summary = "s";
  const auto body = Json::parse(rest::put_request(supabase(), lead).body).value();
  CHECK(body.root().members().size() == 12);
  CHECK(body["created_at"].string() == "1970-01-01T00:00:01.000Z");
  CHECK(body["consent_at"].is_null());
  CHECK(body["summary"].string() == "s");
}

TEST_CASE("a row is read with every field", "[supabase]") {
  const auto rows = rest::read_rows(answer(200, kRow)).value();
  REQUIRE(rows.size() == 1);
  const Lead& lead = rows[0];
  CHECK(lead.id == "u1");
  CHECK(lead.first_name == "Ann");
  CHECK(lead.last_name == "Lee");
  CHECK(lead.phone_e164 == "+33612345678");
  CHECK(to_iso8601(lead.created_at) == "2026-11-21T00:20:54.370Z");
  CHECK(lead.source == "web");
  CHECK(lead.consent);
  CHECK(lead.consent_text == "yes");
  CHECK(lead.consent_at == 0);
  CHECK(lead.consent_source == "api");
  CHECK(lead.summary == "s");
  CHECK(to_iso8601(lead.updated_at) == "2026-11-21T00:20:55.000Z");
}

TEST_CASE("times are read in every form that PostgREST writes", "[supabase]") {
  CHECK(rest::read_time("1970-01-01T00:00:00+00:00") == 0);
  CHECK(rest::read_time("1970-01-01 00:00:00.5+00") == 500);
  CHECK(rest::read_time("1970-01-01T01:30:00.1239+01:30") == 123);
  CHECK(rest::read_time("1969-12-31T22:00:00-02:00") == 0);
  for (const UnixMillis at :
       {UnixMillis(1), UnixMillis(951'782'400'000), UnixMillis(1'709'164'800'123),
        UnixMillis(1'795'000'000'999), UnixMillis(4'107'542'399'999)}) {
    CHECK(rest::read_time(to_iso8601(at)) == at);
  }
  for (const char* wrong : {"", "2026", "2026-11-21", "2026-11-21T00:20:54", "2026-13-01T00:00:00Z",
                            "2026-11-21T24:00:00Z", "2026-11-21T00:20:54.Z", "infinity",
                            "2026-11-21T00:20:54Zx", "2026-11-21T00:20:54+0"}) {
    INFO(wrong);
    CHECK_FALSE(rest::read_time(wrong));
  }
}

TEST_CASE("refusals have a kind and whether they pass", "[supabase]") {
  CHECK(refused(401, R"({"message":"Invalid API key","hint":"x"})").code == Errc::unauthenticated);
  CHECK(refused(403, R"({"code":"42501"})").code == Errc::permission_denied);
  CHECK(refused(404, R"({"code":"PGRST205"})").code == Errc::not_found);
  CHECK(refused(409, R"({"code":"23505"})").code == Errc::conflict);
  CHECK(refused(400, R"({"code":"23514"})").code == Errc::invalid_argument);
  CHECK(refused(400, R"({"code":"22P02"})").code == Errc::invalid_argument);
  // A column that a migration forgot is about the place, not about the lead.
  CHECK(refused(400, R"({"code":"PGRST204"})").code == Errc::unsupported);
  CHECK(refused(413).code == Errc::payload_too_large);
  CHECK(refused(302).code == Errc::protocol_error);
  for (const int status : {400, 401, 403, 404, 409, 413}) CHECK_FALSE(refused(status).retryable);
  for (const int status : {408, 429, 500, 503, 504, 520, 544}) {
    INFO(status);
    const Error error = refused(status, "<html>paused</html>");
    CHECK(error.code == Errc::unavailable);
    CHECK(error.retryable);
  }
  const auto later = rest::read_rows(answer(429, "", {{"Retry-After", "7"}}));
  CHECK(later.error().retry_after == Millis(7000));
}

TEST_CASE("what has no answer may be tried again", "[supabase]") {
  for (const Errc code : {Errc::deadline_exceeded, Errc::unavailable, Errc::cancelled}) {
    const auto rows = rest::read_rows(fail(code, "nothing"));
    CHECK(rows.error().code == code);
    CHECK(rows.error().retryable);
  }
  for (const char* body : {"", "<html>", "{}", "[1]", "[{}]"}) {
    INFO(body);
    CHECK(refused(200, body).retryable);
  }
}

TEST_CASE("an error holds no value of a row", "[supabase]") {
  const Error error =
      refused(409, R"({"code":"23505","details":"Key (phone_e164)=(+33612345678) already exists.",)"
                   R"("hint":null,"message":"duplicate +33612345678"})");
  CHECK(error.provider_code == "23505");
  CHECK(to_string(error).find("612345") == std::string::npos);
  CHECK(refused(400, R"({"code":"+33612345678"})").provider_code.empty());
}

TEST_CASE("options that cannot work are refused by name", "[supabase]") {
  CHECK(field_refused(supabase()).empty());
  SupabaseOptions options = supabase();
  for (const char* url : {"", "ref.supabase.co", "http://ref.supabase.co", "ftp://127.0.0.1"}) {
    options.url = url;
    CHECK(field_refused(options) == "url");
  }
  options.url = "http://127.0.0.1:54321";
  CHECK(field_refused(options).empty());
  for (const char* key : {"", "a b", "a\r\nb", "sb_publishable_abc"}) {
    CHECK(field_refused(supabase(key)) == "service_key");
  }
  options.table = "leads?x";
  CHECK(field_refused(options) == "table");
  options = supabase();
  options.timeout = Millis(0);
  CHECK(field_refused(options) == "timeout");
}

TEST_CASE("a Supabase store asks once and says what came", "[supabase]") {
  PromptClient client;
  NoScheduler on;
  const auto store = SupabaseLeadStore::create(client, on, supabase()).value();
  const auto saved = store->save(applicant());
  REQUIRE(saved);
  CHECK(saved->id == "u1");
  LeadInput nameless = applicant();
  nameless.first_name = " ";
  CHECK(store->save(nameless).error().field == "first_name");
  CHECK(client.requests.size() == 1);
  client.next = answer(200, "[]");
  CHECK(store->find("u2").error().code == Errc::not_found);
  CHECK(store->find_by_phone("+33612345678").error().field == "phone");
  CHECK(store->set_summary("u2", "s").error().code == Errc::not_found);
  CHECK(client.requests.back().method == "PATCH");
  CHECK(store->put(Lead()).error().code == Errc::protocol_error);
  CHECK(store->list(0)->empty());
  CHECK(client.requests.size() == 5);
}

}  // namespace voicebridge
