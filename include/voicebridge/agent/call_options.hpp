#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/agent/playback.hpp"
#include "voicebridge/agent/price_list.hpp"
#include "voicebridge/agent/transfer_target.hpp"
#include "voicebridge/audio/wav.hpp"
#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What an answering machine gets.
enum class MachinePolicy { hang_up, leave_message };

/// What a phone gets that asks who calls before it rings.
enum class ScreeningPolicy {
  talk,  ///< `screening_answer`; then the person is waited for.
  hang_up,
};

/// What becomes of the caller when the model is lost for good, once they were told.
enum class ModelLossPolicy {
  hang_up,
  transfer,  ///< To the default target; hung up when there is none or it fails.
  keep,      ///< The call goes on without a model, until somebody ends it.
};

/// When a lead is called again whom a call did not reach.
struct RedialOptions {
  std::vector<Millis> after;  ///< From the end of the first call, of the second …; then no more.
  bool not_reached = true;    ///< Busy, no answer, declined.
  bool machine = true;        ///< A machine, whether a message was left or not.
};

/// What becomes of the keys that a caller presses. They are never logged.
struct KeyOptions {
  bool masked = false;      ///< The transcript has a dot for each.
  bool tell_model = true;   ///< False: it learns how many there were.
  bool tell_tools = true;   ///< Tools find the last entry in `ToolInvocation::context` as `keys`.
  bool voice_ends = false;  ///< Who speaks ends the collection of the tool `collect_digits`.
};

/// Who records a call.
enum class RecordedBy {
  nobody,
  us,       ///< A stereo file, as heard, in `PhoneAgentOptions::record_dir`, when there is one.
  carrier,  ///< In two channels, where the carrier can.
};

/// What a recording waits for.
enum class RecordingConsent {
  none,       ///< Nothing: it begins with the audio.
  announced,  ///< `RecordingOptions::announcement` was heard to its end.
  agreed,     ///< … and the caller has agreed, by voice (the tool `recording_consent`) or by key.
};

/// Who records a call, what it waits for, and how long it is kept.
struct RecordingOptions {
  RecordedBy by = RecordedBy::us;                     ///< Who records.
  RecordingConsent consent = RecordingConsent::none;  ///< What the recording waits for.
  /// Said first, word for word. One that is interrupted is said again, twice; then there is no
  /// recording.
  std::string announcement;
  char agree_key = 0;                 ///< 0-9, * or #, while consent is asked for; 0: none.
  char refuse_key = 0;                ///< As `agree_key`: no recording.
  bool pause_for_masked_keys = true;  ///< While masked keys are collected.
  Millis retention{0};                ///< Then call and recording are to be removed; 0: kept.
};

/// The rules of one call. The defaults are those of a polite phone agent.
struct CallOptions {
  std::string call_id;  ///< Ours; in every log line, tool call and record.
  SpeechSpec speech;    ///< Formats are what is asked of the carrier; what it says later wins.
  std::string
      greeting;  ///< How to begin, as an instruction to the model; empty: the caller speaks first.
  /// How to end the call, as an instruction.
  std::string goodbye = "Say goodbye in one short, friendly sentence.";
  /// What to say while a tool is slow, as an instruction.
  std::string filler = "Say in at most six words that you are looking it up. Nothing else.";
  /// What to say to a silent caller, as an instruction.
  std::string silence_prompt =
      "The caller has been silent. Ask in one short sentence whether they are still there.";
  std::string apology =
      "I am sorry, there is a technical problem. Goodbye.";  ///< Spoken by the carrier when the
                                                             ///< model is lost.
  /// What to say to a machine, as an instruction.
  std::string voicemail =
      "Leave a short message with who you are and that you will call again. Then stop.";

  /// Left on a machine instead of what the model says by `voicemail`: mono, see `read_wav`.
  std::shared_ptr<const WavAudio> voicemail_audio;
  /// What to say to a phone that asks who calls, as an instruction.
  std::string screening_answer =
      "A call screening asks who is calling. Say in one short sentence who you are and why you "
      "call. Then stop and wait.";

  bool expects_amd = false;       ///< The carrier was asked who picks up.
  bool detect_screening = false;  ///< … and whether the call is screened.
  /// The agent begins to talk before it is known who picked up, and stops when it was a machine.
  /// False: a caller waits for the verdict in silence.
  bool greet_before_verdict = true;
  MachinePolicy on_machine = MachinePolicy::hang_up;     ///< What an answering machine gets.
  ScreeningPolicy on_screening = ScreeningPolicy::talk;  ///< What a phone gets that asks who calls.
  Millis amd_timeout{35000};                             ///< From answer; then it was a human.
  Millis beep_timeout{30000};      ///< From the verdict; then the message is left anyway.
  Millis message_cap{60000};       ///< From the beep: for the message to be said.
  Millis screened_timeout{60000};  ///< From our answer: for somebody to take a screened call.

