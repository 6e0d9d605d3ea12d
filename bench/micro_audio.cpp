#include <benchmark/benchmark.h>

#include <cmath>
#include <stdexcept>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/framer.hpp"
#include "voicebridge/audio/transcoder.hpp"
#include "voicebridge/audio/voice_activity_detector.hpp"
#include "voicebridge/version.hpp"

/// Each step works on one 20 ms frame, so that the time is that of a frame.
namespace voicebridge {
namespace {

template <class T>
void require(const Result<T>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}

template <class T>
T value_of(Result<T> result) {
  require(result);
  return std::move(*result);
}

Samples frame_of_tone(std::uint32_t rate) {
  Samples samples(rate / 50);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<std::int16_t>(8000 * std::sin(0.3 * static_cast<double>(i)));
  }
  return samples;
}

Bytes encoded_frame(AudioFormat format) {
  Bytes bytes;
  require(value_of(make_audio_codec(format))->encode(frame_of_tone(format.sample_rate), bytes));
  return bytes;
}

void count_frame_bytes(benchmark::State& state, std::size_t bytes_per_frame) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_per_frame));
}

void decode_frame(benchmark::State& state, AudioFormat format) {
  const auto codec = value_of(make_audio_codec(format));
  const Bytes bytes = encoded_frame(format);
  Samples samples;
  for (auto _ : state) {
    samples.clear();
    require(codec->decode(bytes, samples));
    benchmark::DoNotOptimize(samples.data());
  }
  count_frame_bytes(state, bytes.size());
}
BENCHMARK_CAPTURE(decode_frame, pcmu, AudioFormat::pcmu());
BENCHMARK_CAPTURE(decode_frame, pcma, AudioFormat::pcma());
BENCHMARK_CAPTURE(decode_frame, l16_24k, AudioFormat::l16(24000));

void encode_frame(benchmark::State& state, AudioFormat format) {
  const auto codec = value_of(make_audio_codec(format));
  const Samples samples = frame_of_tone(format.sample_rate);
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    require(codec->encode(samples, bytes));
    benchmark::DoNotOptimize(bytes.data());
  }
  count_frame_bytes(state, bytes.size());
}
BENCHMARK_CAPTURE(encode_frame, pcmu, AudioFormat::pcmu());
BENCHMARK_CAPTURE(encode_frame, pcma, AudioFormat::pcma());
BENCHMARK_CAPTURE(encode_frame, l16_24k, AudioFormat::l16(24000));

#if VOICEBRIDGE_WITH_G722
BENCHMARK_CAPTURE(decode_frame, g722, AudioFormat::g722());
BENCHMARK_CAPTURE(encode_frame, g722, AudioFormat::g722());
#endif
#if VOICEBRIDGE_WITH_OPUS
BENCHMARK_CAPTURE(decode_frame, opus_8k, AudioFormat::opus(8000));
BENCHMARK_CAPTURE(encode_frame, opus_8k, AudioFormat::opus(8000));
BENCHMARK_CAPTURE(decode_frame, opus_16k, AudioFormat::opus(16000));
BENCHMARK_CAPTURE(encode_frame, opus_16k, AudioFormat::opus(16000));
BENCHMARK_CAPTURE(decode_frame, opus_48k, AudioFormat::opus(48000));
BENCHMARK_CAPTURE(encode_frame, opus_48k, AudioFormat::opus(48000));

void conceal_frame(benchmark::State& state) {
  const AudioFormat format = AudioFormat::opus(16000);
  const auto codec = value_of(make_audio_codec(format));
  const Bytes packet = encoded_frame(format);
  Samples samples;
  for (auto _ : state) {
    samples.clear();
    require(codec->decode(packet, samples));
    require(codec->conceal(Micros(20000), samples));
    benchmark::DoNotOptimize(samples.data());
  }
  count_frame_bytes(state, packet.size());
}
BENCHMARK(conceal_frame);
#endif

void transcode_frame(benchmark::State& state, AudioFormat from, AudioFormat to) {
  Transcoder transcoder = value_of(Transcoder::create(from, to));
  const Bytes in = encoded_frame(from);
  Bytes out;
  for (auto _ : state) {
    out.clear();
    require(transcoder.process(in, out));
    benchmark::DoNotOptimize(out.data());
  }
  count_frame_bytes(state, in.size());
}
BENCHMARK_CAPTURE(transcode_frame, pcmu_to_pcmu, AudioFormat::pcmu(), AudioFormat::pcmu());
BENCHMARK_CAPTURE(transcode_frame, pcmu_to_pcma, AudioFormat::pcmu(), AudioFormat::pcma());
BENCHMARK_CAPTURE(transcode_frame, pcmu_to_l16_24k, AudioFormat::pcmu(), AudioFormat::l16(24000));
BENCHMARK_CAPTURE(transcode_frame, l16_24k_to_pcmu, AudioFormat::l16(24000), AudioFormat::pcmu());
BENCHMARK_CAPTURE(transcode_frame, l16_24k_to_16k, AudioFormat::l16(24000),
                  AudioFormat::l16(16000));

void frame_model_audio(benchmark::State& state) {
  Framer framer = value_of(Framer::create(AudioFormat::pcmu()));
  const Bytes delta(1000, 0x55);  // no multiple of a frame, as models send it
  std::size_t frames = 0;
  for (auto _ : state) {
    framer.push(delta, [&](ByteView frame) { frames += !frame.empty(); });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(frames));
}
BENCHMARK(frame_model_audio);

void detect_voice(benchmark::State& state) {
  const auto rate = static_cast<std::uint32_t>(state.range(0));
  VoiceActivityDetector vad = value_of(VoiceActivityDetector::create(rate));
  const Samples frame = frame_of_tone(rate);
  std::vector<VadEvent> events;
  for (auto _ : state) {
    events.clear();
    vad.process(frame, events);
    benchmark::DoNotOptimize(events.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(detect_voice)->Arg(8000)->Arg(24000);

}  // namespace
}  // namespace voicebridge
