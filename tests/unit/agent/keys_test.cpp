// The telephone's keys in a call: collected, masked, sent.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

struct KeyCall : FakeCall, CallTap {
  explicit KeyCall(CallOptions options = talkative()) {
    options.call_id = "c_1";
    session = std::make_unique<CallSession>(std::move(options), *this, now, Logger(), this);
    connect();
    agent_says("hello", 100ms);
    advance(1s);
    echo();
  }
  bool send_dtmf(const std::string& digits) override {
    sent.push_back(digits);
    return can_send;
  }
  void on_keys(const std::string& keys) override { told.push_back(keys); }
  void on_timeline(const TimelineEntry& entry) override {
    timeline += entry.kind + " " + entry.detail;
    for (const auto& [key, value] : entry.fields) timeline += " " + key + "=" + value;
    timeline += "\n";
  }
  void press(const std::string& keys) {
    for (const char key : keys) {
      session->on_media_dtmf(key, now);
      advance(300ms);
    }
  }
  void wants(const std::string& tool, const std::string& arguments) {
    event(ReplyStarted{});
    event(ToolCallsWanted{{{"t" + std::to_string(++tools_wanted), tool, arguments}}});
    event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  }
  std::string result() { return model().last<ToolResult>().output_json; }
  std::string last_words() { return session->record(now).transcript.back().text; }

  std::vector<std::string> sent;
  std::vector<std::string> told;
  std::string timeline;
  bool can_send = true;
  int tools_wanted = 0;
};

CallOptions masked(bool model, bool tools) {
  CallOptions options = talkative();
  options.keys.masked = true;
  options.keys.tell_model = model;
  options.keys.tell_tools = tools;
  return options;
}

}  // namespace

