#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/call_options.hpp"
#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/agent/digit_collector.hpp"
#include "voicebridge/agent/handoff.hpp"
#include "voicebridge/call/carrier.hpp"
#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/log.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What is to become of the recording of a call.
enum class RecordingChange { start, pause, resume, stop };

/// What a call needs from the world around it. Called on the call's thread; may be called from
/// inside any function of `CallSession`, and may call back into it.
class VOICEBRIDGE_API CallHost {
 public:
  virtual ~CallHost() = default;
  /// A new session with the model, not started. Called again when one was lost.
  virtual std::unique_ptr<SpeechSession> open_speech() = 0;
  /// Runs tools; each result comes by `CallSession::on_tool_result`, in any order.
  virtual void run_tools(const std::vector<ToolCall>& calls) = 0;
  /// The call is over for the tools: what still runs is to stop.
  virtual void cancel_tools() = 0;
  /// Ends the phone call. Called once at the most.
  virtual void hang_up() = 0;
  /// Speaks by the carrier's own voice. False: it cannot. `CallSession::on_carrier_spoke` ends it.
  virtual bool speak(const std::string& text) = 0;
  /// Hands the caller to somebody else. False: it cannot. `CallSession::on_transferred` tells what
  /// came of it, once.
  virtual bool transfer(const TransferTarget& target) = 0;
  /// Sends tones to the other side. False: it cannot. `CallSession::on_dtmf_sent` tells what came
  /// of it, once. @param digits  0-9, A-D, *, #, w and W
  virtual bool send_dtmf(const std::string& digits) {
    static_cast<void>(digits);
    return false;
  }
  /// Records the call, or not any more. False: it cannot.
  virtual bool record(RecordingChange change) {
    static_cast<void>(change);
    return false;
  }
  /// The call is over; exactly once, and the last call of all but `on_summary`.
  virtual void on_ended(const CallRecord& record) = 0;
  /// What the talk leaves, once, behind `on_ended`, with `CallOptions::summary_at_end` and when
  /// something was said. @param record  Has what the summary cost, too.
  virtual void on_summary(const TalkSummary& summary, const CallRecord& record) {
    static_cast<void>(summary);
    static_cast<void>(record);
  }
};

/// Watches a call, for recorders and progress displays. On the call's thread.
class VOICEBRIDGE_API CallTap {
 public:
  virtual ~CallTap() = default;
  /// An entry, as it is made.
  virtual void on_timeline(const TimelineEntry&) {}
  /// A turn as it is known now: it has grown, was cut or is complete. `heard_text` is what of it
  /// has been or will be heard. Told once more for each change.
  /// @param final  No words will be added; a cut may still take some away.
  virtual void on_transcript(const TranscriptEntry& entry, bool final) {
    static_cast<void>(entry);
    static_cast<void>(final);
  }
  /// The agent begins to be heard, or is heard no more.
  virtual void on_agent_speaking(bool) {}
  /// Caller audio as it came; `at` counts from the creation of the call.
  virtual void on_caller_audio(const AudioPayload&, Millis) {}
  /// Agent audio handed to the carrier; `at` is when its first sample should be heard.
  virtual void on_agent_audio(const AudioPayload&, Millis) {}
  /// What would be heard after `at` was dropped.
  virtual void on_agent_cut(Millis) {}
  /// Keys that the caller has entered, for tools; not told when `KeyOptions::tell_tools` is off.
  virtual void on_keys(const std::string&) {}
};

/// One call: joins a leg and a model and decides everything between them. No socket, no thread, no
/// clock. Where `SpeechSpec::media` is `MediaOwner::service` there is no media stream: the model is
/// opened when the leg has been answered, and the call is over when it closes without an error.
///
/// The owner feeds what happens (`on_…`, `MediaObserver`, `SpeechObserver`), calls `on_deadline`
/// when `next_deadline` has come, and does what `CallHost` asks. Events may come in any order and
/// any number of times; after `on_ended` all of them do nothing.
/// @par Threads One.
class VOICEBRIDGE_API CallSession final : public MediaObserver, public SpeechObserver {
 public:
  /// Nothing happens before `start`. `host` and `tap` must outlive it. @param tap Null: nobody
  /// watches.
  CallSession(CallOptions options, CallHost& host, TimePoint now, Logger log = {},
              CallTap* tap = nullptr);
  ~CallSession() override;

