// Handing the caller to a person: told first, then done, and not silence when it fails.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "voicebridge/core/json.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

CallOptions with_people() {
  CallOptions options = talkative();
  options.transfer_targets = {{"sales", "+4930111111"}, {"service", "sip:desk@example.test"}};
  options.default_transfer = "service";
  options.speech.tools = {{"end_call", "Ends it.", R"({"type":"object"})"},
                          {"transfer_to_human", "Puts through.", R"({"type":"object"})"}};
  return options;
}

ToolCall wish(const std::string& arguments = "{}") {
  return {"t1", "transfer_to_human", arguments};
}

/// In a talk; the greeting has been heard.
struct ForwardedCall : FakeCall {
  explicit ForwardedCall(CallOptions options = with_people()) : FakeCall(std::move(options)) {
    connect();
    agent_says("hello", 1s);
    advance(1s);
    echo();
  }
  void asks_for_a_person(const std::string& arguments = "{}") {
    event(ReplyStarted{});
    event(ToolCallsWanted{{wish(arguments)}});
    event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  }
};

}  // namespace

TEST_CASE("the model is told whom it can name", "[call][transfer]") {
  SECTION("by the schema of the tool") {
    ForwardedCall call;
    const ToolSpec& tool = call.model().spec.tools.at(1);
    const auto schema = Json::parse(tool.parameters_json);
    REQUIRE(schema);
    const JsonView names = (*schema)["properties"]["target"]["enum"];
    REQUIRE(names.size() == 2);
    CHECK(names.at(0).string_or("") == "sales");
    CHECK(names.at(1).string_or("") == "service");
    CHECK(tool.parameters_json.find("4930") == std::string::npos);
  }
  SECTION("nobody: there is no such tool") {
    CallOptions options = with_people();
    options.transfer_targets.clear();
    ForwardedCall call(options);
    REQUIRE(call.model().spec.tools.size() == 1);
    CHECK(call.model().spec.tools[0].name == "end_call");
  }
}

TEST_CASE("the caller is told before they are put through", "[call][transfer]") {
  ForwardedCall call;
  SECTION("asked for when the model called the tool in silence") {
    call.asks_for_a_person();
    CHECK(call.tools.empty());
    CHECK(call.model().last<Say>().instructions == CallOptions{}.transfer_sentence);
    CHECK_FALSE(call.model().last<Say>().allow_tools);
    call.agent_says("one moment", 2s);
  }
  SECTION("said in the same breath") {
    call.event(ReplyStarted{});
    call.event(UtteranceStarted{"one moment"});
    const Bytes audio(16000, 1);
    call.session->on_speech_audio("one moment",
                                  AudioPayload::from_bytes(AudioFormat::pcmu(), audio), call.now);
    call.event(UtteranceEnded{"one moment", true});
    call.event(ToolCallsWanted{{wish()}});
    call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
    CHECK(call.model().count<Say>() == 1);
  }
  call.advance(1900ms);
  CHECK(call.transfers.empty());
  call.advance(100ms);
  call.echo();
  REQUIRE(call.transfers == std::vector<std::string>{"sip:desk@example.test"});
  CHECK(call.session->state() == CallState::talking);
  call.session->on_transferred({}, call.now);
  CHECK(call.ended == 1);
  CHECK(call.hang_ups == 0);
  CHECK(call.record.end_reason == EndReason::transferred);
}

TEST_CASE("whom the model names is called", "[call][transfer]") {
  ForwardedCall call;
  SECTION("by its name") {
    call.asks_for_a_person(R"({"target":"sales"})");
    call.agent_says("one moment", 500ms);
    call.advance(2s);
    CHECK(call.transfers == std::vector<std::string>{"+4930111111"});
  }
  SECTION("an unknown name is told to the model, and a number is not a name") {
    call.asks_for_a_person(GENERATE(R"({"target":"the pope"})", R"({"target":"+49301234"})"));
    CHECK(call.model().last<ToolResult>().output_json.find("error") != std::string::npos);
    CHECK(call.model().last<ToolResult>().respond);
    call.advance(2s);
    CHECK(call.transfers.empty());
  }
  SECTION("arguments that are no JSON mean the default") {
    call.asks_for_a_person("{");
    call.agent_says("one moment", 500ms);
    call.advance(2s);
    CHECK(call.transfers == std::vector<std::string>{"sip:desk@example.test"});
  }
  SECTION("a second wish while the first is under way is refused") {
    call.asks_for_a_person();
    call.event(ToolCallsWanted{{{"t2", "transfer_to_human", "{}"}}});
    CHECK(call.model().last<ToolResult>().call_id == "t2");
    call.agent_says("one moment", 500ms);
    call.advance(2s);
    CHECK(call.transfers.size() == 1);
  }
}

