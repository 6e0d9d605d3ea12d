#include "voicebridge/agent/call_session.hpp"

#include <algorithm>

#include "agent/call_session_impl.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMaxTimeline = 4000;  ///< Entries; what comes later is not kept.
/// After the last mark: what the carrier has played is still on its way to the ear.
constexpr Millis kGoodbyeTail{200};
/// From our hang-up to the carrier's word that the leg is gone.
constexpr Millis kGoneCap{5000};
/// Before the hard limit of a call's length: time for a goodbye.
constexpr Millis kGoodbyeBeforeLimit{20000};

}  // namespace

CallSession::Impl::Impl(CallSession& session, CallOptions opts, CallHost& h, TimePoint now,
                        Logger logger, CallTap* t)
    : self(session),
      options(std::move(opts)),
      host(h),
      log(std::move(logger)),
      tap(t),
      created_at(now),
      caller_audio(options.ring_buffer, options.gap_after, record.counters),
      recording(options.recording),
      machine(machine_rules(options)) {
  record.call_id = options.call_id;
  model_input = model_format_for(options.speech.input);
  model_output = model_format_for(options.speech.output);
  if (options.speech.media == MediaOwner::service) {
    auto played_there = std::make_unique<ServiceVoice>();
    service_voice = played_there.get();
    voice = std::move(played_there);
  }
}

Millis CallSession::Impl::since_start(TimePoint now) const {
  return std::chrono::duration_cast<Millis>(now - created_at);
}

void CallSession::Impl::note(TimePoint now, std::string kind, std::string detail,
                             std::vector<std::pair<std::string, std::string>> fields) {
  if (record.timeline.size() >= kMaxTimeline) return;
  record.timeline.push_back(
      {since_start(now), std::move(kind), std::move(detail), std::move(fields)});
  const TimelineEntry& entry = record.timeline.back();
  log.debug("call", entry.detail, {{"call", options.call_id}, {"kind", entry.kind}});
  if (tap) tap->on_timeline(entry);
}

bool CallSession::Impl::enter(CallState next, TimePoint now) {
  if (!is_allowed(state, next)) return false;
  state = next;
  note(now, "state", std::string(to_string(next)));
  return true;
}

void CallSession::Impl::answered(TimePoint now) {
  if (answered_at || over()) return;
  answered_at = now;
  disarm(kRing);
  arm(kLength, std::max(options.max_length - kGoodbyeBeforeLimit, Millis(0)), now);
  arm(kHardLimit, options.max_length, now);
  machine.answered(now);
  if (!media_started && !service_voice) arm(kMedia, options.media_timeout, now);
  enter(CallState::answered, now);
  if (lost_while_ringing) return model_failed(*std::exchange(lost_while_ringing, {}), now);
  if (!service_voice) return;
  arm(kModel, options.model_timeout, now);
  open_model(now);
}

void CallSession::Impl::end_politely(EndReason reason, TimePoint now) {
  if (over() || state == CallState::ending) return;
  const bool heard = media_started && speech && ready && !machine.quiet();
  if (!heard) return hang_up(reason, "no goodbye possible", now);
  ending_reason = reason;
  enter(CallState::ending, now);
  arm(kGoodbye, options.goodbye_cap, now);
  ask_for_last_word(now);
}

/// Hangs up once all that was said has been heard: by the word of who plays it, or by the clock
/// when that does not come.
void CallSession::Impl::await_last_word(TimePoint now) {
  if (over() || goodbye_awaited || hang_up_sent) return;
  draining = true;
  if (!voice || voice->drained()) return arm(kDrain, kGoodbyeTail, now);
  const Deadline end = voice->estimated_end(now);
  if (end) timers.arm(kDrain, *end + Millis(1000));
}

/// The caller has heard all that was said so far.
void CallSession::Impl::heard_out(TimePoint now) {
  agent_heard(false);
  if (playing_apology) return apology_over(now);
  announcement_heard(now);
  if (screening_said && !reply_active && !asked) {
    screening_said = false;
    machine.screening_answered(now);
  }
  rearm_silence(now);
  if (draining && !goodbye_awaited && !apologising) await_last_word(now);
  transfer_when_heard(now);
  try_take_over(now);
}

void CallSession::Impl::hang_up(EndReason reason, std::string detail, TimePoint now) {
  if (over() || hang_up_sent) return;
  ending_reason = reason;
  record.end_detail = std::move(detail);
  if (state != CallState::ending && !enter(CallState::ending, now)) {
    return finish(reason, record.end_detail, now);
  }
  hang_up_sent = true;
  disarm(kGoodbye);
  disarm(kDrain);
  arm(kGone, kGoneCap, now);
  note(now, "state", "hang-up sent", {{"reason", std::string(to_string(reason))}});
  host.hang_up();
}

