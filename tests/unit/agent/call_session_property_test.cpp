// Whatever happens, in whatever order: a call ends, once, and takes everything with it.

#include <map>

#include "support/catch.hpp"
#include "unit/agent/random_world.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

TransferTarget any_target(Chance& chance) {
  TransferTarget target("+4930123456");
  if (chance.one_in(2)) target.mode = TransferTarget::Mode::warm;
  if (chance.one_in(2)) target.meanwhile = TransferTarget::Meanwhile::company;
  return target;
}

CallOptions any_options(std::uint64_t seed) {
  Chance chance(~seed);
  CallOptions options;
  if (!chance.one_in(4)) options.greeting = "Greet the caller.";
  options.expects_amd = chance.one_in(2);
  options.on_machine = chance.one_in(2) ? MachinePolicy::hang_up : MachinePolicy::leave_message;
  options.local_vad = chance.one_in(4);
  options.media_is_call = chance.one_in(6);
  if (chance.one_in(6)) options.silence_prompt_after = 0ms;
  if (!chance.one_in(3)) options.transfer_targets = {{"desk", any_target(chance)}};
  if (chance.one_in(3)) options.speech.media = MediaOwner::service;
  if (chance.one_in(3)) options.rollover_before = 15s;
  if (chance.one_in(3)) options.on_model_lost = ModelLossPolicy::transfer;
  if (chance.one_in(4)) options.budget_usd = 0.2;
  if (chance.one_in(3)) {
    auto wav = std::make_shared<WavAudio>();
    wav->samples.assign(8000, 500);
    options.apology_audio = wav;
  }
  return options;
}

void require_one_end(const RandomWorld& world) {
  REQUIRE(world.ended() == 1);
  REQUIRE(world.ended_as().end_reason.has_value());
  REQUIRE(world.ended_as().state == CallState::ended);
  REQUIRE(world.hang_ups() <= 1);
  REQUIRE(world.asked_after_the_end() == 0);
  REQUIRE(world.open_models() == 0);
  REQUIRE_FALSE(world.media_left_open());
}

}  // namespace

TEST_CASE("any order of events ends once and leaks nothing", "[call][property]") {
  std::size_t ended_by_time = 0;
  std::size_t rolled_over = 0;
  std::size_t reopened = 0;
  std::map<EndReason, std::size_t> reasons;
  for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
    CAPTURE(seed);
    RandomWorld world(seed, any_options(seed));
    if (seed % 2 == 0) world.connect_calmly();
    for (std::uint64_t steps = seed % 151; steps > 0; --steps) world.step();
    ended_by_time += world.ended() == 0 ? 1 : 0;
    world.let_time_pass(std::chrono::hours(3));
    require_one_end(world);
    rolled_over += world.ended_as().counters.model_rolled_over;
    reopened += world.ended_as().counters.model_reopened;
    ++reasons[*world.ended_as().end_reason];
    for (int i = 0; i < 30; ++i) world.step();  // Too late for everything.
    require_one_end(world);
  }
  CHECK(ended_by_time > 500);
  // All the ways of a call were walked.
  CAPTURE(rolled_over, reopened, reasons[EndReason::transferred], reasons[EndReason::budget]);
  CHECK(rolled_over > 50);
  CHECK(reopened > 200);
  CHECK(reasons[EndReason::transferred] > 50);
  CHECK(reasons[EndReason::budget] > 10);
}

TEST_CASE("a hang-up at any step is the end", "[call][property]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    for (int steps = 0; steps < 60; ++steps) {
      CAPTURE(seed, steps);
      RandomWorld world(seed, any_options(seed));
      for (int i = 0; i < steps; ++i) world.step();
      world.hang_up_now();
      world.let_time_pass(std::chrono::hours(1));  // For the summary.
      require_one_end(world);
      world.hang_up_now();
      for (int i = 0; i < 10; ++i) world.step();
      require_one_end(world);
    }
  }
}
