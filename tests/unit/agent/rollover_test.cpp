// A session that the service will end has a successor in time, and the caller does not notice.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// A long call with a session of 60 minutes.
struct LongCall : FakeCall {
  LongCall() : FakeCall(long_options()) {
    session->start(now);
    session->on_answered(now);
    start_media();
    from(0, SpeechReady{"s1", 60min});
    agent_says("hello", 1s, "Good day");
    heard();
  }
  static CallOptions long_options() {
    CallOptions options = talkative();
    options.max_length = 3h;
    options.silence_prompt_after = 0ms;
    return options;
  }
  void heard() {
    advance(2s);
    echo();
  }
  void from(std::size_t session_number, SpeechEvent e) {
    models.at(session_number)->observer->on_speech_event(e, now);
  }
  void until_successor() {
    advance(58min);
    REQUIRE(models.size() == 2);
  }
  FakeSpeech::Log& old_one() { return *models.at(0); }
  FakeSpeech::Log& new_one() { return *models.at(1); }
  std::uint64_t rolled_over() { return session->record(now).counters.model_rolled_over; }
};

}  // namespace

TEST_CASE("the successor is opened two minutes before the end", "[call][rollover]") {
  LongCall call;
  call.advance(57min);
  CHECK(call.models.size() == 1);
  call.advance(1min);
  REQUIRE(call.models.size() == 2);
  REQUIRE(call.new_one().spec.history.size() == 1);
  CHECK(call.new_one().spec.history[0].text == "Good day");
  CHECK(call.old_one().closes == 0);
  call.session->on_media_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), Bytes(160, 1)), 0ms,
                               call.now);
  CHECK(call.new_one().heard.empty());
}

TEST_CASE("it takes over at once when nobody speaks", "[call][rollover]") {
  LongCall call;
  call.until_successor();
  const std::size_t asked = call.old_one().count<Say>();
  call.from(1, SpeechReady{"s2", 60min});
  CHECK(call.rolled_over() == 1);
  CHECK(call.old_one().closes == 1);
  CHECK(call.old_one().count<Say>() == asked);
  CHECK(call.new_one().requests.empty());  // Nothing was owed, nothing is said.
  const Bytes said(160, 0x21);
  call.session->on_media_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), said), 0ms, call.now);
  CHECK(call.new_one().heard == said);

  SECTION("words of the old one are not heard, what it cost is counted") {
    call.from(0, ReplyStarted{});
    call.from(0, CallerActivity{true});
    SpeechUsage usage;
    usage.output_audio = 40;
    call.from(0, usage);
    CHECK(call.session->record(call.now).usage.output_audio == 40);
    call.from(0, SpeechClosed{});
    CHECK(call.session->state() == CallState::talking);
    CHECK(call.models.size() == 2);
    call.advance(1s);
    CHECK(call.models[0].use_count() == 1);  // The session is let go of.
  }
  SECTION("and has a successor itself") {
    call.from(0, SpeechClosed{});
    call.advance(58min);
    REQUIRE(call.models.size() == 3);
    call.models[2]->observer->on_speech_event(SpeechReady{"s3"}, call.now);
    CHECK(call.rolled_over() == 2);
  }
}

