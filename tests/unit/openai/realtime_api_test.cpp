#include "voicebridge/openai/realtime_api.hpp"

#include "support/scripted_http_client.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

const std::string kGone =
    R"({"error":{"message":"No call rtc_1.","type":"invalid_request_error","code":"call_id_not_found","param":null}})";

RealtimeApiOptions options() {
  RealtimeApiOptions o;
  o.base_url = "http://127.0.0.1:9/v1/";
  o.api_key = Secret("sk-test");
  o.retry.seed = 1;
  return o;
}

SessionConfig session() {
  SessionConfig config;
  config.model = "gpt-realtime-2.1";
  config.instructions = "Be kind.";
  VadConfig vad;
  vad.type = "server_vad";
  vad.threshold = 0.7;
  config.audio.input.turn_detection = vad;
  config.audio.input.format = wire_format(AudioFormat::pcmu()).value();
  return config;
}

struct Bench {
  explicit Bench(RealtimeApiOptions o = options())
      : api(RealtimeApi::create(client, std::move(o)).value()) {}

  template <class T>
  std::function<void(Result<T>)> keep(std::vector<Result<T>>& in) {
    return [&in](Result<T> result) { in.push_back(std::move(result)); };
  }
  RealtimeApi::Done done() { return keep(results); }
  /// Runs whatever was asked for; the only result of it.
  Result<> result() {
    CHECK(results.empty());  // Never inside the call.
    scheduler.advance(Millis(60000));
    REQUIRE(results.size() == 1);
    return results[0];
  }
  Result<CreatedCall> created() {
    CHECK(calls.empty());
    scheduler.advance(Millis(60000));
    REQUIRE(calls.size() == 1);
    return calls[0];
  }
  Result<ClientSecret> secret(ClientSecretRequest request) {
    std::vector<Result<ClientSecret>> secrets;
    api.create_client_secret(std::move(request), scheduler, keep(secrets));
    CHECK(secrets.empty());
    scheduler.advance(Millis(60000));
    REQUIRE(secrets.size() == 1);
    return secrets[0];
  }
  const HttpRequest& request(std::size_t n = 0) const {
    REQUIRE(client.requests.size() > n);
    return client.requests[n];
  }

  test::ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  RealtimeApi api;
  std::vector<Result<>> results;
  std::vector<Result<CreatedCall>> calls;
};

}  // namespace

TEST_CASE("a call is accepted with what the service takes there", "[api]") {
  Bench b;
  b.client.answer(200, "");
  b.api.accept("rtc_1", session(), b.scheduler, b.done());
  CHECK(b.result());
  CHECK(b.request().method == "POST");
  CHECK(b.request().url == "http://127.0.0.1:9/v1/realtime/calls/rtc_1/accept");
  CHECK(b.request().headers.find("Authorization") == "Bearer sk-test");
  CHECK(b.request().headers.find("Content-Type") == "application/json");
  CHECK_FALSE(b.request().headers.find("OpenAI-Beta"));
  CHECK(b.request().timeout == Millis(5000));
  const Json body = Json::parse(b.request().body).value();
  CHECK(body["type"].string() == "realtime");
  CHECK(body["model"].string() == "gpt-realtime-2.1");
  CHECK(body["instructions"].string() == "Be kind.");
  CHECK(body["audio"]["input"]["turn_detection"].dump() == R"({"type":"server_vad"})");
  CHECK_FALSE(body["audio"]["input"]["format"].exists());
}

