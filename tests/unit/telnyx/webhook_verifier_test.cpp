#include "voicebridge/telnyx/webhook_verifier.hpp"

#include "unit/telnyx/samples.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;

namespace {

constexpr UnixMillis kNow = 1770071130000;

Ed25519KeyPair key_pair(std::uint8_t first = 1) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = first;
  return Ed25519KeyPair::from_seed(seed);
}

HttpHeaders signed_headers(const Ed25519KeyPair& key, std::string_view body, UnixMillis at) {
  const std::string timestamp = std::to_string(at / 1000);
  const std::string message = timestamp + "|" + std::string(body);
  const auto signature = key.sign(ByteView(message));
  return {{"Telnyx-Signature-Ed25519", base64_encode({signature.data(), signature.size()})},
          {"Telnyx-Timestamp", timestamp}};
}

std::string event_body(const std::string& id, int attempt = 1) {
  return R"({"data":{"id":")" + id +
         R"(","event_type":"call.answered","payload":{}},"meta":{"attempt":)" +
         std::to_string(attempt) + "}}";
}

WebhookVerifier verifier(WebhookVerifierOptions options = {}) {
  if (options.public_keys.empty()) options.public_keys = {key_pair().public_key().to_base64()};
  auto made = WebhookVerifier::create(std::move(options));
  REQUIRE(made);
  return std::move(*made);
}

WebhookFault fault_of(const tl::expected<void, WebhookFault>& verdict) {
  REQUIRE_FALSE(verdict);
  return verdict.error();
}

}  // namespace

TEST_CASE("every signature vector has the verdict of the vendor's library", "[telnyx][webhook]") {
  const Json file = telnyx_sample_json("signature-vectors");
  const auto vectors = file["vectors"].elements();
  CHECK(vectors.size() == 10);
  for (const JsonView vector : vectors) {
    INFO(vector["name"].string_or(""));
    WebhookVerifierOptions options;
    options.public_keys = {file["public_key_base64"].string_or("")};
    const WebhookVerifier v = verifier(options);
    const HttpHeaders headers = {
        {"telnyx-timestamp", vector["telnyx-timestamp"].string_or("")},
        {"telnyx-signature-ed25519", vector["telnyx-signature-ed25519"].string_or("")}};
    const auto verdict =
        v.verify(headers, vector["body"].string_or(""), vector["now"].integer_or(0) * 1000);
    CHECK(verdict.has_value() == vector["valid"].bool_or(false));
  }
}

TEST_CASE("a signed event is received", "[telnyx][webhook]") {
  const WebhookVerifier v = verifier();
  const std::string body = event_body("e1");
  const auto event = v.receive(signed_headers(key_pair(), body, kNow), body, kNow);
  REQUIRE(event);
  CHECK(event->id == "e1");
}

