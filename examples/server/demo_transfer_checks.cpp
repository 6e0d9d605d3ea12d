#include <fmt/format.h>

#include <algorithm>

#include "demo_transfer.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// Collects the promises in the order of the story.
class TransferPromises {
 public:
  void keep(std::string promise, bool kept, std::string detail = {}) {
    checks_.push_back({std::move(promise), kept, std::move(detail)});
  }
  std::vector<DemoCheck> take() { return std::move(checks_); }

 private:
  std::vector<DemoCheck> checks_;
};

std::optional<Millis> time_of(const CallRecord& call, std::string_view detail) {
  for (const TimelineEntry& entry : call.timeline) {
    if (entry.detail == detail) return entry.at;
  }
  return std::nullopt;
}

std::size_t accepted_commands(const TransferDemoRun& run, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(run.commands.begin(), run.commands.end(), [&](const auto& command) {
        return command.command == name && command.status >= 200 && command.status < 300;
      }));
}

void check_waiting(const TransferDemoRun& run, TransferPromises& promises) {
  const auto asked = time_of(run.phone, "warm transfer asked for");
  const auto hold = time_of(run.phone, "the caller is on hold");
  const auto leaves = time_of(run.phone, "the leg is being handed over");
  promises.keep("the caller asked for a person, and was told that they are put through",
                asked.has_value());
  const bool held = asked && hold && leaves && *hold - *asked < Millis(100);
  promises.keep("and heard music from then on, until somebody was there", held,
                held ? fmt::format("{} ms of waiting", (*leaves - *hold).count()) : "");
  // Whatever was played to the caller came from us: speech and, on hold, a second each second.
  const Millis heard = std::chrono::duration_cast<Millis>(
      AudioFormat::pcmu().duration(run.caller.audio.heard_bytes));
  promises.keep("without a silence: what they heard is longer than they waited",
                held && heard > *leaves - *hold, fmt::format("{} ms heard", heard.count()));
}

void check_briefing(const TransferDemoRun& run, TransferPromises& promises) {
  promises.keep("the person was dialed once", accepted_commands(run, "dial") == 1);
  const auto* model = run.model("briefing");
  const bool briefed = run.briefing && !run.briefing->transcript.empty() && model != nullptr;
  promises.keep("a session of its own told them who calls and why", briefed,
                briefed ? run.briefing->transcript.front().heard_text : "");
  promises.keep("they took the call by a key",
                run.briefing && run.briefing->end_reason == EndReason::transferred);
}

void check_talk(const TransferDemoRun& run, TransferPromises& promises) {
  const bool joined = run.carrier == "twilio" ? accepted_commands(run, "transfer") == 2
                                              : accepted_commands(run, "conference.create") == 1 &&
                                                    accepted_commands(run, "conference.join") == 1;
  promises.keep("the two were joined in a conference of the carrier", joined);
  promises.keep("the caller heard the person", run.caller.heard_other >= Millis(1000),
                fmt::format("{} ms", run.caller.heard_other.count()));
  promises.keep("the person heard the caller", run.person.heard_other >= Millis(1000),
                fmt::format("{} ms", run.person.heard_other.count()));
  promises.keep("the agent left: its call was over before theirs",
                run.phone.end_reason == EndReason::transferred);
}

void check_wire(const TransferDemoRun& run, TransferPromises& promises) {
  const auto* model = run.model("heating");
  const bool told =
      model != nullptr && std::any_of(model->tool_results.begin(), model->tool_results.end(),
                                      [](const auto& r) { return r.name == "transfer_to_human"; });
  promises.keep("the model was told the outcome of its tool", told,
                told ? model->tool_results.back().output : "");
  const bool closed = std::none_of(run.models.begin(), run.models.end(),
                                   [](const auto& session) { return session.open; });
  promises.keep("no session is left open at the model's service", closed,
                fmt::format("{} sessions", run.models.size()));
  const bool quiet = std::all_of(run.models.begin(), run.models.end(),
                                 [](const auto& session) { return session.violations.empty(); });
  promises.keep("the protocol was kept: the simulated services had nothing to complain of",
                quiet && run.caller.audio.errors_sent == 0 && run.person.audio.errors_sent == 0 &&
                    run.caller.audio.short_chunks == 0 && run.person.audio.short_chunks == 0);
  promises.keep("when one of them hung up, no leg was left up", run.legs == 2 && run.legs_left == 0,
                fmt::format("{} legs, {} left", run.legs, run.legs_left));
}

}  // namespace

const testing::OpenAiSimRecord* TransferDemoRun::model(std::string_view agent) const {
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&](const auto& session) { return session.agent == agent; });
  return found == models.end() ? nullptr : &*found;
}

std::vector<DemoCheck> check_transfer_demo(const TransferDemoRun& run) {
  TransferPromises promises;
  check_waiting(run, promises);
  check_briefing(run, promises);
  check_talk(run, promises);
  check_wire(run, promises);
  return promises.take();
}

}  // namespace server