TEST_CASE("a transfer that fails is told to the model, and the call goes on", "[call][transfer]") {
  ForwardedCall call;
  call.asks_for_a_person();
  SECTION("refused by the carrier") {
    call.agent_says("one moment", 500ms);
    call.advance(2s);
    call.session->on_transferred(fail(Errc::unavailable, "the desk is closed"), call.now);
  }
  SECTION("not answered by the carrier") {
    call.agent_says("one moment", 500ms);
    call.advance(2s);
    call.advance(60s);
  }
  SECTION("not possible") {
    call.can_transfer = false;
    call.agent_says("one moment", 500ms);
    call.advance(2s);
  }
  REQUIRE(call.model().count<ToolResult>() == 1);
  const ToolResult& told = call.model().last<ToolResult>();
  CHECK(told.call_id == "t1");
  CHECK(told.respond);
  CHECK(told.output_json.find("transfer_failed") != std::string::npos);
  CHECK(call.session->state() == CallState::talking);
  call.session->on_transferred({}, call.now);  // Too late.
  CHECK(call.ended == 0);
  call.agent_says("sorry", 1s);
  call.asks_for_a_person();
  CHECK(call.model().last<Say>().instructions == CallOptions{}.transfer_sentence);
}

TEST_CASE("a transfer waits for nobody too long", "[call][transfer]") {
  ForwardedCall call;
  call.asks_for_a_person();
  SECTION("the sentence never comes") { call.advance(15100ms); }
  SECTION("the sentence fails") {
    call.event(ReplyStarted{});
    call.event(ReplyEnded{ReplyEnded::Outcome::failed, Error{}, false});
    call.advance(0ms);
  }
  SECTION("its marks never come back") {
    call.agent_says("one moment", 2s);
    call.advance(3500ms);
  }
  SECTION("the caller talks over it") {
    call.agent_says("one moment", 2s);
    call.advance(500ms);
    call.event(CallerActivity{true});
    call.advance(2s);
  }
  SECTION("the model is lost") { call.event(lost()); }
  SECTION("the model is lost for good") {
    call.event(SpeechClosed{fail(Errc::unauthenticated, "no").value(), true});
    CHECK(call.spoken.empty());
  }
  CHECK(call.transfers.size() == 1);
  CHECK(call.hang_ups == 0);
}

TEST_CASE("where the service has the call it is not hung up over the transfer",
          "[call][transfer][service]") {
  CallOptions options = with_people();
  options.speech.media = MediaOwner::service;
  FakeCall call(options);
  call.session->start(call.now);
  call.session->on_dialing(call.now);
  call.session->on_answered(call.now);
  call.event(SpeechReady{"s"});
  call.event(ReplyStarted{});
  call.event(UtteranceStarted{"u"});
  call.event(PlayoutStarted{"u"});
  call.event(UtteranceEnded{"u", true});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  call.event(PlayoutEnded{"u", true});
  call.event(ReplyStarted{});
  call.event(ToolCallsWanted{{wish()}});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  call.event(ReplyStarted{});
  call.event(UtteranceStarted{"v"});
  call.event(PlayoutStarted{"v"});
  call.event(UtteranceEnded{"v", true});
  call.event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  call.advance(1s);
  CHECK(call.transfers.empty());
  call.event(PlayoutEnded{"v", true});
  REQUIRE(call.transfers.size() == 1);
  call.session->on_transferred({}, call.now);
  CHECK(call.ended == 0);
  CHECK(call.hang_ups == 0);
  SECTION("the service lets go of it") {
    call.event(SpeechClosed{});
    CHECK(call.hang_ups == 0);
  }
  SECTION("or does not: then it is hung up") {
    call.advance(20100ms);
    CHECK(call.hang_ups == 1);
  }
  CHECK(call.ended == 1);
  CHECK(call.record.end_reason == EndReason::transferred);
}
