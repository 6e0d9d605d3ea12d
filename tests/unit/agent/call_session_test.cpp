#include "voicebridge/agent/call_session.hpp"

#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

AudioPayload frame(const Bytes& audio) {
  return AudioPayload::from_bytes(AudioFormat::pcmu(), audio);
}

ToolCall tool(const std::string& name, const std::string& id = "t1") { return {id, name, "{}"}; }

}  // namespace

TEST_CASE("the model is opened while the phone rings and greets when both are there", "[call]") {
  FakeCall call(talkative());
  call.session->start(call.now);
  REQUIRE(call.models.size() == 1);
  call.session->on_dialing(call.now);
  call.event(SpeechReady{"s"});
  CHECK(call.model().requests.empty());
  call.session->on_answered(call.now);
  CHECK(call.model().requests.empty());
  call.start_media();
  REQUIRE(call.model().count<Say>() == 1);
  CHECK(call.model().last<Say>().instructions == "Greet the caller.");
  CHECK(call.session->state() == CallState::talking);
}

TEST_CASE("the stream may come before the webhook that says answered", "[call]") {
  FakeCall call(talkative());
  call.session->start(call.now);
  call.session->on_dialing(call.now);
  call.start_media();
  call.event(SpeechReady{"s"});
  CHECK(call.session->state() == CallState::talking);
  call.session->on_answered(call.now);
  CHECK(call.model().count<Say>() == 1);
}

TEST_CASE("what the caller says before the model is ready is kept and sent in order", "[call]") {
  FakeCall call(talkative());
  call.session->start(call.now);
  call.start_media();
  Bytes said;
  for (std::uint8_t i = 0; i < 100; ++i) {  // 2 s
    const Bytes piece(160, i);
    said.insert(said.end(), piece.begin(), piece.end());
    call.session->on_media_audio(frame(piece), Millis(i * 20), call.now);
    call.advance(20ms);
  }
  CHECK(call.model().heard.empty());
  call.event(SpeechReady{"s"});
  CHECK(call.model().heard == said);
  CHECK(call.session->record(call.now).counters.caller_bytes_dropped == 0);
}

TEST_CASE("beyond three seconds the oldest of it goes, counted", "[call]") {
  FakeCall call(talkative());
  call.session->start(call.now);
  call.start_media();
  for (int i = 0; i < 200; ++i) {  // 4 s
    call.session->on_media_audio(frame(Bytes(160, static_cast<std::uint8_t>(i))), Millis(i * 20),
                                 call.now);
    call.advance(20ms);
  }
  call.event(SpeechReady{"s"});
  CHECK(call.model().heard.size() == 24000);
  CHECK(call.model().heard.front() == 50);
  const CallRecord record = call.session->record(call.now);
  CHECK(record.counters.caller_bytes_dropped == 8000);
  const auto told = [](const TimelineEntry& entry) {
    return entry.detail.rfind("caller audio lost", 0) == 0;
  };
  CHECK(std::count_if(record.timeline.begin(), record.timeline.end(), told) == 1);
}

TEST_CASE("a gap in the caller's audio is filled with silence", "[call]") {
  FakeCall call(talkative());
  call.connect();
  call.session->on_media_audio(frame(Bytes(160, 1)), 0ms, call.now);
  call.advance(1s);
  const auto counters = call.session->record(call.now).counters;
  CHECK(counters.gap_bytes_filled == 8000);
  REQUIRE(call.model().heard.size() == 160 + 8000);
  CHECK(call.model().heard.back() == 0xFF);
}

TEST_CASE("the carrier's codec decides the lane", "[call]") {
  FakeCall call(talkative());
  SECTION("named while the session is open: the session follows") {
    call.session->start(call.now);
    call.event(SpeechReady{"s"});
    call.start_media(AudioFormat::pcma());
    REQUIRE(call.model().patches.size() == 1);
    CHECK(*call.model().patches[0].input == AudioFormat::pcma());
    CHECK(call.model().requests.empty());
    call.event(SpeechReconfigured{});
    CHECK(call.model().count<Say>() == 1);
  }
  SECTION("named while it is being opened: it follows when it is ready") {
    call.session->start(call.now);
    call.start_media(AudioFormat::pcma());
    CHECK(call.model().patches.empty());
    call.event(SpeechReady{"s"});
    REQUIRE(call.model().patches.size() == 1);
    call.event(SpeechReconfigured{});
    CHECK(call.model().count<Say>() == 1);
  }
  SECTION("linear audio is transcoded to the model's wide band") {
    call.session->start(call.now);
    call.start_media(AudioFormat::l16(16000));
    call.event(SpeechReady{"s"});
    CHECK(*call.model().patches.at(0).output == AudioFormat::l16(24000));
    CHECK(call.session->record(call.now).lane.find("transcoded") != std::string::npos);
  }
  SECTION("a codec that nothing joins ends the call with the reason") {
    call.session->start(call.now);
    call.start_media({AudioEncoding::opus, 48000});
    CHECK(call.hang_ups == 1);
    call.advance(10s);
    CHECK(call.record.end_reason == EndReason::media_failed);
  }
}