TEST_CASE("a call is rejected, referred and hung up", "[api]") {
  Bench b;
  SECTION("rejected") {
    b.client.answer(200, "");
    b.api.reject("rtc/1", 486, b.scheduler, b.done());
    CHECK(b.result());
    CHECK(b.request().url == "http://127.0.0.1:9/v1/realtime/calls/rtc%2F1/reject");
    CHECK(b.request().body == R"({"status_code":486})");
  }
  SECTION("referred") {
    b.client.answer(200, "");
    b.api.refer("rtc_1", "tel:+15550100", b.scheduler, b.done());
    CHECK(b.result());
    CHECK(b.request().url == "http://127.0.0.1:9/v1/realtime/calls/rtc_1/refer");
    CHECK(b.request().body == R"({"target_uri":"tel:+15550100"})");
  }
  SECTION("hung up") {
    b.client.answer(200, "");
    b.api.hangup("rtc_1", b.scheduler, b.done());
    CHECK(b.result());
    CHECK(b.request().url == "http://127.0.0.1:9/v1/realtime/calls/rtc_1/hangup");
    CHECK(b.request().body.empty());
    CHECK_FALSE(b.request().headers.find("Content-Type"));
  }
}

TEST_CASE("a call that is gone has been ended, and can not be answered", "[api]") {
  for (const int status : {400, 404}) {
    Bench hangup, reject, accept, refer;
    for (Bench* b : {&hangup, &reject, &accept, &refer}) b->client.answer(status, kGone);
    hangup.api.hangup("rtc_1", hangup.scheduler, hangup.done());
    CHECK(hangup.result());
    reject.api.reject("rtc_1", 603, reject.scheduler, reject.done());
    CHECK(reject.result());
    refer.api.refer("rtc_1", "sip:a@b", refer.scheduler, refer.done());
    CHECK(refer.result().error().code == Errc::not_found);
    accept.api.accept("rtc_1", session(), accept.scheduler, accept.done());
    const Error error = accept.result().error();
    CHECK(error.code == Errc::not_found);
    CHECK(error.provider_code == "call_id_not_found");
    CHECK(error.http_status == status);
    CHECK(error.origin == "openai");
    CHECK_FALSE(error.retryable);
  }
}

TEST_CASE("another 404 is no success of a hang-up", "[api]") {
  Bench b;
  b.client.answer(404, "not here");
  b.api.hangup("rtc_1", b.scheduler, b.done());
  CHECK(b.result().error().code == Errc::not_found);
}

TEST_CASE("what is refused for good is asked once", "[api]") {
  for (const int status : {400, 401, 403, 404}) {
    Bench b;
    b.client.answer(status, R"({"error":{"message":"no +15550100100","type":"x","code":null}})");
    b.api.hangup("rtc_1", b.scheduler, b.done());
    const Error error = b.result().error();
    CHECK(b.client.requests.size() == 1);
    CHECK(error.http_status == status);
    CHECK_FALSE(error.retryable);
    CHECK(error.message == "no " + mask_phone("+15550100100"));
  }
}

TEST_CASE("what may pass is asked again where that is safe, after the wait", "[api]") {
  Bench b;
  const TimePoint start = b.scheduler.now();
  b.client.answer(503, R"({"error":{"code":"server_is_overloaded","message":"busy"}})",
                  {{"Retry-After", "2"}});
  b.client.no_answer(Errc::unavailable);
  b.client.answer(200, "");
  b.api.hangup("rtc_1", b.scheduler, b.done());
  b.scheduler.advance_to(start + Millis(1999));
  CHECK(b.client.requests.size() == 1);
  CHECK(b.result());
  CHECK(b.client.requests.size() == 3);
}

TEST_CASE("what may have been done is not asked again", "[api]") {
  const auto limited = [](Bench& b) {
    b.client.answer(429, R"({"error":{"code":"rate_limit_exceeded","message":"slow"}})",
                    {{"Retry-After", "3"}});
  };
  Bench accept, refer, call;
  for (Bench* b : {&accept, &refer, &call}) limited(*b);
  accept.api.accept("rtc_1", session(), accept.scheduler, accept.done());
  const Error error = accept.result().error();
  CHECK(error.code == Errc::resource_exhausted);
  CHECK(error.retryable);
  CHECK(error.retry_after == Millis(3000));
  refer.api.refer("rtc_1", "sip:a@b", refer.scheduler, refer.done());
  CHECK(refer.result().error().retryable);
  call.api.create_call("v=0", session(), call.scheduler, call.keep(call.calls));
  CHECK(call.created().error().retryable);
  for (Bench* b : {&accept, &refer, &call}) CHECK(b->client.requests.size() == 1);
}

