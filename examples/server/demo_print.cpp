#include "demo_print.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace server {

using namespace voicebridge;

namespace {

/// The agent's words with what nobody heard in brackets.
std::string words_of(const TranscriptEntry& entry, const Paint& paint) {
  if (!entry.interrupted) return entry.text;
  const std::string rest = entry.text.substr(std::min(entry.heard_text.size(), entry.text.size()));
  return fmt::format("{} {}", entry.heard_text, paint.dim(fmt::format("[cut:{}]", rest)));
}

}  // namespace

Paint::Paint() : on_(isatty(STDOUT_FILENO) != 0) {}

std::string Paint::paint(const char* code, const std::string& text) const {
  return on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

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

void print_transcript(const CallRecord& call, const char* caller, const Paint& paint) {
  for (const TranscriptEntry& entry : call.transcript) {
    const bool agent = entry.speaker == Speaker::agent;
    fmt::print("  {:>7} ms  {:<9} {}\n", entry.at.count(), agent ? "agent" : caller,
               words_of(entry, paint));
  }
}

void print_cost(const CallRecord& call) {
  const SpeechUsage& u = call.usage;
  fmt::print(
      "  answers                        {} tokens in ({} audio, {} cached), {} out ({} audio)\n",
      u.input_text + u.input_audio, u.input_audio, u.cached_text + u.cached_audio,
      u.output_text + u.output_audio, u.output_audio);
  if (!call.hearing.model.empty()) {
    fmt::print("  transcription                  {} tokens, {:.1f} s\n",
               call.hearing.input_text + call.hearing.input_audio + call.hearing.output_text,
               call.hearing.seconds);
  }
  std::string unpriced;
  for (const std::string& model : call.cost.unpriced_models) unpriced += " " + model;
  fmt::print("  together                       {:.4f} USD{}\n", call.cost.usd,
             unpriced.empty() ? "" : ", without" + unpriced);
}

void print_promises(const std::vector<DemoCheck>& checks, const Paint& paint) {
  fmt::print("\n{}\n", paint.bold("Promises"));
  for (const DemoCheck& check : checks) {
    fmt::print("  {}  {}{}\n", check.kept ? paint.good("kept  ") : paint.bad("BROKEN"),
               check.promise,
               check.detail.empty() ? "" : paint.dim(fmt::format(" ({})", check.detail)));
  }
}

void print_verdict(const std::vector<DemoCheck>& checks, double seconds, const Paint& paint) {
  const auto broken =
      std::count_if(checks.begin(), checks.end(), [](const DemoCheck& c) { return !c.kept; });
  fmt::print(
      "\n{}\n",
      broken == 0
          ? paint.good(fmt::format("All {} promises kept, in {:.0f} s.", checks.size(), seconds))
          : paint.bad(fmt::format("{} of {} promises broken.", broken, checks.size())));
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
  json.end().end().key("usage").raw(usage_json(call)).end();
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

void write_promises(JsonWriter& json, const std::vector<DemoCheck>& checks) {
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
  json.field("ok", ok);
}

}  // namespace server