TEST_CASE("the model has an entry collected and gets it as the tool's result", "[call][keys]") {
  KeyCall call;
  call.wants("collect_digits", R"({"max_digits":6,"min_digits":4,"terminator":"#"})");
  CHECK(call.tools.empty());
  CHECK(call.model().count<ToolResult>() == 0);
  SECTION("complete") {
    call.press("123456");
    CHECK(call.result() ==
          R"({"digits":"123456","count":6,"ended_by":"complete","complete":true})");
  }
  SECTION("by its terminator, too short") {
    call.press("12#");
    CHECK(call.result() == R"({"digits":"12","count":2,"ended_by":"terminator","complete":false})");
  }
  SECTION("by time") {
    call.press("1234");
    call.advance(3600ms);
    CHECK(call.model().count<ToolResult>() == 0);
    call.advance(200ms);
    CHECK(call.result() == R"({"digits":"1234","count":4,"ended_by":"timeout","complete":true})");
  }
  CHECK(call.model().count<ToolResult>() == 1);
  CHECK(call.model().last<ToolResult>().respond);
  CHECK(call.told.size() == 1);
  // No word of it as keys that nobody asked for.
  call.advance(3s);
  CHECK(call.model().count<AddNote>() == 0);
  CHECK(call.timeline.find("1234") == std::string::npos);
}

TEST_CASE("keys pressed just before the tool was called belong to the entry", "[call][keys]") {
  KeyCall call;
  call.press("12");
  call.wants("collect_digits", R"({"max_digits":4})");
  call.press("34");
  CHECK(call.result() == R"({"digits":"1234","count":4,"ended_by":"complete","complete":true})");
  CHECK(call.model().count<AddNote>() == 0);
}

TEST_CASE("the caller's voice ends an entry where the profile says so", "[call][keys]") {
  CallOptions options = talkative();
  options.keys.voice_ends = GENERATE(false, true);
  KeyCall call(options);
  call.wants("collect_digits", R"({"max_digits":4})");
  call.press("12");
  call.event(CallerActivity{true});
  CHECK(call.model().count<ToolResult>() == (options.keys.voice_ends ? 1 : 0));
}

TEST_CASE("a masked entry is told to whom the profile names", "[call][keys]") {
  const bool model = GENERATE(false, true);
  const bool tools = GENERATE(false, true);
  KeyCall call(masked(model, tools));
  call.wants("collect_digits", R"({"max_digits":4})");
  call.press("1234");
  CHECK((call.result().find("1234") != std::string::npos) == model);
  CHECK(call.told == (tools ? std::vector<std::string>{"1234"} : std::vector<std::string>()));
  CHECK(call.last_words() == "[keys: ••••]");
  CHECK(call.timeline.find("1234") == std::string::npos);
  // So are keys that nobody asked for.
  call.press("987");
  call.advance(2s);
  CHECK((call.model().last<AddNote>().text.find("987") != std::string::npos) == model);
  CHECK(call.last_words() == "[keys: •••]");
}

TEST_CASE("wrong rules go back to the model", "[call][keys]") {
  KeyCall call;
  call.wants("collect_digits", R"({"max_digits":65})");
  CHECK(call.result().find("max_digits") != std::string::npos);
  call.wants("collect_digits", R"({"max_digits":3,"min_digits":4})");
  CHECK(call.result().find("min_digits") != std::string::npos);
  call.press("1");
  call.advance(2s);
  CHECK(call.model().count<AddNote>() == 1);  // Nothing is being collected.
}

TEST_CASE("an application collects, too, and hears of the end of the call", "[call][keys]") {
  KeyCall call;
  std::vector<CollectedDigits> results;
  const auto keep = [&](const CollectedDigits& digits) { results.push_back(digits); };
  REQUIRE(call.session->collect_digits({}, keep, call.now));
  SECTION("what was entered") {
    call.press("42#");
    REQUIRE(results.size() == 1);
    CHECK(results[0].digits == "42");
  }
  SECTION("a second one replaces the first") {
    REQUIRE(call.session->collect_digits({}, keep, call.now));
    REQUIRE(results.size() == 1);
    CHECK(results[0].how == DigitsEnd::replaced);
  }
  SECTION("the caller hangs up") {
    call.press("4");
    call.session->on_carrier_hangup("normal_clearing", false, call.now);
    REQUIRE(results.size() == 1);
    CHECK(results[0].how == DigitsEnd::hang_up);
    CHECK(results[0].digits == "4");
    const auto late = call.session->collect_digits({}, keep, call.now);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::conflict);
    CHECK(results.size() == 1);
  }
}

TEST_CASE("the agent sends keys where the carrier can", "[call][keys]") {
  KeyCall call;
  SECTION("sent") {
    call.wants("send_dtmf", R"({"digits":"1w2#"})");
    CHECK(call.sent == std::vector<std::string>{"1w2#"});
    CHECK(call.model().count<ToolResult>() == 0);
    call.session->on_dtmf_sent({}, call.now);
    CHECK(call.result() == R"({"ok":true})");
    CHECK(call.timeline.find("1w2") == std::string::npos);
  }
  SECTION("refused") {
    call.wants("send_dtmf", R"({"digits":"1"})");
    call.session->on_dtmf_sent(fail(Errc::unavailable, "not now"), call.now);
    CHECK(call.result().find("not now") != std::string::npos);
  }
  SECTION("no way to") {
    call.can_send = false;
    call.wants("send_dtmf", R"({"digits":"1"})");
    CHECK(call.result().find("unsupported") != std::string::npos);
  }
  SECTION("no keys") {
    call.wants("send_dtmf", R"({"digits":"hello"})");
    CHECK(call.sent.empty());
    CHECK(call.result().find("invalid_argument") != std::string::npos);
  }
}

TEST_CASE("sending keys is offered only where it can be done", "[call][keys]") {
  CallOptions options = talkative();
  options.speech.tools = {{"send_dtmf", "", "{}"}, {"end_call", "", "{}"}};
  options.sends_dtmf = GENERATE(false, true);
  const KeyCall call(options);
  CHECK(call.models.back()->spec.tools.size() == (options.sends_dtmf ? 2 : 1));
}