  Millis ring_timeout{
      60000};  ///< From the start, then from dialing, to the answer: when the carrier says nothing.
  Millis media_timeout{10000};  ///< From answer to the first word of the media stream.
  Millis model_timeout{
      15000};  ///< From the begin of the media, or of a lost session, to a model that listens.
  Millis silence_prompt_after{10000};  ///< Nobody spoke for so long. 0: never asked.
  unsigned silence_prompts = 2;        ///< Then the call is ended.
  Millis max_length{900000};           ///< From answer; a goodbye is said shortly before.
  Millis goodbye_cap{15000};           ///< The hang-up waits for the goodbye no longer than this.
  Millis reply_timeout{8000};  ///< A turn of the caller without an answer is asked for again, once.
  Millis speak_cap{10000};     ///< For the carrier's own voice to say the apology.
  unsigned model_reopen_limit = 5;  ///< A lost session is opened again so often in a row.

  Millis ring_buffer{3000};  ///< Caller audio kept until the model is ready; the oldest goes first.
  Millis gap_after{200};     ///< Silence is filled in when no audio came for so long.
  Millis digit_pause{1500};  ///< Keys pressed within it are one entry.
  RedialOptions retry;       ///< When the lead is called again if this call did not reach them.
  RecordingOptions recording;  ///< Who records it.
  KeyOptions keys;             ///< What becomes of the keys pressed.
  bool sends_dtmf = false;     ///< The carrier can: the tool `send_dtmf` is offered.
  bool local_vad = false;      ///< Turns are found here and committed by `EndTurn`.
  Millis min_commit{120};      ///< local_vad: shorter speech is noise.
  Millis max_commit{800};      ///< local_vad: speech is handed over in pieces of at most this.
  bool media_is_call = false;  ///< There is no call beside the stream: its end is the call's.
  PlaybackOptions playback;    ///< How far ahead of the ear audio is sent.

  /// Who the caller can be handed to by `transfer_to_human`, by a name as the model says it, such
  /// as "sales". Empty: the tool is not offered.
  std::map<std::string, TransferTarget> transfer_targets;
  std::string default_transfer;  ///< The name taken when the model names none; empty: the first.
  /// What to say before a caller is put through, as an instruction.
  std::string transfer_sentence =
      "Say in one short sentence that you are putting the caller through now. Nothing else.";
  /// For the carrier to take the caller over, beyond the time it lets the other phone ring.
  Millis transfer_timeout{30000};
  /// Played while the caller is on hold: mono, see `read_wav`, over and over. Null: soft tones.
  std::shared_ptr<const WavAudio> hold_music;

  Millis reopen_delay{250};  ///< Before the second try to open a lost session again, then doubled …
  Millis reopen_delay_max{4000};    ///< … up to this. The first is made at once.
  Millis rollover_before{120000};   ///< Before the service ends a session its successor is opened,
                                    ///< to take over when nobody speaks and nothing runs …
  Millis rollover_force{10000};     ///< … and in any case so long before the end.
  std::size_t replayed_turns = 20;  ///< A new session gets so many turns as they were heard, and a
                                    ///< summary of those before.
  Millis retry_wait_max{10000};     ///< A failed answer that may be asked for again only later than
                                    ///< this is not.
  /// Spoken to the caller when the model is lost, instead of `apology`: mono, see `read_wav`. Where
  /// the call has no media stream `apology` is spoken all the same.
  std::shared_ptr<const WavAudio> apology_audio;
  /// What becomes of the caller when the model is lost for good.
  ModelLossPolicy on_model_lost = ModelLossPolicy::hang_up;

  /// What the model is asked for when the talk is handed on; see `CallSession::summarize`.
  std::string summary_request =
      "Summarise this conversation for a colleague who goes on with it by phone. Name what the "
      "person wants, the facts that were checked, objections, the tone, and the language spoken. "
      "Plain text, at most 120 words, no greeting, nothing that was not said.";
  Millis summary_timeout{4000};  ///< Then the transcript has to do; 0: it does at once.
  bool summary_at_end = false;   ///< The end of the call hands its talk on, too.

  std::shared_ptr<const PriceList> prices;  ///< Null: `default_prices`.
  double budget_usd = 0;     ///< What the call may cost; then it says goodbye. 0: no limit.
  double budget_warn = 0.8;  ///< From this share on the model is told to come to an end.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
