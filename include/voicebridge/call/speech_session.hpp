#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A tool as the model is told of it. `parameters_json` is a JSON Schema object.
struct ToolSpec {
  std::string name;             ///< 1 to 64 letters, digits, _ and -.
  std::string description;      ///< When and why to call it, for the model.
  std::string parameters_json;  ///< Of its arguments.
};

/// One wish of the model. `id` is opaque and unique in the session.
struct ToolCall {
  std::string id;              ///< The service's; the result goes back by it.
  std::string name;            ///< The tool's.
  std::string arguments_json;  ///< Text from a model: may be anything.
};

/// The two sides of a talk.
enum class Speaker { caller, agent };
/// The name as it stands in records, logs and messages.
std::string_view VOICEBRIDGE_API to_string(Speaker speaker) noexcept;

/// A turn of an earlier conversation, given to a new session as text.
struct HistoryItem {
  Speaker speaker;   ///< Whose turn it was.
  std::string text;  ///< What was said, as far as it was heard.
};

/// How the end of the caller's turn is found.
struct TurnDetection {
  /// Who finds the end of a turn.
  enum class Mode {
    server_vad,    ///< The model service listens for the end by itself and answers.
    semantic_vad,  ///< The same, judging by what was said.
    manual,        ///< The caller of this interface sends `EndTurn`.
  };
  Mode mode = Mode::server_vad;  ///< Who finds it.
  double threshold = 0.5;        ///< How loud counts as speech, 0 … 1.
  Millis prefix_padding{300};    ///< Audio kept from before speech was noticed.
  Millis silence{500};           ///< How long silence ends a turn.
  bool respond = true;           ///< The service answers a finished turn by itself.
  bool interrupt = true;         ///< The service stops its answer when the caller speaks.
};

/// Who carries the audio between the caller and the model.
enum class MediaOwner {
  client,   ///< This side: `append_audio` and `on_speech_audio`.
  service,  ///< The service, by WebRTC or SIP: no audio passes here, and it knows what was heard.
};

/// All that a session starts with.
struct SpeechSpec {
  MediaOwner media = MediaOwner::client;  ///< `service`: the formats mean nothing.
  AudioFormat input;                      ///< What `append_audio` will be given.
  AudioFormat output;                     ///< What `on_speech_audio` shall be given.
  std::string instructions;               ///< Who the agent is.
  std::string voice;                      ///< The service's name of it; empty: its default.
  std::string transcription_model;        ///< Empty: the caller's words are not transcribed.
  std::string transcription_language;     ///< ISO 639-1, empty: found by the service.
  TurnDetection turns;                    ///< How the end of the caller's turn is found.
  std::vector<ToolSpec> tools;            ///< What the model may call.
  std::vector<HistoryItem> history;       ///< What was said before, oldest first.
};

/// How much of an utterance the caller has heard when it was interrupted.
struct PlayedPosition {
  std::string utterance;  ///< Which one was playing.
  Millis heard{0};        ///< Of it.
};

/// Why the agent is to stop.
enum class InterruptCause {
  barge_in,  ///< The caller spoke; the service may have stopped by itself already.
  policy,    ///< The application wants silence.
};

