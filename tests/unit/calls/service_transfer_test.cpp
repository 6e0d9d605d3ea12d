// Warm transfers of calls that the model service carries: the carrier holds the caller, the person
// is rung by the phone carrier and joins the caller's conference, the service's part ends.
#include <deque>

#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "unit/calls/fake_carrier.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// A conference that keeps what it is asked for and answers when the test says so.
class FakeConference final : public ConferenceControl {
 public:
  bool can_hold() const override { return true; }
  void hold(const ConferenceParties& parties, bool on, Scheduler&, Done done) override {
    keep(on ? "hold" : "unhold", parties, std::move(done));
  }
  void join(const ConferenceParties& parties, Scheduler&, Done done) override {
    keep("join", parties, std::move(done));
  }
  void take_back(const ConferenceParties& parties, Scheduler&, Done done) override {
    keep("take_back", parties, std::move(done));
  }
  void end(const ConferenceParties& parties, Scheduler&, Done done) override {
    keep("end", parties, std::move(done));
  }
  std::vector<std::string> asked;
  ConferenceParties told;
  Done last;

 private:
  void keep(const char* what, const ConferenceParties& who, Done done) {
    asked.emplace_back(what);
    told = who;
    last = std::move(done);
  }
};

struct SipTown {
  SipTown() {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    parts.open_speech = [this](Scheduler&) { return new_model(); };
    parts.carrier = phone.get();
    parts.tools = &tools;
    agent = std::make_unique<PhoneAgent>(std::move(parts), PhoneAgentOptions());
    REQUIRE(add_builtin_tools(tools, *agent, "US"));
    agent->on_ended(
        [this](const CallRecord& record, const std::string&) { ended.push_back(record); });
  }
  ~SipTown() {
    agent->stop(Millis(0));
    clock.advance(5min);
    phone->requests.clear();
    sip->requests.clear();
    conference->last = nullptr;
  }
  std::unique_ptr<SpeechSession> new_model() {
    models.push_back(std::make_shared<FakeSpeech::Log>());
    return std::make_unique<FakeSpeech>(models.back());
  }
  void from_model(std::size_t which, const SpeechEvent& event) {
    models.at(which)->observer->on_speech_event(event, clock.now());
    clock.run_ready();
  }
  /// The caller talks with the agent, asks for a person, and has heard that they are put through.
  void waits() {
    ServiceCall call;
    call.leg_id = "rtc_1";
    call.tools.names = {"transfer_to_human"};
    TransferTarget desk("+12025550188");
    desk.mode = TransferTarget::Mode::warm;
    call.options.transfer_targets = {{"desk", desk}};
    call.carrier = sip;
    call.conference = conference;
    call.phone_leg_id = "CA_caller";
    call.open_speech = [this](Scheduler&) { return new_model(); };
    const auto served = agent->serve(std::move(call));
    REQUIRE(served);
    clock.run_ready();
    sip->last("answer").done({});
    clock.run_ready();
    from_model(0, SpeechReady{"s"});
    from_model(0, ReplyStarted{});
    from_model(0, ToolCallsWanted{{{"t1", "transfer_to_human", "{}"}}});
    from_model(0, ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
    from_model(0, ReplyStarted{});
    from_model(0, UtteranceStarted{"u"});
    from_model(0, PlayoutStarted{"u"});
    from_model(0, UtteranceEnded{"u", true});
    from_model(0, ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
    from_model(0, PlayoutEnded{"u", true});
    clock.advance(1s);
    REQUIRE(phone->count("dial") == 1);
    CHECK(phone->last("dial").argument == "+12025550188");
    CHECK(conference->asked == std::vector<std::string>{"hold"});
    CHECK(conference->told.caller_leg == "CA_caller");
  }
  void phone_tells(const std::string& leg, decltype(CarrierEvent::what) what) {
    agent->on_carrier_event({"event", leg, {}, std::move(what)});
    clock.run_ready();
  }
  /// The person's phone was answered, and the briefing's session is ready.
  void answers() {
    const auto seat = agent->seat(person_call());
    REQUIRE(seat);
    agent->on_carrier_event({"answered", "leg_out", seat->call_id, LegAnswered{}});
    clock.run_ready();
    media = std::make_shared<FakeMedia>();
    ear = seat->attach(media);
    REQUIRE(ear);
    MediaStart start;
    start.inbound = start.outbound = AudioFormat::pcmu();
    ear->on_media_start(start, clock.now());
    from_model(1, SpeechReady{"b"});
  }
  /// The call that the transfer has made.
  std::string person_call() const { return phone->last("dial").leg; }

  testing::ManualScheduler clock;
  ToolRegistry tools;
  std::shared_ptr<FakeCarrier> phone = std::make_shared<FakeCarrier>();
  std::shared_ptr<FakeCarrier> sip = std::make_shared<FakeCarrier>();
  std::shared_ptr<FakeConference> conference = std::make_shared<FakeConference>();
  std::vector<std::shared_ptr<FakeSpeech::Log>> models;
  std::vector<CallRecord> ended;
  std::unique_ptr<PhoneAgent> agent;
  std::shared_ptr<FakeMedia> media;
  std::shared_ptr<MediaObserver> ear;
};

}  // namespace

TEST_CASE("a stream that was lost is followed by no other: what is still said has no ear to go to",
          "[calls][service][transfer]") {
  SipTown town;
  town.waits();
  town.answers();
  town.from_model(1, ReplyStarted{});
  town.from_model(1, UtteranceStarted{"v"});
  const auto seat = town.agent->seat(town.person_call());
  REQUIRE(seat);
  town.ear->on_media_stop(std::nullopt, town.clock.now());
  const std::weak_ptr<FakeMedia> lost = town.media;
  town.media = std::make_shared<FakeMedia>();
  CHECK(seat->attach(town.media) == nullptr);
  // Until the carrier has told that the leg is gone, the call holds what it plays into.
  CHECK_FALSE(lost.expired());
  town.models[1]->observer->on_speech_audio(
      "v", AudioPayload::from_bytes(AudioFormat::pcmu(), Bytes(160, 1)), town.clock.now());
  town.clock.advance(10s);
}

TEST_CASE("a call of the service is handed to a person who was briefed",
          "[calls][service][transfer]") {
  SipTown town;
  town.waits();
  town.answers();
  town.ear->on_media_dtmf('1', town.clock.now());
  town.clock.run_ready();
  REQUIRE(town.conference->asked.back() == "join");
  CHECK(town.conference->told.human_leg == "leg_out");
  // The agent's leg goes before the join is told to be done: the service lets go of the call.
  town.from_model(0, SpeechClosed{});
  CHECK(town.ended.empty());
  town.conference->last({});
  town.clock.run_ready();
  REQUIRE(town.ended.size() == 2);
  for (const CallRecord& record : town.ended) CHECK(record.end_reason == EndReason::transferred);
  CHECK(town.phone->count("hang_up") == 0);
  CHECK(town.sip->count("hang_up") == 0);
  // From now on the one who hangs up takes the other along.
  SECTION("the caller") {
    town.phone_tells("CA_caller", LegEnded{"completed", true});
    REQUIRE(town.phone->count("hang_up") == 1);
    CHECK(town.phone->last("hang_up").leg == "leg_out");
    town.phone_tells("leg_out", LegEnded{"completed", true});
  }
  SECTION("the person") {
    town.phone_tells("leg_out", LegEnded{"completed", true});
    REQUIRE(town.phone->count("hang_up") == 1);
    CHECK(town.phone->last("hang_up").leg == "CA_caller");
    town.phone_tells("CA_caller", LegEnded{"completed", true});
  }
  CHECK(town.conference->asked.back() == "end");
}

TEST_CASE("a call of the service comes back to its agent when nobody takes it",
          "[calls][service][transfer]") {
  SipTown town;
  town.waits();
  SECTION("declined") {
    town.answers();
    town.ear->on_media_dtmf('2', town.clock.now());
    town.clock.run_ready();
    CHECK(town.phone->count("hang_up") == 1);
  }
  SECTION("busy") {
    town.agent->on_carrier_event({"event", "leg_out", town.person_call(), LegEnded{"busy", false}});
    town.clock.run_ready();
  }
  SECTION("the join is refused") {
    town.answers();
    town.ear->on_media_dtmf('1', town.clock.now());
    town.clock.run_ready();
    town.conference->last(fail(Errc::unavailable, "no"));
    town.clock.run_ready();
    REQUIRE(town.conference->asked.back() == "take_back");
    town.conference->last({});
    town.clock.run_ready();
    CHECK(town.phone->last("hang_up").leg == "leg_out");
    // The conference that the caller and the agent are in goes on without the person.
    town.phone_tells("leg_out", LegEnded{"completed", true});
    CHECK(town.conference->asked.back() == "take_back");
  }
  const auto& asked = town.conference->asked;
  CHECK(std::find_if(asked.begin(), asked.end(), [](const std::string& what) {
          return what == "unhold" || what == "take_back";
        }) != asked.end());
  REQUIRE(town.models[0]->count<ToolResult>() == 1);
  CHECK(town.models[0]->last<ToolResult>().respond);
  CHECK(town.models[0]->last<ToolResult>().output_json.find("transfer_failed") !=
        std::string::npos);
}

TEST_CASE("a join is called off when the person hangs up meanwhile", "[calls][service][transfer]") {
  SipTown town;
  town.waits();
  town.answers();
  town.ear->on_media_dtmf('1', town.clock.now());
  town.clock.run_ready();
  REQUIRE(town.conference->asked.back() == "join");
  const ConferenceParties parties = town.conference->told;
  const ConferenceControl::Done joined = town.conference->last;
  CHECK_FALSE(parties.is_called_off());
  town.phone_tells("leg_out", LegEnded{"completed", true});
  // The step that is under way is let come to its end first, but not for ever.
  CHECK(parties.is_called_off());
  CHECK(town.conference->asked.back() == "join");
  SECTION("and stops") {
    joined(fail(Errc::cancelled, "called off"));
    town.clock.run_ready();
  }
  SECTION("and says nothing") { town.clock.advance(5s); }
  SECTION("and was done: there is no agent any more, and nobody is left on the line") {
    joined({});
    town.clock.advance(20s);
    CHECK(town.sip->count("hang_up") == 1);
    CHECK(town.conference->asked.back() == "end");
    return;
  }
  REQUIRE(town.conference->asked.back() == "take_back");
  town.conference->last({});
  town.clock.run_ready();
  CHECK(town.conference->asked.back() == "take_back");
  CHECK(town.models[0]->last<ToolResult>().output_json.find("hung_up") != std::string::npos);
}

TEST_CASE("a caller of the service who hangs up while they wait stops the person's phone",
          "[calls][service][transfer]") {
  SipTown town;
  town.waits();
  if (GENERATE(true, false)) town.answers();
  town.from_model(0, SpeechClosed{});
  town.clock.run_ready();
  REQUIRE(town.ended.size() >= 1);
  CHECK(town.ended[0].end_reason == EndReason::caller_hangup);
  REQUIRE(town.phone->count("hang_up") == 1);
  CHECK(town.phone->last("hang_up").leg == "leg_out");
}