  /// Opens the model while the phone still rings.
  void start(TimePoint now);
  /// The leg's audio; null takes it away. Give it before its `on_media_start`.
  void attach_media(MediaStream* media);

  /// The carrier was asked to call.
  void on_dialing(TimePoint now);
  /// Somebody, or something, picked up.
  void on_answered(TimePoint now);
  /// The carrier says that the leg is gone. @param not_reached It was never answered.
  void on_carrier_hangup(std::string_view cause, bool not_reached, TimePoint now);
  /// The carrier refused a command that the call cannot do without.
  void on_carrier_failed(const Error& error, TimePoint now);
  /// Who picked up, as the carrier has found out.
  void on_answered_by(AnsweredBy who, TimePoint now);
  /// The machine's greeting is over, by a beep or not.
  void on_greeting_ended(GreetingEnd how, TimePoint now);
  /// A phone asks who calls.
  void on_call_screened(TimePoint now);
  /// What `CallHost::speak` was asked for has been spoken.
  void on_carrier_spoke(TimePoint now);
  void on_ringing(TimePoint now);                         ///< For the timeline only; so the next.
  void on_webhook(std::string_view type, TimePoint now);  ///< For the timeline only.
  /// What came of `CallHost::transfer`. The caller hears of a failure; its `provider_code` is told
  /// to the model as the reason.
  void on_transferred(const Result<>& taken_over, TimePoint now);
  /// The caller is about to leave for somebody else: their media stream may end, and another begin
  /// should they come back.
  void on_caller_leaving(TimePoint now);
  /// Between `on_caller_leaving` and what came of it.
  bool is_leaving() const;
  /// Whether a stream may be attached: there is none, and none has ended but that of a caller who
  /// was leaving.
  bool takes_media() const;
  /// Somebody else has the leg now: the session ends, the leg does not.
  void hand_over(std::string_view to, TimePoint now);

  /// What a tool has given, or an error, as JSON.
  void on_tool_result(const std::string& call_id, const std::string& output_json, TimePoint now);
  /// A tool takes longer than a listener waits in silence.
  void on_tool_slow(std::string_view hint, TimePoint now);
  /// A result that came after its deadline: kept as context.
  void on_tool_late(std::string_view tool, const std::string& output_json, TimePoint now);

  /// Says goodbye and hangs up when it has been heard.
  void end_politely(EndReason reason, TimePoint now);
  /// Hangs up at once.
  void cancel(std::string_view why, TimePoint now);
  /// Has the caller enter something; its end is told once, by the end of the call at the latest. A
  /// collection that runs is replaced. `Errc::conflict` when the call is over; `invalid_argument`.
  Result<> collect_digits(const DigitRules& rules, std::function<void(const CollectedDigits&)> done,
                          TimePoint now);
  /// What the carrier made of `CallHost::send_dtmf`.
  void on_dtmf_sent(const Result<>& done, TimePoint now);
  /// Has the talk so far summarised, by the model within `CallOptions::summary_timeout`, else from
  /// the transcript. The talk goes on meanwhile, and its end waits for nothing but leaves the model
  /// its time. `done` runs once, perhaps inside of this; when the call is over, too.
  void summarize(std::function<void(const TalkSummary&)> done, TimePoint now);
  /// A summary is being made: the session has to be kept, and its deadlines, though the call is
  /// over.
  bool summarizing() const;
  /// Something the model shall know.
  void add_note(AddNote note, TimePoint now);
  /// A turn of the caller that came as text.
  void add_text(std::string text, TimePoint now);

  void on_media_start(const MediaStart& start, TimePoint now) override;
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) override;
  void on_media_mark(std::string_view name, TimePoint now) override;
  void on_media_played(Micros played, TimePoint now) override;
  void on_media_dtmf(char digit, TimePoint now) override;
  void on_media_stop(const std::optional<Error>& why, TimePoint now) override;
  void audio_footprint(Footprint& to) const override;
  void on_speech_audio(std::string_view utterance, const AudioPayload& audio,
                       TimePoint now) override;
  void on_speech_event(const SpeechEvent& event, TimePoint now) override;

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);

  /// Where the call is.
  CallState state() const;
  /// As it stands; complete when the call has ended.
  CallRecord record(TimePoint now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
