// Whole calls in virtual time, interrupted at a chance moment over a jittery network.
#include <algorithm>

#include "support/tries.hpp"
#include "unit/calls/script.hpp"
#include "voicebridge/testing/audio_account.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// Everything a network may do to the talk, by chance: way, jitter of frames and marks, the speed
/// and the pieces of the model, and the moment of the interruption.
ScriptedCallOptions chance_talk(std::uint64_t seed, CarrierKind carrier) {
  SeededRandom random(seed);
  const auto up_to = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random.up_to(static_cast<std::uint64_t>(limit)));
  };
  ScriptedCallOptions options = talk(seed, carrier);
  options.callee.script = interrupting_callee(Millis(200 + up_to(4200)));
  options.carrier_wire.delay = Micros(up_to(80000));
  options.carrier_wire.jitter = Micros(up_to(30000));
  options.model_wire.delay = Micros(up_to(80000));
  options.model_wire.jitter = Micros(up_to(30000));
  options.model.speed = 1.5 + 0.1 * static_cast<double>(up_to(100));
  options.model.piece_min = Millis(20 + up_to(100));
  options.model.piece_max = options.model.piece_min + Millis(up_to(300));
  options.model.keep_audio_bytes = 1 << 20;
  return options;
}

Millis duration(std::uint64_t bytes) {
  return std::chrono::duration_cast<Millis>(
      AudioFormat::pcmu().duration(static_cast<std::size_t>(bytes)));
}

}  // namespace

TEST_CASE("a thousand interrupted calls: the model learns what was heard", "[calls][barge_in]") {
  constexpr std::uint64_t kCalls = tries(1000);
  constexpr auto kTolerance = 40ms;
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  std::size_t truncated = 0;
  Millis worst{0};
  for (std::uint64_t seed = 1; seed <= kCalls; ++seed) {
    CAPTURE(seed);
    const auto call = make_call(chance_talk(seed, carrier));
    call->dial();
    const bool over = call->run(60s);
    REQUIRE(over);
    INFO(story(*call->record()));
    REQUIRE(call->record()->end_reason == EndReason::agent_goodbye);

    // Neither side found fault: a truncation at 0 or beyond what was sent is refused.
    REQUIRE(call->model().size() == 1);
    const OpenAiSimRecord& model = *call->model().front();
    for (const auto& v : model.violations) UNSCOPED_INFO(v.event_type + ": " + v.message);
    REQUIRE(model.violations.empty());
    REQUIRE(call->leg()->stats().errors_sent == 0);

    const AudioAccount books = account_audio(far_end_of(*call->leg()), call->model());
    INFO(books.fault);
    REQUIRE(books.ok());
    const auto& clears = call->leg()->playout()->clears();
    REQUIRE(clears.size() <= 1);

    const OpenAiSimRecord::Utterance& greeting = model.utterances.front();
    if (!greeting.heard) {  // The interruption came behind its last word.
      const std::uint64_t played = clears.empty() ? greeting.bytes : clears[0].played;
      REQUIRE(duration(played) + kTolerance >= duration(greeting.bytes));
      continue;
    }
    ++truncated;
    REQUIRE(clears.size() == 1);
    REQUIRE(*greeting.heard > 0ms);
    REQUIRE(*greeting.heard <= duration(clears[0].played + clears[0].dropped));
    const Millis error = *greeting.heard - duration(clears[0].played);
    worst = std::max(worst, std::chrono::abs(error));
    CAPTURE(greeting.heard->count(), clears[0].played / 8, clears[0].dropped / 8);
    REQUIRE(std::chrono::abs(error) <= kTolerance);
  }
  CAPTURE(worst.count());
  CHECK(truncated > kCalls * 9 / 10);
}
