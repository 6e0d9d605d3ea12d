#include <fmt/format.h>

#include "demo_print.hpp"

namespace server {

using namespace voicebridge;

namespace {

void print_latencies(const DemoRun& run) {
  const CallLatencies& l = run.phone.latencies;
  fmt::print("  answer → first audio           {} ms\n",
             l.answer_to_first_audio ? l.answer_to_first_audio->count() : -1);
  std::string turns;
  for (const Millis value : l.end_of_speech_to_first_audio)
    turns += fmt::format("{} ", value.count());
  fmt::print(
      "  end of speech → first audio    {}ms (of it the detector waits 500, the simulated model "
      "thinks 250; a slow tool adds its filler's delay)\n",
      turns);
  fmt::print(
      "  added by the bridge            caller→model p50 {:.0f} µs, p99 {:.0f} µs; model→carrier "
      "p50 {:.0f} µs, p99 {:.0f} µs\n"
      "  … with reading and sending     p50 {:.0f} µs, p99 {:.0f} µs, for all that came together\n",
      run.bridge_up_p50_us, run.bridge_up_p99_us, run.bridge_down_p50_us, run.bridge_down_p99_us,
      run.batch_p50_us, run.batch_p99_us);
}

}  // namespace

void print_report(const DemoRun& run, const std::vector<DemoCheck>& checks) {
  const Paint paint;
  fmt::print("\n{}\n", paint.bold("On the web page"));
  print_transcript(run.web, "visitor", paint);
  fmt::print("\n{}\n", paint.bold("On the phone"));
  print_transcript(run.phone, "caller", paint);
  fmt::print("\n{}  {}\n", paint.bold("The call"), paint.dim(run.phone.lane));
  print_timeline(run.phone, paint);
  fmt::print("\n{}\n", paint.bold("How quick"));
  print_latencies(run);
  fmt::print("\n{}\n", paint.bold("What it cost"));
  print_cost(run.phone);
  print_promises(checks, paint);
  fmt::print("\n{}\n", paint.bold("Left behind"));
  fmt::print("  {:<34} the call in stereo: left the caller, right the agent as heard\n",
             run.recording);
  fmt::print("  {:<34} what was said, by whom, and what was cut\n", run.transcript_file);
  fmt::print("  {:<34} leads, calls, timelines (SQLite)\n", run.database);
  print_verdict(checks, run.seconds, paint);
}

std::string transcript_json(const DemoRun& run) {
  JsonWriter json;
  json.object().key("web");
  write_transcript(json, run.web);
  json.key("phone");
  write_transcript(json, run.phone);
  return json.end().take();
}

std::string report_json(const DemoRun& run, const std::vector<DemoCheck>& checks) {
  JsonWriter json;
  json.object().field("seconds", run.seconds);
  json.key("web");
  write_call(json, run.web);
  json.key("phone");
  write_call(json, run.phone);
  json.key("bridge_us")
      .object()
      .field("uplink_p50", run.bridge_up_p50_us)
      .field("uplink_p99", run.bridge_up_p99_us)
      .field("downlink_p50", run.bridge_down_p50_us)
      .field("downlink_p99", run.bridge_down_p99_us)
      .field("batch_p50", run.batch_p50_us)
      .field("batch_p99", run.batch_p99_us)
      .end();
  json.key("transcript").raw(transcript_json(run));
  json.key("files")
      .object()
      .field("recording", run.recording)
      .field("transcript", run.transcript_file)
      .field("database", run.database)
      .end();
  write_promises(json, checks);
  return json.end().take();
}

}  // namespace server
