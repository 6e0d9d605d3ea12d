#include "voicebridge/twilio/webhook_verifier.hpp"

#include <algorithm>

#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::twilio;

namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded; charset=UTF-8";

WebhookVerifier verifier(std::vector<std::string> tokens = {kAuthToken},
                         std::string url = "https://voice.example.com") {
  WebhookVerifierOptions options;
  for (const std::string& token : tokens) options.auth_tokens.emplace_back(token);
  options.public_url = std::move(url);
  auto made = WebhookVerifier::create(std::move(options));
  REQUIRE(made);
  return *made;
}

FormFields form_of(JsonView params) {
  FormFields form;
  for (const auto& member : params.members()) {
    if (member.value.is_array()) {
      for (const JsonView value : member.value.elements()) {
        form.add(std::string(member.key), value.string_or(""));
      }
    } else {
      form.add(std::string(member.key), member.value.string_or(""));
    }
  }
  return form;
}

struct Vector {
  std::string token, url, signature;
  FormFields form;
};

Vector vector_named(std::string_view name) {
  const Json file = twilio_sample("signature_vectors");
  for (const JsonView v : file["vectors"].elements()) {
    if (v["name"].string() == name) {
      return {v["token"].string_or(""), v["url"].string_or(""), v["signature"].string_or(""),
              form_of(v["params"])};
    }
  }
  FAIL("no vector " << name);
  return {};
}

/// A webhook of the samples as it comes over the wire.
struct Hook {
  explicit Hook(std::string_view name) {
    const Json sample = twilio_sample(name);
    method = sample["method"].string_or("");
    target = sample["url"].string_or("").substr(std::string("https://voice.example.com").size());
    body = sample["body"].string_or("");
    type = sample["content_type"].string_or("");
    signature = sample["x_twilio_signature"].string_or("");
  }
  WebhookVerifier::Verdict seen_by(const WebhookVerifier& v) const {
    HttpHeaders headers{{"Content-Type", type}};
    if (!signature.empty()) headers.add("x-twilio-signature", signature);
    return v.verify(method, target, headers, body);
  }
  std::string method, target, body, type, signature;
};

WebhookFault fault_of(const WebhookVerifier::Verdict& verdict) {
  REQUIRE_FALSE(verdict);
  return verdict.error();
}

const std::vector<std::string> kHooks = {"hook_amd_async",
                                         "hook_conference_1_join_customer",
                                         "hook_conference_2_join_virtual_agent",
                                         "hook_conference_3_start",
                                         "hook_conference_4_join_human",
                                         "hook_conference_5_leave_virtual_agent",
                                         "hook_conference_6_end",
                                         "hook_conference_human_add_failed",
                                         "hook_connect_action",
                                         "hook_dial_action_conference",
                                         "hook_dial_action_noanswer",
                                         "hook_dial_action_number",
                                         "hook_gather_digits",
                                         "hook_gather_speech",
                                         "hook_json_body_signed",
                                         "hook_status_answered",
                                         "hook_status_busy",
                                         "hook_status_completed",
                                         "hook_status_failed",
                                         "hook_status_initiated",
                                         "hook_status_no_answer",
                                         "hook_status_ringing",
                                         "hook_stream_error",
                                         "hook_stream_started",
                                         "hook_stream_stopped",
                                         "hook_voice_fallback",
                                         "hook_voice_incoming",
                                         "hook_voice_incoming_anonymous",
                                         "hook_voice_outbound_answered"};

}  // namespace

TEST_CASE("every signature vector is made and found right", "[twilio][webhook]") {
  const Json file = twilio_sample("signature_vectors");
  CHECK(file["vectors"].size() == 12);
  for (const JsonView v : file["vectors"].elements()) {
    const Vector vector = vector_named(v["name"].string_or(""));
    INFO(vector.url);
    CHECK(request_signature(Secret(vector.token), vector.url, vector.form) == vector.signature);
    CHECK(verifier({vector.token}).fits(vector.signature, vector.url, vector.form));
    CHECK_FALSE(verifier({"another"}).fits(vector.signature, vector.url, vector.form));
    FormFields more = vector.form;
    more.add("New", "");
    CHECK_FALSE(verifier({vector.token}).fits(vector.signature, vector.url, more));
  }
}

TEST_CASE("the URL may differ in its port and the case of its host only", "[twilio][webhook]") {
  const Vector v = vector_named("V1_post_form");
  const WebhookVerifier ours = verifier();
  const auto fits = [&](const std::string& origin, const std::string& target) {
    return ours.fits(v.signature, origin + target, v.form);
  };
  const std::string target = "/twilio/incoming?tenant=acme&x=a%20b";
  CHECK(fits("https://voice.example.com:443", target));
  CHECK(fits("https://voice.example.com:8443", target));
  CHECK(fits("https://VOICE.example.com", target));
  CHECK(fits("https://user:pw@voice.example.com", target + "#rc=2"));
  CHECK_FALSE(fits("http://voice.example.com", target));
  CHECK_FALSE(fits("https://voice.example.com", "/twilio/incoming/?tenant=acme&x=a%20b"));
  CHECK_FALSE(fits("https://voice.example.com", "/twilio/incoming?x=a%20b&tenant=acme"));
  CHECK_FALSE(fits("https://voice.example.com", "/twilio/incoming?tenant=acme&x=a+b"));
  CHECK_FALSE(fits("https://voice.example.org", target));
  CHECK_FALSE(fits("voice.example.com", target));
}

