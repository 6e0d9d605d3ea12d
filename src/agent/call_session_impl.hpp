#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/agent_voice.hpp"
#include "agent/answering_machine.hpp"
#include "agent/caller_audio.hpp"
#include "agent/hold_music.hpp"
#include "agent/leg_encoder.hpp"
#include "agent/local_turns.hpp"
#include "agent/model_link.hpp"
#include "agent/recording_policy.hpp"
#include "agent/timer_table.hpp"
#include "agent/tool_log.hpp"
#include "agent/transcript_log.hpp"
#include "voicebridge/agent/call_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

// Outside of `CallSession::Impl`, which holds optionals of them: within a class, the initializers
// of another inside it do not count yet, and Clang takes that at its word.

/// What a lost session left undone.
struct BrokenOff {
  bool cut_short = false;      ///< The agent, in the middle of an utterance.
  bool turn_lost = false;      ///< The caller was speaking.
  bool answer_owed = false;    ///< They had finished, or something was asked for …
  std::optional<Say> say;      ///< … and this was.
  bool words_unknown = false;  ///< Of a turn of the caller no transcript came.
};

/// A caller who is being handed on.
struct HandingOn {
  std::string tool_call;
  TransferTarget target;
  bool announcing = true;        ///< The caller is being told, or about to be.
  bool announced = false;        ///< … and the running answer is it.
  bool asked = false;            ///< The carrier has been asked.
  std::optional<Error> failure;  ///< To be told when the caller can hear again.
};

/// The state behind `CallSession`. One class, because the rules of a call meet in one state; split
/// over files by where the events come from: media, model, tools, carrier and time.
struct CallSession::Impl final : private Playback::Tap, public ModelLink::Owner {
  enum Timer {
    kRing,     ///< Dialing, and nobody picks up.
    kMedia,    ///< Picked up, and no media stream comes.
    kModel,    ///< Audio flows, and the model is not ready for it.
    kSilence,  ///< Nobody speaks.
    kLength,   ///< Time to say goodbye.
    kHardLimit,
    kReply,     ///< An answer is due.
    kGoodbye,   ///< The goodbye takes too long.
    kDrain,     ///< The last word should have been heard by now.
    kGone,      ///< The carrier has not said that the leg is gone.
    kDigits,    ///< No more keys come.
    kGreet,     ///< A caller who has spoken before the verdict would have been heard by now.
    kRetry,     ///< A failed answer may be asked for again.
    kReopen,    ///< The lost session is opened again.
    kRollover,  ///< The session ends soon.
    kTransfer,  ///< The caller is being handed on.
    kHold,      ///< More of the hold music.
    kTimerCount,
  };

  Impl(CallSession& session, CallOptions options, CallHost& host, TimePoint now, Logger log,
       CallTap* tap);

  // call_session_footprint.cpp: what audio touches
  void own_footprint(Footprint& to) const;
  void audio_footprint(Footprint& to) const;
  void speech_footprint(Footprint& to) const override;

  // call_session.cpp: what a call is, and how it ends
  Millis since_start(TimePoint now) const;
  void note(TimePoint now, std::string kind, std::string detail,
            std::vector<std::pair<std::string, std::string>> fields = {});
  bool enter(CallState next, TimePoint now);
  bool over() const { return state == CallState::ended; }
  void arm(Timer timer, Millis delay, TimePoint now) { timers.arm(timer, now + delay); }
  void disarm(Timer timer) { timers.disarm(timer); }
  void answered(TimePoint now);
  void end_politely(EndReason reason, TimePoint now);
  void await_last_word(TimePoint now);
  void heard_out(TimePoint now);
  void first_sound(TimePoint now);
  void hang_up(EndReason reason, std::string detail, TimePoint now);
  void finish(EndReason reason, std::string detail, TimePoint now);
  CallRecord snapshot(TimePoint now) const;
  void words_changed(std::string_view segment);
  void agent_heard(bool speaking);

  // call_session_media.cpp: the leg
  void media_start(const MediaStart& start, TimePoint now);
  Result<> open_lane(const MediaStart& start);
  Result<> open_local_turns();
  void media_audio(const AudioPayload& audio, Millis position, TimePoint now);
  void hear_caller(const AudioPayload& audio, Millis position, TimePoint now);
  Millis caller_position(Millis position, TimePoint now);
  void media_mark(std::string_view name, TimePoint now);
  void media_played(Micros played, TimePoint now);
  void media_stop(const std::optional<Error>& why, TimePoint now);
  void on_played(const AudioPayload& audio, TimePoint heard_at) override;
  void on_cleared(TimePoint at) override;

