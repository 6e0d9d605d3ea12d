// From a web talk to a phone call: what was said is summarised, kept and given to the next model.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "unit/calls/fake_carrier.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using voicebridge::testing::ManualScheduler;

namespace {

const std::string kByTranscript = "- Visitor: I want a quote.\n";

/// An agent with a visitor on its web page.
struct Shop {
  explicit Shop(bool saved_in_the_talk = true) {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    parts.open_speech = [this](Scheduler&) {
      models.push_back(std::make_shared<FakeSpeech::Log>());
      return std::make_unique<FakeSpeech>(models.back());
    };
    parts.carrier = &carrier;
    parts.tools = &tools;
    parts.leads = leads;
    PhoneAgentOptions options;
    options.phone.speech.instructions = "Known: {{summary}}";
    options.web.summary_at_end = true;
    agent = std::make_unique<PhoneAgent>(std::move(parts), std::move(options));
    LeadInput input;
    input.first_name = "Ada";
    input.last_name = "Lovelace";
    input.phone = "+12025550143";
    input.consent = true;
    lead = leads->save(input).value().id;
    seat = agent->seat_web().value();
    ear = seat.attach(stream);
    MediaStart start;
    start.inbound = start.outbound = AudioFormat::pcmu();
    ear->on_media_start(start, clock.now());
    web(SpeechReady{"sess_1"});
    web(Transcript{Speaker::caller, "c1", "I want a quote.", true});
    if (saved_in_the_talk) agent->remember_lead(seat.call_id, lead);
    clock.run_ready();
  }
  ~Shop() {
    agent->stop(Millis(0));
    clock.advance(2min);
    carrier.requests.clear();
  }
  void web(const SpeechEvent& event) {
    models.front()->observer->on_speech_event(event, clock.now());
  }
  void answer(std::string text) {
    web(SummaryMade{models.front()->last<Summarize>().key, std::move(text)});
    clock.run_ready();
  }
  void call() {
    CallLeadRequest request;
    request.lead_id = lead;
    request.session_id = seat.call_id;
    agent->call_lead(std::move(request),
                     [this](Result<CallStatus> status) { called.push_back(std::move(status)); });
    clock.run_ready();
  }
  void page_closes() {
    ear->on_media_stop(std::nullopt, clock.now());
    clock.run_ready();
  }
  std::string kept() { return leads->find(lead).value().summary; }

  ManualScheduler clock;
  FakeCarrier carrier;
  ToolRegistry tools;
  std::shared_ptr<LeadStore> leads = make_memory_lead_store();
  std::vector<std::shared_ptr<FakeSpeech::Log>> models;
  std::shared_ptr<FakeMedia> stream = std::make_shared<FakeMedia>();
  std::unique_ptr<PhoneAgent> agent;
  std::string lead;
  StreamSeat seat;
  std::shared_ptr<MediaObserver> ear;
  std::vector<Result<CallStatus>> called;
};

}  // namespace

TEST_CASE("the model's summary is kept with the lead and given to the phone call", "[handoff]") {
  Shop shop;
  shop.call();
  CHECK(shop.called.empty());
  CHECK(shop.carrier.count("dial") == 0);
  shop.answer("Wants a quote, in French.");
  REQUIRE(shop.called.size() == 1);
  CHECK(shop.called[0]);
  CHECK(shop.carrier.count("dial") == 1);
  CHECK(shop.kept() == "Wants a quote, in French.");
  REQUIRE(shop.models.size() == 2);
  CHECK(shop.models[1]->spec.instructions == "Known: Wants a quote, in French.");
}

TEST_CASE("a call does not wait for a slow summary longer than four seconds", "[handoff]") {
  Shop shop;
  shop.call();
  shop.clock.advance(Millis(3999));
  CHECK(shop.carrier.count("dial") == 0);
  shop.clock.advance(Millis(1));
  CHECK(shop.carrier.count("dial") == 1);
  CHECK(shop.kept() == kByTranscript);
  REQUIRE(shop.models.size() == 2);
  CHECK(shop.models[1]->spec.instructions == "Known: " + kByTranscript);
}

TEST_CASE("a call whose web talk is cut meanwhile is made with what there is", "[handoff]") {
  Shop shop;
  shop.call();
  shop.web(lost());
  shop.clock.run_ready();
  CHECK(shop.carrier.count("dial") == 1);
  CHECK(shop.kept() == kByTranscript);
}

TEST_CASE("a page that closes while the summary is written loses nothing of it", "[handoff]") {
  Shop shop;
  shop.call();
  shop.page_closes();
  CHECK(shop.agent->status(shop.seat.call_id)->state == "ended");
  CHECK(shop.carrier.count("dial") == 0);
  shop.answer("Wants a quote.");
  CHECK(shop.carrier.count("dial") == 1);
  CHECK(shop.kept() == "Wants a quote.");
  CHECK(shop.models[1]->spec.instructions == "Known: Wants a quote.");
  CHECK(shop.models.front()->closes == 1);
  CHECK(shop.agent->live_calls() == 1);
}

TEST_CASE("a call that is asked for after the talk has ended waits for its summary", "[handoff]") {
  Shop shop;
  shop.page_closes();
  CHECK(shop.models.front()->count<Summarize>() == 1);
  shop.call();
  CHECK(shop.carrier.count("dial") == 0);
  shop.answer("Wants a quote.");
  CHECK(shop.carrier.count("dial") == 1);
  CHECK(shop.kept() == "Wants a quote.");
  shop.clock.run_ready();
  CHECK(shop.agent->live_calls() == 1);
}

TEST_CASE("a talk that ends without a call is kept with the lead that it saved", "[handoff]") {
  Shop shop;
  shop.page_closes();
  CHECK(shop.kept() == kByTranscript);  // Until there is a better one.
  CHECK(shop.agent->live_calls() == 1);
  shop.answer("Wants a quote.");
  CHECK(shop.kept() == "Wants a quote.");
  CHECK(shop.agent->live_calls() == 0);
}

TEST_CASE("a page has no lead called that was not saved in its talk", "[handoff]") {
  Shop shop(false);
  shop.call();
  shop.clock.advance(Millis(4000));
  REQUIRE(shop.called.size() == 1);
  REQUIRE_FALSE(shop.called[0]);
  CHECK(shop.called[0].error().code == Errc::not_found);
  CHECK(shop.carrier.count("dial") == 0);
}

TEST_CASE("a talk that nobody saved a lead in is kept nowhere", "[handoff]") {
  Shop shop(false);
  shop.page_closes();
  shop.clock.advance(Millis(4000));
  CHECK(shop.kept().empty());
  CHECK(shop.agent->live_calls() == 0);
}