TEST_CASE("the caller interrupts: cleared, told to the model, cut in the transcript",
          "[call][barge-in]") {
  FakeCall call(talkative());
  call.connect();
  call.agent_says("item_1", 4s, "one two three four five six seven eight");
  call.advance(1s);
  call.event(CallerActivity{true});
  CHECK(call.media.clears == 1);
  REQUIRE(call.model().interruptions.size() == 1);
  REQUIRE(call.model().interruptions[0]);
  CHECK(call.model().interruptions[0]->utterance == "item_1");
  CHECK(call.model().interruptions[0]->heard == 1s);
  const CallRecord record = call.session->record(call.now);
  REQUIRE(record.barge_ins.size() == 1);
  CHECK(record.barge_ins[0].heard == 1s);
  CHECK(record.barge_ins[0].sent <= 1400ms);
  REQUIRE(record.transcript.size() == 1);
  CHECK(record.transcript[0].interrupted);
  CHECK(record.transcript[0].heard_text == "one two");

  SECTION("late audio of the cut utterance is dropped") {
    const std::size_t sent = call.media.sent.size();
    call.session->on_speech_audio("item_1", frame(Bytes(160, 1)), call.now);
    CHECK(call.media.sent.size() == sent);
  }
  SECTION("the bytes add up") {
    const CallCounters c = call.session->record(call.now).counters;
    CHECK(c.agent_bytes == c.agent_bytes_sent + c.agent_bytes_cut);
  }
}

TEST_CASE("a caller who speaks while nothing plays interrupts nothing", "[call][barge-in]") {
  FakeCall call(talkative());
  call.connect();
  call.agent_says("item_1", 1s);
  call.advance(1s);
  call.echo();
  call.advance(500ms);
  call.event(CallerActivity{true});
  CHECK(call.media.clears == 0);
  CHECK(call.model().interruptions.empty());
}

TEST_CASE("an answer that is being made is stopped even before its first sound",
          "[call][barge-in]") {
  FakeCall call(talkative());
  call.connect();
  call.event(ReplyStarted{});
  call.event(CallerActivity{true});
  CHECK(call.media.clears == 0);
  REQUIRE(call.model().interruptions.size() == 1);
  CHECK_FALSE(call.model().interruptions[0]);
}

TEST_CASE("tools run, answer, and are not answered twice", "[call][tools]") {
  FakeCall call(talkative());
  call.connect();
  call.event(ReplyStarted{});
  call.event(ToolCallsWanted{{tool("a", "t1"), tool("b", "t2")}});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  REQUIRE(call.tools.size() == 2);
  CHECK(call.model().count<Say>() == 1);  // a reply of tools only is not a mute one
  call.session->on_tool_result("t2", R"({"n":2})", call.now);
  call.session->on_tool_result("t2", R"({"n":2})", call.now);
  call.session->on_tool_result("t1", R"({"n":1})", call.now);
  call.session->on_tool_result("t9", "{}", call.now);
  CHECK(call.model().count<ToolResult>() == 2);
}

TEST_CASE("a slow tool is bridged by a filler unless somebody speaks", "[call][tools]") {
  FakeCall call(talkative());
  call.connect();
  call.event(ReplyStarted{});
  call.event(ToolCallsWanted{{tool("a")}});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  SECTION("quiet: a filler without tools") {
    call.session->on_tool_slow("", call.now);
    CHECK(call.model().last<Say>().instructions == CallOptions{}.filler);
    CHECK_FALSE(call.model().last<Say>().allow_tools);
  }
  SECTION("the tool's own words") {
    call.session->on_tool_slow("Say: one moment.", call.now);
    CHECK(call.model().last<Say>().instructions == "Say: one moment.");
  }
  SECTION("the caller speaks: none") {
    call.event(CallerActivity{true});
    call.session->on_tool_slow("", call.now);
    CHECK(call.model().count<Say>() == 1);
  }
}