  // call_session_keys.cpp: the telephone's keys
  using Collected = std::function<void(const CollectedDigits&, TimePoint)>;
  void media_dtmf(char digit, TimePoint now);
  void digits_done(TimePoint now);
  std::string shown(const std::string& keys) const;
  void keep_keys(const std::string& keys, TimePoint now);
  Result<> collect(const DigitRules& rules, Collected done, TimePoint now);
  void collected(const std::optional<CollectedDigits>& result, TimePoint now);
  void collect_wanted(const ToolCall& call, TimePoint now);
  void refuse_tool(const ToolCall& call, std::string_view code, std::string_view why,
                   TimePoint now);
  std::string collected_json(const CollectedDigits& result) const;
  void send_keys_wanted(const ToolCall& call, TimePoint now);
  void keys_sent(const Result<>& done, TimePoint now);

  // call_session_recording.cpp
  void record_step(RecordingPolicy::Step step, TimePoint now);
  bool announce_first(TimePoint now);
  void announcement_made(const ReplyEnded& event);
  void announcement_heard(TimePoint now);
  void consent_given(bool agreed, TimePoint now);
  void consent_wanted(const ToolCall& call, TimePoint now);
  bool consent_key(char key, TimePoint now);

  // call_session_service.cpp: no leg, the model service carries the audio
  void service_line_up(TimePoint now);
  bool service_call_over(const SpeechClosed& event, TimePoint now);
  void resume_attached(const BrokenOff& left, TimePoint now);
  void handle(const PlayoutStarted& event, TimePoint now);
  void handle(const PlayoutEnded& event, TimePoint now);
  void handle(const UtteranceCut& event, TimePoint now);
  void handle(const CallerKey& event, TimePoint now);

  // call_session_transfer.cpp: handing the caller on
  void describe_transfer(std::vector<ToolSpec>& offered) const;
  const TransferTarget* transfer_target(std::string name) const;
  void transfer_wanted(const ToolCall& call, TimePoint now);
  void transfer_when_heard(TimePoint now);
  void ask_for_transfer(TimePoint now);
  void transferred(const Result<>& taken_over, TimePoint now);
  void caller_handed_on(TimePoint now);
  void transfer_overdue(TimePoint now);

  // call_session_hold.cpp: the caller waits, leaves and comes back
  bool in_company() const;
  Millis longest_silence() const;
  void begin_waiting(TimePoint now);
  void play_hold_music(TimePoint now);
  void end_hold(TimePoint now);
  void stream_left(TimePoint now);
  static void add_counters(Playback::Counters& into, const Playback::Counters& more);
  void caller_leaving(TimePoint now);
  void caller_came_back(const Error& why, TimePoint now);
  void tell_transfer_failure(const Error& why, TimePoint now);

  // call_session_model.cpp: the session with the model, opened, lost and opened again
  void open_model(TimePoint now);
  void use_link(std::unique_ptr<ModelLink> next);
  void start_link(ModelLink& started, bool takes_over, TimePoint now);
  void brief(SpeechSpec& spec, ModelLink& briefed) const;
  void tell(AddNote told, TimePoint now);
  void from_model(ModelLink& from, std::string_view utterance, const AudioPayload& audio,
                  TimePoint now) override;
  void from_model(ModelLink& from, const SpeechEvent& event, TimePoint now) override;
  bool model_ready() const { return ready && pending_reconfigures == 0; }
  void model_became_ready(TimePoint now);
  void tell_lost_audio(TimePoint now);
  void note_break(TimePoint now);
  void resume(TimePoint now);
  void tell_meanwhile(TimePoint now);
  void reopen(const Error& why, TimePoint now);
  void reply_overdue(TimePoint now);
  void handle(const SpeechReady& event, TimePoint now);
  void handle(const SpeechReconfigured& event, TimePoint now);
  void handle(const SpeechClosed& event, TimePoint now);

  // call_session_rollover.cpp: a session's successor
  void lifetime_known(Millis lifetime, TimePoint now);
  void roll_over(TimePoint now);
  void successor_event(const SpeechEvent& event, TimePoint now);
  bool between_turns(TimePoint now) const;
  void try_take_over(TimePoint now);
  void retire_link(TimePoint now);
  void promote_successor(TimePoint now);
  void drop_retired();

  // call_session_failure.cpp: what the caller hears when the model fails
  void reply_failed(TimePoint now);
  bool broken_off();
  void retry_reply(TimePoint now);
  void model_failed(const Error& error, TimePoint now);
  bool play_apology(TimePoint now);
  void apology_over(TimePoint now);

  // call_session_cost.cpp
  void handle(const SpeechUsage& event, TimePoint now);
  void handle(const HearingUsage& event, TimePoint now);
  const PriceList& prices() const;
  void charge(const std::optional<double>& usd, const std::string& model, TimePoint now);
  void check_budget(TimePoint now);