/// Intentions. What they become on the wire is the adapter's business.
struct Say {                 ///< Speak now or as soon as the running answer is over.
  std::string instructions;  ///< What to say, in own words; empty: answer by what was said so far.
  bool allow_tools = true;   ///< False: it speaks, whatever it would rather look up.
};
/// Something the model shall know; does not make it speak.
struct AddNote {
  /// A rule it has to follow, or a fact it may use; which of both.
  /// Something it has to follow, or something it may use.
  enum class Kind { rule, fact } kind = Kind::fact;  ///< Which of both.
  std::string text;                                  ///< In plain words.
};
/// A turn of the caller that came as text; asks for an answer.
struct UserText {
  std::string text;  ///< What they wrote.
};
/// The answer to one tool call; the adapter goes on when all of a batch are there.
struct ToolResult {
  std::string call_id;      ///< `ToolCall::id`
  std::string output_json;  ///< What the tool gave, or an error, as JSON.
  bool respond = true;      ///< False: the model shall not speak because of it.
};
/// Manual turns: takes over what the caller said so far.
struct EndTurn {
  bool respond = true;  ///< The caller has finished; asks for an answer.
};
/// A text about the talk so far, made beside it: nothing is said, and it is no turn. One
/// `SummaryMade` with the key answers it.
struct Summarize {
  std::string key;           ///< Comes back in `SummaryMade`.
  std::string instructions;  ///< What to write.
};
/// Something that is wanted of a session.
using SpeechRequest = std::variant<Say, AddNote, UserText, ToolResult, EndTurn, Summarize>;

/// What changes in a running session; empty optionals stay as they are.
struct SpeechPatch {
  std::optional<std::string> instructions;     ///< All of them; the session's are replaced.
  std::optional<std::vector<ToolSpec>> tools;  ///< All of them; those of the session are replaced.
  std::optional<AudioFormat>
      input;  ///< Audio given before `SpeechReconfigured` is read in the old format.
  std::optional<AudioFormat> output;  ///< From the next utterance on.
};

/// Observations of a session.
struct SpeechReady {  ///< Configured: audio may flow. Comes once for a session.
  std::string session_id;
  Millis lifetime{0};  ///< How long the service keeps the session from now on; 0: no limit known.
};
struct SpeechReconfigured {  ///< The service has taken over a `reconfigure`. One for each.
};
/// The service hears the caller begin or stop.
struct CallerActivity {
  bool speaking;  ///< True: they begin.
};
/// The agent begins to speak; its audio follows.
struct UtteranceStarted {
  std::string utterance;  ///< Which one.
};
/// No more audio will come for it; `complete` is false when it was cut off.
struct UtteranceEnded {
  std::string utterance;  ///< Which one.
  bool complete;          ///< False: it was cut off.
};
/// `MediaOwner::service` only: the caller begins to hear it.
struct PlayoutStarted {
  std::string utterance;  ///< Which one.
};
/// `MediaOwner::service` only: nothing of it is heard any more.
struct PlayoutEnded {
  std::string utterance;  ///< Which one.
  bool complete;          ///< False: it was cut off by the caller or by `interrupt`.
};
/// The service took back what was not heard of an utterance.
struct UtteranceCut {
  std::string utterance;  ///< Which one.
  Millis heard;           ///< Of it.
};
/// `MediaOwner::service` only: a key of the caller's telephone.
struct CallerKey {
  char digit;  ///< 0-9, A-D, * or #.
};
/// What either side said, in words.
struct Transcript {
  Speaker speaker;      ///< Whose words they are.
  std::string segment;  ///< Pieces of one turn share it; for the agent it is the utterance.
  std::string text;     ///< A delta, or with `final` the whole text.
  bool final;           ///< Whether the text is whole.
};
/// All calls of one answer together.
struct ToolCallsWanted {
  std::vector<ToolCall> calls;  ///< In the model's order.
};
/// The model's answer is over. Exactly one for each `ReplyStarted`.
struct ReplyEnded {
  /// What became of an answer.
  enum class Outcome { completed, cancelled, failed, incomplete } outcome;  ///< How it ended.
  std::optional<Error> error;                                               ///< Of a failure.
  bool spoke;  ///< Whether any audio came.
};
struct ReplyStarted {};
/// Of one answer; tokens by kind. What was cached is part of the input.
struct SpeechUsage {
  /// Input: text, audio and pictures.
  ///@{
  /// Input: text, audio and pictures.
  std::int64_t input_text = 0, input_audio = 0, input_image = 0;
  ///@}
  /// Of that, what was in the service's cache.
  ///@{
  /// Of that, what was in the service's cache.
  std::int64_t cached_text = 0, cached_audio = 0, cached_image = 0;
  ///@}
  /// Output: text and audio.
  ///@{
  /// Output: text and audio.
  std::int64_t output_text = 0, output_audio = 0;
  ///@}
  std::string model;  ///< What answered; the price list is by model.
};
/// What the transcription of a turn of the caller took.
struct HearingUsage {
  /// Tokens, where the model counts them.
  ///@{
  /// Tokens, of models that count them: text and audio in, text out.
  std::int64_t input_text = 0, input_audio = 0, output_text = 0;  ///< Tokens, or …
  ///@}
  double seconds = 0;  ///< … time.
  std::string model;   ///< Which model transcribed.
};
/// What came of a `Summarize`. Not told when the session was closed before.
struct SummaryMade {
  std::string key;           ///< `Summarize::key`
  Result<std::string> text;  ///< The text, or why there is none.
};
/// Something went wrong and the session lives on.
struct SpeechFault {
  Error error;  ///< What it is.
  /// How bad it is.
  /// Benign: nothing is to be done about it.
  enum class Severity { benign, recoverable } severity;  ///< How bad it is.
};
/// The session is over, exactly once. No error: this side closed it.
struct SpeechClosed {
  std::optional<Error> error;  ///< Why; nothing: this side closed it.
  bool fatal = false;  ///< Opening another session will fail the same way (key, quota, model).
};
/// Something that a session tells.
using SpeechEvent = std::variant<SpeechReady, SpeechReconfigured, CallerActivity, UtteranceStarted,
                                 UtteranceEnded, PlayoutStarted, PlayoutEnded, UtteranceCut,
                                 CallerKey, Transcript, ToolCallsWanted, ReplyStarted, ReplyEnded,
                                 SpeechUsage, HearingUsage, SummaryMade, SpeechFault, SpeechClosed>;

