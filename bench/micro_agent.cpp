#include <benchmark/benchmark.h>

#include "voicebridge/agent/playback.hpp"
#include "voicebridge/core/base64.hpp"

namespace {

using namespace voicebridge;

/// A leg that takes everything and says nothing.
struct NullMedia : MediaStream {
  bool send_audio(const AudioPayload&) override { return true; }
  void send_mark(std::string_view name) override { mark = name; }
  void clear() override {}
  void close() override {}
  std::string mark;
};

/// What a frame costs the ledger: sent, and now and then a mark and its echo.
void ledger_frame(benchmark::State& state) {
  PlaybackLedger ledger;
  TimePoint now{std::chrono::hours(1)};
  int frame = 0;
  for (auto _ : state) {
    now += Millis(20);
    ledger.sent("item_1", Millis(20), now);
    if (++frame % 20 == 0) {
      const std::string mark(ledger.mark(now));
      ledger.echoed(mark, now + Millis(20));
    }
    benchmark::DoNotOptimize(ledger.lead(now));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ledger_frame);

/// A frame of the model on its way to the leg, passed through as it came.
void playback_frame(benchmark::State& state) {
  NullMedia media;
  Playback playback(media, AudioFormat::pcmu());
  const std::string audio = base64_encode(Bytes(160, 0x55));
  TimePoint now{std::chrono::hours(1)};
  for (auto _ : state) {
    now += Millis(20);
    playback.push("item_1", AudioPayload::from_base64(AudioFormat::pcmu(), audio), now);
    if (!media.mark.empty()) {
      playback.on_mark(media.mark, now);
      media.mark.clear();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(playback_frame);

/// A barge-in with 400 ms ahead of the ear.
void playback_barge_in(benchmark::State& state) {
  NullMedia media;
  Playback playback(media, AudioFormat::pcmu());
  const Bytes audio(16000, 0x55);
  TimePoint now{std::chrono::hours(1)};
  for (auto _ : state) {
    playback.push("item_1", AudioPayload::from_bytes(AudioFormat::pcmu(), audio), now);
    now += Millis(200);
    benchmark::DoNotOptimize(playback.clear(now));
  }
}
BENCHMARK(playback_barge_in);

}  // namespace
