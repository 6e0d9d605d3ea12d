// The model is lost in mid-call: what was heard goes on, nothing is said twice, no tool runs twice.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// In a talk; the greeting has been heard.
struct BrokenCall : FakeCall {
  explicit BrokenCall(CallOptions options = talkative()) : FakeCall(std::move(options)) {
    connect();
    agent_says("hello", 1s, "Good day");
    hear();
  }
  void hear() {
    advance(1100ms);
    echo();
  }
  void caller_asks(const std::string& words) {
    caller_says();
    if (!words.empty()) event(Transcript{Speaker::caller, "c" + words, words, true});
  }
  void wants(const std::string& id, const std::string& name, const std::string& arguments = "{}") {
    event(ReplyStarted{});
    event(ToolCallsWanted{{{id, name, arguments}}});
    event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  }
  std::string history() {
    std::string all;
    for (const HistoryItem& item : model().spec.history) all += item.text + "|";
    return all;
  }
  std::size_t asked() { return model().count<Say>(); }
};

}  // namespace

TEST_CASE("a lost session is opened again at once, then with growing pauses", "[call][loss]") {
  CallOptions options = talkative();
  options.model_timeout = 60s;
  BrokenCall call(options);
  call.event(lost());
  std::vector<std::int64_t> tries;
  const TimePoint begun = call.now;
  for (int i = 0; i < 6; ++i) {
    const std::size_t before = call.models.size();
    tries.push_back(std::chrono::duration_cast<Millis>(call.now - begun).count());
    call.event(lost());
    while (call.models.size() == before && call.spoken.empty()) call.advance(10ms);
  }
  CHECK(tries == std::vector<std::int64_t>{0, 250, 750, 1750, 3750, 3750});
  CHECK(call.models.size() == 6);
  CHECK(call.spoken.size() == 1);  // It is given up, in words.
}

TEST_CASE("a session that lasted is a new beginning for the tries", "[call][loss]") {
  BrokenCall call;
  for (int i = 0; i < 20; ++i) {
    call.event(lost());
    REQUIRE(call.models.size() == static_cast<std::size_t>(i + 2));
    call.event(SpeechReady{"s"});
    for (int beat = 0; beat < 5; ++beat) {
      call.caller_asks("yes");
      call.agent_says("a" + std::to_string(i * 10 + beat), 1s);
      call.advance(8s);
      call.echo();
    }
  }
  CHECK(call.spoken.empty());
  CHECK(call.session->record(call.now).counters.model_reopened == 20);
}

TEST_CASE("a model that stays away is given up within its time", "[call][loss]") {
  CallOptions options = talkative();
  options.model_reopen_limit = 1000;
  BrokenCall call(options);
  call.event(lost());
  call.advance(14s);
  CHECK(call.spoken.empty());
  call.advance(1500ms);
  CHECK(call.spoken.size() == 1);
}

TEST_CASE("the next session is told what was heard", "[call][loss]") {
  BrokenCall call;
  SECTION("of an interrupted answer only the heard part") {
    call.agent_says("a", 4s, "one two three four five six seven eight");
    call.advance(1s);
    call.caller_asks("stop");
    call.event(lost());
    CHECK(call.history() == "Good day|one two|stop|");
  }
  SECTION("of one that was broken off what came of it, and it is finished") {
    call.caller_asks("tell me");
    call.event(ReplyStarted{});
    call.event(UtteranceStarted{"a"});
    call.event(Transcript{Speaker::agent, "a", "one two three four five six seven eight", false});
    const Bytes audio(8000, 0x55);
    call.session->on_speech_audio("a", AudioPayload::from_bytes(AudioFormat::pcmu(), audio),
                                  call.now);
    call.event(lost());
    CHECK(call.history() == "Good day|tell me|one two|");
    call.event(SpeechReady{"s2"});
    REQUIRE(call.asked() == 1);
    CHECK(call.model().last<Say>().instructions.find("broken off") != std::string::npos);
  }
  SECTION("of one without a sound nothing") {
    call.caller_asks("tell me");
    call.event(ReplyStarted{});
    call.event(UtteranceStarted{"a"});
    call.event(Transcript{Speaker::agent, "a", "one two three", false});
    call.event(lost());
    CHECK(call.history() == "Good day|tell me|");
    call.event(SpeechReady{"s2"});
    REQUIRE(call.asked() == 1);
    CHECK(call.model().last<Say>().instructions.empty());
  }
  SECTION("an interruption while it is being opened") {
    call.agent_says("a", 4s, "one two three four five six seven eight");
    call.event(lost());
    CHECK(call.history() == "Good day|one two three four five six seven eight|");
    call.advance(1s);
    call.event(SpeechReady{"s2"});
    call.event(CallerActivity{true});
    CHECK(call.media.clears == 1);
    // The utterance is not one of this session: it is told in words.
    CHECK_FALSE(call.model().interruptions.at(0));
    CHECK(call.model().last<AddNote>().text.find("one two (the caller heard no more") !=
          std::string::npos);
  }
  SECTION("of a long talk the last turns, and the rest in short") {
    for (int i = 0; i < 30; ++i) {
      call.agent_says("a" + std::to_string(i), 200ms, "answer " + std::to_string(i) + ".");
      call.hear();
    }
    call.event(lost());
    CHECK(call.model().spec.history.size() == 20);
    CHECK(call.model().spec.history.front().text == "answer 10.");
    CHECK(call.model().spec.instructions.find("answer 9.") != std::string::npos);
    CHECK(call.model().spec.instructions.find("Good day") != std::string::npos);
  }
  SECTION("notes of the application") {
    call.session->add_note({AddNote::Kind::fact, "The customer is called Ada."}, call.now);
    call.event(lost());
    CHECK(call.model().spec.instructions.find("Ada") != std::string::npos);
  }
}