  // call_session_summary.cpp: what the talk leaves for the next
  using Summarized = std::function<void(const TalkSummary&)>;
  void summarize(Summarized done, TimePoint now);
  void summarize_end(TimePoint now);
  bool ask_for_summary(TimePoint now);
  void summary_over(const std::optional<std::string>& by_model, TimePoint now);
  void handle(const SummaryMade& event, TimePoint now);
  void event_after_end(const SpeechEvent& event, TimePoint now);
  TalkSummary summary_of_transcript() const;

  // call_session_speech.cpp: what the model says and hears
  void greet(TimePoint now);
  void greet_by_answer(TimePoint now);
  void ask(Say say, TimePoint now);
  void ask_whoever_listens(Say say, TimePoint now);
  void speech_audio(std::string_view utterance, const AudioPayload& audio, TimePoint now);
  void drain_lane(std::string_view utterance, TimePoint now);
  void caller_activity(bool speaking, TimePoint now);
  void barge_in(TimePoint now);
  void silence_agent(InterruptCause cause, TimePoint now);
  bool said_in_this_session(const std::string& segment) const;
  void handle(const CallerActivity& event, TimePoint now);
  void handle(const UtteranceStarted& event, TimePoint now);
  void handle(const UtteranceEnded& event, TimePoint now);
  void handle(const Transcript& event, TimePoint now);
  void handle(const ToolCallsWanted& event, TimePoint now);
  void handle(const ReplyStarted& event, TimePoint now);
  void handle(const ReplyEnded& event, TimePoint now);
  void handle(const SpeechFault& event, TimePoint now);
  void ask_for_last_word(TimePoint now);
  void tool_wanted(const ToolCall& call, std::vector<ToolCall>& to_run, TimePoint now);
  void owe_answer();
  static std::string tool_error(std::string_view code, std::string_view message);
  void end_call_wanted(const ToolCall& call, TimePoint now);
  void tool_result(const std::string& call_id, const std::string& output_json, TimePoint now);
  void tool_slow(std::string_view hint, TimePoint now);

  // call_session_machine.cpp: who picked up
  static AnsweringMachine::Rules machine_rules(const CallOptions& options);
  template <class Told>
  void who_is_there(std::string what, TimePoint now, Told told);
  void answered_by(AnsweredBy who, TimePoint now);
  void greeting_ended(GreetingEnd how, TimePoint now);
  void call_screened(TimePoint now);
  void machine_overdue(TimePoint now);
  void machine_step(AnsweringMachine::Step step, bool was_quiet, TimePoint now);
  void talk_to_person(bool was_quiet, TimePoint now);
  void hush(TimePoint now);
  void await_beep(TimePoint now);
  void speak_to_machine(TimePoint now);
  bool machine_outlives_model(const Error& error, TimePoint now);
  bool play_recording(std::string_view name, const WavAudio& wav, TimePoint now);

  // call_session_rules.cpp: time
  void on_timer(Timer timer, TimePoint now);
  void rearm_silence(TimePoint now);
  void silence_fell(TimePoint now);
  bool agent_audible(TimePoint now) const { return voice && voice->audible(now); }

  static constexpr const char* kFinishSentence =
      "Your last sentence was broken off. Finish it in a few words from where it stopped, without "
      "repeating any of it.";
  /// The tools whose work is the call's own, beside `end_call`.
  static constexpr std::string_view kTransferTool = "transfer_to_human";
  static constexpr std::string_view kCollectTool = "collect_digits";
  static constexpr std::string_view kSendKeysTool = "send_dtmf";
  static constexpr std::string_view kConsentTool = "recording_consent";

  /// What the model is writing beside the talk, and who waits for it.
  struct SummaryRun {
    std::string key;
    TimePoint until;
    std::vector<Summarized> waiting;
  };
  struct Collection {
    DigitCollector collector;
    Collected done;
  };
  CallSession& self;
  CallOptions options;
  CallHost& host;
  Logger log;
  CallTap* tap;
  bool told_speaking = false;  ///< What the tap was told last.
  TimePoint created_at;
  CallRecord record;
  CallState state = CallState::created;
  TimerTable<kTimerCount> timers;
  std::optional<TimePoint> answered_at;

