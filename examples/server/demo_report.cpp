#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "demo_run.hpp"
#include "voicebridge/core/json.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// Colours where somebody looks, plain text where a file does.
struct Paint {
  bool on = isatty(STDOUT_FILENO) != 0;
  std::string operator()(const char* code, const std::string& text) const {
    return on ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
  }
  std::string bold(const std::string& t) const { return (*this)("1", t); }
  std::string dim(const std::string& t) const { return (*this)("2", t); }
  std::string good(const std::string& t) const { return (*this)("32", t); }
  std::string bad(const std::string& t) const { return (*this)("31", t); }
};

void print_timeline(const CallRecord& call, const Paint& paint) {
  for (const TimelineEntry& entry : call.timeline) {
    std::string fields;
    for (const auto& [key, value] : entry.fields) {
      if (key != "tool") fields += fmt::format("  {}={}", key, value);
    }
    const std::string line =
        fmt::format("  {:>7} ms  {:<9} {}{}", entry.at.count(), entry.kind, entry.detail, fields);
    fmt::print("{}\n", entry.kind == "barge_in" ? paint.bold(line)
                       : entry.kind == "error"  ? paint.bad(line)
                                                : line);
  }
}

/// The agent's words with what nobody heard in brackets.
std::string words_of(const TranscriptEntry& entry, const Paint& paint) {
  if (!entry.interrupted) return entry.text;
  const std::string rest = entry.text.substr(std::min(entry.heard_text.size(), entry.text.size()));
  return fmt::format("{} {}", entry.heard_text, paint.dim(fmt::format("[cut:{}]", rest)));
}

void print_transcript(const CallRecord& call, const char* caller, const Paint& paint) {
  for (const TranscriptEntry& entry : call.transcript) {
    const bool agent = entry.speaker == Speaker::agent;
    fmt::print("  {:>7} ms  {:<9} {}\n", entry.at.count(), agent ? "agent" : caller,
               words_of(entry, paint));
  }
}

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
      "p50 {:.0f} µs, p99 {:.0f} µs\n",
      run.bridge_up_p50_us, run.bridge_up_p99_us, run.bridge_down_p50_us, run.bridge_down_p99_us);
}

void write_call(JsonWriter& json, const CallRecord& call) {
  json.object()
      .field("call_id", call.call_id)
      .field("lane", call.lane)
      .field("duration_ms", call.duration.count());
  json.field("end_reason", call.end_reason ? to_string(*call.end_reason) : std::string_view());
  json.key("timeline").array();
  for (const TimelineEntry& entry : call.timeline) {
    json.object()
        .field("at_ms", entry.at.count())
        .field("kind", entry.kind)
        .field("detail", entry.detail);
    for (const auto& [key, value] : entry.fields) json.field(key, value);
    json.end();
  }
  json.end().key("barge_ins").array();
  for (const BargeIn& barge : call.barge_ins) {
    json.object()
        .field("at_ms", barge.at.count())
        .field("heard_ms", barge.heard.count())
        .field("sent_ms", barge.sent.count())
        .field("error_bound_ms", barge.error_bound.count())
        .end();
  }
  json.end().key("latencies").object();
  if (call.latencies.answer_to_first_audio)
    json.field("answer_to_first_audio_ms", call.latencies.answer_to_first_audio->count());
  json.key("end_of_speech_to_first_audio_ms").array();
  for (const Millis value : call.latencies.end_of_speech_to_first_audio)
    json.integer(value.count());
  json.end().end().end();
}

void write_transcript(JsonWriter& json, const CallRecord& call) {
  json.array();
  for (const TranscriptEntry& entry : call.transcript) {
    json.object()
        .field("at_ms", entry.at.count())
        .field("speaker", to_string(entry.speaker))
        .field("text", entry.text)
        .field("interrupted", entry.interrupted)
        .field("heard_text", entry.heard_text)
        .field("heard_ms", entry.heard.count())
        .field("sent_ms", entry.sent.count())
        .end();
  }
  json.end();
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
  fmt::print("\n{}\n", paint.bold("Promises"));
  for (const DemoCheck& check : checks) {
    fmt::print("  {}  {}{}\n", check.kept ? paint.good("kept  ") : paint.bad("BROKEN"),
               check.promise,
               check.detail.empty() ? "" : paint.dim(fmt::format(" ({})", check.detail)));
  }
  fmt::print("\n{}\n", paint.bold("Left behind"));
  fmt::print("  {:<34} the call in stereo: left the caller, right the agent as heard\n",
             run.recording);
  fmt::print("  {:<34} what was said, by whom, and what was cut\n", run.transcript_file);
  fmt::print("  {:<34} leads, calls, timelines (SQLite)\n", run.database);
  const auto broken =
      std::count_if(checks.begin(), checks.end(), [](const DemoCheck& c) { return !c.kept; });
  fmt::print("\n{}\n", broken == 0 ? paint.good(fmt::format("All {} promises kept, in {:.0f} s.",
                                                            checks.size(), run.seconds))
                                   : paint.bad(fmt::format("{} of {} promises broken.", broken,
                                                           checks.size())));
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
      .end();
  json.key("transcript").raw(transcript_json(run));
  json.key("files")
      .object()
      .field("recording", run.recording)
      .field("transcript", run.transcript_file)
      .field("database", run.database)
      .end();
  json.key("promises").array();
  for (const DemoCheck& check : checks) {
    json.object()
        .field("promise", check.promise)
        .field("kept", check.kept)
        .field("detail", check.detail)
        .end();
  }
  json.end();
  const bool ok =
      std::all_of(checks.begin(), checks.end(), [](const DemoCheck& c) { return c.kept; });
  return json.field("ok", ok).end().take();
}

}  // namespace server
