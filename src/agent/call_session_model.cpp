// The session with the model: opened, lost, opened again. What the next one must know is what the
// caller has heard, not what was generated.
#include <algorithm>

#include "agent/call_session_impl.hpp"
#include "voicebridge/agent/handoff.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// A session that lasted so long was a good one: the tries are counted anew.
constexpr Millis kStable{30000};
/// After a loss in the middle of the caller's words: for the rest of them.
constexpr Millis kListenAfterLoss{3000};
constexpr std::size_t kMaxSummary = 3000;
constexpr std::size_t kMaxNotes = 32;

constexpr const char* kBriefing =
    "\n\nYou take over a phone call that is running. The caller does not know: do not greet again "
    "and do not repeat what was said.";
constexpr const char* kAskToRepeat =
    "You did not understand what the caller said last. Ask them in one short sentence to say it "
    "again.";

}  // namespace

void CallSession::Impl::open_model(TimePoint now) {
  std::unique_ptr<SpeechSession> session = host.open_speech();
  if (!session) {
    Error error;
    error.code = Errc::unavailable;
    error.message = "no speech session could be opened";
    return model_failed(error, now);
  }
  use_link(std::make_unique<ModelLink>(*this, std::move(session)));
  note(now, "speech", generation > 1 ? "opening the model again" : "opening the model");
  start_link(*link, generation > 1, now);
}

/// From now on the model is this session.
void CallSession::Impl::use_link(std::unique_ptr<ModelLink> next) {
  link = std::move(next);
  speech = &link->session();
  ready = link->ready;
  pending_reconfigures = 0;
  formats_differ = false;
  reply_active = false;
  caller_speaking = false;
  asked.reset();
  ++generation;
}

void CallSession::Impl::start_link(ModelLink& started, bool takes_over, TimePoint now) {
  SpeechSpec spec = options.speech;
  spec.input = model_input;
  spec.output = model_output;
  describe_transfer(spec.tools);
  // A service that carries the audio has kept the conversation.
  if (takes_over && !service_voice) brief(spec, started);
  started.session().start(std::move(spec), started, now);
}

/// The last turns as they were heard, what was before in short, and the tools that were used.
void CallSession::Impl::brief(SpeechSpec& spec, ModelLink& briefed) const {
  std::vector<TranscriptEntry> said = transcript.finish();
  const std::size_t older = said.size() - std::min(said.size(), options.replayed_turns);
  const auto border = said.begin() + static_cast<std::ptrdiff_t>(older);
  const std::string summary =
      summarize_talk(std::vector<TranscriptEntry>(said.begin(), border), kMaxSummary);
  for (auto turn = border; turn != said.end(); ++turn) {
    if (!turn->heard_text.empty()) spec.history.push_back({turn->speaker, turn->heard_text});
  }
  for (const TranscriptEntry& turn : said) briefed.told[turn.segment] = turn.heard_text;
  const std::string used = tools.account();
  if (greeted) spec.instructions += kBriefing;
  if (!summary.empty()) spec.instructions += "\n\nBefore that was said:\n" + summary;
  if (!used.empty()) spec.instructions += "\n\nTools used so far:\n" + used;
  for (const std::string& text : notes) spec.instructions += "\n\n" + text;
}

/// Something the model shall know, and its successors too.
void CallSession::Impl::tell(AddNote told, TimePoint now) {
  if (over()) return;
  if (notes.size() < kMaxNotes) notes.push_back(told.text);
  if (speech) speech->request(std::move(told), now);
}

void CallSession::Impl::from_model(ModelLink& from, std::string_view utterance,
                                   const AudioPayload& audio, TimePoint now) {
  if (&from == link.get()) speech_audio(utterance, audio, now);
}

