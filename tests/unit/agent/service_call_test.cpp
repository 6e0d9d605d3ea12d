// A call whose audio the model service carries: the same rules, with another place of the audio.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

CallOptions carried() {
  CallOptions options = talkative();
  options.speech.media = MediaOwner::service;
  options.speech.instructions = "You speak on the phone.";
  return options;
}

/// A call that the service has, up to the greeting's request.
struct ServedCall : FakeCall {
  explicit ServedCall(CallOptions options = carried()) : FakeCall(std::move(options)) {}
  void connect() {
    session->start(now);
    session->on_dialing(now);
    advance(300ms);
    session->on_answered(now);
    event(SpeechReady{"sess_1"});
  }
  /// Made by the model at once; played from now on.
  void agent_begins(const std::string& utterance, const std::string& words = "some words to say") {
    event(ReplyStarted{});
    event(UtteranceStarted{utterance});
    event(Transcript{Speaker::agent, utterance, words, false});
    event(PlayoutStarted{utterance});
    event(UtteranceEnded{utterance, true});
    event(Transcript{Speaker::agent, utterance, words, true});
    event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  }
  void agent_speaks(const std::string& utterance, Millis length) {
    agent_begins(utterance);
    advance(length);
    event(PlayoutEnded{utterance, true});
  }
};

ToolCall wished(const std::string& name) { return {"t1", name, "{}"}; }

}  // namespace

TEST_CASE("the model is attached when the service's call has been answered", "[call][service]") {
  ServedCall call;
  call.session->start(call.now);
  call.session->on_dialing(call.now);
  CHECK(call.models.empty());
  CHECK(call.session->state() == CallState::dialing);
  call.session->on_answered(call.now);
  REQUIRE(call.models.size() == 1);
  CHECK(call.model().spec.media == MediaOwner::service);
  CHECK(call.session->state() == CallState::answered);
  call.event(SpeechReady{"s"});
  CHECK(call.session->state() == CallState::talking);
  CHECK(call.model().last<Say>().instructions == "Greet the caller.");
  CHECK(call.session->record(call.now).lane == "carried by the model service");
  call.advance(20s);  // No media stream is waited for.
  CHECK(call.session->state() != CallState::ended);
}

TEST_CASE("a service that never attaches us ends the call", "[call][service]") {
  ServedCall call;
  call.session->start(call.now);
  call.session->on_dialing(call.now);
  call.session->on_answered(call.now);
  call.advance(15100ms);
  CHECK(call.spoken.size() == 1);
  call.session->on_carrier_spoke(call.now);
  CHECK(call.hang_ups == 1);
}

TEST_CASE("the agent is audible from the begin of the play-out to its end", "[call][service]") {
  ServedCall call;
  call.connect();
  call.agent_begins("u1");
  call.advance(4s);
  call.event(CallerActivity{true});
  REQUIRE(call.model().interruptions.size() == 1);
  // How much was heard is for the service to say: nothing is told to it.
  CHECK_FALSE(call.model().interruptions[0]);
  CHECK(call.session->record(call.now).barge_ins.empty());

  SECTION("its word of what was heard is kept") {
    call.event(PlayoutEnded{"u1", false});
    call.event(UtteranceCut{"u1", 700ms});
    const CallRecord record = call.session->record(call.now);
    REQUIRE(record.barge_ins.size() == 1);
    CHECK(record.barge_ins[0].heard == 700ms);
    REQUIRE(record.transcript.size() == 1);
    CHECK(record.transcript[0].interrupted);
    // At some 15 letters a second.
    CHECK(record.transcript[0].heard_text == "some words");
  }
  SECTION("behind the end nothing is interrupted") {
    call.event(PlayoutEnded{"u1", true});
    call.event(CallerActivity{false});
    call.event(CallerActivity{true});
    CHECK(call.model().interruptions.size() == 1);
  }
}

