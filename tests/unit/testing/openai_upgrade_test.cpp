#include "testing/openai_upgrade.hpp"

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

const Secret kKey("sk-test");

struct RefusedUpgrade {
  int status;
  std::string code;
};

RefusedUpgrade refusal_of(std::string_view target, const HttpHeaders& headers,
                          const ConnectionFault& fault = {}) {
  const auto judged = check_upgrade(target, headers, {kKey, {}, {}}, fault);
  const auto* response = std::get_if<HttpResponse>(&judged);
  if (response == nullptr) return {101, ""};
  CHECK(response->headers.find("content-type") ==
        std::optional<std::string_view>("application/json"));
  const auto body = Json::parse(response->body);
  REQUIRE(body);
  CHECK_FALSE((*body)["error"]["message"].string_or("").empty());
  return {response->status, (*body)["error"]["code"].string_or("null")};
}

const HttpHeaders kAuthorized{{"authorization", "Bearer sk-test"}};

TEST_CASE("an upgrade with the key and a model is let in", "[openai_upgrade]") {
  const auto judged =
      check_upgrade("/v1/realtime?model=gpt%2Drealtime", kAuthorized, {kKey, {}, {}}, {});
  REQUIRE(std::holds_alternative<OpenAiSimHandshake>(judged));
  CHECK(std::get<OpenAiSimHandshake>(judged).model == "gpt-realtime");
  CHECK_FALSE(std::get<OpenAiSimHandshake>(judged).beta_header);
}

TEST_CASE("the beta header is seen", "[openai_upgrade]") {
  HttpHeaders headers = kAuthorized;
  headers.add("openai-beta", "realtime=v1");
  CHECK(std::get<OpenAiSimHandshake>(
            check_upgrade("/v1/realtime?model=m", headers, {kKey, {}, {}}, {}))
            .beta_header);
}

TEST_CASE("each wrong upgrade has its status and code", "[openai_upgrade]") {
  const auto check = [](const RefusedUpgrade& refusal, int status, const std::string& code) {
    CHECK(refusal.status == status);
    CHECK(refusal.code == code);
  };
  check(refusal_of("/v1/realtime?model=m", {}), 401, "null");
  check(refusal_of("/v1/realtime?model=m", {{"Authorization", "Basic sk-test"}}), 401, "null");
  check(refusal_of("/v1/realtime?model=m", {{"Authorization", "Bearer sk-tes"}}), 401,
        "invalid_api_key");
  check(refusal_of("/v1/realtime", kAuthorized), 400, "invalid_value");
  check(refusal_of("/v1/realtime?model=", kAuthorized), 400, "missing_required_parameter");
  check(refusal_of("/v1/realtime?model=m&call_id=rtc_1", kAuthorized), 400, "invalid_value");
  check(refusal_of("/v1/realtime?call_id=rtc_1", kAuthorized), 404, "call_id_not_found");
  check(refusal_of("/v1/realtime?intent=transcription", kAuthorized), 400, "invalid_value");
  ConnectionFault fault;
  fault.http_status = 503;
  fault.code = "server_is_overloaded";
  check(refusal_of("/v1/realtime?model=m", kAuthorized, fault), 503, "server_is_overloaded");
}

}  // namespace
}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
