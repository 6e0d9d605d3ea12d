// Leads who were not reached are called again; and what comes of a recording after its call.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// Dials, records and sends keys, as far as it is told.
class LadderCarrier final : public Carrier, private LegControls {
 public:
  using Done = Carrier::Done;
  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override {
    dialed.push_back(dial.call_id);
    on.post([done = std::move(done), leg = "leg_" + dial.call_id] { done(leg); });
  }
  void answer(const std::string&, const std::string&, Scheduler& on, Done done) override {
    on.post([done = std::move(done)] { done({}); });
  }
  void hang_up(const std::string&, Scheduler& on, Done done) override {
    on.post([done = std::move(done)] { done({}); });
  }
  void speak(const std::string&, const std::string&, Scheduler& on, Done done) override {
    on.post([done = std::move(done)] { done({}); });
  }
  void start_media(const std::string&, const std::string&, Scheduler& on, Done done) override {
    on.post([done = std::move(done)] { done({}); });
  }
  void transfer(const std::string&, const CarrierTransfer&, Scheduler& on,
                HandedOver done) override {
    on.post([done = std::move(done)] { done(HandOver::done); });
  }
  LegControls* controls() override { return this; }

  std::vector<std::string> dialed;
  std::vector<std::string> commands;
  bool can_pause = true;

 private:
  bool sends_dtmf() const override { return true; }
  void send_dtmf(const std::string&, const std::string& digits, Scheduler& on, Done done) override {
    commands.push_back("keys " + digits);
    on.post([done = std::move(done)] { done({}); });
  }
  void start_recording(const std::string&, Scheduler& on,
                       std::function<void(Result<std::string>)> done) override {
    commands.push_back("start");
    on.post([done = std::move(done)] { done(std::string("rec_1")); });
  }
  void change_recording(const std::string&, const std::string& recording, CarrierRecording change,
                        Scheduler& on, Done done) override {
    const bool pause = change == CarrierRecording::pause;
    commands.push_back((pause                                ? "pause "
                        : change == CarrierRecording::resume ? "resume "
                                                             : "stop ") +
                       recording);
    const Result<> result =
        pause && !can_pause ? Result<>(fail(Errc::unsupported, "no")) : Result<>();
    on.post([done = std::move(done), result] { done(result); });
  }
};

struct Ladder {
  explicit Ladder(std::shared_ptr<CallStore> store = make_memory_call_store())
      : calls(std::move(store)) {
    phone.retry.after = {15min, 120min};
    phone.expects_amd = true;
  }
  ~Ladder() {
    if (agent) agent->stop(Millis(0));
    clock.advance(2min);
  }
  PhoneAgent& open() {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    parts.open_speech = [this](Scheduler&) {
      models.push_back(std::make_shared<FakeSpeech::Log>());
      return std::make_unique<FakeSpeech>(models.back());
    };
    parts.carrier = &carrier;
    parts.tools = &tools;
    parts.leads = leads;
    parts.calls = calls;
    PhoneAgentOptions options;
    options.phone = phone;
    agent = std::make_unique<PhoneAgent>(std::move(parts), std::move(options));
    REQUIRE(add_builtin_tools(tools, *agent, "US"));
    return *agent;
  }
  void call_lead() {
    LeadInput input;
    input.first_name = "Ann";
    input.last_name = "Lee";
    input.phone = "+12025550123";
    input.consent = true;
    CallLeadRequest request;
    request.lead_id = leads->save(input)->id;
    request.profile = "bakery";
    agent->call_lead(request, [](const Result<CallStatus>& status) { REQUIRE(status); });
    clock.run_ready();
  }
  void tell(decltype(CarrierEvent::what) what) {
    const std::string& id = carrier.dialed.back();
    agent->on_carrier_event({"event", "leg_" + id, id, std::move(what)});
    clock.run_ready();
  }
  void busy() { tell(LegEnded{"user_busy", false}); }
  StoredCall stored(std::size_t which) { return calls->find(carrier.dialed.at(which))->call; }

  testing::ManualScheduler clock;
  LadderCarrier carrier;
  ToolRegistry tools;
  std::shared_ptr<LeadStore> leads = make_memory_lead_store();
  std::shared_ptr<CallStore> calls;
  CallOptions phone;
  std::vector<std::shared_ptr<FakeSpeech::Log>> models;
  std::unique_ptr<PhoneAgent> agent;
};

}  // namespace

TEST_CASE("a lead who is busy is called again by the ladder, and then no more", "[calls][retry]") {
  Ladder town;
  town.open();
  town.call_lead();
  REQUIRE(town.carrier.dialed.size() == 1);
  town.busy();
  CHECK(town.stored(0).retry_at - town.stored(0).ended_at == 15 * 60000);
  town.clock.advance(14min);
  CHECK(town.carrier.dialed.size() == 1);
  town.clock.advance(2min);
  REQUIRE(town.carrier.dialed.size() == 2);
  CHECK(town.stored(0).retry_at == 0);
  CHECK(town.stored(1).attempt == 1);
  CHECK(town.stored(1).profile == "bakery");
  town.busy();
  town.clock.advance(119min);
  CHECK(town.carrier.dialed.size() == 2);
  town.clock.advance(2min);
  REQUIRE(town.carrier.dialed.size() == 3);
  town.busy();
  CHECK(town.stored(2).retry_at == 0);
  town.clock.advance(std::chrono::hours(48));
  CHECK(town.carrier.dialed.size() == 3);
}

