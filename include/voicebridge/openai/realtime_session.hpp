#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/openai/session_config.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// How long a session waits, and who else is told.
struct RealtimeSessionRules {
  Millis configure_timeout{
      10000};  ///< From the open socket to `session.updated`; then the session closes.
  Millis response_timeout{
      10000};  ///< From `response.create` to `response.created`; then it counts as lost.
  Millis silence_timeout{
      20000};  ///< Without any event while a response runs; then the reply has failed.
  Millis close_timeout{2000};  ///< For the closing handshake.
  Millis lifetime{3600000};    ///< How long the service keeps a session; 0: no limit known.
  /// Tells how much of it is left where the service says when it ends. Nothing: counted from the
  /// open socket, although the session attached to may be older.
  std::function<UnixMillis()> wall_clock;
  /// Sees every event of the service before it is handled. The text is valid during the call only.
  std::function<void(std::string_view event_json, TimePoint now)> on_raw_event;
};

/// The rules of a conversation, and what it begins with.
struct RealtimeSessionOptions : RealtimeSessionRules {
  /// What the session is beyond its `SpeechSpec`: noise reduction, reasoning, MCP tools, the
  /// voice's speed … What both say, the spec says.
  SessionConfig session;
};

/// What was counted over the life of a session.
struct RealtimeStats {
  std::uint64_t appended = 0;           ///< Pieces of caller audio sent.
  std::uint64_t dropped_not_ready = 0;  ///< Pieces given before `SpeechReady` or after the end.
  std::uint64_t dropped_unfit =
      0;  ///< Pieces in another format than agreed, malformed or too large.
  std::uint64_t dropped_backlog = 0;  ///< Pieces the connection could not take.
  std::uint64_t stray_audio = 0;     ///< Agent audio of a response that is over or was interrupted.
  std::uint64_t dropped_wishes = 0;  ///< Requests beyond the queue's limit.
  std::uint64_t unknown_events = 0;  ///< Events whose type is newer than this library.
  std::uint64_t malformed_events = 0;  ///< Texts of the service that were no event.
};

/// The Realtime protocol over a WebSocket, without the WebSocket: text in, text out, time as an
/// argument.
///
/// A driver tells it what the connection does (`on_open`, `receive`, `on_closed`) and calls
/// `on_deadline` when `next_deadline` has come. The observer is called inside these functions only,
/// never inside those of `SpeechSession`: what they cause is told at the next deadline, which is
/// then at once.
///
/// With `MediaOwner::service` it is attached to a call by WebRTC or SIP: it sends neither audio nor
/// formats, utterances begin without audio, what is played and heard is told, `append_audio` drops,
/// an interruption by the caller is the service's affair, and the end of the connection in good
/// order is that of the call (`SpeechClosed` without an error). One that is lost can be followed by
/// another session to the same call: the conversation lives on there, results of tool calls that
/// the lost one wanted are taken, and `SpeechSpec::history` would be added to what is there.
///
/// Responses run one at a time; two that are lost or fall silent in a row end the session. An
/// utterance is one message item; utterances do not overlap. The caller's words come with the item
/// as the segment; an empty delta claims the segment's place in the conversation when its turn
/// ends, as the text can come much later.
///
/// @par Threads One, the connection's.
class VOICEBRIDGE_API RealtimeSession final : public SpeechSession {
 public:
  /// `sink` must outlive the session.
  RealtimeSession(RealtimeSessionOptions options, WireSink& sink);
  ~RealtimeSession() override;
  RealtimeSession(const RealtimeSession&) = delete;
  RealtimeSession& operator=(const RealtimeSession&) = delete;

  /// A format or tool that the service would refuse closes the session, fatally.
  void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) override;
  /// Base64 goes out as it is; bytes are encoded without a lasting allocation. At most 15 MiB a
  /// piece.
  void append_audio(const AudioPayload& audio, TimePoint now) override;
  /// Requests and changes before `SpeechReady` wait for it, 16 of each at most.
  void request(SpeechRequest request, TimePoint now) override;
  /// Also right when the answer was generated long ago and is only still being played.
  void interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                 TimePoint now) override;
  /// Refused changes are told by a `SpeechFault` instead of `SpeechReconfigured`; nothing of them
  /// is taken over.
  void reconfigure(SpeechPatch patch, TimePoint now) override;
  void close(TimePoint now) override;
  void footprint(Footprint& to) const override;
  /// Adds what `receive` will touch when audio comes.
  void receive_footprint(Footprint& to) const;

  /// The socket is open.
  void on_open(TimePoint now);
  /// One text message of the service.
  void receive(std::string_view text, TimePoint now);
  /// The socket is gone; `code` as RFC 6455 section 7.4.
  void on_closed(std::uint16_t code, std::string_view reason, TimePoint now);
  /// There will be no connection. Fatal when the service said so by HTTP status 400, 401, 403 or
  /// 404, except that 404 is the end of the call that the session was to be attached to.
  void on_connect_failed(Error error, TimePoint now);
  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);

  /// Whether the session has ended, though `SpeechClosed` may still have to be told.
  bool is_over() const noexcept;
  /// The observer is not called any more.
  void detach() noexcept;
  /// As they stand.
  const RealtimeStats& stats() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
