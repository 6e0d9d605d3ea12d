#include "voicebridge/testing/call_plan.hpp"

#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("a plan is read from JSON and a fault names its place") {
  const CallPlan read = plan(R"({"outcome":"answer","ring_ms":5,"idle":"nothing","leg_codec":"PCMU",
    "codec_surprise":"L16","faults":{"jitter_ms":3,"loss":0.5,"gaps":[{"begin_ms":1,"length_ms":2}]},
    "script":[{"hangup":true}]})");
  CHECK(read.ring == Millis(5));
  CHECK(read.idle == CalleeIdle::nothing);
  CHECK(read.leg_format == AudioFormat::pcmu());
  CHECK(read.codec_surprise == AudioFormat::l16(16000));
  CHECK(read.faults.gaps.size() == 1);
  const auto field = [](const char* json) {
    const auto parsed = CallPlan::parse(Json::parse(json).value());
    return parsed ? std::string("none") : parsed.error().field;
  };
  CHECK(field(R"({"outcome":"maybe"})") == "outcome");
  CHECK(field(R"({"ring_ms":-1})") == "ring_ms");
  CHECK(field(R"({"amd":{"result":"alien"}})") == "amd.result");
  CHECK(field(R"({"faults":{"loss":2}})") == "faults.loss");
  CHECK(field(R"({"leg_codec":"G729"})") == "leg_codec");
  CHECK(field(R"({"script":[{"hangup":false}]})") == "steps.0");
  CHECK(field(R"({"ringms":1})").empty());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