/// What comes from a model, on the call's thread.
class VOICEBRIDGE_API SpeechObserver {
 public:
  virtual ~SpeechObserver() = default;
  /// Agent audio in `SpeechSpec::output`. Comes faster than it can be played. Views are valid
  /// during the call only.
  virtual void on_speech_audio(std::string_view utterance, const AudioPayload& audio,
                               TimePoint now) = 0;
  /// Everything that is no audio, in the order in which it happened.
  virtual void on_speech_event(const SpeechEvent& event, TimePoint now) = 0;
  /// Adds what `on_speech_audio` will touch. Nothing need be added.
  virtual void speech_footprint(Footprint& /*to*/) const {}
};

/// A conversation with a speech-to-speech model, whatever its vendor: intentions in, observations
/// out. Nothing above this line may assume turns, item ids or that the model wants to know what was
/// heard. Used on the call's thread only. Callbacks never run inside `start`.
class VOICEBRIDGE_API SpeechSession {
 public:
  virtual ~SpeechSession() = default;
  /// Once. Audio given before `SpeechReady` is the caller's to keep: `append_audio` drops it.
  virtual void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) = 0;
  /// The caller's audio, in `SpeechSpec::input`. Views need to be valid during the call only.
  virtual void append_audio(const AudioPayload& audio, TimePoint now) = 0;
  /// Wants something of the model. What cannot be done at once is queued, within a limit of the
  /// adapter.
  virtual void request(SpeechRequest request, TimePoint now) = 0;
  /// Stops the running answer. `heard` tells where the caller's hearing ended, when something was
  /// playing.
  virtual void interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                         TimePoint now) = 0;
  /// Changes the running session; `SpeechReconfigured` follows.
  virtual void reconfigure(SpeechPatch patch, TimePoint now) = 0;
  /// Ends the session; `SpeechClosed` follows.
  virtual void close(TimePoint now) = 0;
  /// Adds what `append_audio` will touch. Nothing need be added.
  virtual void footprint(Footprint& /*to*/) const {}
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