TEST_CASE("an answer that ends as failed when its session is lost is one loss", "[call][loss]") {
  BrokenCall call;
  for (int i = 0; i < 3; ++i) {
    call.caller_asks("tell me");
    call.event(ReplyStarted{});
    const std::string name = "a" + std::to_string(i);
    call.event(UtteranceStarted{name});
    call.event(Transcript{Speaker::agent, name, "one two three four five six seven eight", false});
    const Bytes audio(8000, 0x55);
    call.session->on_speech_audio(name, AudioPayload::from_bytes(AudioFormat::pcmu(), audio),
                                  call.now);
    call.event(UtteranceEnded{name, false});
    call.event(
        ReplyEnded{ReplyEnded::Outcome::failed, fail(Errc::unavailable, "lost").value(), true});
    call.event(lost());
    call.advance(1s);
    call.event(SpeechReady{"s"});
    CHECK(call.history().find("one two") != std::string::npos);
    CHECK(call.history().find("eight") == std::string::npos);
    REQUIRE(call.asked() == 1);
    CHECK(call.model().last<Say>().instructions.find("broken off") != std::string::npos);
    call.agent_says("b" + name, 1s);
    call.advance(9s);
    call.echo();
    CHECK(call.session->record(call.now).counters.replies_retried == 0);
  }
  CHECK(call.spoken.empty());
}

TEST_CASE("what was owed is asked for, and nothing else", "[call][loss]") {
  BrokenCall call;
  SECTION("nothing: the talk just goes on") {
    call.event(lost());
    call.event(SpeechReady{"s2"});
    CHECK(call.asked() == 0);
    call.advance(10100ms);
    CHECK(call.model().last<Say>().instructions == CallOptions{}.silence_prompt);
  }
  SECTION("an answer to a turn whose words are known") {
    call.caller_asks("how much");
    call.event(lost());
    call.event(SpeechReady{"s2"});
    REQUIRE(call.asked() == 1);
    CHECK(call.model().last<Say>().instructions.empty());
  }
  SECTION("an answer to a turn whose words were lost: they are asked for") {
    call.caller_asks("");
    call.event(lost());
    call.event(SpeechReady{"s2"});
    REQUIRE(call.asked() == 1);
    CHECK(call.model().last<Say>().instructions.find("say it again") != std::string::npos);
  }
  SECTION("the caller was speaking, and goes on") {
    call.event(CallerActivity{true});
    call.event(lost());
    call.event(SpeechReady{"s2"});
    CHECK(call.asked() == 0);
    call.event(CallerActivity{true});
    call.advance(5s);
    call.event(CallerActivity{false});
    CHECK(call.asked() == 0);
    call.agent_says("b", 1s);
  }
  SECTION("the caller was speaking, and has finished") {
    call.event(CallerActivity{true});
    call.event(lost());
    call.event(SpeechReady{"s2"});
    call.advance(3100ms);
    REQUIRE(call.asked() == 1);
    CHECK(call.model().last<Say>().instructions.find("say it again") != std::string::npos);
    CHECK(call.spoken.empty());
  }
  SECTION("what the application typed") {
    call.event(lost());
    call.event(lost());
    call.session->add_text("Are you there?", call.now);
    call.advance(300ms);
    CHECK(call.history() == "Good day|Are you there?|");
    call.event(SpeechReady{"s3"});
    CHECK(call.asked() == 1);
  }
  CHECK(call.spoken.empty());
}

