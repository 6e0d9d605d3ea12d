// What the talk leaves for the next: a few sentences that the model writes beside it, and the
// transcript when it does not, so that a hand-off never waits long and never fails.
#include <algorithm>
#include <utility>

#include "agent/call_session_impl.hpp"
#include "voicebridge/agent/handoff.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMaxModelSummary = 4000;

/// Without the white space around it, and not longer than a summary may be. UTF-8 stays whole.
std::string tidy(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
  std::size_t end = std::min(text.size(), kMaxModelSummary);
  const auto continues = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  while (end > 0 && continues(end)) --end;
  return std::string(text.substr(0, end));
}

}  // namespace

TalkSummary CallSession::Impl::summary_of_transcript() const {
  return {summarize_talk(transcript.finish()), false};
}

void CallSession::Impl::summarize(Summarized done, TimePoint now) {
  if (summary_run) {
    summary_run->waiting.push_back(std::move(done));
  } else if (end_summary) {
    done(*end_summary);
  } else if (!over() && ask_for_summary(now)) {
    summary_run->waiting.push_back(std::move(done));
  } else {
    done(summary_of_transcript());
  }
}

/// Behind `on_ended`: the model's session is kept for it.
void CallSession::Impl::summarize_end(TimePoint now) {
  if (!options.summary_at_end || transcript.finish().empty()) return;
  if (!summary_run && !ask_for_summary(now)) {
    end_summary = summary_of_transcript();
    host.on_summary(*end_summary, snapshot(now));
    return;
  }
  summary_run->waiting.emplace_back([this, now](const TalkSummary& made) {
    end_summary = made;
    host.on_summary(made, snapshot(now));
  });
}

/// False: there is nobody to ask, or nothing to tell.
bool CallSession::Impl::ask_for_summary(TimePoint now) {
  const bool can = speech && model_ready() && options.summary_timeout > Millis(0) &&
                   !options.summary_request.empty() && !transcript.finish().empty();
  if (!can) return false;
  summary_run.emplace();
  summary_run->key = "summary_" + std::to_string(++summaries);
  summary_run->until = now + options.summary_timeout;
  speech->request(Summarize{summary_run->key, options.summary_request}, now);
  return true;
}

void CallSession::Impl::handle(const SummaryMade& event, TimePoint now) {
  // One that comes too late is of a hand-off that has been made.
  if (!summary_run || summary_run->key != event.key) return;
  std::optional<std::string> text;
  if (event.text) text = tidy(*event.text);
  if (text && text->empty()) text.reset();
  if (!event.text) {
    log.warn("call", "the model gave no summary",
             {{"call", options.call_id}, {"error", to_string(event.text.error())}});
  }
  summary_over(text, now);
}

void CallSession::Impl::summary_over(const std::optional<std::string>& by_model, TimePoint now) {
  if (!summary_run) return;
  const std::vector<Summarized> waiting = std::move(summary_run->waiting);
  summary_run.reset();
  const TalkSummary made = by_model ? TalkSummary{*by_model, true} : summary_of_transcript();
  note(now, "summary", made.by_model ? "written by the model" : "made of the transcript");
  if (over() && speech) speech->close(now);
  for (const Summarized& done : waiting) done(made);
}

/// The call is over, and its model writes the summary still.
void CallSession::Impl::event_after_end(const SpeechEvent& event, TimePoint now) {
  if (!summary_run) return;
  if (const auto* made = std::get_if<SummaryMade>(&event)) return handle(*made, now);
  if (const auto* usage = std::get_if<SpeechUsage>(&event)) return handle(*usage, now);
  if (!std::holds_alternative<SpeechClosed>(event)) return;
  speech = nullptr;
  summary_over(std::nullopt, now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
