// A caller who waits to be put through: never in silence, and back with the agent when it fails.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "voicebridge/core/json.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

CallOptions with_target(TransferTarget target) {
  CallOptions options = talkative();
  options.transfer_targets = {{"desk", std::move(target)}};
  options.speech.tools = {{"transfer_to_human", "Puts through.", R"({"type":"object"})"}};
  return options;
}

TransferTarget warm(TransferTarget::Meanwhile meanwhile) {
  TransferTarget target("+4930111111");
  target.mode = TransferTarget::Mode::warm;
  target.meanwhile = meanwhile;
  return target;
}

TransferTarget on_hold() { return warm(TransferTarget::Meanwhile::hold); }

/// The caller has been told, and the other phone rings.
struct WaitingCall : FakeCall {
  explicit WaitingCall(TransferTarget target) : FakeCall(with_target(std::move(target))) {
    connect();
    agent_says("hello", 1s);
    advance(1s);
    echo();
    event(ReplyStarted{});
    event(ToolCallsWanted{{{"t1", "transfer_to_human", "{}"}}});
    event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    agent_says("one moment", 1s);
    advance(1s);
    echo();
    REQUIRE(transfers.size() == 1);
    heard_before = media.sent.size();
  }
  void hear(Millis length) {
    const Bytes audio(160, 0x21);
    for (Millis at{0}; at < length; at += 20ms) {
      session->on_media_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), audio), at, now);
      advance(20ms);
      echo();
    }
  }
  /// Of the caller's words, not of the silence that fills in for them.
  bool model_heard_caller() {
    const Bytes& heard = model().heard;
    return std::find(heard.begin(), heard.end(), 0x21) != heard.end();
  }
  JsonView result() {
    told = *Json::parse(model().last<ToolResult>().output_json);
    return told;
  }
  std::size_t heard_before = 0;
  Json told;
};

Result<> busy() {
  Error error;
  error.code = Errc::unavailable;
  error.message = "the line is busy";
  error.provider_code = "busy";
  return fail(error);
}

}  // namespace

TEST_CASE("on hold there is music, and the agent neither hears nor speaks", "[call][transfer]") {
  WaitingCall call(on_hold());
  call.hear(20s);
  // 20 s, and the lead of the queue.
  const std::size_t music = call.media.sent.size() - call.heard_before;
  CHECK(music >= 20 * 8000);
  CHECK(music <= 21 * 8000);
  const auto begin = call.media.sent.begin() + static_cast<std::ptrdiff_t>(call.heard_before);
  // Whatever second one looks at, there is sound in it.
  for (std::size_t at = 0; at + 8000 <= music; at += 8000) {
    const auto from = begin + static_cast<std::ptrdiff_t>(at);
    CHECK(std::count(from, from + 8000, 0xFF) < 8000 * 9 / 10);
  }
  CHECK_FALSE(call.model_heard_caller());
  const std::size_t says = call.model().count<Say>();
  call.agent_says("not now", 1s);
  CHECK(call.record.end_reason == std::nullopt);
  call.advance(1s);
  CHECK(call.model().count<Say>() == says);

  const int clears = call.media.clears;
  call.session->on_transferred(busy(), call.now);
  CHECK(call.media.clears == clears + 1);
  CHECK(call.result()["error"]["reason"].string_or("") == "busy");
  CHECK(call.result()["next"].string_or("") == TransferTarget().on_failure);
  CHECK(call.model().last<ToolResult>().respond);
  const std::size_t sent = call.media.sent.size();
  call.hear(2s);
  CHECK(call.media.sent.size() == sent);
  CHECK(call.model_heard_caller());
  CHECK(call.session->state() == CallState::talking);
}

TEST_CASE("in company the agent goes on talking, and breaks every silence", "[call][transfer]") {
  WaitingCall call(warm(TransferTarget::Meanwhile::company));
  CHECK(call.model().last<Say>().instructions == TransferTarget().company);
  std::size_t asked = call.model().count<Say>();
  for (int i = 0; i < 6; ++i) {
    call.agent_says("still here " + std::to_string(i), 2s);
    call.hear(2s + CallOptions().silence_prompt_after + 100ms);
    CHECK(call.model().count<Say>() == ++asked);
    CHECK(call.model().last<Say>().instructions == TransferTarget().company);
  }
  CHECK(call.model_heard_caller());
  CHECK(call.ended == 0);
  call.session->on_transferred(busy(), call.now);
  CHECK(call.result()["error"]["code"].string_or("") == "transfer_failed");
}

TEST_CASE("a transfer that succeeds answers the tool and leaves the leg up", "[call][transfer]") {
  WaitingCall call(on_hold());
  call.session->on_caller_leaving(call.now);
  if (GENERATE(true, false)) call.session->on_media_stop({}, call.now);
  call.advance(2s);
  CHECK(call.ended == 0);
  call.session->on_transferred({}, call.now);
  CHECK(call.result()["ok"].bool_or(false));
  CHECK_FALSE(call.model().last<ToolResult>().respond);
  CHECK(call.ended == 1);
  CHECK(call.hang_ups == 0);
  CHECK(call.record.end_reason == EndReason::transferred);
  CHECK(call.model().closes == 1);
}

TEST_CASE("a caller who comes back by another stream is told there", "[call][transfer]") {
  const bool cold = GENERATE(true, false);
  WaitingCall call(cold ? TransferTarget("+4930111111") : on_hold());
  if (!cold) call.session->on_caller_leaving(call.now);
  call.session->on_media_stop({}, call.now);
  call.advance(10s);
  CHECK(call.hang_ups == 0);
  call.session->on_transferred(busy(), call.now);
  CHECK(call.model().count<ToolResult>() == 0);
  SECTION("and the talk goes on") {
    call.advance(1s);
    FakeMedia second;
    call.session->attach_media(&second);
    MediaStart start;
    start.inbound = start.outbound = AudioFormat::pcmu();
    call.session->on_media_start(start, call.now);
    CHECK(call.result()["error"]["reason"].string_or("") == "busy");
    call.agent_says("they are busy", 1s);
    CHECK(second.sent.size() > 0);
    call.session->on_carrier_hangup("normal_clearing", false, call.now);
    CHECK(call.record.end_reason == EndReason::caller_hangup);
    // Of both streams.
    CHECK(call.record.counters.agent_bytes_sent ==
          call.media.sent.size() + second.sent.size() - call.record.counters.agent_bytes_padding);
  }
  SECTION("and who never comes back is hung up") {
    call.advance(CallOptions().media_timeout);
    CHECK(call.hang_ups == 1);
  }
}

TEST_CASE("a stream that ends while the other phone rings is the caller's end",
          "[call][transfer]") {
  WaitingCall call(on_hold());
  call.session->on_media_stop({}, call.now);
  call.advance(5s);
  CHECK(call.ended == 1);
  CHECK(call.record.end_reason == EndReason::caller_hangup);
}