void CallSession::Impl::from_model(ModelLink& from, const SpeechEvent& event, TimePoint now) {
  if (&from == link.get()) return self.on_speech_event(event, now);
  if (const auto* made = std::get_if<SummaryMade>(&event)) return handle(*made, now);
  if (over()) return;
  if (&from == successor.get()) return successor_event(event, now);
  // A session that is being closed: what it cost, and that it is gone.
  if (const auto* usage = std::get_if<SpeechUsage>(&event)) handle(*usage, now);
  if (const auto* usage = std::get_if<HearingUsage>(&event)) handle(*usage, now);
  const auto* words = std::get_if<Transcript>(&event);
  if (words != nullptr && words->speaker == Speaker::caller) {
    transcript.add(*words, since_start(now));
    words_changed(words->segment);
  }
  if (std::holds_alternative<SpeechClosed>(event)) from.closed = true;
}

void CallSession::Impl::handle(const SpeechReady& event, TimePoint now) {
  if (!link) return;
  ready = link->ready = true;
  ready_since = now;
  note(now, "speech", "model ready");
  lifetime_known(event.lifetime, now);
  if (service_voice) service_line_up(now);
  if (formats_differ) {
    // The carrier named its codec while the session was being opened with another.
    formats_differ = false;
    SpeechPatch patch;
    patch.input = model_input;
    patch.output = model_output;
    ++pending_reconfigures;
    speech->reconfigure(std::move(patch), now);
    return;
  }
  model_became_ready(now);
}

void CallSession::Impl::handle(const SpeechReconfigured&, TimePoint now) {
  if (pending_reconfigures > 0 && --pending_reconfigures == 0) model_became_ready(now);
}

void CallSession::Impl::model_became_ready(TimePoint now) {
  disarm(kModel);
  if (!media_started) return;
  if (machine.quiet() || state == CallState::leaving_message) return speak_to_machine(now);
  tell_lost_audio(now);
  turn_replayed = caller_audio.configured() && caller_audio.open(*speech, now);
  if (generation > 1 && greeted) return resume(now);
  broken.reset();
  greet(now);
}

/// The model came so late that the beginning of what the caller said had to be let go.
void CallSession::Impl::tell_lost_audio(TimePoint now) {
  const std::uint64_t lost = record.counters.caller_bytes_dropped - lost_bytes_told;
  if (lost == 0) return;
  lost_bytes_told = record.counters.caller_bytes_dropped;
  note(now, "error", "caller audio lost: the model came too late",
       {{"bytes", std::to_string(lost)}});
  log.warn("call", "caller audio lost: the model came too late",
           {{"call", options.call_id}, {"bytes", lost}});
}

/// Keeps what the session leaves undone, for the next one.
void CallSession::Impl::note_break(TimePoint now) {
  BrokenOff left = broken.value_or(BrokenOff());
  left.turn_lost |= caller_speaking;
  left.words_unknown |= !caller_turn_starts.empty();
  const bool answering = reply_active || failed_reply;
  if (answering && !open_utterance.empty() && !service_voice) {
    broken_utterance = open_utterance;
    if (!reply_spoke) {
      transcript.break_off(open_utterance);
      words_changed(open_utterance);
    }
    if (voice) voice->finish(open_utterance, false, now);
  }
  failed_reply.reset();
  if (answering && broken_off()) {
    left.cut_short = true;
  } else if (answering && !reply_spoke && !reply_called_tools) {
    left.answer_owed = true;
    left.say = reply_say;
  } else if (timers[kReply] || timers[kRetry]) {
    left.answer_owed = true;
    if (asked) left.say = asked;
  }
  broken = std::move(left);
  open_utterance.clear();
  caller_turn_starts.clear();
  caller_speaking = reply_active = false;
  disarm(kGreet);
  disarm(kReply);
  disarm(kRetry);
  disarm(kSilence);
}

