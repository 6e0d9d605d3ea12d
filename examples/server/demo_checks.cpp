#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "demo_run.hpp"
#include "voicebridge/audio/wav.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/form.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// Collects the promises in the order of the story.
class Promises {
 public:
  void keep(std::string promise, bool kept, std::string detail = {}) {
    checks_.push_back({std::move(promise), kept, std::move(detail)});
  }
  std::vector<DemoCheck> take() { return std::move(checks_); }

 private:
  std::vector<DemoCheck> checks_;
};

std::size_t count_kind(const CallRecord& call, std::string_view kind,
                       std::string_view detail = {}) {
  return static_cast<std::size_t>(
      std::count_if(call.timeline.begin(), call.timeline.end(), [&](const TimelineEntry& e) {
        return e.kind == kind && (detail.empty() || e.detail.find(detail) != std::string::npos);
      }));
}

void check_lead(const DemoRun& run, Promises& promises) {
  const bool one = run.leads.size() == 1;
  promises.keep("the lead is in the SQLite file, in E.164, with consent",
                one && run.leads[0].consent && run.leads[0].phone_e164.rfind('+', 0) == 0,
                one ? fmt::format("{} {}", run.leads[0].first_name, run.leads[0].last_name)
                    : fmt::format("{} leads", run.leads.size()));
}

/// What dialing looks like by a carrier.
struct DialWords {
  const char* promise;
  bool (*detects)(const std::string& body);
  const char* first_event;   ///< Comes behind the second …
  const char* second_event;  ///< … which comes twice.
};

bool detects_by_telnyx(const std::string& body) {
  const auto json = Json::parse(body);
  return json && (*json)["answering_machine_detection"].string_or("") == "premium";
}

bool detects_by_twilio(const std::string& body) {
  const auto form = FormFields::parse(body);
  return form && form->find("AsyncAmd") == "true" && form->find("MachineDetection") &&
         form->find("Twiml");
}

const DialWords& dial_words(const std::string& carrier) {
  static constexpr DialWords kTelnyx = {
      "dialed once by POST /v2/calls with premium machine detection", detects_by_telnyx,
      "call.initiated", "call.answered"};
  static constexpr DialWords kTwilio = {
      "dialed once by POST …/Calls.json with its TwiML and machine detection beside the talk",
      detects_by_twilio, "call.initiated", "call.in-progress"};
  return carrier == "twilio" ? kTwilio : kTelnyx;
}

void check_dial(const DemoRun& run, Promises& promises) {
  const DialWords& words = dial_words(run.carrier);
  const auto is_dial = [](const auto& command) { return command.command == "dial"; };
  const auto dial = std::find_if(run.commands.begin(), run.commands.end(), is_dial);
  promises.keep(words.promise,
                dial != run.commands.end() && words.detects(dial->body) &&
                    std::count_if(run.commands.begin(), run.commands.end(), is_dial) == 1);
  const auto twice = std::find_if(run.webhooks.begin(), run.webhooks.end(),
                                  [](const auto& w) { return w.copies > 1; });
  const auto& order = run.webhook_order;
  const auto first = std::find(order.begin(), order.end(), words.first_event);
  const auto second = std::find(order.begin(), order.end(), words.second_event);
  promises.keep("webhooks came out of order and one of them twice, and did no harm",
                twice != run.webhooks.end() && first != order.end() && second < first &&
                    std::count(order.begin(), order.end(), twice->type) == 1,
                twice == run.webhooks.end() ? "" : twice->type + " twice");
  promises.keep("the phone agent was given the summary of the web talk",
                run.model("phone") != nullptr);
  const auto& said = run.phone.transcript;
  promises.keep("and spoke first", !said.empty() && said.front().speaker == Speaker::agent);
}

