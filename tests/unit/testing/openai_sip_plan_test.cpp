#include "voicebridge/testing/openai_sip_plan.hpp"

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

TEST_CASE("a plan is read with all that it may say", "[openai_sip_plan]") {
  const auto json = Json::parse(
      R"({"from":"+33100000000","to":"+12025550100","headers":[{"name":"X-Queue","value":"7"}],
          "media_security":"rtp","codec":"PCMA","ring_ms":100,"connect_ms":7,
          "script":[{"wait":"ms","ms":20},{"tone":440,"ms":300}],"idle":"nothing",
          "hang_up_after_ms":60000,"agent":"phone",
          "webhook":{"delay_ms":1,"copies":2,"copy_spacing_ms":3,"late_ms":4,"retries_ms":[5,6],
                     "timeout_ms":8,"stale_ms":9,"bad_signature":true,"rotated":true,
                     "live_event":true},
          "faults":[{"verb":"accept","times":2,"status":503,"code":"c","delay_ms":10,
                     "effective":true}]})");
  const auto plan = SipCallPlan::parse(*json);
  REQUIRE(plan);
  CHECK(plan->from == "+33100000000");
  CHECK(plan->headers.at(0).second == "7");
  CHECK(plan->media_security == "rtp");
  CHECK(plan->caller.codec == AudioFormat::pcma());
  CHECK(plan->ring == Millis(100));
  CHECK(plan->connect == Millis(7));
  CHECK(plan->caller.script.steps.size() == 2);
  CHECK(plan->caller.idle == CalleeIdle::nothing);
  CHECK(plan->caller.hang_up_after == std::optional<Millis>(60000));
  CHECK(plan->agent == "phone");
  CHECK(plan->webhook.copies == 2);
  CHECK(plan->webhook.late == std::optional<Millis>(4));
  CHECK(plan->webhook.retries == std::vector<Millis>{Millis(5), Millis(6)});
  CHECK(plan->webhook.stale == Millis(9));
  CHECK(plan->webhook.bad_signature);
  CHECK(plan->faults.at(0).status == 503);
  CHECK(plan->faults.at(0).effective);
}

TEST_CASE("what a plan may not say is named", "[openai_sip_plan]") {
  const auto field = [](const char* text) {
    const auto plan = SipCallPlan::parse(*Json::parse(text));
    return plan ? std::string("accepted") : plan.error().field;
  };
  CHECK(field("{}") == "accepted");
  CHECK(field(R"({"form":"+1"})") == "form");
  CHECK(field(R"({"ring_ms":-1})") == "ring_ms");
  CHECK(field(R"({"codec":"opus"})") == "codec");
  CHECK(field(R"({"webhook":{"copies":101}})") == "webhook.copies");
  CHECK(field(R"({"headers":[{"name":"a"}]})") == "headers[0].value");
  CHECK(field(R"({"faults":[{"verb":"mute"}]})") == "faults[0].verb");
  CHECK(field(R"({"script":[{"sing":1}]})") == "steps.0");
}

TEST_CASE("several plans at once", "[openai_sip_plan]") {
  const auto plans = [](const char* text) { return SipCallPlan::parse_all(*Json::parse(text)); };
  CHECK(plans(R"({"to":"+1"})")->size() == 1);
  CHECK(plans(R"([{"to":"+1"},{"to":"+2"}])")->at(1).to == "+2");
  CHECK(plans("[]")->empty());
  CHECK_FALSE(plans(R"([{"to":"+1"},{"too":"+2"}])"));
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