void CallSession::Impl::finish(EndReason reason, std::string detail, TimePoint now) {
  if (over()) return;
  record_step(recording.over(), now);
  state = CallState::ended;
  if (collection) collected(collection->collector.end(DigitsEnd::hang_up), now);
  record.end_reason = reason;
  record.end_detail = std::move(detail);
  note(now, "state", "ended", {{"reason", std::string(to_string(reason))}});
  timers.disarm_all();
  machine.close();
  if (tools.any_open()) host.cancel_tools();
  tools.clear();
  caller_audio.hold();
  if (media) media->close();
  media = nullptr;
  if (speech && !summary_run) {
    // What the summary needs is asked for before the session is closed.
    if (!options.summary_at_end || !ask_for_summary(now)) speech->close(now);
  }
  if (successor) successor->session().close(now);
  log.info(
      "call", "ended",
      {{"call", options.call_id}, {"reason", to_string(reason)}, {"ms", since_start(now).count()}});
  const CallRecord last = snapshot(now);
  host.on_ended(last);
  summarize_end(now);
}

void CallSession::Impl::words_changed(std::string_view segment) {
  if (tap == nullptr) return;
  if (const auto turn = transcript.show(segment)) tap->on_transcript(turn->entry, turn->final);
}

void CallSession::Impl::agent_heard(bool speaking) {
  if (told_speaking == speaking || tap == nullptr) return;
  told_speaking = speaking;
  tap->on_agent_speaking(speaking);
}

CallRecord CallSession::Impl::snapshot(TimePoint now) const {
  CallRecord copy = record;
  copy.state = state;
  copy.duration = since_start(now);
  copy.transcript = transcript.finish();
  if (playback || earlier_streams.sent_bytes > 0) {
    Playback::Counters c = earlier_streams;
    if (playback) add_counters(c, playback->counters());
    copy.counters.agent_bytes_sent = c.sent_bytes;
    copy.counters.agent_bytes_padding = c.padding_bytes;
    copy.counters.agent_bytes_cut = c.cut_bytes;
    copy.counters.agent_bytes_overflow = c.overflow_bytes;
  }
  return copy;
}

CallSession::CallSession(CallOptions options, CallHost& host, TimePoint now, Logger log,
                         CallTap* tap)
    : impl_(std::make_unique<Impl>(*this, std::move(options), host, now, std::move(log), tap)) {}

CallSession::~CallSession() = default;

void CallSession::start(TimePoint now) {
  if (impl_->over() || impl_->generation > 0) return;
  impl_->arm(Impl::kRing, impl_->options.ring_timeout, now);
  // The service has no call to attach to before somebody answered it.
  if (!impl_->service_voice) impl_->open_model(now);
}

void CallSession::attach_media(MediaStream* media) {
  if (!impl_->over() && !impl_->service_voice) {
    impl_->media = media;
  } else if (media) {
    media->close();  // It was on its way when the call ended.
  }
}

void CallSession::on_dialing(TimePoint now) {
  if (impl_->enter(CallState::dialing, now))
    impl_->arm(Impl::kRing, impl_->options.ring_timeout, now);
}

void CallSession::on_answered(TimePoint now) { impl_->answered(now); }

void CallSession::on_carrier_hangup(std::string_view cause, bool not_reached, TimePoint now) {
  Impl& s = *impl_;
  if (s.over()) return;
  s.note(now, "state", "leg is gone", {{"cause", std::string(cause)}});
  if (s.state == CallState::ending || s.hang_up_sent) {
    // The far side may have been quicker than the goodbye; what was decided before stays the
    // reason.
    const std::string detail =
        s.record.end_detail.empty() ? std::string(cause) : s.record.end_detail;
    return s.finish(s.ending_reason, detail, now);
  }
  const bool reached = s.answered_at || !not_reached;
  s.finish(reached ? EndReason::caller_hangup : EndReason::not_reached, std::string(cause), now);
}

void CallSession::on_carrier_failed(const Error& error, TimePoint now) {
  if (impl_->over()) return;
  impl_->note(now, "error", "carrier: " + to_string(error));
  impl_->finish(EndReason::carrier_failed, error.message, now);
}

void CallSession::on_answered_by(AnsweredBy who, TimePoint now) { impl_->answered_by(who, now); }
void CallSession::on_greeting_ended(GreetingEnd how, TimePoint now) {
  impl_->greeting_ended(how, now);
}
void CallSession::on_call_screened(TimePoint now) { impl_->call_screened(now); }

void CallSession::on_carrier_spoke(TimePoint now) {
  if (!impl_->playing_apology) impl_->apology_over(now);
}

void CallSession::on_ringing(TimePoint now) {
  if (!impl_->over()) impl_->note(now, "leg", "ringing");
}

void CallSession::on_webhook(std::string_view type, TimePoint now) {
  impl_->note(now, "webhook", std::string(type));
}

void CallSession::on_transferred(const Result<>& taken_over, TimePoint now) {
  impl_->transferred(taken_over, now);
}

void CallSession::on_caller_leaving(TimePoint now) { impl_->caller_leaving(now); }

bool CallSession::is_leaving() const { return impl_->leaving; }

bool CallSession::takes_media() const {
  return !impl_->over() && impl_->media == nullptr && !impl_->media_started;
}

void CallSession::hand_over(std::string_view to, TimePoint now) {
  impl_->finish(EndReason::transferred, std::string(to), now);
}