void check_talk(const DemoRun& run, Promises& promises) {
  const auto* model = run.model("phone");
  promises.keep(
      "recorded human speech reached the model and was found by its voice activity detector",
      model != nullptr && model->turns.size() == run.callee.size() && run.callee.size() >= 4,
      model ? fmt::format("{} turns of {} spoken", model->turns.size(), run.callee.size()) : "");
  promises.keep("two turns were answered",
                run.phone.latencies.end_of_speech_to_first_audio.size() >= 2);
  promises.keep("a slow tool ran and a filler was spoken",
                count_kind(run.phone, "tool", "check_visit answered") == 1 &&
                    count_kind(run.phone, "tool", "filler") == 1);
  promises.keep("a key was pressed and told to the model", count_kind(run.phone, "dtmf") == 1);
  promises.keep("the protocol was kept: the simulated services had nothing to complain of",
                model != nullptr && model->violations.empty() &&
                    run.carrier_audio.errors_sent == 0 && run.carrier_audio.short_chunks == 0,
                model && !model->violations.empty() ? model->violations.front().code : "");
}

/// What the server thought was heard, against what the carrier really played until its clear.
void check_barge_in(const DemoRun& run, Promises& promises) {
  const auto* model = run.model("phone");
  const bool one = run.phone.barge_ins.size() == 1 && run.clears.size() == 1 && model != nullptr;
  if (!one)
    return promises.keep("one barge-in", false,
                         fmt::format("{} found", run.phone.barge_ins.size()));
  const BargeIn& barge = run.phone.barge_ins[0];
  // The carrier counts from the beginning of the stream: the utterances before are taken off, in
  // whole frames.
  const std::size_t frame = AudioFormat::pcmu().frame_bytes();
  std::uint64_t before = 0;
  for (const auto& said : model->utterances) {
    if (said.item_id == barge.utterance) break;
    before += (said.bytes + frame - 1) / frame * frame;
  }
  const auto played = std::chrono::duration_cast<Millis>(
      AudioFormat::pcmu().duration(run.clears[0].played - before));
  const auto off = std::abs((barge.heard - played).count());
  promises.keep("the caller interrupted; heard is within 40 ms of what was really played",
                off <= 40,
                fmt::format("thought {} ms, was {} ms, sent {} ms", barge.heard.count(),
                            played.count(), barge.sent.count()));
  const auto cut = std::find_if(model->utterances.begin(), model->utterances.end(),
                                [&](const auto& u) { return u.item_id == barge.utterance; });
  promises.keep("the model was told how much, never more than was sent",
                cut != model->utterances.end() && cut->heard && *cut->heard > Millis(0) &&
                    *cut->heard <= barge.sent);
}

void check_end(const DemoRun& run, Promises& promises) {
  const auto* model = run.model("phone");
  const std::uint64_t sent = model ? model->audio_sent : 0;
  const CallCounters& c = run.phone.counters;
  promises.keep(
      "the goodbye was heard to its last syllable before the hang-up",
      run.phone.end_reason == EndReason::agent_goodbye && run.carrier_audio.unplayed_bytes == 0,
      run.phone.end_reason ? std::string(to_string(*run.phone.end_reason)) : "no end");
  promises.keep(
      "every byte of the model was played, cleared or cut: none lost, none doubled",
      sent == run.carrier_audio.heard_bytes + run.carrier_audio.cleared_bytes -
                  c.agent_bytes_padding + c.agent_bytes_cut,
      fmt::format("{} sent, {} played, {} cleared, {} cut", sent, run.carrier_audio.heard_bytes,
                  run.carrier_audio.cleared_bytes, c.agent_bytes_cut));
  promises.keep(
      "what the caller said reached the model whole",
      model != nullptr && c.caller_bytes == c.caller_bytes_forwarded && c.caller_bytes_dropped == 0,
      fmt::format("{} bytes", c.caller_bytes));
  promises.keep("call, timeline and transcript are stored",
                run.stored && !run.stored->timeline.empty() &&
                    run.stored->transcript.size() == run.phone.transcript.size());
  const auto wav = read_wav(run.recording);
  promises.keep("the recording is there", wav && wav->channels == 2, run.recording);
  promises.keep("all of it in under a minute", run.seconds < 60,
                fmt::format("{:.0f} s", run.seconds));
}

}  // namespace

const testing::OpenAiSimRecord* DemoRun::model(std::string_view agent) const {
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.agent == agent; });
  return found == models.end() ? nullptr : &*found;
}

std::vector<DemoCheck> check_demo(const DemoRun& run) {
  Promises promises;
  check_lead(run, promises);
  check_dial(run, promises);
  check_talk(run, promises);
  check_barge_in(run, promises);
  check_end(run, promises);
  return promises.take();
}

}  // namespace server
