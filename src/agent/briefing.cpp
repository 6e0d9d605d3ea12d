#include "agent/briefing.hpp"

#include "voicebridge/agent/handoff.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr const char* kInstructions =
    "You phone a colleague because a caller would like to be put through to them. You speak with "
    "the colleague, not with the caller. Tell them in at most three short sentences who calls and "
    "what it is about, then ask whether you may put the caller through.";
constexpr const char* kByVoice =
    " When they agree, call accept_call. When they decline, cannot talk now, or when a machine "
    "answers, call decline_call. Say nothing after that.";
constexpr const char* kByKeys =
    " Tell them that they take the call by pressing 1 and decline by pressing 2.";
constexpr const char* kNoParameters =
    R"({"type":"object","properties":{},"additionalProperties":false})";
/// Longer words make a briefing that nobody listens to.
constexpr std::size_t kMaxSpokenWords = 400;
/// How long they may think is for the transfer to say.
constexpr unsigned kAsOftenAsNeeded = 1000;

/// The caller's own words, the last ones when there are too many.
std::string words_of_caller(const std::vector<TranscriptEntry>& talk) {
  std::string words;
  for (auto entry = talk.rbegin(); entry != talk.rend(); ++entry) {
    if (entry->speaker != Speaker::caller || entry->heard_text.empty()) continue;
    if (words.size() + entry->heard_text.size() + 1 > kMaxSpokenWords) break;
    words.insert(0, words.empty() ? entry->heard_text : entry->heard_text + " ");
  }
  return words;
}

}  // namespace

CallOptions briefing_kin(const CallOptions& call) {
  CallOptions kin;
  kin.speech.input = call.speech.input;
  kin.speech.output = call.speech.output;
  kin.speech.voice = call.speech.voice;
  kin.speech.transcription_model = call.speech.transcription_model;
  kin.speech.transcription_language = call.speech.transcription_language;
  kin.speech.turns = call.speech.turns;
  kin.local_vad = call.local_vad;
  kin.playback = call.playback;
  kin.prices = call.prices;
  return kin;
}

std::string briefing_words(const TransferTarget& target, const std::vector<TranscriptEntry>& talk) {
  std::string words = words_of_caller(talk);
  if (!words.empty()) words = "They said: " + words;
  return fill_placeholders(target.briefing_text, {{"summary", words}});
}

CallOptions briefing_call(CallOptions kin, const TransferTarget& target,
                          const std::vector<TranscriptEntry>& talk) {
  CallOptions call = std::move(kin);
  SpeechSpec& speech = call.speech;
  speech.media = MediaOwner::client;
  speech.instructions = kInstructions;
  if (target.accept_by_keys) speech.instructions += kByKeys;
  if (target.accept_by_voice) {
    speech.instructions += kByVoice;
    speech.tools = {
        {std::string(kAcceptCallTool), "The colleague takes the call.", kNoParameters},
        {std::string(kDeclineCallTool), "The colleague does not take the call.", kNoParameters}};
  }
  if (!speech.transcription_language.empty()) {
    speech.instructions += " Speak " + speech.transcription_language + " (ISO 639-1).";
  }
  if (!target.briefing.empty()) speech.instructions += "\n\n" + target.briefing;
  const std::string summary = summarize_talk(talk);
  if (!summary.empty()) {
    speech.instructions += "\n\n# What was said with the caller (the visitor) so far\n" + summary;
  }
  call.greeting = "Brief the colleague now.";
  call.silence_prompts = kAsOftenAsNeeded;
  call.silence_prompt = "Ask in one short sentence whether they take the call.";
  call.apology = briefing_words(target, talk);
  // Without a model there are still the keys.
  call.on_model_lost = ModelLossPolicy::keep;
  call.model_reopen_limit = 1;
  call.ring_timeout = target.ring_timeout + Millis(10000);
  call.speak_cap = target.briefing_timeout;
  // The transfer has its own bounds within this one.
  call.max_length = target.ring_timeout + target.briefing_timeout + Millis(60000);
  return call;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
