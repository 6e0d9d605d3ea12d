#include <benchmark/benchmark.h>

#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"

/// base64 and JSON at the sizes of media frames: 160 bytes are 20 ms of G.711, 4,800 bytes 100 ms
/// of L16 at 24 kHz.
namespace voicebridge {
namespace {

Bytes payload(std::int64_t size) {
  Bytes bytes(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
  return bytes;
}

std::string media_frame(std::int64_t size) {
  return R"({"event":"media","sequence_number":"4","media":{"track":"inbound","chunk":"2",)"
         R"("timestamp":"40","payload":")" +
         base64_encode(payload(size)) + R"("},"stream_id":"32de0dea-53cb-4b21-89a4-9e1819c043bc"})";
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void encode_base64(benchmark::State& state) {
  const Bytes bytes = payload(state.range(0));
  std::string text;
  for (auto _ : state) {
    text.clear();
    base64_append(text, bytes);
    benchmark::DoNotOptimize(text.data());
  }
  count_bytes(state, bytes.size());
}
BENCHMARK(encode_base64)->Arg(160)->Arg(960)->Arg(4800);

void decode_base64(benchmark::State& state) {
  const std::string text = base64_encode(payload(state.range(0)));
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    benchmark::DoNotOptimize(base64_decode_append(bytes, text));
  }
  count_bytes(state, bytes.size());
}
BENCHMARK(decode_base64)->Arg(160)->Arg(960)->Arg(4800);

void parse_media_frame(benchmark::State& state) {
  const std::string text = media_frame(state.range(0));
  for (auto _ : state) {
    const auto json = Json::parse(text);
    benchmark::DoNotOptimize((*json)["media"]["payload"].string());
  }
  count_bytes(state, text.size());
}
BENCHMARK(parse_media_frame)->Arg(160)->Arg(4800);

void write_append_event(benchmark::State& state) {
  const std::string audio = base64_encode(payload(state.range(0)));
  for (auto _ : state) {
    JsonWriter writer;
    writer.object().field("type", "input_audio_buffer.append").field("audio", audio).end();
    benchmark::DoNotOptimize(writer.take());
  }
  count_bytes(state, audio.size());
}
BENCHMARK(write_append_event)->Arg(160)->Arg(4800);

}  // namespace
}  // namespace voicebridge

BENCHMARK_MAIN();
