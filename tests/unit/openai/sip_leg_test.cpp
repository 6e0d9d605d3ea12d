#include "voicebridge/openai/sip_leg.hpp"

#include "support/scripted_http_client.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

struct LegBench {
  LegBench() {
    RealtimeApiOptions o;
    o.base_url = "http://h/v1";
    o.api_key = Secret("sk-test");
    o.retry.max_attempts = 1;
    leg.emplace(RealtimeApi::create(client, o).value(), "rtc_1", SessionConfig{});
  }
  Carrier::Done done() {
    return [this](Result<> result) { results.push_back(std::move(result)); };
  }
  void answer() { leg->answer("rtc_1", "call_1", scheduler, done()); }
  Result<> result() {
    CHECK(results.empty());  // Never inside the call.
    scheduler.advance(Millis(60000));
    REQUIRE(results.size() == 1);
    Result<> only = results[0];
    results.clear();
    return only;
  }
  Carrier::HandedOver handed_over() {
    return [this](const Result<HandOver>& result) {
      // The service says no more of it.
      if (result) CHECK(*result == HandOver::done);
      results.push_back(result ? Result<>() : Result<>(fail(result.error())));
    };
  }
  /// What was asked of the service: "accept", "hangup" …
  std::vector<std::string> asked() const {
    std::vector<std::string> actions;
    for (const HttpRequest& request : client.requests) {
      CHECK(request.url.rfind("http://h/v1/realtime/calls/rtc_1/", 0) == 0);
      actions.push_back(request.url.substr(request.url.rfind('/') + 1));
    }
    return actions;
  }

  test::ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::optional<SipLeg> leg;
  std::vector<Result<>> results;
};

using Actions = std::vector<std::string>;

}  // namespace

TEST_CASE("a leg is accepted, referred and hung up", "[sip]") {
  LegBench b;
  for (int i = 0; i < 4; ++i) b.client.answer(200, "");
  b.answer();
  CHECK(b.result());
  b.leg->transfer("rtc_1", {"+15550100", "c"}, b.scheduler, b.handed_over());
  CHECK(b.result());
  CHECK(b.client.requests[1].body == R"({"target_uri":"tel:+15550100"})");
  b.leg->transfer("rtc_1", {"sip:desk@example.com", "c"}, b.scheduler, b.handed_over());
  CHECK(b.result());
  CHECK(b.client.requests[2].body == R"({"target_uri":"sip:desk@example.com"})");
  b.leg->hang_up("rtc_1", b.scheduler, b.done());
  CHECK(b.result());
  CHECK(b.asked() == Actions{"accept", "refer", "refer", "hangup"});
}

TEST_CASE("an accept that may succeed later is tried once more", "[sip]") {
  LegBench b;
  const TimePoint start = b.scheduler.now();
  b.client.answer(503, "");
  b.client.answer(200, "");
  b.answer();
  b.scheduler.advance_to(start + Millis(249));
  CHECK(b.client.requests.size() == 1);
  b.scheduler.advance_to(start + Millis(250));
  CHECK(b.client.requests.size() == 2);
  CHECK(b.results.size() == 1);
  CHECK(b.results[0]);
}

TEST_CASE("an accept fails at the second failure", "[sip]") {
  LegBench b;
  b.client.answer(503, "");
  b.client.no_answer(Errc::unavailable);
  b.answer();
  CHECK(b.result().error().code == Errc::unavailable);
  CHECK(b.client.requests.size() == 2);
}

TEST_CASE("an accept that is refused for good is not tried again", "[sip]") {
  LegBench b;
  b.client.answer(404, R"({"error":{"code":"call_id_not_found","message":"gone"}})");
  b.answer();
  CHECK(b.result().error().code == Errc::not_found);
  CHECK(b.client.requests.size() == 1);
}

TEST_CASE("the service's wish to wait counts, as long as the caller does", "[sip]") {
  const auto tries = [](const char* seconds) {
    LegBench b;
    b.client.answer(429, "", {{"Retry-After", seconds}});
    b.client.answer(200, "");
    b.answer();
    const bool accepted = b.result().has_value();
    CHECK(accepted == (b.client.requests.size() == 2));
    return b.client.requests.size();
  };
  CHECK(tries("20") == 2);
  CHECK(tries("21") == 1);
}

TEST_CASE("a call that is hung up before the second try is not accepted", "[sip]") {
  LegBench b;
  b.client.answer(503, "");
  b.client.answer(200, "");
  b.answer();
  b.scheduler.run_ready();
  b.leg->hang_up("rtc_1", b.scheduler, [](Result<>) {});
  CHECK_FALSE(b.result());
  CHECK(b.asked() == Actions{"accept", "hangup"});
}

TEST_CASE("a call that is hung up while it is being accepted is hung up again", "[sip]") {
  LegBench b;
  for (int i = 0; i < 3; ++i) b.client.answer(200, "");
  b.answer();
  b.leg->hang_up("rtc_1", b.scheduler, [](Result<>) {});
  CHECK(b.result());
  CHECK(b.asked() == Actions{"accept", "hangup", "hangup"});
}

TEST_CASE("a ringing call is refused instead of hung up", "[sip]") {
  LegBench b;
  b.client.answer(200, "");
  b.leg->hang_up("rtc_1", b.scheduler, b.done());
  CHECK(b.result());
  CHECK(b.asked() == Actions{"reject"});
  CHECK(b.client.requests[0].body == R"({"status_code":603})");
}

TEST_CASE("a second try may outlive the leg", "[sip]") {
  LegBench b;
  b.client.answer(503, "");
  b.client.answer(200, "");
  b.answer();
  b.scheduler.run_ready();
  b.leg.reset();
  CHECK(b.result());
}

TEST_CASE("what a call by SIP has not", "[sip]") {
  LegBench b;
  b.leg->speak("rtc_1", "Hello", b.scheduler, b.done());
  CHECK(b.result().error().code == Errc::unsupported);
  std::vector<Result<std::string>> dialed;
  b.leg->dial({}, b.scheduler, [&](Result<std::string> leg) { dialed.push_back(std::move(leg)); });
  CHECK(dialed.empty());
  b.scheduler.run_ready();
  REQUIRE(dialed.size() == 1);
  CHECK(dialed[0].error().code == Errc::unsupported);
  b.leg->start_media("rtc_1", "call_1", b.scheduler, b.done());
  CHECK(b.result());
  b.leg->answer("rtc_2", "call_1", b.scheduler, b.done());
  CHECK(b.result().error().code == Errc::not_found);
  CHECK(b.client.requests.empty());
}
