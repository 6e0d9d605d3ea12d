#include "voicebridge/openai/webhook_verifier.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

/// The vector that the official SDK and the Standard Webhooks library agree on.
constexpr const char* kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";
constexpr const char* kId = "wh_685342e6c53c8190a1be43f081506c52";
constexpr std::int64_t kSeconds = 1750287078;
constexpr UnixMillis kNowMillis = kSeconds * 1000;
constexpr const char* kSignature = "v1,Ebh1YKP7xAU/jgjtoXrqaZDi1j2/+y840oWSYi8ze7Q=";
const std::string kBody =
    R"({"object":"event","id":"evt_test","type":"realtime.call.incoming","created_at":1750287018,)"
    R"("data":{"call_id":"rtc_test","sip_headers":[{"name":"From","value":"sip:+15550100@example.com"}]}})";

WebhookVerifier verifier(WebhookVerifierOptions options = {}) {
  if (options.secrets.empty()) options.secrets = {Secret(kSecret)};
  auto made = WebhookVerifier::create(std::move(options));
  REQUIRE(made);
  return std::move(*made);
}

struct Delivery {
  std::string id = kId;
  std::string timestamp = std::to_string(kSeconds);
  std::string signature = kSignature;
  std::string body = kBody;
  UnixMillis now = kNowMillis;

  HttpHeaders headers() const {
    return {{"Webhook-Id", id}, {"WEBHOOK-TIMESTAMP", timestamp}, {"webhook-signature", signature}};
  }
  /// What a verifier says: nothing, or the fault.
  std::optional<WebhookFault> fault() const {
    const auto verdict = verifier().verify(headers(), body, now);
    return verdict ? std::nullopt : std::optional<WebhookFault>(verdict.error());
  }
  void sign(std::string_view key = kKey) {
    const std::string message = id + "." + timestamp + "." + body;
    const auto mac = hmac_sha256(ByteView(key), ByteView(message));
    signature = "v1," + base64_encode(ByteView(mac.data(), mac.size()));
  }
};

/// A signed delivery of a call that began just now.
Delivery ringing(const std::string& webhook, const std::string& call, std::int64_t age = 0) {
  Delivery d;
  d.id = webhook;
  d.body = fmt::format(
      R"({{"id":"evt_1","type":"realtime.call.incoming","created_at":{},"data":{{"call_id":"{}"}}}})",
      kSeconds - age, call);
  d.sign();
  return d;
}

}  // namespace

TEST_CASE("the official signature is good", "[webhook]") {
  REQUIRE(kBody.size() == 188);
  CHECK_FALSE(Delivery().fault());
}

