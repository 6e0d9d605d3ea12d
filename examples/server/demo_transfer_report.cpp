#include <fmt/format.h>

#include "demo_print.hpp"
#include "demo_transfer.hpp"

namespace server {

using namespace voicebridge;

namespace {

void print_leg(const char* who, const TransferLeg& leg) {
  const auto played =
      std::chrono::duration_cast<Millis>(AudioFormat::pcmu().duration(leg.audio.heard_bytes));
  fmt::print("  {:<10} heard {} ms of us and {} ms of the other; said {} times something\n", who,
             played.count(), leg.heard_other.count(), leg.said.size());
}

void print_commands(const TransferDemoRun& run) {
  if (run.commands.empty()) return;
  const TimePoint begin = run.commands.front().at;
  for (const auto& command : run.commands) {
    const auto at = std::chrono::duration_cast<Millis>(command.at - begin);
    fmt::print("  {:>7} ms  {:<30} answered={}{}\n", at.count(), command.command, command.status,
               command.repeated ? "  repeated" : "");
  }
}

}  // namespace

void print_report(const TransferDemoRun& run, const std::vector<DemoCheck>& checks) {
  const Paint paint;
  fmt::print("\n{}\n", paint.bold("With the caller"));
  print_transcript(run.phone, "caller", paint);
  if (run.briefing) {
    fmt::print("\n{}\n", paint.bold("With the person who was rung"));
    print_transcript(*run.briefing, "person", paint);
  }
  fmt::print("\n{}\n", paint.bold("What the carrier was asked for"));
  print_commands(run);
  fmt::print("\n{}  {}\n", paint.bold("The caller's call"), paint.dim(run.phone.lane));
  print_timeline(run.phone, paint);
  fmt::print("\n{}\n", paint.bold("Who heard whom"));
  print_leg("caller", run.caller);
  print_leg("person", run.person);
  fmt::print("\n{}\n", paint.bold("What it cost"));
  print_cost(run.phone);
  print_promises(checks, paint);
  fmt::print("\n{}\n", paint.bold("Left behind"));
  fmt::print("  {:<34} the agent of this run\n", run.agents_file);
  fmt::print("  {:<34} what was said with both\n", run.transcript_file);
  fmt::print("  {:<34} calls, timelines (SQLite)\n", run.database);
  print_verdict(checks, run.seconds, paint);
}

std::string report_json(const TransferDemoRun& run, const std::vector<DemoCheck>& checks) {
  JsonWriter json;
  json.object().field("seconds", run.seconds).key("phone");
  write_call(json, run.phone);
  json.key("transcript");
  write_transcript(json, run.phone);
  if (run.briefing) {
    json.key("briefing");
    write_call(json, *run.briefing);
    json.key("briefing_transcript");
    write_transcript(json, *run.briefing);
  }
  json.key("legs").object().field("all", run.legs).field("left", run.legs_left);
  json.field("caller_heard_person_ms", run.caller.heard_other.count());
  json.field("person_heard_caller_ms", run.person.heard_other.count()).end();
  json.key("files").object().field("agents", run.agents_file);
  json.field("transcript", run.transcript_file).field("database", run.database).end();
  write_promises(json, checks);
  return json.end().take();
}

}  // namespace server
