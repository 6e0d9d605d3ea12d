#include "voicebridge/openai/webrtc_leg.hpp"

#include "support/scripted_http_client.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

struct BrowserBench {
  BrowserBench() {
    RealtimeApiOptions o;
    o.base_url = "http://h/v1";
    o.api_key = Secret("sk-test");
    o.retry.max_attempts = 1;
    leg.emplace(RealtimeApi::create(client, o).value(), "rtc_1");
  }
  Carrier::Done done() {
    return [this](Result<> result) { results.push_back(std::move(result)); };
  }
  Result<> result() {
    CHECK(results.empty());  // Never inside the call.
    scheduler.advance(Millis(60000));
    REQUIRE(results.size() == 1);
    Result<> only = results[0];
    results.clear();
    return only;
  }

  test::ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::optional<WebrtcLeg> leg;
  std::vector<Result<>> results;
};

}  // namespace

TEST_CASE("a WebRTC call needs no answer, and is hung up at the service", "[webrtc]") {
  BrowserBench b;
  b.client.answer(200, "");
  b.leg->answer("rtc_1", "call_1", b.scheduler, b.done());
  CHECK(b.result());
  b.leg->start_media("rtc_1", "call_1", b.scheduler, b.done());
  CHECK(b.result());
  CHECK(b.client.requests.empty());
  b.leg->hang_up("rtc_1", b.scheduler, b.done());
  CHECK(b.result());
  REQUIRE(b.client.requests.size() == 1);
  CHECK(b.client.requests[0].url == "http://h/v1/realtime/calls/rtc_1/hangup");
}

TEST_CASE("what needs a telephone a WebRTC call refuses", "[webrtc]") {
  BrowserBench b;
  b.leg->speak("rtc_1", "Sorry.", b.scheduler, b.done());
  CHECK(b.result().error().code == Errc::unsupported);
  b.leg->dial({}, b.scheduler, [&](const Result<std::string>& leg) {
    b.results.push_back(leg ? Result<>() : Result<>(fail(leg.error())));
  });
  CHECK(b.result().error().code == Errc::unsupported);
  b.leg->transfer("rtc_1", {"+15550100", "c"}, b.scheduler, [&](const Result<HandOver>& over) {
    b.results.push_back(over ? Result<>() : Result<>(fail(over.error())));
  });
  CHECK(b.result().error().code == Errc::unsupported);
  b.leg->hang_up("rtc_2", b.scheduler, b.done());
  CHECK(b.result().error().code == Errc::not_found);
  CHECK(b.client.requests.empty());
}
