#include <fmt/format.h>

#include <algorithm>

#include "demo_sip.hpp"
#include "voicebridge/core/json.hpp"

namespace server {

using namespace voicebridge;
using testing::OpenAiCallRecord;

namespace {

/// What the service allows nobody to wait longer for.
constexpr Millis kAcceptWithin{500};
/// The last frame of a goodbye may still be in the buffer's count.
constexpr Millis kOneFrame{20};

/// Collects the promises in the order of the story.
class SipPromises {
 public:
  explicit SipPromises(const SipDemoRun& run) : run_(run) {}
  void check_webhook();
  void check_accept();
  void check_talk();
  void check_barge_in();
  void check_end();
  void check_others();
  std::vector<DemoCheck> take() { return std::move(checks_); }

 private:
  void keep(std::string promise, bool kept, std::string detail = {}) {
    checks_.push_back({std::move(promise), kept, std::move(detail)});
  }
  std::size_t count(std::string_view kind, std::string_view detail = {}) const {
    const auto& timeline = run_.phone.timeline;
    return static_cast<std::size_t>(
        std::count_if(timeline.begin(), timeline.end(), [&](const TimelineEntry& e) {
          return e.kind == kind && (detail.empty() || e.detail.find(detail) != std::string::npos);
        }));
  }
  static std::size_t count_requests(const OpenAiCallRecord& call, std::string_view verb) {
    return static_cast<std::size_t>(std::count_if(call.requests.begin(), call.requests.end(),
                                                  [&](const auto& r) { return r.verb == verb; }));
  }

  const SipDemoRun& run_;
  std::vector<DemoCheck> checks_;
};

void SipPromises::check_webhook() {
  const auto& webhooks = run_.main.webhooks;
  const bool taken = std::all_of(webhooks.begin(), webhooks.end(),
                                 [](const auto& w) { return w.status && *w.status / 100 == 2; });
  keep(
      "webhooks signed with either of two secrets came twice, one of another kind beside them: all "
      "were answered 2xx",
      taken && webhooks.size() >= 3, fmt::format("{} deliveries", webhooks.size()));
  keep("and one call was accepted, once", count_requests(run_.main, "accept") == 1);
}

void SipPromises::check_accept() {
  const auto session = Json::parse(run_.main.accepted_session);
  const std::string instructions = session ? (*session)["instructions"].string_or("") : "";
  std::string tools;
  for (const JsonView tool : session ? (*session)["tools"].elements() : std::vector<JsonView>()) {
    tools += (tools.empty() ? "" : " ") + tool["name"].string_or("?");
  }
  keep(
      "the agent of the number that was dialed answered, with its model, instructions, voice and "
      "tools",
      session && (*session)["model"].is_string() &&
          instructions.find("# What you know") != std::string::npos &&
          (*session)["audio"]["output"]["voice"].is_string() && tools == "end_call check_visit",
      tools);
  const auto quick = webhook_to_accept(run_.main);
  keep("accepted within 500 ms of the webhook", quick && *quick < kAcceptWithin,
       quick ? fmt::format("{} ms", quick->count()) : "never");
  keep("one sideband was attached, and the agent spoke first",
       run_.main.sidebands.size() == 1 && !run_.phone.transcript.empty() &&
           run_.phone.transcript.front().speaker == Speaker::agent);
}

void SipPromises::check_talk() {
  const auto& session = run_.main.session;
  keep(
      "recorded human speech was found by the service's detector, and every turn came over the "
      "sideband",
      session.turns.size() == run_.main.said.size() && run_.main.said.size() >= 3,
      fmt::format("{} turns of {} spoken", session.turns.size(), run_.main.said.size()));
  keep("a slow tool ran with its settings, and a filler was spoken",
       count("tool", "check_visit answered") == 1 && count("tool", "filler") == 1 &&
           std::any_of(session.tool_results.begin(), session.tool_results.end(),
                       [](const auto& r) { return r.output.find("09:00") != std::string::npos; }));
  keep("a key was pressed, came by the sideband and was told to the model",
       count("dtmf") == 1 && run_.main.keys == "1");
  keep("the protocol was kept: the simulated service had nothing to complain of",
       session.violations.empty(),
       session.violations.empty()
           ? ""
           : session.violations.front().code + " " + session.violations.front().message);
}

/// The service decides what was heard; the record must say the same.
void SipPromises::check_barge_in() {
  const auto cut = std::find_if(run_.main.heard.begin(), run_.main.heard.end(),
                                [](const auto& h) { return h.cut; });
  const bool one = run_.phone.barge_ins.size() == 1 && cut != run_.main.heard.end();
  const auto off =
      one ? std::abs((run_.phone.barge_ins[0].heard - cut->length).count()) : Millis::rep(-1);
  keep("the caller interrupted; heard is what the service played, to the frame",
       one && off <= kOneFrame.count(),
       one ? fmt::format("recorded {} ms, played {} ms of {} ms",
                         run_.phone.barge_ins[0].heard.count(), cut->length.count(),
                         cut->queued.count())
           : fmt::format("{} barge-ins", run_.phone.barge_ins.size()));
  const auto& sent = run_.main.session.client_events;
  keep("no truncation was sent: the play-out is the service's",
       sent.count("conversation.item.truncate") == 0 &&
           sent.count("input_audio_buffer.append") == 0);
}

void SipPromises::check_end() {
  const auto& heard = run_.main.heard;
  const bool whole =
      !heard.empty() && !heard.back().cut && heard.back().queued - heard.back().length <= kOneFrame;
  keep("the goodbye was heard to its last syllable before the hang-up",
       run_.phone.end_reason == EndReason::agent_goodbye && whole &&
           run_.main.end == OpenAiCallRecord::End::hung_up,
       std::string(to_string(run_.main.end)));
  const SpeechUsage& usage = run_.phone.usage;
  keep("tokens were counted by kind and have a price",
       usage.input_audio > 0 && usage.output_audio > 0 && run_.phone.cost.usd > 0,
       fmt::format("{:.4f} USD", run_.phone.cost.usd));
  keep("call, timeline and transcript are stored",
       run_.stored && !run_.stored->timeline.empty() &&
           run_.stored->transcript.size() == run_.phone.transcript.size());
  keep("all of it in under a minute", run_.seconds < 60, fmt::format("{:.0f} s", run_.seconds));
}

void SipPromises::check_others() {
  keep("a caller who asked for the workshop was handed over, once the announcement was heard",
       run_.handed_on.end == OpenAiCallRecord::End::referred && run_.transferred &&
           run_.transferred->end_reason == EndReason::transferred,
       run_.handed_on.refer_to);
  keep("the garage's second caller was told that it is busy", run_.busy.sip_status == 486,
       fmt::format("SIP {}", run_.busy.sip_status));
  keep("a number nobody is configured for was not found", run_.unknown.sip_status == 404,
       fmt::format("SIP {}", run_.unknown.sip_status));
}

}  // namespace

std::optional<Millis> webhook_to_accept(const OpenAiCallRecord& call) {
  const auto accept = std::find_if(call.requests.begin(), call.requests.end(),
                                   [](const auto& r) { return r.verb == "accept"; });
  if (accept == call.requests.end() || call.webhooks.empty()) return std::nullopt;
  return accept->at - call.webhooks.front().at;
}

std::vector<DemoCheck> check_sip_demo(const SipDemoRun& run) {
  SipPromises promises(run);
  promises.check_webhook();
  promises.check_accept();
  promises.check_talk();
  promises.check_barge_in();
  promises.check_end();
  promises.check_others();
  return promises.take();
}

}  // namespace server
