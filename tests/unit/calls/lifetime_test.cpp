// What outlives a call, and what must not.
#include <deque>

#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// A thread of calls whose pool works when it is told to, newest work first.
class SlowPool final : public testing::ManualScheduler {
 public:
  bool offload(Task work) override {
    waiting.push_back(std::move(work));
    return true;
  }
  void work_backwards() {
    while (!waiting.empty()) {
      const Task work = std::move(waiting.back());
      waiting.pop_back();
      work();
    }
  }
  std::deque<Task> waiting;
};

/// A web call between fakes.
struct WebCall {
  WebCall() {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    parts.open_speech = [this](Scheduler&) { return std::make_unique<FakeSpeech>(model); };
    parts.tools = &tools;
    parts.leads = make_memory_lead_store();
    parts.calls = store;
    agent = std::make_unique<PhoneAgent>(std::move(parts), PhoneAgentOptions());
    seat = agent->seat_web().value();
  }
  void begin() {
    call = seat.attach(media);
    MediaStart start;
    start.inbound = start.outbound = AudioFormat::pcmu();
    call->on_media_start(start, clock.now());
    clock.run_ready();
  }
  void end() {
    call->on_media_stop(std::nullopt, clock.now());
    call.reset();
    clock.run_ready();
  }
  bool model_alive() const { return model.use_count() > 1; }

  SlowPool clock;
  ToolRegistry tools;
  std::shared_ptr<FakeSpeech::Log> model = std::make_shared<FakeSpeech::Log>();
  std::shared_ptr<CallStore> store = make_memory_call_store();
  std::shared_ptr<FakeMedia> media = std::make_shared<FakeMedia>();
  std::unique_ptr<PhoneAgent> agent;
  StreamSeat seat;
  std::shared_ptr<MediaObserver> call;
};

}  // namespace

TEST_CASE("a call ends on its own thread, however long the pool takes to store it",
          "[calls][lifetime]") {
  WebCall web;
  web.begin();
  CHECK(web.model_alive());
  web.end();
  CHECK_FALSE(web.clock.waiting.empty());
  // Work that is still to be done must not hold the call, nor its session with the model.
  CHECK_FALSE(web.model_alive());
  CHECK(web.agent->live_calls() == 0);
  CHECK(web.clock.pending_timers() == 0);
}

TEST_CASE("what was stored last stays, whichever work is done first", "[calls][lifetime]") {
  WebCall web;
  web.begin();
  web.end();
  REQUIRE(web.clock.waiting.size() >= 2);
  web.clock.work_backwards();
  const auto stored = web.store->find(web.seat.call_id);
  REQUIRE(stored);
  CHECK(stored->call.state == "ended");
  CHECK(stored->call.end_reason == "caller_hangup");
  CHECK_FALSE(stored->timeline.empty());
}

TEST_CASE("a call takes one stream, and none when it is over", "[calls][lifetime]") {
  WebCall web;
  web.begin();
  CHECK(web.seat.attach(std::make_shared<FakeMedia>()) == nullptr);
  web.end();
  CHECK(web.seat.attach(std::make_shared<FakeMedia>()) == nullptr);
}