TEST_CASE("each way to be wrong has its name", "[telnyx][webhook]") {
  const std::string body = event_body("e1");
  const HttpHeaders good = signed_headers(key_pair(), body, kNow);
  const std::string signature(*good.find("telnyx-signature-ed25519"));
  const std::string timestamp(*good.find("telnyx-timestamp"));
  const auto verify = [&](const HttpHeaders& headers, std::string_view text,
                          UnixMillis now = kNow) {
    return fault_of(verifier().verify(headers, text, now));
  };
  const auto with = [&](const std::string& sig, const std::string& at) {
    return HttpHeaders{{"telnyx-signature-ed25519", sig}, {"telnyx-timestamp", at}};
  };
  SECTION("missing") {
    CHECK(verify({}, body) == WebhookFault::missing);
    CHECK(verify({{"telnyx-timestamp", timestamp}}, body) == WebhookFault::missing);
    CHECK(verify({{"telnyx-signature-ed25519", signature}}, body) == WebhookFault::missing);
    HttpHeaders twice = good;
    twice.add("telnyx-timestamp", timestamp);
    CHECK(verify(twice, body) == WebhookFault::missing);
  }
  SECTION("malformed") {
    for (const char* at : {"", " 1770071130", "1770071130 ", "+1770071130", "-1770071130",
                           "1770071130.0", "0x1", "17700711300000000000000"}) {
      INFO(at);
      CHECK(verify(with(signature, at), body) == WebhookFault::malformed);
    }
    CHECK(verify(with("", timestamp), body) == WebhookFault::malformed);
    CHECK(verify(with("!" + signature.substr(1), timestamp), body) == WebhookFault::malformed);
    CHECK(verify(with(signature.substr(0, 86), timestamp), body) == WebhookFault::malformed);
    CHECK(verify(with(base64_encode(Bytes(63, 1)), timestamp), body) == WebhookFault::malformed);
    CHECK(verify(with(base64_encode(Bytes(65, 1)), timestamp), body) == WebhookFault::malformed);
  }
  SECTION("stale") {
    CHECK(verify(good, body, kNow + 301000) == WebhookFault::stale);
    CHECK(verify(good, body, kNow - 301000) == WebhookFault::stale);
    CHECK(verifier().verify(good, body, kNow + 300000));
    CHECK(verifier().verify(good, body, kNow - 300000));
  }
  SECTION("wrong signature") {
    CHECK(verify(good, body + " ") == WebhookFault::wrong_signature);
    CHECK(verify(good, "") == WebhookFault::wrong_signature);
    CHECK(verify(with(signature, std::to_string(kNow / 1000 + 1)), body) ==
          WebhookFault::wrong_signature);
    CHECK(verify(with(base64_encode(Bytes(64, 0)), timestamp), body) ==
          WebhookFault::wrong_signature);
    CHECK(verify(signed_headers(key_pair(2), body, kNow), body) == WebhookFault::wrong_signature);
  }
}

TEST_CASE("a recorded request is refused, a new delivery of the event is done already",
          "[telnyx][webhook]") {
  const WebhookVerifier v = verifier();
  const std::string first = event_body("e1", 1);
  const std::string second = event_body("e1", 2);
  const HttpHeaders headers = signed_headers(key_pair(), first, kNow);
  REQUIRE(v.receive(headers, first, kNow));
  CHECK(v.receive(headers, first, kNow + 1000).error() == WebhookFault::replayed);
  CHECK(v.receive(signed_headers(key_pair(), second, kNow + 5000), second, kNow + 5000).error() ==
        WebhookFault::repeated);
  const std::string other = event_body("e2");
  CHECK(v.receive(signed_headers(key_pair(), other, kNow), other, kNow));
}

TEST_CASE("a signed body that is no event is a fault of its own", "[telnyx][webhook]") {
  const WebhookVerifier v = verifier();
  CHECK(v.receive(signed_headers(key_pair(), "{}", kNow), "{}", kNow).error() ==
        WebhookFault::malformed_event);
}

TEST_CASE("two keys are good while one is rolled, in any of their forms", "[telnyx][webhook]") {
  WebhookVerifierOptions options;
  options.public_keys = {key_pair(1).public_key().to_base64(),
                         key_pair(2).public_key().to_base64()};
  const WebhookVerifier v = verifier(options);
  CHECK(v.verify(signed_headers(key_pair(1), "a", kNow), "a", kNow));
  CHECK(v.verify(signed_headers(key_pair(2), "a", kNow), "a", kNow));
  CHECK_FALSE(v.verify(signed_headers(key_pair(3), "a", kNow), "a", kNow));
}

TEST_CASE("a verifier needs keys, a window and a memory", "[telnyx][webhook]") {
  const auto field = [](WebhookVerifierOptions options) {
    const auto made = WebhookVerifier::create(std::move(options));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::invalid_argument);
    return made.error().field;
  };
  WebhookVerifierOptions options;
  CHECK(field(options) == "public_keys");
  options.public_keys = {"not a key"};
  CHECK(field(options) == "public_keys");
  options.public_keys = {key_pair().public_key().to_base64()};
  options.max_remembered = 0;
  CHECK(field(options) == "max_remembered");
  options.max_remembered = 1;
  options.tolerance = std::chrono::seconds(0);
  CHECK(field(options) == "tolerance");
}