  MediaStream* media = nullptr;
  bool media_started = false;
  AudioFormat inbound;   ///< Of the leg, or what `leg_decoder` makes of it.
  AudioFormat outbound;  ///< Of the leg, or what `leg_encoder` takes for it.
  std::unique_ptr<LegDecoder> leg_decoder;
  std::unique_ptr<LegEncoder> leg_encoder;
  std::optional<Millis> stream_began_at;  ///< Position 0 of the caller's stream in the call's time.
  std::unique_ptr<Playback> playback;     ///< None when the service carries the audio.
  std::unique_ptr<AgentVoice> voice;
  ServiceVoice* service_voice = nullptr;  ///< `voice`, when the service carries the audio.
  std::unique_ptr<Transcoder> to_carrier;
  Bytes decoded;
  Bytes transcoded;
  std::string in_lane;  ///< The utterance of which the transcoder or the encoder holds a rest.
  CallerAudio caller_audio;
  std::uint64_t lost_bytes_told = 0;
  std::unique_ptr<LocalTurns> local_turns;
  std::string digits;
  std::optional<Collection> collection;     ///< The caller is entering something.
  std::optional<std::string> sending_keys;  ///< The tool call that waits for it.
  std::optional<bool> local_activity;  ///< What the local detector said of the piece being heard.
  std::optional<bool> local_commit;
  TimePoint sending_at;  ///< Of the audio being handed to the carrier.

  std::unique_ptr<ModelLink> link;                  ///< The session in use …
  SpeechSession* speech = nullptr;                  ///< … and null between two of them.
  std::unique_ptr<ModelLink> successor;             ///< Opened before the session ends.
  std::vector<std::unique_ptr<ModelLink>> retired;  ///< Not destroyed inside their own callback.
  unsigned generation = 0;
  AudioFormat model_input;
  AudioFormat model_output;
  bool ready = false;
  bool formats_differ =
      false;  ///< The leg turned out to be in another format than the session was opened with.
  unsigned pending_reconfigures = 0;
  std::optional<TimePoint> ready_since;
  unsigned reopen_tries = 0;
  std::optional<BrokenOff> broken;
  bool turn_replayed = false;    ///< The session heard a turn that its predecessor was told.
  bool words_missing = false;    ///< The caller's, and nobody has asked for them yet.
  std::optional<Say> asked;      ///< What the model was asked to say, and has not begun.
  std::optional<Say> reply_say;  ///< What the running answer was asked for by.
  std::string open_utterance;    ///< Its audio is still coming.
  std::string broken_utterance;  ///< The last of the running answer, when it was not the caller
                                 ///< who stopped it.
  std::optional<Error> failed_reply;  ///< Of which nothing has been made yet.
  std::vector<std::string> notes;     ///< What the model was told beside the talk.
  std::optional<TimePoint> caller_stopped_at;
  bool budget_warned = false;
  bool budget_used_up = false;
  bool greeted = false;
  bool caller_speaking = false;
  bool reply_active = false;
  bool reply_spoke = false;
  bool reply_called_tools = false;
  unsigned failures_in_a_row = 0;
  unsigned replies_overdue = 0;
  unsigned prompts_used = 0;
  std::optional<TimePoint>
      turn_ended_at;  ///< The caller's last turn waits for the first sound of its answer.
  std::vector<Millis> caller_turn_starts;
  std::vector<std::string> cut_utterances;
  TranscriptLog transcript;
  ToolLog tools;

  std::optional<HandingOn> transfer;
  std::unique_ptr<HoldMusic> hold_music;  ///< While it plays; nobody hears the caller then.
  bool leaving = false;                   ///< The end of the stream is not the call's.
  bool service_left = false;              ///< Its part in the call ended with that.
  Playback::Counters earlier_streams;

  std::optional<SummaryRun> summary_run;
  unsigned summaries = 0;                  ///< Asked for so far.
  std::optional<TalkSummary> end_summary;  ///< Once it is made.

  RecordingPolicy recording;
  /// Of the sentence that is said before a recording.
  enum class Announcement { none, asked, running, said, broken } announcement = Announcement::none;
  bool greeting_owed = false;  ///< The caller is asked for consent first.

  AnsweringMachine machine;
  bool greeting_waits = false;  ///< Whether the caller has spoken meanwhile is not known yet.
  bool hushed = false;          ///< What the model still says was meant for somebody else.
  bool message_due = false;     ///< To be left as soon as it can be said.
  bool screening_due = false;   ///< The answer to a screening, the same.
  bool screening_said = false;  ///< It has been asked for, and may still be heard.

  EndReason ending_reason = EndReason::agent_goodbye;
  bool goodbye_awaited =
      false;  ///< The model was asked for the goodbye or the message and has not finished it.
  bool goodbye_started = false;  ///< … and the running answer is it.
  bool draining = false;         ///< The last word was said, and is still being heard.
  bool hang_up_sent = false;
  bool apologising = false;
  std::optional<Error> lost_while_ringing;  ///< The model; to be told when somebody picks up.
  bool playing_apology = false;             ///< … by the recording.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