TEST_CASE("end_call: the goodbye is heard to its end before the hang-up", "[call][goodbye]") {
  FakeCall call(talkative());
  call.connect();
  call.agent_says("item_1", 1s);
  call.advance(1100ms);
  call.echo();
  SECTION("asked for when the model called the tool in silence") {
    call.event(ReplyStarted{});
    call.event(ToolCallsWanted{{tool("end_call")}});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    CHECK(call.tools.empty());
    CHECK_FALSE(call.model().last<ToolResult>().respond);
    CHECK(call.model().last<Say>().instructions == CallOptions{}.goodbye);
    call.agent_says("bye", 2s);
  }
  SECTION("said in the same breath") {
    call.event(ReplyStarted{});
    call.event(UtteranceStarted{"bye"});
    call.session->on_speech_audio("bye", frame(Bytes(16000, 1)), call.now);
    call.event(UtteranceEnded{"bye", true});
    call.event(ToolCallsWanted{{tool("end_call")}});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
    CHECK(call.model().count<Say>() == 1);
  }
  CHECK(call.session->state() == CallState::ending);
  call.advance(1900ms);
  CHECK(call.hang_ups == 0);
  call.advance(100ms);
  call.echo();
  CHECK(call.hang_ups == 0);
  call.advance(300ms);
  CHECK(call.hang_ups == 1);
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.ended == 1);
  CHECK(call.record.end_reason == EndReason::agent_goodbye);
}

TEST_CASE("marks that never come back do not keep the line", "[call][goodbye]") {
  FakeCall call(talkative());
  call.connect();
  call.session->end_politely(EndReason::agent_goodbye, call.now);
  call.agent_says("bye", 2s);
  call.advance(3500ms);
  CHECK(call.hang_ups == 1);
}

TEST_CASE("a goodbye that never comes is waited for no longer than its cap", "[call][goodbye]") {
  FakeCall call(talkative());
  call.connect();
  call.session->end_politely(EndReason::agent_goodbye, call.now);
  call.advance(16s);
  CHECK(call.hang_ups + static_cast<int>(call.spoken.size()) >= 1);
  call.advance(20s);
  CHECK(call.ended == 1);
}

TEST_CASE("an older answer that ends is not the goodbye", "[call][goodbye]") {
  FakeCall call(talkative());
  call.connect();
  call.event(ReplyStarted{});
  call.session->end_politely(EndReason::length_limit, call.now);
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  call.advance(2s);
  CHECK(call.hang_ups == 0);
  call.agent_says("bye", 500ms);
  call.advance(2s);
  CHECK(call.hang_ups == 1);
}

TEST_CASE("the caller hangs up", "[call][end]") {
  FakeCall call(talkative());
  SECTION("while dialing") {
    call.session->start(call.now);
    call.session->on_dialing(call.now);
    call.session->on_carrier_hangup("user_busy", true, call.now);
    CHECK(call.record.end_reason == EndReason::not_reached);
    CHECK(call.record.end_detail == "user_busy");
  }
  SECTION("while talking, stream first") {
    call.connect();
    call.session->on_media_stop({}, call.now);
    CHECK(call.ended == 0);
    call.session->on_carrier_hangup("normal_clearing", false, call.now);
    CHECK(call.record.end_reason == EndReason::caller_hangup);
  }
  SECTION("while talking, and the webhook is lost") {
    call.connect();
    call.session->on_media_stop({}, call.now);
    call.advance(5s);
    CHECK(call.hang_ups == 1);
    CHECK(call.record.end_reason == EndReason::caller_hangup);
  }
  SECTION("during a tool") {
    call.connect();
    call.event(ToolCallsWanted{{tool("a")}});
    call.session->on_carrier_hangup("normal_clearing", false, call.now);
    CHECK(call.tools_cancelled == 1);
    call.session->on_tool_result("t1", "{}", call.now);
  }
  CHECK(call.ended == 1);
  CHECK(call.models.back()->closes == 1);
  CHECK_FALSE(call.session->next_deadline());
  call.session->on_carrier_hangup("again", false, call.now);
  call.session->on_answered_by(AnsweredBy::machine, call.now);
  CHECK(call.ended == 1);
}