TEST_CASE("the greeting that was lost is said, once", "[call][loss]") {
  FakeCall call(talkative());
  call.connect();
  SECTION("before the model began") {}
  SECTION("before its first sound") { call.event(ReplyStarted{}); }
  call.event(lost());
  call.event(SpeechReady{"s2"});
  REQUIRE(call.model().count<Say>() == 1);
  CHECK(call.model().last<Say>().instructions == "Greet the caller.");
}

TEST_CASE("no tool runs twice", "[call][loss][tools]") {
  BrokenCall call;
  call.caller_asks("save me");
  call.wants("t1", "save_lead", R"({"name":"Ada","n":1})");
  REQUIRE(call.tools.size() == 1);

  SECTION("it still runs: a second wish gets the same answer") {
    call.event(lost());
    CHECK(call.model().spec.instructions.find("save_lead") != std::string::npos);
    call.event(SpeechReady{"s2"});
    CHECK(call.asked() == 0);  // Its result asks for the answer.
    call.wants("x1", "save_lead", R"({ "name": "Ada", "n": 1 })");
    CHECK(call.tools.size() == 1);
    call.session->on_tool_result("t1", R"({"lead":7})", call.now);
    REQUIRE(call.model().count<ToolResult>() == 1);
    CHECK(call.model().last<ToolResult>().call_id == "x1");
    CHECK(call.model().last<ToolResult>().output_json == R"({"lead":7})");
  }
  SECTION("it has run, and nothing was said of it") {
    call.session->on_tool_result("t1", R"({"lead":7})", call.now);
    call.event(lost());
    CHECK(call.model().spec.instructions.find(R"({"lead":7})") != std::string::npos);
    call.event(SpeechReady{"s2"});
    CHECK(call.asked() == 1);
    call.wants("x1", "save_lead", R"({"name":"Ada","n":1})");
    CHECK(call.tools.size() == 1);
    CHECK(call.model().last<ToolResult>().output_json == R"({"lead":7})");
  }
  SECTION("it ends while there is no session") {
    call.event(lost());
    call.event(lost());
    call.session->on_tool_result("t1", R"({"lead":7})", call.now);
    call.advance(300ms);
    CHECK(call.model().spec.instructions.find(R"({"lead":7})") != std::string::npos);
    call.event(SpeechReady{"s3"});
    CHECK(call.asked() == 1);
  }
  SECTION("it ends while the next session is being opened") {
    call.event(lost());
    call.session->on_tool_result("t1", R"({"lead":7})", call.now);
    CHECK(call.model().last<AddNote>().text.find(R"({"lead":7})") != std::string::npos);
    CHECK(call.asked() == 0);
    call.event(SpeechReady{"s2"});
    CHECK(call.asked() == 1);
  }
  SECTION("it has run and was told of: what the next session wishes for first is the same") {
    call.session->on_tool_result("t1", R"({"lead":7})", call.now);
    call.agent_says("saved", 500ms);
    call.event(lost());
    call.event(SpeechReady{"s2"});
    call.wants("x1", "save_lead", R"({"name":"Ada","n":1})");
    CHECK(call.tools.size() == 1);
    CHECK(call.model().last<ToolResult>().output_json == R"({"lead":7})");
    call.wants("x2", "save_lead", R"({"name":"Ada","n":1})");  // This is a wish of its own.
    CHECK(call.tools.size() == 2);
  }
  SECTION("much later a wish is a new one") {
    call.session->on_tool_result("t1", R"({"lead":7})", call.now);
    call.agent_says("saved", 500ms);
    for (int i = 0; i < 20; ++i) {
      call.caller_asks("go on");
      call.agent_says("b" + std::to_string(i), 7s);
      call.advance(7s);
      call.echo();
    }
    call.event(lost());
    call.event(SpeechReady{"s2"});
    call.wants("x1", "save_lead", R"({"name":"Ada","n":1})");
    CHECK(call.tools.size() == 2);
  }
  SECTION("another wish is another tool, by whatever id") {
    call.event(lost());
    call.event(SpeechReady{"s2"});
    call.wants("t1", "save_lead", R"({"name":"Bob"})");
    REQUIRE(call.tools.size() == 2);
    CHECK(call.tools[0].id != call.tools[1].id);
    call.session->on_tool_result(call.tools[1].id, R"({"lead":8})", call.now);
    CHECK(call.model().last<ToolResult>().call_id == "t1");
    CHECK(call.model().last<ToolResult>().output_json == R"({"lead":8})");
  }
}