TEST_CASE("a machine is a reason to call again, a talk is none", "[calls][retry]") {
  Ladder town;
  town.open();
  town.call_lead();
  const bool machine = GENERATE(true, false);
  town.tell(LegAnswered{});
  town.tell(LegAnsweredBy{machine ? AnsweredBy::machine : AnsweredBy::human});
  town.tell(LegEnded{"normal_clearing", true});
  CHECK((town.stored(0).retry_at != 0) == machine);
  town.clock.advance(16min);
  CHECK(town.carrier.dialed.size() == (machine ? 2 : 1));
}

TEST_CASE("a lead who was reached meanwhile is left alone", "[calls][retry]") {
  Ladder town;
  town.open();
  town.call_lead();
  town.busy();
  StoredCall back;
  back.id = "call_back";
  back.direction = "inbound";
  back.from = "+12025550123";
  back.created_at = town.stored(0).created_at + 1;
  back.end_reason = "agent_goodbye";
  bool reached = true;
  SECTION("they called") { back.answered_at = back.created_at + 1; }
  SECTION("they hung up before it was answered") { reached = false; }
  SECTION("they are on the line") { back.end_reason.clear(); }
  REQUIRE(town.calls->save(back));
  town.clock.advance(16min);
  CHECK(town.carrier.dialed.size() == (reached ? 1 : 2));
  CHECK(town.stored(0).retry_at == 0);
}

TEST_CASE("a retry outlives the process", "[calls][retry]") {
  const std::shared_ptr<CallStore> calls = make_memory_call_store();
  std::shared_ptr<LeadStore> leads;
  {
    Ladder first(calls);
    first.open();
    first.call_lead();
    first.busy();
    leads = first.leads;
    first.agent->stop(Millis(0));
    first.clock.advance(16min);
    CHECK(first.carrier.dialed.size() == 1);
  }
  Ladder second(calls);
  second.leads = leads;
  second.open().start_upkeep();
  second.clock.advance(14min);
  CHECK(second.carrier.dialed.empty());
  second.clock.advance(2min);
  CHECK(second.carrier.dialed.size() == 1);
}

TEST_CASE("a lead who is not known any more is not called again", "[calls][retry]") {
  Ladder town;
  town.open();
  town.call_lead();
  town.busy();
  town.leads = nullptr;
  Ladder other(town.calls);  // Whose leads do not know them.
  other.open().start_upkeep();
  other.clock.advance(16min);
  CHECK(other.carrier.dialed.empty());
  CHECK(town.stored(0).retry_at == 0);
}

TEST_CASE("calls whose time is over are removed in the upkeep", "[calls][retention]") {
  Ladder town;
  StoredCall old;
  old.id = "old";
  old.expires_at = unix_now() - 1;
  StoredCall young = old;
  young.id = "young";
  young.expires_at = unix_now() + 86400000;
  REQUIRE(town.calls->save(old));
  REQUIRE(town.calls->save(young));
  town.open().start_upkeep(10min);
  town.clock.run_ready();
  CHECK_FALSE(town.calls->find("old"));
  CHECK(town.calls->find("young"));
  REQUIRE(town.calls->save(old));
  town.clock.advance(11min);
  CHECK_FALSE(town.calls->find("old"));
}

TEST_CASE("the carrier records, and its word of where comes after the call", "[calls][recording]") {
  Ladder town;
  town.phone.recording.by = RecordedBy::carrier;
  town.phone.recording.retention = std::chrono::hours(24 * 30);
  town.phone.keys.masked = true;
  town.carrier.can_pause = GENERATE(true, false);
  town.open();
  town.call_lead();
  town.tell(LegAnswered{});
  const std::string id = town.carrier.dialed.back();
  struct OpenMedia : MediaStream {
    bool send_audio(const AudioPayload&) override { return true; }
    void send_mark(std::string_view) override {}
    void clear() override {}
    void close() override {}
  };
  const auto seat = town.agent->seat(id);
  REQUIRE(seat);
  const auto leg = seat->attach(std::make_shared<OpenMedia>());
  REQUIRE(leg);
  leg->on_media_start({}, town.clock.now());
  town.clock.run_ready();
  CHECK(town.carrier.commands == std::vector<std::string>{"start"});
  std::vector<std::string> entered;
  DigitRules rules;
  rules.max_digits = 2;
  town.agent->collect_digits(
      id, rules, [&](const Result<CollectedDigits>& got) { entered.push_back(got->digits); },
      town.clock);
  town.clock.run_ready();
  leg->on_media_dtmf('4', town.clock.now());
  leg->on_media_dtmf('2', town.clock.now());
  town.clock.run_ready();
  CHECK(entered == std::vector<std::string>{"42"});
  using Commands = std::vector<std::string>;
  CHECK(town.carrier.commands == (town.carrier.can_pause
                                      ? Commands{"start", "pause rec_1", "resume rec_1"}
                                      : Commands{"start", "pause rec_1", "stop rec_1", "start"}));
  town.tell(LegEnded{"normal_clearing", true});
  town.clock.advance(1min);
  REQUIRE(town.agent->live_calls() == 0);
  CHECK(town.stored(0).recording_id == "rec_1");
  town.tell(LegRecorded{"rec_1", "https://example.com/rec_1.wav"});
  CHECK(town.stored(0).recording_url == "https://example.com/rec_1.wav");
  CHECK(town.stored(0).expires_at - town.stored(0).created_at == 30ll * 24 * 3600 * 1000);
  CHECK(town.calls->find(id)->timeline.size() > 5);
  // Nobody answers for a call that is over.
  std::vector<Errc> errors;
  town.agent->collect_digits(
      id, rules, [&](const Result<CollectedDigits>& got) { errors.push_back(got.error().code); },
      town.clock);
  town.clock.run_ready();
  CHECK(errors == std::vector<Errc>{Errc::not_found});
}
