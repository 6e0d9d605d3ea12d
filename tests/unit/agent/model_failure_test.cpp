// The model refuses or fails: it is asked for once more where that can help, and the caller is
// told.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

SpeechClosed refused() { return {fail(Errc::unauthenticated, "wrong key").value(), true}; }

ReplyEnded failed(std::optional<Millis> retry_after = {}) {
  Error error = fail(Errc::resource_exhausted, "too many tokens a minute").value();
  error.retryable = true;
  error.retry_after = retry_after;
  return {ReplyEnded::Outcome::failed, error, false};
}

/// In a talk; the greeting has been heard.
struct TalkingCall : FakeCall {
  explicit TalkingCall(CallOptions options = talkative()) : FakeCall(std::move(options)) {
    connect();
    agent_says("hello", 1s, "Good day");
    advance(1100ms);
    echo();
  }
  std::size_t asked() { return model().count<Say>(); }
};

}  // namespace

TEST_CASE("a refusal is not tried again: the caller hears it without a model", "[call][fatal]") {
  CallOptions options = talkative();
  SECTION("by the carrier's voice, then hung up") {
    TalkingCall call(options);
    call.event(refused());
    CHECK(call.models.size() == 1);
    CHECK(call.spoken == std::vector<std::string>{options.apology});
    call.session->on_carrier_spoke(call.now);
    CHECK(call.hang_ups == 1);
  }
  SECTION("by a recording, to its end") {
    auto wav = std::make_shared<WavAudio>();
    wav->sample_rate = 16000;
    wav->samples.assign(32000, 1000);  // 2 s
    options.apology_audio = wav;
    TalkingCall call(options);
    const std::size_t before = call.media.sent.size();
    call.event(refused());
    CHECK(call.spoken.empty());
    call.advance(1900ms);
    CHECK(call.hang_ups == 0);
    call.advance(150ms);
    CHECK(call.media.sent.size() - before >= 15900);
    SECTION("as its marks tell") { call.echo(); }
    SECTION("as the clock tells") { call.advance(1s); }
    CHECK(call.hang_ups == 1);
  }
  SECTION("and is put through where that is the policy") {
    options.on_model_lost = ModelLossPolicy::transfer;
    options.transfer_targets = {{"desk", "+49301"}};
    TalkingCall call(options);
    call.event(refused());
    CHECK(call.transfers.empty());
    call.session->on_carrier_spoke(call.now);
    REQUIRE(call.transfers == std::vector<std::string>{"+49301"});
    SECTION("taken over") {
      call.session->on_transferred({}, call.now);
      CHECK(call.hang_ups == 0);
      CHECK(call.record.end_reason == EndReason::transferred);
    }
    SECTION("refused") {
      call.session->on_transferred(fail(Errc::unavailable, "closed"), call.now);
      CHECK(call.hang_ups == 1);
    }
    SECTION("never answered") {
      call.advance(56s);
      CHECK(call.hang_ups == 1);
    }
  }
  SECTION("without anybody to put through to") {
    options.on_model_lost = ModelLossPolicy::transfer;
    TalkingCall call(options);
    call.can_speak = false;
    call.event(refused());
    CHECK(call.hang_ups == 1);
  }
}

TEST_CASE("a failed answer is asked for again when its time has come", "[call][retry]") {
  TalkingCall call;
  const std::size_t before = call.asked();
  call.event(ReplyStarted{});
  SECTION("after the wait that the service named") {
    call.event(failed(6200ms));
    call.advance(0ms);
    call.advance(6100ms);
    CHECK(call.asked() == before);
    call.advance(200ms);
    CHECK(call.asked() == before + 1);
    SECTION("and the caller is told when that fails too") {
      call.event(ReplyStarted{});
      call.event(failed(1s));
      call.advance(0ms);
      CHECK(call.spoken.size() == 1);
    }
    SECTION("and all is well when it does not") {
      call.agent_says("a", 1s);
      call.event(ReplyStarted{});
      call.event(failed(1s));
      call.advance(0ms);
      CHECK(call.spoken.empty());
    }
  }
  SECTION("not while the caller speaks: their turn asks") {
    call.event(failed(2s));
    call.advance(0ms);
    call.event(CallerActivity{true});
    call.advance(3s);
    CHECK(call.asked() == before);
  }
  SECTION("not after an unreasonable time") {
    call.event(failed(60s));
    call.advance(0ms);
    CHECK(call.spoken.size() == 1);
  }
  SECTION("not when there is no hope") {
    call.event(ReplyEnded{ReplyEnded::Outcome::failed,
                          fail(Errc::resource_exhausted, "no quota left").value(), false});
    call.advance(0ms);
    CHECK(call.spoken.size() == 1);
  }
}

TEST_CASE("a failed greeting is asked for as what it was", "[call][retry]") {
  FakeCall call(talkative());
  call.connect();
  call.event(ReplyStarted{});
  call.event(failed());
  call.advance(0ms);
  CHECK(call.model().count<Say>() == 2);
  CHECK(call.model().last<Say>().instructions == "Greet the caller.");
}