TEST_CASE("a call of which nobody hears again ends by itself", "[call][end]") {
  FakeCall call(talkative());
  call.session->start(call.now);
  call.advance(61s);
  CHECK(call.ended == 1);
  CHECK(call.record.end_reason == EndReason::not_reached);
  CHECK(call.model().closes == 1);
}

TEST_CASE("a stream that comes when the call is over is closed", "[call][end]") {
  FakeCall call(talkative());
  call.session->start(call.now);
  call.session->on_carrier_hangup("user_busy", true, call.now);
  call.start_media();
  CHECK(call.media.closed);
  CHECK(call.session->state() == CallState::ended);
}

TEST_CASE("who picks up decides", "[call][amd]") {
  CallOptions options = talkative();
  options.expects_amd = true;
  SECTION("a human is talked with, and so is who knows") {
    FakeCall call(options);
    call.connect();
    call.session->on_answered_by(AnsweredBy::not_sure, call.now);
    CHECK(call.hang_ups == 0);
  }
  SECTION("no verdict at all is a human") {
    FakeCall call(options);
    call.connect();
    call.agent_says("a", 1s);
    for (int i = 0; i < 40; ++i) {
      call.event(CallerActivity{true});
      call.advance(1s);
      call.event(CallerActivity{false});
      call.agent_says("b" + std::to_string(i), 100ms);
    }
    CHECK(call.hang_ups == 0);
  }
  SECTION("a machine is hung up on") {
    FakeCall call(options);
    call.connect();
    call.session->on_answered_by(AnsweredBy::machine, call.now);
    CHECK(call.hang_ups == 1);
    call.session->on_carrier_hangup("normal_clearing", false, call.now);
    CHECK(call.record.end_reason == EndReason::machine);
  }
  SECTION("or gets a message after its beep") {
    options.on_machine = MachinePolicy::leave_message;
    FakeCall call(options);
    call.connect();
    call.agent_says("hello", 3s);
    call.advance(1s);
    call.session->on_answered_by(AnsweredBy::machine, call.now);
    CHECK(call.media.clears == 1);
    CHECK(call.session->state() == CallState::leaving_message);
    const std::size_t heard = call.model().heard.size();
    call.session->on_media_audio(frame(Bytes(160, 1)), 0ms, call.now);
    CHECK(call.model().heard.size() == heard);
    call.session->on_greeting_ended(GreetingEnd::beep, call.now);
    CHECK(call.model().last<Say>().instructions == options.voicemail);
    call.agent_says("message", 2s);
    call.advance(2s);
    call.echo();
    call.advance(300ms);
    CHECK(call.hang_ups == 1);
  }
  SECTION("a beep before the verdict is the verdict") {
    options.on_machine = MachinePolicy::leave_message;
    FakeCall call(options);
    call.connect();
    call.session->on_greeting_ended(GreetingEnd::beep, call.now);
    CHECK(call.model().last<Say>().instructions == options.voicemail);
  }
}

TEST_CASE("silence is asked about, twice, and then the call ends", "[call][silence]") {
  FakeCall call(talkative());
  call.connect();
  call.agent_says("hello", 1s);
  call.advance(1s);
  call.echo();
  call.advance(9900ms);
  CHECK(call.model().count<Say>() == 1);
  call.advance(200ms);
  CHECK(call.model().count<Say>() == 2);
  call.agent_says("still there?", 1s);
  call.advance(10900ms);
  CHECK(call.model().count<Say>() ==
        2);  // its mark is still out: counted from when it should have been heard
  call.advance(200ms);
  CHECK(call.model().count<Say>() == 3);
  call.agent_says("still there??", 1s);
  call.advance(1s);
  call.echo();
  call.advance(10100ms);
  CHECK(call.session->state() == CallState::ending);
  call.agent_says("bye", 1s);
  call.advance(3s);
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.record.end_reason == EndReason::silence);
}

TEST_CASE("a call has a longest length, with a goodbye before it", "[call][length]") {
  CallOptions options = talkative();
  options.max_length = 60s;
  options.silence_prompt_after = 0ms;
  FakeCall call(options);
  call.connect();
  call.agent_says("a", 1s);
  call.advance(40s);
  CHECK(call.session->state() == CallState::ending);
}

