// What is Twilio's own in a call: gaps without frames, late echoes of marks.
#include "support/tries.hpp"
#include "unit/calls/script.hpp"
#include "voicebridge/testing/audio_account.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("where Twilio sends nothing, the model hears silence of the same length",
          "[calls][twilio]") {
  ScriptedCallOptions options = talk(7, CarrierKind::twilio);
  options.model.keep_audio_bytes = 1 << 20;
  options.callee.faults.gaps = {{2000ms, 700ms}, {4000ms, 300ms}};
  const auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(60s));
  INFO(story(*call->record()));
  CHECK(call->record()->end_reason == EndReason::agent_goodbye);
  const CallCounters& counters = call->record()->counters;
  CHECK(call->leg()->stats().frames_lost == 50);
  CHECK(counters.gap_bytes_filled == 8 * 1000);
  // Nothing is moved: what came behind the gaps stands where it was said.
  const Bytes& model = call->model().front()->received_audio;
  const Bytes& said = call->leg()->said();
  const std::size_t behind = 8 * 4600;
  REQUIRE(model.size() > behind + 8000);
  CHECK(std::equal(model.begin() + behind, model.begin() + behind + 8000,
                   said.begin() + behind - 8 * 1000));
}

TEST_CASE("Twilio's echoes of cleared marks come late and are taken for nothing",
          "[calls][twilio][barge_in]") {
  for (std::uint64_t seed = 1; seed <= tries(60); ++seed) {
    CAPTURE(seed);
    ScriptedCallOptions options = talk(seed, CarrierKind::twilio);
    options.callee.script = interrupting_callee(Millis(400 + 53 * static_cast<int>(seed)));
    const Millis late(static_cast<int>(5 * seed));
    const auto call = make_call(std::move(options));
    TwilioMediaChaos chaos;
    chaos.mark_delay = late;
    dynamic_cast<testing::TwilioCarrier&>(call->carrier()).set_media_chaos(chaos);
    call->dial();
    REQUIRE(call->run(60s));
    INFO(story(*call->record()));
    REQUIRE(call->record()->end_reason == EndReason::agent_goodbye);
    const OpenAiSimRecord& model = *call->model().front();
    REQUIRE(model.violations.empty());
    const auto& clears = call->leg()->playout()->clears();
    const OpenAiSimRecord::Utterance& greeting = model.utterances.front();
    if (!greeting.heard) continue;
    REQUIRE(clears.size() == 1);
    const Millis heard(static_cast<std::int64_t>(clears[0].played / 8));
    CAPTURE(greeting.heard->count(), heard.count(), late.count());
    // The echoes themselves say too little by their delay, and never more than was heard.
    REQUIRE(*greeting.heard <= heard + 40ms);
    REQUIRE(*greeting.heard + late + 40ms >= heard);
  }
}