TEST_CASE("wrong 1: a changed body", "[webhook]") {
  Delivery d;
  d.body += " ";
  CHECK(d.fault() == WebhookFault::wrong_signature);
  d.body = kBody;
  d.body[10] = 'E';
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("wrong 2: another id", "[webhook]") {
  Delivery d;
  d.id.back() = '3';
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("wrong 3: another time in the window", "[webhook]") {
  Delivery d;
  d.timestamp = std::to_string(kSeconds + 1);
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("wrong 4: signed too long ago", "[webhook]") {
  Delivery d;
  d.now = kNowMillis + 301'000;
  CHECK(d.fault() == WebhookFault::stale);
  d.now = kNowMillis + 299'000;
  CHECK_FALSE(d.fault());
}

TEST_CASE("wrong 5: signed in the future", "[webhook]") {
  Delivery d;
  d.now = kNowMillis - 301'000;
  CHECK(d.fault() == WebhookFault::stale);
  d.now = kNowMillis - 299'000;
  CHECK_FALSE(d.fault());
}

TEST_CASE("wrong 6: signed with another secret", "[webhook]") {
  Delivery d;
  d.sign("another key of the same length..");
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("wrong 7: only a signature of another version", "[webhook]") {
  Delivery d;
  d.signature = "v1a," + std::string(kSignature).substr(3);
  CHECK(d.fault() == WebhookFault::wrong_signature);
  d.signature = "v2," + std::string(kSignature).substr(3);
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("wrong 8: no version before the signature", "[webhook]") {
  Delivery d;
  d.signature = std::string(kSignature).substr(3);
  CHECK(d.fault() == WebhookFault::wrong_signature);
  for (const char* text : {"", "v1", "v1,", " ", "v1,="}) {
    d.signature = text;
    CHECK(d.fault() == WebhookFault::wrong_signature);
  }
}

TEST_CASE("wrong 9: a header is missing, or there twice", "[webhook]") {
  const HttpHeaders whole = Delivery().headers();
  for (const auto& [left_out, value] : whole.fields()) {
    INFO(left_out);
    HttpHeaders headers;
    for (const auto& [name, text] : whole.fields()) {
      if (name != left_out) headers.add(name, text);
    }
    CHECK(verifier().verify(headers, kBody, kNowMillis).error() == WebhookFault::missing);
    HttpHeaders twice = whole;
    twice.add(left_out, value);
    CHECK(verifier().verify(twice, kBody, kNowMillis).error() == WebhookFault::missing);
  }
}

TEST_CASE("wrong 10: a timestamp or an id that is none", "[webhook]") {
  Delivery d;
  for (const char* text : {"", "1750287078.0", " 1750287078", "+1750287078", "0x68535", "now",
                           "17502870781750287078"}) {
    INFO(text);
    d.timestamp = text;
    d.sign();
    CHECK(d.fault() == WebhookFault::malformed);
  }
  d = Delivery();
  d.id = std::string(257, 'w');
  d.sign();
  CHECK(d.fault() == WebhookFault::malformed);
}

TEST_CASE("wrong 11: a part of the signature, or more than it", "[webhook]") {
  Delivery d;
  d.signature = std::string(kSignature).substr(0, 20);
  CHECK(d.fault() == WebhookFault::wrong_signature);
  d.signature = std::string(kSignature) + "A";
  CHECK(d.fault() == WebhookFault::wrong_signature);
  d.signature = "V1," + std::string(kSignature).substr(3);
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("one good signature among others is enough, within the first 32", "[webhook]") {
  Delivery d;
  d.signature = std::string("v1,AAAA ") + kSignature + " v1a,BBBB";
  CHECK_FALSE(d.fault());
  const auto after = [](int others) {
    std::string text;
    for (int i = 0; i < others; ++i) text += "v1,AAAA ";
    return text + kSignature;
  };
  d.signature = after(31);
  CHECK_FALSE(d.fault());
  d.signature = after(32);
  CHECK(d.fault() == WebhookFault::wrong_signature);
}

TEST_CASE("both secrets are good while one is rotated", "[webhook]") {
  WebhookVerifierOptions options;
  options.secrets = {Secret("whsec_" + base64_encode(ByteView(std::string_view("new")))),
                     Secret(kSecret)};
  const WebhookVerifier v = verifier(options);
  Delivery d;
  CHECK(v.verify(d.headers(), d.body, d.now));
  d.sign("new");
  CHECK(v.verify(d.headers(), d.body, d.now));
  d.sign("old");
  CHECK_FALSE(v.verify(d.headers(), d.body, d.now));
}

TEST_CASE("a body is verified before it is parsed", "[webhook]") {
  Delivery d;
  d.body = "{}";
  const auto unsigned_body = verifier().receive(d.headers(), d.body, d.now);
  CHECK(unsigned_body.error() == WebhookFault::wrong_signature);
  d.sign();
  const auto signed_body = verifier().receive(d.headers(), d.body, d.now);
  CHECK(signed_body.error() == WebhookFault::malformed_event);
}

TEST_CASE("a call is received once, whatever is delivered again", "[webhook]") {
  const WebhookVerifier v = verifier();
  const auto receive = [&](const Delivery& d) { return v.receive(d.headers(), d.body, d.now); };
  const auto first = receive(ringing("wh_1", "rtc_1"));
  REQUIRE(first);
  CHECK(first->call->call_id == "rtc_1");
  CHECK(first->call->webhook_id == "wh_1");
  CHECK(first->webhook_id == "wh_1");
  CHECK(receive(ringing("wh_1", "rtc_1")).error() == WebhookFault::repeated);
  Delivery later = ringing("wh_1", "rtc_1", 5);
  later.timestamp = std::to_string(kSeconds + 10);
  later.now += 10'000;
  later.sign();
  CHECK(receive(later).error() == WebhookFault::repeated);
  CHECK(receive(ringing("wh_2", "rtc_1")).error() == WebhookFault::repeated);  // Two endpoints.
  CHECK(receive(ringing("wh_3", "rtc_2")));
}

TEST_CASE("a call that cannot ring any more is late", "[webhook]") {
  const auto receive = [](std::int64_t age) {
    const Delivery d = ringing("wh_1", "rtc_1", age);
    return verifier().receive(d.headers(), d.body, d.now);
  };
  CHECK(receive(60));
  CHECK(receive(61).error() == WebhookFault::late);
  CHECK(receive(-5));  // Their clock is ahead.
}

TEST_CASE("a webhook as it was seen on the wire", "[webhook]") {
  std::ifstream file(std::string(VOICEBRIDGE_TEST_DATA) +
                     "/openai/webhook.realtime.call.incoming.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto sample = Json::parse(text.str());
  REQUIRE(sample);
  WebhookVerifierOptions options;
  options.secrets = {Secret((*sample)["secret"].string_or(""))};
  HttpHeaders headers;
  for (const auto& header : (*sample)["headers"].members()) {
    headers.add(std::string(header.key), header.value.string_or(""));
  }
  const auto event =
      verifier(options).receive(headers, (*sample)["body"].string_or(""), 1763684455000);
  REQUIRE(event);
  REQUIRE(event->call);
  CHECK(event->call->call_id == "rtc_u0_9f8e7d6c5b4a");
  CHECK(event->call->from.text() == "+15550100100");
  CHECK(event->call->to.user == "proj_AbC123");
  CHECK(event->call->to.host == "sip.api.openai.com");
  CHECK(event->call->headers.find("x-twilio-callsid") == "CA11112222333344445555666677778888");
  CHECK(event->call->media_security == "srtp");
}

TEST_CASE("a verifier needs secrets, windows and a memory", "[webhook]") {
  const auto field = [](WebhookVerifierOptions options) {
    const auto made = WebhookVerifier::create(std::move(options));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::invalid_argument);
    return made.error().field;
  };
  WebhookVerifierOptions options;
  CHECK(field(options) == "secrets");
  for (const char* secret : {"", "whsec_", "MDEyMzQ1", "whsec_!", "whsec_MDE"}) {
    options.secrets = {Secret(kSecret), Secret(secret)};
    CHECK(field(options) == "secrets");
  }
  options.secrets = {Secret(kSecret)};
  options.max_remembered = 0;
  CHECK(field(options) == "max_remembered");
  options.max_remembered = 1;
  options.tolerance = std::chrono::seconds(0);
  CHECK(field(options) == "tolerance");
  options.tolerance = std::chrono::seconds(1);
  options.ring_time = std::chrono::seconds(0);
  CHECK(field(options) == "ring_time");
}
