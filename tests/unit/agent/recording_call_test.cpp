// A call that is recorded: what the caller hears before, and when it begins.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

using Change = RecordingChange;

struct RecordedCall : FakeCall {
  explicit RecordedCall(CallOptions options) : FakeCall(std::move(options)) {}
  bool record(RecordingChange change) override {
    changes.push_back(change);
    return true;
  }
  std::string asked() { return model().last<Say>().instructions; }
  void heard(Millis length) {
    advance(length);
    echo();
  }
  std::vector<RecordingChange> changes;
};

CallOptions recorded(RecordingConsent consent) {
  CallOptions options = talkative();
  options.recording.consent = consent;
  options.recording.announcement = "This call is recorded.";
  return options;
}

bool is_announcement(const std::string& instructions) {
  return instructions.find("This call is recorded.") != std::string::npos;
}

}  // namespace

TEST_CASE("without conditions a recording runs from the audio to the end", "[call][recording]") {
  RecordedCall call(recorded(RecordingConsent::none));
  call.connect();
  CHECK(call.changes == std::vector<Change>{Change::start});
  CHECK(call.asked() == talkative().greeting);
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.changes == std::vector<Change>{Change::start, Change::stop});
}

TEST_CASE("the announcement is heard before the recording and the greeting", "[call][recording]") {
  RecordedCall call(recorded(RecordingConsent::announced));
  call.connect();
  CHECK(is_announcement(call.asked()));
  call.agent_says("announcement", 1s);
  CHECK(call.changes.empty());
  SECTION("to its end") {
    call.advance(900ms);
    CHECK(call.changes.empty());
    call.heard(200ms);
    CHECK(call.changes == std::vector<Change>{Change::start});
    CHECK(call.asked() == talkative().greeting);
  }
  SECTION("interrupted, it is said again") {
    call.advance(300ms);
    call.caller_says();
    call.agent_says("answer", 500ms);
    call.heard(600ms);
    CHECK(call.changes.empty());
    CHECK(is_announcement(call.asked()));
    CHECK(call.model().count<Say>() == 2);
    call.agent_says("again", 1s);
    call.heard(1100ms);
    CHECK(call.changes == std::vector<Change>{Change::start});
  }
  SECTION("lost with its session, it is said by the next") {
    call.event(lost());
    call.event(SpeechReady{"s2"});
    CHECK(is_announcement(call.asked()));
    CHECK(call.changes.empty());
  }
}

TEST_CASE("a recording waits for the caller to agree", "[call][recording]") {
  CallOptions options = recorded(RecordingConsent::agreed);
  options.recording.agree_key = '1';
  options.recording.refuse_key = '2';
  options.speech.tools = {{"recording_consent", "", "{}"}};
  RecordedCall call(options);
  call.connect();
  CHECK(call.model().spec.tools.size() == 1);
  call.agent_says("may we", 1s);
  call.heard(1100ms);
  CHECK(call.changes.empty());
  const bool agrees = GENERATE(true, false);
  const auto changes = agrees ? std::vector<Change>{Change::start} : std::vector<Change>();
  SECTION("by voice") {
    call.caller_says();
    call.event(ReplyStarted{});
    call.event(ToolCallsWanted{
        {{"t1", "recording_consent", agrees ? R"({"agreed":true})" : R"({"agreed":false})"}}});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    CHECK_FALSE(call.model().last<ToolResult>().respond);
  }
  SECTION("by key") {
    call.session->on_media_dtmf('7', call.now);
    CHECK(call.asked() != options.greeting);
    call.session->on_media_dtmf(agrees ? '1' : '2', call.now);
  }
  CHECK(call.tools.empty());
  CHECK(call.changes == changes);
  CHECK(call.asked() == options.greeting);
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.changes.size() == (agrees ? 2 : 0));
}

TEST_CASE("the tool for consent is there only where it is wanted", "[call][recording]") {
  CallOptions options = recorded(RecordingConsent::none);
  options.speech.tools = {{"recording_consent", "", "{}"}, {"end_call", "", "{}"}};
  RecordedCall call(options);
  call.connect();
  REQUIRE(call.model().spec.tools.size() == 1);
  CHECK(call.model().spec.tools[0].name == "end_call");
}

TEST_CASE("masked keys are entered beside the recording", "[call][recording][keys]") {
  CallOptions options = recorded(RecordingConsent::none);
  options.keys.masked = true;
  options.recording.pause_for_masked_keys = GENERATE(true, false);
  RecordedCall call(options);
  call.connect();
  DigitRules rules;
  rules.max_digits = 2;
  REQUIRE(call.session->collect_digits(
      rules, [](const CollectedDigits&) {}, call.now));
  const bool pauses = options.recording.pause_for_masked_keys;
  using Changes = std::vector<Change>;
  CHECK(call.changes == (pauses ? Changes{Change::start, Change::pause} : Changes{Change::start}));
  call.session->on_media_dtmf('1', call.now);
  call.session->on_media_dtmf('2', call.now);
  CHECK(call.changes.size() == (pauses ? 3 : 1));
  CHECK((call.changes.back() == Change::resume) == pauses);
}

TEST_CASE("a machine is not announced to, and not recorded without that",
          "[call][recording][amd]") {
  CallOptions options = recorded(RecordingConsent::announced);
  options.expects_amd = true;
  options.on_machine = MachinePolicy::leave_message;
  options.greet_before_verdict = false;
  RecordedCall call(options);
  call.connect();
  call.session->on_answered_by(AnsweredBy::machine, call.now);
  call.session->on_greeting_ended(GreetingEnd::beep, call.now);
  CHECK(call.asked() == options.voicemail);
  call.agent_says("message", 1s);
  call.heard(1100ms);
  CHECK(call.changes.empty());
  CHECK(call.model().count<Say>() == 1);
}