TEST_CASE("a voice message whose model is lost is said by the next", "[call][loss][amd]") {
  CallOptions options = talkative();
  options.expects_amd = true;
  options.on_machine = MachinePolicy::leave_message;
  FakeCall call(options);
  call.connect();
  call.session->on_answered_by(AnsweredBy::machine, call.now);
  call.session->on_greeting_ended(GreetingEnd::beep, call.now);
  call.event(lost());
  call.event(SpeechReady{"s2"});
  CHECK(call.model().last<Say>().instructions == options.voicemail);
}

namespace {

/// The caller says something: frames of 20 ms, each of the next number.
struct NumberedCall : FakeCall {
  NumberedCall() : FakeCall(talkative()) {
    connect();
    agent_says("hello", 100ms);
    advance(500ms);
    echo();
    event(Transcript{Speaker::caller, "noise", "", true});
  }
  void say(int frames) {
    for (int i = 0; i < frames; ++i) {
      const Bytes bytes(160, ++number);
      session->on_media_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), bytes), 0ms, now);
      advance(20ms);
    }
  }
  /// Numbers of the frames that the session in use has been given.
  std::vector<int> heard() {
    std::vector<int> numbers;
    const Bytes& bytes = model().heard;
    for (std::size_t at = 0; at < bytes.size(); at += 160) numbers.push_back(bytes[at]);
    return numbers;
  }
  static std::vector<int> range(int from, int to) {
    std::vector<int> all;
    for (int i = from; i <= to; ++i) all.push_back(i);
    return all;
  }
  std::uint8_t number = 0;
};

}  // namespace

TEST_CASE("words spoken while the session is lost reach the next one, in order and once",
          "[call][loss][turn]") {
  NumberedCall call;
  call.say(60);
  call.event(CallerActivity{true});
  call.say(20);
  SECTION("lost in the middle of them") {
    call.event(lost());
    call.say(30);  // More than the ring of a call's start would hold is kept, too.
    call.event(SpeechReady{"s2"});
    CHECK(call.heard() == NumberedCall::range(11, 110));
    call.say(5);
    CHECK(call.heard() == NumberedCall::range(11, 115));
    // The new session makes a turn of it: nobody is asked to repeat anything.
    const std::size_t asked = call.model().count<Say>();
    call.event(CallerActivity{true});
    call.event(CallerActivity{false});
    call.advance(4s);
    CHECK(call.model().count<Say>() == asked);
  }
  SECTION("lost twice") {
    call.event(lost());
    call.event(SpeechReady{"s2"});
    call.say(3);
    call.event(lost());
    call.advance(300ms);
    call.event(SpeechReady{"s3"});
    CHECK(call.heard() == NumberedCall::range(11, 83));
  }
  SECTION("lost behind them, before the words were known") {
    call.event(CallerActivity{false});
    call.say(10);
    call.event(lost());
    call.event(SpeechReady{"s2"});
    CHECK(call.heard() == NumberedCall::range(11, 90));
    CHECK(call.model().count<Say>() == 0);  // It hears them, and answers by itself …
    call.advance(3100ms);
    CHECK(call.model().count<Say>() == 1);  // … or asks.
  }
  SECTION("lost when they were known: the history has them") {
    call.event(CallerActivity{false});
    call.event(Transcript{Speaker::caller, "turn", "words", true});
    call.event(lost());
    call.event(SpeechReady{"s2"});
    CHECK(call.heard().empty());
  }
  SECTION("lost when they were answered") {
    call.event(CallerActivity{false});
    call.agent_says("answer", 100ms);
    call.event(lost());
    call.event(SpeechReady{"s2"});
    CHECK(call.heard().empty());
  }
}