TEST_CASE("nothing is sent for arguments that make no sense", "[api]") {
  Bench b;
  const auto field = [&](auto ask) {
    b.results.clear();
    ask();
    return b.result().error().field;
  };
  auto& on = b.scheduler;
  CHECK(field([&] { b.api.hangup("", on, b.done()); }) == "call_id");
  CHECK(field([&] { b.api.reject("rtc_1", 200, on, b.done()); }) == "sip_status");
  CHECK(field([&] { b.api.reject("rtc_1", 700, on, b.done()); }) == "sip_status");
  for (const char* target : {"", "+15550100", "tel:", "http://a", "sip:a\r\nb"}) {
    CHECK(field([&] { b.api.refer("rtc_1", target, on, b.done()); }) == "target_uri");
  }
  SessionConfig nameless = session();
  nameless.tools.emplace().push_back(FunctionTool{});
  CHECK(field([&] { b.api.accept("rtc_1", nameless, on, b.done()); }) == "tools.name");
  b.api.create_call("", session(), on, b.keep(b.calls));
  CHECK(b.created().error().field == "offer_sdp");
  b.calls.clear();
  b.api.create_call_with(Secret(), "v=0", on, b.keep(b.calls));
  CHECK(b.created().error().field == "client_secret");
  ClientSecretRequest request;
  for (const int seconds : {9, 7201}) {
    request.lifetime = std::chrono::seconds(seconds);
    CHECK(b.secret(request).error().field == "lifetime");
  }
  request = {};
  request.safety_identifier = "a\nb";
  CHECK(b.secret(request).error().field == "safety_identifier");
  CHECK(b.client.requests.empty());
}

TEST_CASE("a key for a browser", "[api]") {
  RealtimeApiOptions o = options();
  o.safety_identifier = "everybody";
  Bench b(o);
  b.client.no_answer(Errc::deadline_exceeded);
  b.client.answer(200, R"({"value":"ek_1","expires_at":1750287678,"session":{"id":"sess_1"}})");
  ClientSecretRequest request;
  request.lifetime = std::chrono::seconds(60);
  request.session = session();
  request.safety_identifier = "user-7";
  const auto secret = b.secret(request);
  REQUIRE(secret);
  CHECK(secret->value.reveal() == "ek_1");
  CHECK(secret->expires_at == 1750287678);
  CHECK(secret->session_id == "sess_1");
  CHECK(b.request(1).url == "http://127.0.0.1:9/v1/realtime/client_secrets");
  CHECK(b.request(1).headers.find("OpenAI-Safety-Identifier") == "user-7");
  const Json body = Json::parse(b.request(1).body).value();
  CHECK(body["expires_after"].dump() == R"({"anchor":"created_at","seconds":60})");
  CHECK(body["session"]["audio"]["input"]["turn_detection"]["threshold"].number() == 0.7);
}

TEST_CASE("a key for a browser that asks for nothing, and one that is not there", "[api]") {
  Bench b;
  b.client.answer(200, R"({"client_secret":{"value":"ek_beta"}})");
  const auto secret = b.secret({});
  CHECK(b.request().body == "{}");
  REQUIRE_FALSE(secret);
  CHECK(secret.error().code == Errc::protocol_error);
}