TEST_CASE("it waits for the end of a turn", "[call][rollover]") {
  LongCall call;
  call.advance(57min + 50s);
  SECTION("of the caller, and its answer") {
    call.from(0, CallerActivity{true});
    call.advance(10s);
    REQUIRE(call.models.size() == 2);
    call.from(1, SpeechReady{"s2", 60min});
    call.from(0, CallerActivity{false});
    CHECK(call.rolled_over() == 0);
    call.agent_says("a", 3s, "I see");
    call.event(Transcript{Speaker::caller, "c1", "My name is Ada", true});
    call.advance(2s);
    CHECK(call.rolled_over() == 0);  // It is still being heard.
    call.heard();
    CHECK(call.rolled_over() == 1);
    const std::string told = call.new_one().last<AddNote>().text;
    CHECK(told.find("My name is Ada") < told.find("I see"));
    CHECK(told.find("I see") != std::string::npos);
    CHECK(told.find("Good day") == std::string::npos);
  }
  SECTION("of a tool, and its answer") {
    call.from(0, ReplyStarted{});
    call.from(0, ToolCallsWanted{{{"t1", "look_up", "{}"}}});
    call.from(0, ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    call.advance(10s);
    REQUIRE(call.models.size() == 2);
    call.from(1, SpeechReady{"s2", 60min});
    CHECK(call.rolled_over() == 0);
    call.session->on_tool_result("t1", "{}", call.now);
    CHECK(call.old_one().count<ToolResult>() == 1);
    CHECK(call.rolled_over() == 0);
    call.agent_says("a", 1s);
    call.heard();
    CHECK(call.rolled_over() == 1);
  }
  CHECK(call.old_one().closes == 1);
}

TEST_CASE("shortly before the end it takes over in any case", "[call][rollover]") {
  LongCall call;
  call.advance(57min + 50s);
  call.from(0, CallerActivity{true});
  call.advance(10s);
  REQUIRE(call.models.size() == 2);
  call.from(1, SpeechReady{"s2", 60min});
  call.advance(1min + 45s);
  CHECK(call.rolled_over() == 0);
  call.advance(4s);
  CHECK(call.rolled_over() == 1);
  CHECK(call.new_one().count<Say>() == 0);
  call.advance(3100ms);  // The caller is not heard any more: their words are asked for.
  CHECK(call.new_one().count<Say>() == 1);
}

TEST_CASE("a broken-off answer is finished by the successor", "[call][rollover]") {
  LongCall call;
  call.until_successor();
  call.from(0, ReplyStarted{});
  call.from(0, UtteranceStarted{"a"});
  call.from(1, SpeechReady{"s2", 60min});
  call.from(0, Transcript{Speaker::agent, "a", "a very long story", false});
  const Bytes audio(1600, 1);
  call.session->on_speech_audio("a", AudioPayload::from_bytes(AudioFormat::pcmu(), audio),
                                call.now);
  call.advance(1min + 51s);
  CHECK(call.rolled_over() == 1);
  CHECK(call.new_one().last<Say>().instructions.find("broken off") != std::string::npos);
}

TEST_CASE("the old session is lost before the successor has taken over", "[call][rollover]") {
  LongCall call;
  call.until_successor();
  if (GENERATE(true, false)) {  // It was ready and waited for the caller …
    call.from(0, CallerActivity{true});
    call.from(1, SpeechReady{"s2", 60min});
    call.from(0, lost());
  } else {  // … or it was being opened.
    call.from(0, lost());
    CHECK(call.models.size() == 2);
    call.from(1, SpeechReady{"s2", 60min});
  }
  CHECK(call.models.size() == 2);
  const Bytes said(160, 0x21);
  call.session->on_media_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), said), 0ms, call.now);
  CHECK(call.new_one().heard == said);
  CHECK(call.spoken.empty());
  call.caller_says();
  call.agent_says("b", 1s);
  call.advance(58min);
  CHECK(call.models.size() == 3);
}

TEST_CASE("a successor that cannot be opened is tried again", "[call][rollover]") {
  LongCall call;
  call.until_successor();
  SECTION("lost: again") {
    call.from(1, lost());
    call.advance(10s);
    CHECK(call.models.size() == 3);
  }
  SECTION("refused for good: the session's own end decides") {
    call.from(1, SpeechClosed{fail(Errc::unauthenticated, "no").value(), true});
    call.advance(60s);
    CHECK(call.models.size() == 2);
  }
  CHECK(call.session->state() == CallState::talking);
  CHECK(call.old_one().closes == 0);
}

TEST_CASE("the end of the call closes both", "[call][rollover]") {
  LongCall call;
  call.until_successor();
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.old_one().closes == 1);
  CHECK(call.new_one().closes == 1);
  call.from(1, SpeechReady{"s2"});
  CHECK(call.ended == 1);
}