TEST_CASE("a port that was signed is found, whether or not it is the default",
          "[twilio][webhook]") {
  const Vector port = vector_named("V6_http_port");
  CHECK_FALSE(verifier().fits(port.signature, "http://voice.example.com/cb", port.form));
  const Vector socket = vector_named("V3_wss_443");
  CHECK(verifier().fits(socket.signature, "wss://voice.example.com/media-stream"));
}

TEST_CASE("every sample webhook passes, and no other body", "[twilio][webhook]") {
  const WebhookVerifier v = verifier();
  for (const std::string& name : kHooks) {
    INFO(name);
    Hook hook(name);
    CHECK(hook.seen_by(v));
    hook.body.back() = hook.body.back() == 'x' ? 'y' : 'x';
    CHECK(fault_of(hook.seen_by(v)) == WebhookFault::wrong_signature);
  }
}

TEST_CASE("fields may come in any order", "[twilio][webhook]") {
  Hook hook("hook_amd_async");
  const std::size_t middle = hook.body.find("&AnsweredBy");
  hook.body = hook.body.substr(middle + 1) + "&" + hook.body.substr(0, middle);
  CHECK(hook.seen_by(verifier()));
}

TEST_CASE("signature headers that are not there, twice, or no signature", "[twilio][webhook]") {
  Hook hook("hook_amd_async");
  const WebhookVerifier v = verifier();
  HttpHeaders twice{{"Content-Type", hook.type}};
  twice.add("X-Twilio-Signature", hook.signature);
  twice.add("x-twilio-signature", hook.signature);
  CHECK(fault_of(v.verify("POST", hook.target, twice, hook.body)) == WebhookFault::missing);
  const std::string good = hook.signature;
  hook.signature.clear();
  CHECK(fault_of(hook.seen_by(v)) == WebhookFault::missing);
  for (const std::string& bad : {good.substr(4), good + "AAAA", std::string("not base64")}) {
    hook.signature = bad;
    CHECK(fault_of(hook.seen_by(v)) == WebhookFault::malformed);
  }
}

TEST_CASE("a body that no signature covers is refused", "[twilio][webhook]") {
  const Vector v = vector_named("V4_get");
  const std::string target = v.url.substr(v.url.find("/twilio"));
  const HttpHeaders headers{{"X-Twilio-Signature", v.signature}};
  CHECK(verifier().verify("GET", target, headers, ""));
  CHECK(fault_of(verifier().verify("GET", target, headers, "CallSid=CA1")) ==
        WebhookFault::wrong_signature);
  // The digest of the body must be there, and be that of this body.
  Hook json("hook_json_body_signed");
  json.body += ' ';
  CHECK(fault_of(json.seen_by(verifier())) == WebhookFault::wrong_signature);
  Hook bare("hook_json_body_signed");
  bare.target = "/twilio/json";
  bare.signature = request_signature(Secret(kAuthToken), "https://voice.example.com/twilio/json");
  CHECK(fault_of(bare.seen_by(verifier())) == WebhookFault::wrong_signature);
}

TEST_CASE("while a token is rotated both are good", "[twilio][webhook]") {
  const Hook hook("hook_voice_incoming");
  CHECK(hook.seen_by(verifier({"the new one", kAuthToken})));
  CHECK(hook.seen_by(verifier({kAuthToken, "the new one"})));
  CHECK(fault_of(hook.seen_by(verifier({"the new one"}))) == WebhookFault::wrong_signature);
}

TEST_CASE("a media socket is signed by its wss URL, with a slash or without", "[twilio][webhook]") {
  const WebhookVerifier v = verifier();
  const auto socket = [&](std::string_view vector, std::string_view target) {
    return v.verify_socket(target, {{"x-twilio-signature", vector_named(vector).signature}});
  };
  for (const char* name : {"V3_wss", "V3_wss_slash", "V3_wss_443"}) {
    INFO(name);
    CHECK(socket(name, "/media-stream"));
    CHECK(socket(name, "/media-stream?x=1").has_value() == false);
    CHECK_FALSE(socket(name, "/media-streams"));
  }
  CHECK(socket("V3_wss", "/media-stream/"));
  CHECK(fault_of(socket("V3_https_wrong", "/media-stream")) == WebhookFault::wrong_signature);
  CHECK(fault_of(v.verify_socket("/media-stream", {})) == WebhookFault::missing);
}

TEST_CASE("a public address with a path stands before that of the route", "[twilio][webhook]") {
  const WebhookVerifier v = verifier({kAuthToken}, "HTTPS://u:p@voice.example.com:8443/base/");
  const HttpHeaders headers{
      {"X-Twilio-Signature",
       request_signature(Secret(kAuthToken), "https://voice.example.com/base/x?a=1")}};
  CHECK(v.verify("GET", "/x?a=1", headers, ""));
  CHECK_FALSE(v.verify("GET", "/base/x?a=1", headers, ""));
}

TEST_CASE("a verifier needs a token and an address", "[twilio][webhook]") {
  const auto field_of = [](std::vector<Secret> tokens, std::string url) {
    const auto made = WebhookVerifier::create({std::move(tokens), std::move(url)});
    return made ? std::string() : made.error().field;
  };
  CHECK(field_of({Secret("t")}, "http://127.0.0.1:8080").empty());
  CHECK(field_of({}, "https://a.example") == "auth_tokens");
  CHECK(field_of({Secret("t"), Secret()}, "https://a.example") == "auth_tokens");
  for (const char* url :
       {"", "a.example", "wss://a.example", "https://", "https://a?b", "https:///x"}) {
    INFO(url);
    CHECK(field_of({Secret("t")}, url) == "public_url");
  }
}