TEST_CASE("a WebRTC call with our key", "[api]") {
  Bench b;
  b.client.answer(201, "v=0 answer", {{"Location", "/v1/realtime/calls/rtc_7"}});
  b.api.create_call("v=0 offer\r\n", session(), b.scheduler, b.keep(b.calls));
  const auto call = b.created();
  REQUIRE(call);
  CHECK(call->call_id == "rtc_7");
  CHECK(call->answer == "v=0 answer");
  CHECK(b.request().url == "http://127.0.0.1:9/v1/realtime/calls");
  CHECK(b.request().timeout == Millis(10000));
  const std::string type(b.request().headers.find("content-type").value());
  const std::string start = "multipart/form-data; boundary=";
  REQUIRE(type.substr(0, start.size()) == start);
  const std::string boundary = type.substr(start.size());
  const std::string& body = b.request().body;
  CHECK(body.find("--" + boundary + "\r\n") == 0);
  CHECK(body.find("name=\"sdp\"\r\nContent-Type: application/sdp\r\n\r\nv=0 offer\r\n\r\n--") !=
        std::string::npos);
  CHECK(body.find("name=\"session\"\r\nContent-Type: application/json\r\n\r\n{") !=
        std::string::npos);
}

TEST_CASE("a WebRTC call with a browser's key", "[api]") {
  Bench b;
  b.client.answer(201, "v=0 answer",
                  {{"Location", "https://x.example/v1/realtime/calls/rtc_8/?a"}});
  b.api.create_call_with(Secret("ek_1"), "v=0 offer", b.scheduler, b.keep(b.calls));
  CHECK(b.created().value().call_id == "rtc_8");
  CHECK(b.request().body == "v=0 offer");
  CHECK(b.request().headers.find("content-type") == "application/sdp");
  CHECK(b.request().headers.find("authorization") == "Bearer ek_1");
}

TEST_CASE("an answer to a WebRTC call that says too little", "[api]") {
  Bench b;
  SECTION("no location") { b.client.answer(201, "v=0"); }
  SECTION("no id") { b.client.answer(201, "v=0", {{"Location", "///"}}); }
  SECTION("no SDP") { b.client.answer(201, "", {{"Location", "/calls/rtc_1"}}); }
  b.api.create_call("v=0", session(), b.scheduler, b.keep(b.calls));
  CHECK(b.created().error().code == Errc::protocol_error);
}

TEST_CASE("another endpoint, by configuration", "[api]") {
  RealtimeApiOptions o = options();
  o.base_url = "wss://r.openai.azure.com/openai/v1";
  o.query = "api-version=2026-01-01";
  o.auth_header = "api-key";
  o.organization = "org_1";
  o.project = "proj_1";
  o.headers.add("X-More", "1");
  Bench b(o);
  b.client.answer(200, "");
  b.api.hangup("rtc_1", b.scheduler, b.done());
  CHECK(b.result());
  CHECK(b.request().url ==
        "https://r.openai.azure.com/openai/v1/realtime/calls/rtc_1/hangup?api-version=2026-01-01");
  CHECK(b.request().headers.find("api-key") == "sk-test");
  CHECK_FALSE(b.request().headers.find("Authorization"));
  CHECK(b.request().headers.find("OpenAI-Organization") == "org_1");
  CHECK(b.request().headers.find("OpenAI-Project") == "proj_1");
  CHECK(b.request().headers.find("X-More") == "1");
}

TEST_CASE("options that make no sense are named", "[api]") {
  test::ScriptedHttpClient client;
  const auto field = [&](RealtimeApiOptions o) {
    const auto made = RealtimeApi::create(client, std::move(o));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::invalid_argument);
    return made.error().field;
  };
  RealtimeApiOptions o;
  CHECK(field(o) == "api_key");
  o = options();
  o.base_url = "nonsense";
  CHECK(field(o) == "base_url");
  o.base_url = "https://x.example/v1?a=b";
  CHECK(field(o) == "base_url");
  o = options();
  o.project = "a\nb";
  CHECK(field(o) == "project");
  o = options();
  o.headers.add("OpenAI-Beta", "realtime=v1");
  CHECK(field(o) == "headers");
}