/// Goes on where the lost session stopped: no turn is missing, and none is said twice.
void CallSession::Impl::resume(TimePoint now) {
  const BrokenOff left = broken.value_or(BrokenOff());
  broken.reset();
  if (state != CallState::talking || transfer) return;
  tell_meanwhile(now);
  if (service_voice) return resume_attached(left, now);
  if (left.cut_short) return ask({kFinishSentence, true}, now);
  if (tools.any_open()) return;  // Its result asks for the answer.
  // The words may have begun to come: a turn is given again until all of them are known.
  const bool heard_again = turn_replayed && !left.say;
  if (left.turn_lost || heard_again) {
    // They are asked to repeat it only when the new session makes nothing of it.
    words_missing = true;
    return arm(kReply, kListenAfterLoss, now);
  }
  if (!left.answer_owed) return rearm_silence(now);
  if (left.say) return ask(*left.say, now);
  ask({left.words_unknown ? kAskToRepeat : "", true}, now);
}

/// What was said in other sessions since this one got its history, or was heard less of.
void CallSession::Impl::tell_meanwhile(TimePoint now) {
  if (service_voice || generation <= 1) return;
  std::string text;
  for (const TranscriptEntry& entry : transcript.finish()) {
    if (said_in_this_session(entry.segment)) continue;
    const auto told = link->told.find(entry.segment);
    if (told != link->told.end() && told->second == entry.heard_text) continue;
    if (told == link->told.end() && entry.heard_text.empty()) continue;
    text += entry.speaker == Speaker::caller ? "\n- Caller: " : "\n- You: ";
    text += entry.heard_text;
    if (entry.interrupted) text += " (the caller heard no more of it)";
    link->told[entry.segment] = entry.heard_text;
  }
  if (text.empty()) return;
  speech->request(AddNote{AddNote::Kind::fact, "What was said before, as it was heard:" + text},
                  now);
}

/// The model owes an answer. It is asked once more; then it counts as lost.
void CallSession::Impl::reply_overdue(TimePoint now) {
  if (transfer) {
    transfer->announcing = false;
    return transfer_when_heard(now);
  }
  if (!speech || caller_speaking || reply_active) return;
  if (!ready) return arm(kReply, options.reply_timeout, now);
  if (words_missing) {
    words_missing = false;
    return ask({kAskToRepeat, true}, now);
  }
  if (++replies_overdue > 1) {
    Error error;
    error.code = Errc::deadline_exceeded;
    error.message = "the model does not answer";
    return model_failed(error, now);
  }
  note(now, "error", "no answer in time: asked again");
  if (goodbye_awaited) return ask_for_last_word(now);
  ask(asked.value_or(Say{"", true}), now);
}

void CallSession::Impl::handle(const SpeechClosed& event, TimePoint now) {
  summary_over(std::nullopt, now);
  caller_audio.lose();
  if (service_call_over(event, now)) return;
  note_break(now);
  ready = false;
  speech = nullptr;
  if (link) {
    link->closed = true;
    retired.push_back(std::move(link));
  }
  Error error = event.error.value_or(Error{});
  if (error.message.empty()) error.message = "the speech session was closed";
  if (hang_up_sent || apologising) return;
  if (transfer && transfer->announcing) {
    transfer->announcing = false;
    transfer_when_heard(now);
  }
  if (over()) return;  // By what was told above.
  if (event.fatal) return model_failed(error, now);
  note(now, "error", "speech session lost: " + error.message);
  if (state == CallState::ending) {
    goodbye_awaited = false;
    return await_last_word(now);
  }
  if (successor) return promote_successor(now);
  reopen(error, now);
}

void CallSession::Impl::reopen(const Error& why, TimePoint now) {
  if (ready_since && now - *ready_since >= kStable) reopen_tries = 0;
  ready_since.reset();
  if (reopen_tries >= options.model_reopen_limit) return model_failed(why, now);
  Millis delay{0};
  if (reopen_tries > 0) {
    delay = options.reopen_delay * (1 << std::min(reopen_tries - 1, 10u));
    delay = std::min(delay, options.reopen_delay_max);
  }
  delay = std::max(delay, why.retry_after.value_or(Millis(0)));
  ++reopen_tries;
  ++record.counters.model_reopened;
  const bool somebody_waits = media_started || (service_voice && answered_at);
  if (somebody_waits && !timers[kModel]) arm(kModel, options.model_timeout, now);
  if (delay == Millis(0)) return open_model(now);
  arm(kReopen, delay, now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
