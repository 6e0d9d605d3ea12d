#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {

/// A tool as the model is told of it. `parameters_json` is a JSON Schema object.
struct ToolSpec {
  std::string name;
  std::string description;
  std::string parameters_json;
};

/// One wish of the model. `id` is opaque and unique in the session.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments_json;  ///< Text from a model: may be anything.
};

enum class Speaker { caller, agent };
std::string_view VOICEBRIDGE_API to_string(Speaker speaker) noexcept;

/// A turn of an earlier conversation, given to a new session as text.
struct HistoryItem {
  Speaker speaker;
  std::string text;
};

/// How the end of the caller's turn is found.
struct TurnDetection {
  enum class Mode {
    server_vad,    ///< The model service listens for the end by itself and answers.
    semantic_vad,  ///< The same, judging by what was said.
    manual,        ///< The caller of this interface sends `EndTurn`.
  };
  Mode mode = Mode::server_vad;
  double threshold = 0.5;
  Millis prefix_padding{300};
  Millis silence{500};
  bool respond = true;    ///< The service answers a finished turn by itself.
  bool interrupt = true;  ///< The service stops its answer when the caller speaks.
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
  std::string instructions;
  std::string voice;
  std::string transcription_model;     ///< Empty: the caller's words are not transcribed.
  std::string transcription_language;  ///< ISO 639-1, empty: found by the service.
  TurnDetection turns;
  std::vector<ToolSpec> tools;
  std::vector<HistoryItem> history;
};

/// How much of an utterance the caller has heard when it was interrupted.
struct PlayedPosition {
  std::string utterance;
  Millis heard{0};
};

enum class InterruptCause {
  barge_in,  ///< The caller spoke; the service may have stopped by itself already.
  policy,    ///< The application wants silence.
};

/// Intentions. What they become on the wire is the adapter's business.
struct Say {                 ///< Speak now or as soon as the running answer is over.
  std::string instructions;  ///< What to say, in own words; empty: answer by what was said so far.
  bool allow_tools = true;
};
struct AddNote {  ///< Something the model shall know; does not make it speak.
  enum class Kind { rule, fact } kind = Kind::fact;
  std::string text;
};
struct UserText {  ///< A turn of the caller that came as text; asks for an answer.
  std::string text;
};
struct ToolResult {  ///< The answer to one tool call; the adapter goes on when all of a batch are
                     ///< there.
  std::string call_id;
  std::string output_json;
  bool respond = true;  ///< False: the model shall not speak because of it.
};
struct EndTurn {        ///< Manual turns: takes over what the caller said so far.
  bool respond = true;  ///< The caller has finished; asks for an answer.
};
struct Summarize {  ///< A text about the talk so far, made beside it: nothing is said, and it is no
                    ///< turn. One `SummaryMade` with the key answers it.
  std::string key;
  std::string instructions;  ///< What to write.
};
using SpeechRequest = std::variant<Say, AddNote, UserText, ToolResult, EndTurn, Summarize>;

/// What changes in a running session; empty optionals stay as they are.
struct SpeechPatch {
  std::optional<std::string> instructions;
  std::optional<std::vector<ToolSpec>> tools;
  std::optional<AudioFormat>
      input;  ///< Audio given before `SpeechReconfigured` is read in the old format.
  std::optional<AudioFormat> output;
};

/// Observations of a session.
struct SpeechReady {  ///< Configured: audio may flow. Comes once for a session.
  std::string session_id;
  Millis lifetime{0};  ///< How long the service keeps the session from now on; 0: no limit known.
};
struct SpeechReconfigured {  ///< The service has taken over a `reconfigure`. One for each.
};
struct CallerActivity {  ///< The service hears the caller begin or stop.
  bool speaking;
};
struct UtteranceStarted {  ///< The agent begins to speak; its audio follows.
  std::string utterance;
};
struct UtteranceEnded {  ///< No more audio will come for it; `complete` is false when it was cut
                         ///< off.
  std::string utterance;
  bool complete;
};
struct PlayoutStarted {  ///< `MediaOwner::service` only: the caller begins to hear it.
  std::string utterance;
};
struct PlayoutEnded {  ///< `MediaOwner::service` only: nothing of it is heard any more.
  std::string utterance;
  bool complete;  ///< False: it was cut off by the caller or by `interrupt`.
};
struct UtteranceCut {  ///< The service took back what was not heard of an utterance.
  std::string utterance;
  Millis heard;
};
struct CallerKey {  ///< `MediaOwner::service` only: a key of the caller's telephone.
  char digit;
};
struct Transcript {
  Speaker speaker;
  std::string segment;  ///< Pieces of one turn share it; for the agent it is the utterance.
  std::string text;     ///< A delta, or with `final` the whole text.
  bool final;
};
struct ToolCallsWanted {  ///< All calls of one answer together.
  std::vector<ToolCall> calls;
};
struct ReplyEnded {  ///< The model's answer is over. Exactly one for each `ReplyStarted`.
  enum class Outcome { completed, cancelled, failed, incomplete } outcome;
  std::optional<Error> error;
  bool spoke;  ///< Whether any audio came.
};
struct ReplyStarted {};
struct SpeechUsage {  ///< Of one answer; tokens by kind. What was cached is part of the input.
  std::int64_t input_text = 0, input_audio = 0, input_image = 0;
  std::int64_t cached_text = 0, cached_audio = 0, cached_image = 0;
  std::int64_t output_text = 0, output_audio = 0;
  std::string model;  ///< What answered; the price list is by model.
};
struct HearingUsage {  ///< What the transcription of a turn of the caller took.
  std::int64_t input_text = 0, input_audio = 0, output_text = 0;  ///< Tokens, or …
  double seconds = 0;                                             ///< … time.
  std::string model;
};
struct SummaryMade {  ///< What came of a `Summarize`. Not told when the session was closed before.
  std::string key;
  Result<std::string> text;
};
struct SpeechFault {  ///< Something went wrong and the session lives on.
  Error error;
  enum class Severity { benign, recoverable } severity;
};
struct SpeechClosed {  ///< The session is over, exactly once. No error: this side closed it.
  std::optional<Error> error;
  bool fatal = false;  ///< Opening another session will fail the same way (key, quota, model).
};
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
  virtual void on_speech_event(const SpeechEvent& event, TimePoint now) = 0;
};

/// A conversation with a speech-to-speech model, whatever its vendor: intentions in, observations
/// out. Nothing above this line may assume turns, item ids or that the model wants to know what was
/// heard. Used on the call's thread only. Callbacks never run inside `start`.
class VOICEBRIDGE_API SpeechSession {
 public:
  virtual ~SpeechSession() = default;
  /// Once. Audio given before `SpeechReady` is the caller's to keep: `append_audio` drops it.
  virtual void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) = 0;
  virtual void append_audio(const AudioPayload& audio, TimePoint now) = 0;
  virtual void request(SpeechRequest request, TimePoint now) = 0;
  /// Stops the running answer. `heard` tells where the caller's hearing ended, when something was
  /// playing.
  virtual void interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                         TimePoint now) = 0;
  /// Changes the running session; `SpeechReconfigured` follows.
  virtual void reconfigure(SpeechPatch patch, TimePoint now) = 0;
  /// Ends the session; `SpeechClosed` follows.
  virtual void close(TimePoint now) = 0;
};

}  // namespace voicebridge