TEST_CASE("the goodbye is heard to the end of its play-out", "[call][service][goodbye]") {
  ServedCall call;
  call.connect();
  call.agent_speaks("u1", 2s);
  call.event(ReplyStarted{});
  call.event(ToolCallsWanted{{wished("end_call")}});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  CHECK(call.model().last<Say>().instructions == CallOptions{}.goodbye);
  call.agent_begins("bye");
  SECTION("told") {
    call.advance(3s);
    CHECK(call.hang_ups == 0);
    call.event(PlayoutEnded{"bye", true});
    call.advance(100ms);
    CHECK(call.hang_ups == 0);
    call.advance(200ms);
    CHECK(call.hang_ups == 1);
  }
  SECTION("never told: the cap bounds it") {
    call.advance(14900ms);
    CHECK(call.hang_ups == 0);
    call.advance(200ms);
    CHECK(call.hang_ups == 1);
  }
  call.event(SpeechClosed{});
  CHECK(call.ended == 1);
  CHECK(call.record.end_reason == EndReason::agent_goodbye);
}

TEST_CASE("an answer of two utterances is played until the reply's play-out ends",
          "[call][service][goodbye]") {
  ServedCall call;
  call.connect();
  call.agent_speaks("u1", 2s);
  call.event(ReplyStarted{});
  for (const char* utterance : {"a", "b"}) {
    call.event(UtteranceStarted{utterance});
    call.event(UtteranceEnded{utterance, true});
  }
  call.event(PlayoutStarted{"a"});
  call.event(ToolCallsWanted{{wished("end_call")}});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  call.advance(2s);
  CHECK(call.hang_ups == 0);
  call.event(PlayoutEnded{"a", true});
  call.advance(300ms);
  CHECK(call.hang_ups + call.model().count<Say>() >= 2);
}

TEST_CASE("a service that closes without an error has lost the caller", "[call][service][end]") {
  ServedCall call;
  call.connect();
  SECTION("in the middle of the talk") { call.agent_begins("u1"); }
  SECTION("while a tool runs") {
    call.event(ToolCallsWanted{{wished("look_up")}});
    REQUIRE(call.tools.size() == 1);
  }
  call.event(SpeechClosed{});
  CHECK(call.ended == 1);
  CHECK(call.hang_ups == 0);
  CHECK(call.record.end_reason == EndReason::caller_hangup);
  CHECK(call.models.size() == 1);
}

TEST_CASE("a caller who is gone before we are attached has hung up", "[call][service][end]") {
  ServedCall call;
  call.session->start(call.now);
  call.session->on_dialing(call.now);
  call.session->on_answered(call.now);
  call.event(SpeechClosed{});
  CHECK(call.ended == 1);
  CHECK(call.models.size() == 1);
  CHECK(call.record.end_reason == EndReason::caller_hangup);
}

TEST_CASE("a lost sideband is attached again, without a history", "[call][service][loss]") {
  ServedCall call;
  call.connect();
  call.agent_speaks("u1", 2s);
  call.caller_says();
  call.event(Transcript{Speaker::caller, "c1", "Good day", true});
  call.event(lost());
  REQUIRE(call.models.size() == 2);
  CHECK(call.model().spec.history.empty());
  CHECK(call.model().spec.instructions == "You speak on the phone.");
  call.event(SpeechReady{"s2"});
  // The service may be answering already: it is asked only when nothing comes.
  CHECK(call.model().count<Say>() == 0);
  SECTION("it answers") {
    call.agent_speaks("u2", 1s);
    CHECK(call.model().count<Say>() == 0);
  }
  SECTION("it does not") {
    call.advance(8100ms);
    CHECK(call.model().count<Say>() == 1);
  }
  SECTION("the call is not known any more: the caller has hung up") {
    call.event(lost());
    call.advance(300ms);
    REQUIRE(call.models.size() == 3);
    call.event(SpeechClosed{fail(Errc::not_found, "no such call").value(), true});
    CHECK(call.record.end_reason == EndReason::caller_hangup);
  }
}