void CallSession::on_dtmf_sent(const Result<>& done, TimePoint now) { impl_->keys_sent(done, now); }

Result<> CallSession::collect_digits(const DigitRules& rules,
                                     std::function<void(const CollectedDigits&)> done,
                                     TimePoint now) {
  return impl_->collect(
      rules, [done = std::move(done)](const CollectedDigits& result, TimePoint) { done(result); },
      now);
}

void CallSession::on_tool_result(const std::string& call_id, const std::string& output_json,
                                 TimePoint now) {
  impl_->tool_result(call_id, output_json, now);
}

void CallSession::on_tool_slow(std::string_view hint, TimePoint now) {
  impl_->tool_slow(hint, now);
}

void CallSession::on_tool_late(std::string_view tool, const std::string& output_json,
                               TimePoint now) {
  Impl& s = *impl_;
  if (s.over()) return;
  s.note(now, "tool", "late result kept as context", {{"tool", std::string(tool)}});
  s.tools.late(tool, output_json, now);
  if (!s.speech) return;
  s.speech->request(AddNote{AddNote::Kind::fact,
                            "The late result of " + std::string(tool) + " is: " + output_json},
                    now);
}

void CallSession::end_politely(EndReason reason, TimePoint now) {
  impl_->end_politely(reason, now);
}

void CallSession::cancel(std::string_view why, TimePoint now) {
  impl_->hang_up(EndReason::cancelled, std::string(why), now);
}

void CallSession::summarize(std::function<void(const TalkSummary&)> done, TimePoint now) {
  impl_->summarize(std::move(done), now);
}

bool CallSession::summarizing() const { return impl_->summary_run.has_value(); }

void CallSession::add_note(AddNote note, TimePoint now) { impl_->tell(std::move(note), now); }

void CallSession::add_text(std::string text, TimePoint now) {
  Impl& s = *impl_;
  if (s.over()) return;
  const std::string segment = random_id("text_");
  if (s.link) s.link->claim(segment);
  s.transcript.add({Speaker::caller, segment, text, true}, s.since_start(now));
  s.words_changed(segment);
  if (!s.speech) {
    // The next session finds it in what was said.
    if (!s.broken) s.broken.emplace();
    s.broken->answer_owed = true;
    return;
  }
  s.speech->request(UserText{std::move(text)}, now);
  s.arm(Impl::kReply, s.options.reply_timeout, now);
}

void CallSession::on_media_start(const MediaStart& start, TimePoint now) {
  impl_->media_start(start, now);
}

void CallSession::on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) {
  impl_->media_audio(audio, position, now);
}

void CallSession::on_media_mark(std::string_view name, TimePoint now) {
  impl_->media_mark(name, now);
}

void CallSession::on_media_played(Micros played, TimePoint now) {
  impl_->media_played(played, now);
}
void CallSession::on_media_dtmf(char digit, TimePoint now) { impl_->media_dtmf(digit, now); }

void CallSession::on_media_stop(const std::optional<Error>& why, TimePoint now) {
  impl_->media_stop(why, now);
}

void CallSession::on_speech_audio(std::string_view utterance, const AudioPayload& audio,
                                  TimePoint now) {
  impl_->speech_audio(utterance, audio, now);
}

void CallSession::on_speech_event(const SpeechEvent& event, TimePoint now) {
  if (impl_->over()) return impl_->event_after_end(event, now);
  if (!impl_->link) return;
  std::visit([&](const auto& e) { impl_->handle(e, now); }, event);
  if (impl_->successor && !impl_->over()) impl_->try_take_over(now);
}

Deadline CallSession::next_deadline() const {
  const Impl& s = *impl_;
  const Deadline summary = s.summary_run ? Deadline(s.summary_run->until) : std::nullopt;
  if (s.over()) return summary;
  Deadline next = earliest(s.caller_audio.next_deadline(), s.timers.next());
  next = earliest(next, summary);
  if (s.playback) next = earliest(next, s.playback->next_deadline());
  next = earliest(next, s.machine.next_deadline());
  if (s.collection) next = earliest(next, s.collection->collector.next_deadline());
  return next;
}

void CallSession::on_deadline(TimePoint now) {
  Impl& s = *impl_;
  s.drop_retired();
  if (s.summary_run && s.summary_run->until <= now) s.summary_over(std::nullopt, now);
  if (s.over()) return;
  s.caller_audio.on_deadline(now);
  if (s.playback && s.playback->next_deadline() && *s.playback->next_deadline() <= now) {
    s.playback->on_deadline(now);
  }
  if (s.collection) s.collected(s.collection->collector.on_deadline(now), now);
  if (s.machine.next_deadline() && *s.machine.next_deadline() <= now) s.machine_overdue(now);
  for (int i = 0; i < Impl::kTimerCount && !s.over(); ++i) {
    const auto timer = static_cast<Impl::Timer>(i);
    if (!s.timers.due(timer, now)) continue;
    s.disarm(timer);
    s.on_timer(timer, now);
  }
}

CallState CallSession::state() const { return impl_->state; }
CallRecord CallSession::record(TimePoint now) const { return impl_->snapshot(now); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