TEST_CASE("a model that fails is heard as words", "[call][model]") {
  FakeCall call(talkative());
  SECTION("refused before anybody listens: nobody is disturbed") {
    call.session->start(call.now);
    call.session->on_dialing(call.now);
    call.event(SpeechClosed{fail(Errc::unauthenticated, "wrong key").value(), true});
    CHECK(call.hang_ups == 1);
    CHECK(call.spoken.empty());
    call.advance(10s);
    CHECK(call.record.end_reason == EndReason::model_failed);
  }
  SECTION("a format it does not take over in time is told as well") {
    call.session->start(call.now);
    call.event(SpeechReady{"s"});
    call.session->on_answered(call.now);
    call.start_media(AudioFormat::pcma());
    REQUIRE(call.model().patches.size() == 1);
    call.event(SpeechFault{Error{}, SpeechFault::Severity::recoverable});
    call.advance(15100ms);
    CHECK(call.spoken.size() == 1);
  }
  SECTION("a failed answer is retried once, then the carrier's voice apologises") {
    call.connect();
    const std::size_t asked = call.model().count<Say>();
    call.event(ReplyStarted{});
    call.event(ReplyEnded{ReplyEnded::Outcome::failed, Error{}, false});
    call.advance(0ms);
    CHECK(call.model().count<Say>() == asked + 1);
    CHECK(call.spoken.empty());
    call.event(ReplyStarted{});
    call.event(ReplyEnded{ReplyEnded::Outcome::failed, Error{}, false});
    call.advance(0ms);
    REQUIRE(call.spoken.size() == 1);
    CHECK(call.hang_ups == 0);
    call.session->on_carrier_spoke(call.now);
    CHECK(call.hang_ups == 1);
  }
  SECTION("an answer without sound is a failed one") {
    call.connect();
    const std::size_t asked = call.model().count<Say>();
    call.event(ReplyStarted{});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    call.advance(0ms);
    CHECK(call.model().count<Say>() == asked + 1);
  }
  SECTION("a turn without an answer is asked for again, once") {
    call.connect();
    call.agent_says("hello", 1s);
    call.caller_says();
    const std::size_t asked = call.model().count<Say>();
    call.advance(8100ms);
    CHECK(call.model().count<Say>() == asked + 1);
    call.advance(8100ms);
    CHECK(call.spoken.size() == 1);
  }
  SECTION("a lost session is opened again with what was said") {
    call.connect();
    call.agent_says("hello", 1s, "Good day");
    call.advance(1s);
    call.event(lost());
    REQUIRE(call.models.size() == 2);
    REQUIRE(call.model().spec.history.size() == 1);
    CHECK(call.model().spec.history[0].text == "Good day");
    call.event(SpeechReady{"s2"});
    CHECK(call.model().count<Say>() == 0);  // Nothing was owed: nothing is said twice.
  }
  SECTION("a tool that answers after the loss is told to the new session") {
    call.connect();
    call.event(ReplyStarted{});
    call.event(ToolCallsWanted{{tool("stock")}});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    call.event(SpeechClosed{Error{}, false});
    call.event(SpeechReady{"s2"});
    call.session->on_tool_result("t1", R"({"count":3})", call.now);
    CHECK(call.model().count<ToolResult>() == 0);
    CHECK(call.model().last<AddNote>().text.find("count") != std::string::npos);
  }
}

TEST_CASE("keys are told to the model together", "[call][dtmf]") {
  FakeCall call(talkative());
  call.connect();
  call.agent_says("press a key", 1s);
  for (const char digit : {'4', '2', '#'}) {
    call.session->on_media_dtmf(digit, call.now);
    call.advance(500ms);
  }
  CHECK(call.model().count<AddNote>() == 0);
  call.advance(1100ms);
  REQUIRE(call.model().count<AddNote>() == 1);
  CHECK(call.model().last<AddNote>().text.find("42#") != std::string::npos);
}

TEST_CASE("the caller's words stand where they were said, though they come late",
          "[call][transcript]") {
  FakeCall call(talkative());
  call.connect();
  call.agent_says("a1", 500ms, "Hello");
  call.advance(1s);
  call.caller_says();
  call.advance(300ms);
  call.agent_says("a2", 500ms, "I see");
  call.event(Transcript{Speaker::caller, "u1", "My name is Ada", true});
  const auto transcript = call.session->record(call.now).transcript;
  REQUIRE(transcript.size() == 3);
  CHECK(transcript[0].text == "Hello");
  CHECK(transcript[1].text == "My name is Ada");
  CHECK(transcript[2].text == "I see");
}