TEST_CASE("a tool's result that comes between two sidebands is told to the next",
          "[call][service][loss]") {
  ServedCall call;
  call.connect();
  call.event(ReplyStarted{});
  call.event(ToolCallsWanted{{wished("look_up")}});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  call.event(lost());
  call.event(lost());  // The second try waits.
  call.session->on_tool_result("t1", R"({"n":41})", call.now);
  call.advance(1s);
  REQUIRE(call.models.size() == 3);
  call.event(SpeechReady{"s3"});
  CHECK(call.model().last<AddNote>().text.find("41") != std::string::npos);
}

TEST_CASE("keys come from the service", "[call][service][dtmf]") {
  ServedCall call;
  call.connect();
  call.agent_speaks("u1", 1s);
  for (const char digit : {'4', '2'}) {
    call.event(CallerKey{digit});
    call.advance(500ms);
  }
  CHECK(call.model().count<AddNote>() == 0);
  call.advance(1100ms);
  REQUIRE(call.model().count<AddNote>() == 1);
  CHECK(call.model().last<AddNote>().text.find("42") != std::string::npos);
}

TEST_CASE("silence, overdue answers and fillers are as in any call", "[call][service]") {
  ServedCall call;
  call.connect();
  call.agent_speaks("u1", 1s);
  SECTION("silence begins when the play-out has ended") {
    call.advance(9900ms);
    CHECK(call.model().count<Say>() == 1);
    call.advance(200ms);
    CHECK(call.model().last<Say>().instructions == CallOptions{}.silence_prompt);
  }
  SECTION("no silence while it plays") {
    call.agent_begins("u2");
    call.advance(30s);
    CHECK(call.model().count<Say>() == 1);
  }
  SECTION("an answer that does not come is asked for again") {
    call.caller_says();
    call.advance(8100ms);
    CHECK(call.model().count<Say>() == 2);
  }
  SECTION("a slow tool is bridged") {
    call.event(ToolCallsWanted{{wished("look_up")}});
    call.session->on_tool_slow("", call.now);
    CHECK(call.model().last<Say>().instructions == CallOptions{}.filler);
  }
  SECTION("the longest length") {
    call.session->end_politely(EndReason::length_limit, call.now);
    call.agent_speaks("bye", 1s);
    call.advance(1s);
    CHECK(call.hang_ups == 1);
  }
}

TEST_CASE("how quick the agent was is told by the play-out", "[call][service]") {
  ServedCall call;
  call.connect();
  call.advance(400ms);
  call.agent_speaks("u1", 1s);
  call.caller_says();
  call.advance(300ms);
  call.agent_begins("u2");
  const CallLatencies latencies = call.session->record(call.now).latencies;
  REQUIRE(latencies.answer_to_first_audio);
  CHECK(*latencies.answer_to_first_audio == 400ms);
  REQUIRE(latencies.end_of_speech_to_first_audio.size() == 1);
  CHECK(latencies.end_of_speech_to_first_audio[0] == 800ms);  // The detector waits for 500 ms.
}

TEST_CASE("a call cannot outlive the service's session: it says goodbye in time",
          "[call][service][length]") {
  CallOptions options = carried();
  options.max_length = 2h;
  options.silence_prompt_after = 0ms;
  ServedCall call(options);
  call.session->start(call.now);
  call.session->on_dialing(call.now);
  call.session->on_answered(call.now);
  call.event(SpeechReady{"s", 60min});
  call.agent_speaks("u1", 1s);
  call.advance(59min + 20s);
  CHECK(call.session->state() == CallState::talking);
  call.advance(10s);
  CHECK(call.session->state() == CallState::ending);
  CHECK(call.models.size() == 1);
}

TEST_CASE("a stream that comes to such a call is closed", "[call][service]") {
  ServedCall call;
  call.connect();
  call.start_media();
  CHECK(call.media.closed);
  CHECK(call.session->state() == CallState::talking);
}
