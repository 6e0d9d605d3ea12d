#include <fmt/format.h>

#include <map>

#include "demo_print.hpp"
#include "demo_sip.hpp"

namespace server {

using namespace voicebridge;
using testing::OpenAiCallRecord;

namespace {

/// As the service saw it, from the moment the call arrived.
void print_wire(const OpenAiCallRecord& call) {
  std::multimap<Millis, std::string> lines;
  for (const auto& webhook : call.webhooks) {
    lines.emplace(webhook.at, fmt::format("webhook   {}  answered={}", webhook.type,
                                          webhook.status.value_or(0)));
  }
  for (const auto& request : call.requests) {
    lines.emplace(request.at, fmt::format("{:<9} answered={}{}{}", request.verb, request.status,
                                          request.code.empty() ? "" : "  code=", request.code));
  }
  for (const auto& sideband : call.sidebands) {
    lines.emplace(sideband.opened, fmt::format("sideband  {} events to the server, {} from it",
                                               sideband.events_sent, sideband.events_received));
  }
  for (const auto& [at, line] : lines) fmt::print("  {:>7} ms  {}\n", at.count(), line);
}

void print_latencies(const SipDemoRun& run) {
  const CallLatencies& l = run.phone.latencies;
  const auto accept = webhook_to_accept(run.main);
  fmt::print("  webhook → accept               {} ms (the caller hears it ring meanwhile)\n",
             accept ? accept->count() : -1);
  fmt::print("  accept → first audio           {} ms (of it the line takes 50, the model 250)\n",
             l.answer_to_first_audio ? l.answer_to_first_audio->count() : -1);
  std::string turns;
  for (const Millis value : l.end_of_speech_to_first_audio)
    turns += fmt::format("{} ", value.count());
  fmt::print(
      "  end of speech → first audio    {}ms (of it the detector waits 500, the simulated "
      "model thinks 250; a slow tool adds its filler's delay)\n",
      turns);
}

void print_other(const char* who, const OpenAiCallRecord& call) {
  fmt::print("  {:<28} {} → {}  SIP {}  {}{}{}\n", who, call.from, call.to, call.sip_status,
             to_string(call.end), call.refer_to.empty() ? "" : " to ", call.refer_to);
}

}  // namespace

void print_report(const SipDemoRun& run, const std::vector<DemoCheck>& checks) {
  const Paint paint;
  fmt::print("\n{}\n", paint.bold("On the phone"));
  print_transcript(run.phone, "caller", paint);
  fmt::print("\n{}  {}\n", paint.bold("On the wire"), paint.dim("as the service saw it"));
  print_wire(run.main);
  fmt::print("\n{}  {}\n", paint.bold("The call"), paint.dim(run.phone.lane));
  print_timeline(run.phone, paint);
  fmt::print("\n{}\n", paint.bold("Other callers"));
  print_other("asked for the workshop", run.handed_on);
  print_other("called the garage too", run.busy);
  print_other("dialed a wrong number", run.unknown);
  fmt::print("\n{}\n", paint.bold("How quick"));
  print_latencies(run);
  fmt::print("\n{}\n", paint.bold("What it cost"));
  print_cost(run.phone);
  print_promises(checks, paint);
  fmt::print("\n{}\n", paint.bold("Left behind"));
  fmt::print("  {:<34} the two agents of this run\n", run.agents_file);
  fmt::print("  {:<34} what was said, by whom, and what was cut\n", run.transcript_file);
  fmt::print("  {:<34} calls, timelines (SQLite)\n", run.database);
  print_verdict(checks, run.seconds, paint);
}

std::string report_json(const SipDemoRun& run, const std::vector<DemoCheck>& checks) {
  JsonWriter json;
  json.object().field("seconds", run.seconds);
  if (const auto accept = webhook_to_accept(run.main)) {
    json.field("webhook_to_accept_ms", accept->count());
  }
  json.key("phone");
  write_call(json, run.phone);
  json.key("transcript");
  write_transcript(json, run.phone);
  json.key("service").object();
  for (const auto& [name, call] : {std::pair("main", &run.main),
                                   {"transferred", &run.handed_on},
                                   {"busy", &run.busy},
                                   {"unknown", &run.unknown}}) {
    json.key(name);
    call->write(json);
  }
  json.end().key("files").object();
  json.field("agents", run.agents_file).field("transcript", run.transcript_file);
  json.field("database", run.database).end();
  write_promises(json, checks);
  return json.end().take();
}

}  // namespace server
