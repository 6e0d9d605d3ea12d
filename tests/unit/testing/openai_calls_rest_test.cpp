// Client secrets and WebRTC calls of the simulated service.
#include "openai_calls_rig.hpp"
#include "testing/openai_sdp.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr const char* kOffer =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 data\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:data\r\n";

std::string form(const std::string& sdp, const std::string& session, bool typed = true) {
  const auto type = [&](const char* name) {
    return typed ? std::string("\r\nContent-Type: ") + name : std::string();
  };
  return "--XX\r\nContent-Disposition: form-data; name=\"sdp\"" + type("application/sdp") +
         "\r\n\r\n" + sdp + "\r\n--XX\r\nContent-Disposition: form-data; name=\"session\"" +
         type("application/json") + "\r\n\r\n" + session + "\r\n--XX--\r\n";
}

HttpHeaders multipart() { return {{"Content-Type", "multipart/form-data; boundary=\"XX\""}}; }

struct IssuedKey {
  std::string value;
  std::int64_t expires_at;
};

IssuedKey make_secret(CallsRig& rig, const std::string& body = "{}") {
  const auto reply = rig.request("client_secrets", body);
  REQUIRE(reply.response.status == 200);
  const Json json = Json::parse(reply.response.body).value();
  return {json["value"].string_or(""), json["expires_at"].integer_or(0)};
}

TEST_CASE("a client secret opens sessions until it expires", "[openai_calls_rest]") {
  CallsRig rig;
  const auto reply = rig.request(
      "client_secrets",
      R"({"expires_after":{"anchor":"created_at","seconds":10},"session":{"type":"realtime",)"
      R"("instructions":"Be kind.","audio":{"output":{"voice":"marin"}}}})");
  REQUIRE(reply.response.status == 200);
  const Json json = Json::parse(reply.response.body).value();
  const test::SchemaFile schema("openai/realtime-events.schema.json");
  CHECK(schema.check(json, "RealtimeCreateClientSecretResponse") == "");
  CHECK(json["session"]["instructions"].string_or("") == "Be kind.");
  CHECK(json["session"]["expires_at"].integer_or(-1) == 0);
  const std::string key = json["value"].string_or("");
  CHECK(key.substr(0, 3) == "ek_");
  CHECK(rig.upgrade("?model=m", key) == 101);
  CHECK(rig.upgrade("?model=m", key + "x") == 401);
  const auto judged = rig.calls().judge_upgrade(
      "/v1/realtime?model=m",
      {{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key." + key}}, 0, rig.now());
  REQUIRE(std::holds_alternative<OpenAiSimHandshake>(judged));
  const auto& handshake = std::get<OpenAiSimHandshake>(judged);
  SimRig session(kTalk, {}, handshake);
  CHECK(session.last("session.created")["session"]["audio"]["output"]["voice"].string_or("") ==
        "marin");
  rig.run(Millis(10000));
  CHECK(rig.upgrade("?model=m", key) == 401);
}

TEST_CASE("client secrets are checked", "[openai_calls_rest]") {
  CallsRig rig;
  CHECK(make_secret(rig, "").expires_at -
            make_secret(rig, R"({"expires_after":{"seconds":7200}})").expires_at ==
        600 - 7200);
  const auto refused = [&](const std::string& body) {
    const auto reply = rig.request("client_secrets", body);
    CHECK(reply.response.status == 400);
    const Json json = Json::parse(reply.response.body).value();
    return json["error"]["param"].string_or("null");
  };
  CHECK(refused(R"({"expires_after":{"seconds":9}})") == "expires_after.seconds");
  CHECK(refused(R"({"expires_after":{"seconds":7201}})") == "expires_after.seconds");
  CHECK(refused(R"({"expires_after":{"anchor":"now"}})") == "expires_after.anchor");
  CHECK(refused(R"({"session":{"voice":"marin"}})") == "session.type");
  CHECK(refused(R"({"session":{"type":"realtime","voice":"marin"}})") == "session.voice");
  CHECK(refused("{") == "null");
  const auto secret = make_secret(rig, R"({"session":{"type":"transcription"}})");
  CHECK(rig.upgrade("?model=m", secret.value) == 400);
  CHECK(rig.request("client_secrets", "{}", {{"Authorization", "Bearer " + secret.value}})
            .response.status == 401);
}

TEST_CASE("a WebRTC call is made by the server or by the browser", "[openai_calls_rest]") {
  CallsRig rig;
  const auto check = [&](const SimApiReply& reply) {
    REQUIRE(reply.response.status == 201);
    CHECK(reply.response.headers.find("Content-Type").value() == "application/sdp");
    CHECK(reply.response.body.substr(0, 5) == "v=0\r\n");
    CHECK(reply.response.body.find("a=group:BUNDLE 0 data\r\n") != std::string::npos);
    CHECK(reply.response.body.find("a=rtpmap:111 opus/48000/2\r\n") != std::string::npos);
    const std::string location(reply.response.headers.find("Location").value());
    CHECK(location.substr(0, 22) == "/v1/realtime/calls/rtc");
    return location.substr(19);
  };
  const std::string session = R"({"type":"realtime","model":"gpt-realtime-2.1"})";
  const std::string by_server = check(rig.request("calls", form(kOffer, session), multipart()));
  check(rig.request("calls", form(kOffer, session, false), multipart()));
  const auto secret = make_secret(rig, R"({"session":{"type":"realtime","instructions":"Hi."}})");
  const std::string by_browser = check(rig.request(
      "calls", kOffer,
      {{"Authorization", "Bearer " + secret.value}, {"Content-Type", "application/sdp"}}));
  CHECK(rig.upgrade("?call_id=" + by_server) == 101);
  CHECK(rig.record(by_browser).accepted_session.find("Hi.") != std::string::npos);
  CHECK(rig.record(by_browser).kind == "webrtc");
  rig.attach(by_server, rig.sink);
  CHECK(rig.types() == Types{"session.created"});
  rig.calls().press(by_server, "1", rig.now());
  CHECK(rig.types().empty());  // no keys on WebRTC
  CHECK(rig.command(by_server, "hangup").response.status == 200);
  CHECK(rig.sink.close_code == 1000);
}

TEST_CASE("broken offers are refused", "[openai_calls_rest]") {
  CallsRig rig;
  const std::string session = R"({"type":"realtime"})";
  const auto status = [&](const std::string& body, HttpHeaders headers) {
    return rig.request("calls", body, std::move(headers)).response.status;
  };
  CHECK(status(kOffer, {}) == 400);
  CHECK(status(kOffer, {{"Content-Type", "application/json"}}) == 400);
  CHECK(status("v=0", {{"Content-Type", "application/sdp"}}) == 400);
  CHECK(status(form(kOffer, R"({"type":"realtime","voice":"x"})"), multipart()) == 400);
  CHECK(status(form(kOffer, R"({"model":"m"})"), multipart()) == 400);
  CHECK(status(form("", session), multipart()) == 400);
  const std::string good = form(kOffer, session);
  CHECK(status(good, {{"Content-Type", "multipart/form-data"}}) == 400);
  CHECK(status(good, {{"Content-Type", "multipart/form-data; boundary=YY"}}) == 400);
  for (std::size_t cut = 0; cut < good.size() - 4; ++cut) {
    CAPTURE(cut);
    CHECK(status(good.substr(0, cut), multipart()) == 400);
  }
  CHECK(rig.calls().calls().empty());
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
