#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <vector>

#include "support/counting_bridge.hpp"
#include "voicebridge/core/base64.hpp"

// A frame through everything that stands between the two sockets of a call. Beside a real network
// the kernel's code pushes ours out of the caches between two frames, which costs more than the
// frame itself: so it is measured cold, too.

namespace {

using namespace voicebridge;

/// What the caches hold after this is of no use to anybody.
void spoil_caches(std::vector<char>& junk) {
  for (std::size_t i = 0; i < junk.size(); i += 64) benchmark::DoNotOptimize(++junk[i]);
}

/// In seconds.
template <class F>
double timed(F f, std::vector<char>& junk) {
  spoil_caches(junk);
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

enum class Way { up, down };

/// A call that does not end while it is measured.
PhoneAgentOptions endless() {
  PhoneAgentOptions rules;
  rules.phone.max_length = std::chrono::hours(100000);
  return rules;
}

/// Calls take turns, as they do in a server.
void call_frame(benchmark::State& state, Way way, bool cold) {
  constexpr std::size_t kCalls = 50;
  const Bytes audio(160, 0x42);
  const std::string delta = test::audio_delta(base64_encode(audio));
  std::vector<std::unique_ptr<test::CountingBridge>> bridges;
  for (std::size_t i = 0; i < kCalls; ++i) {
    bridges.push_back(std::make_unique<test::CountingBridge>(endless()));
    bridges.back()->connect();
  }
  std::vector<char> junk(cold ? std::size_t{1} << 20 : 0);
  std::uint64_t number = 0;
  for (auto _ : state) {
    test::CountingBridge& bridge = *bridges[number % kCalls];
    const std::uint64_t frame = number++ / kCalls;
    const std::string text = bridge.messages.media("inbound", frame + 1, Millis(20 * frame), audio);
    const auto caller = [&] { bridge.leg->on_text(text); };
    const auto model = [&] { bridge.model.handler->on_text(delta); };
    if (way == Way::up) {
      state.SetIterationTime(timed(caller, junk));
      model();
    } else {
      state.SetIterationTime(timed(model, junk));
      caller();
    }
    if (!bridge.carrier.mark.empty()) {
      bridge.leg->on_text(bridge.carrier.mark);
      bridge.carrier.mark.clear();
    }
    bridge.clock.advance(Millis(20));
  }
  std::size_t up = 0;
  std::size_t down = 0;
  for (const auto& bridge : bridges) {
    up += bridge->model.socket.texts;
    down += bridge->carrier.texts - bridge->carrier.marks;
  }
  if (up < number || down < number) state.SkipWithError("frames did not pass");
}

BENCHMARK_CAPTURE(call_frame, up_warm, Way::up, false)->UseManualTime();
BENCHMARK_CAPTURE(call_frame, up_cold, Way::up, true)->UseManualTime();
BENCHMARK_CAPTURE(call_frame, down_warm, Way::down, false)->UseManualTime();
BENCHMARK_CAPTURE(call_frame, down_cold, Way::down, true)->UseManualTime();

}  // namespace
