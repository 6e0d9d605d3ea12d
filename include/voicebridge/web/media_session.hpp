#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/web/event_feed.hpp"
#include "voicebridge/web/page_message.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What happened on one socket of a page.
struct WebMediaCounters {
  std::uint64_t frames_in = 0;      ///< Frames of the microphone handed on.
  std::uint64_t bytes_in = 0;       ///< Their audio.
  std::uint64_t frames_out = 0;     ///< Binary messages sent.
  std::uint64_t bytes_out = 0;      ///< Their audio.
  std::uint64_t events_out = 0;     ///< Events of the feed sent.
  std::uint64_t events_lost = 0;    ///< Kept no longer when the page came for them.
  std::uint64_t malformed = 0;      ///< Messages that are none of the page's, or too many of them.
  std::uint64_t too_fast = 0;       ///< Frames dropped: more audio than time has passed.
  std::uint64_t ignored = 0;        ///< Messages that make no sense at this time.
  std::uint64_t bad_positions = 0;  ///< Positions that cannot be: ignored.
  std::uint64_t gaps = 0;           ///< Times the microphone stayed away for `media_timeout`.
  std::uint64_t dropped_out = 0;  ///< Messages not sent: before `ready`, after the end, backed up.
};

/// What a page's socket may do.
struct WebMediaSessionOptions {
  bool audio = true;            ///< False: a socket for events alone.
  Millis hello_timeout{5000};   ///< Without a hello by then the socket is closed with 4401.
  Millis media_timeout{10000};  ///< Audio away for so long is reported once; 0: never.
  Millis max_ahead{5000};       ///< So much more audio than time has passed may come in a burst.
  Millis max_frame{1000};       ///< Longer frames of the microphone count as malformed.
  std::size_t max_audio_backlog = 256 * 1024;  ///< With so many bytes unsent audio is refused.
  unsigned message_rate = 100;      ///< Text messages a second; ten seconds' worth in a burst.
  unsigned max_malformed = 100;     ///< More malformed messages than this close the socket.
  web::PageMessageLimits messages;  ///< How long the parts of messages may be.
  /// Told of what does not end the stream: silence of the page. On the session's thread.
  std::function<void(const Error&)> on_trouble;
  /// Has `on_wake` called soon, on the session's thread. From any thread, also when the session is
  /// gone. Needed.
  std::function<void()> wake;
};

/// Who has come, by the hello: what the session goes on with.
struct WebVisitor {
  std::shared_ptr<EventFeed> events;  ///< Needed.
  std::string agent;                  ///< Its name, told to the page; so the next.
  std::string language;               ///< ISO 639-1, told to the page.
  /// Everything the page says that is no matter of audio. May be null.
  std::function<void(const web::PageMessage&)> on_message;
  std::shared_ptr<MediaObserver> audio;  ///< Needed on a socket with audio.
};

/// The protocol of a page's socket, without I/O: `GET /api/web/stream`, which is a `MediaStream` in
/// linear audio of 24000 Hz both ways with events beside it, or `GET /api/web/events`.
///
/// Feed it with `receive_text` and `receive_binary`, call `on_deadline` at `next_deadline`,
/// `on_wake` when it asked for it, `on_writable`, and `on_socket_closed` at the end. The first
/// message has to be a hello, which `admit` is asked about. The observer of the audio gets
/// `on_media_start` once, then everything else, then `on_media_stop` exactly once.
///
/// `close` ends the audio, not the socket: events go on until their feed is closed, which closes
/// the socket with 1000. Marks have numbers on the wire, so an answer after a clear is never taken
/// for one of a later mark of the same name. Positions are exact: a clear has a mark of its own
/// before it, whose answer says at which sample it took effect.
/// @par Threads The socket's own.
class VOICEBRIDGE_API WebMediaSession final : public MediaStream {
 public:
  /// Asked once, inside `receive_text`. An error closes the socket: with 4401 for
  /// `unauthenticated`, `permission_denied` and `not_found`, 4409 for `conflict`, 4429 for
  /// `resource_exhausted`, else 1011.
  using Admit = std::function<Result<WebVisitor>(const web::PageHello& hello, TimePoint now)>;

  /// Waits for the hello. `sink` must outlive the session, or be told as closed.
  WebMediaSession(WireSink& sink, Admit admit, WebMediaSessionOptions options, TimePoint now);
  ~WebMediaSession() override;

  /// A text message of the page.
  void receive_text(std::string_view text, TimePoint now);
  /// A binary message of the page: audio.
  void receive_binary(std::string_view data, TimePoint now);
  /// The sink's backlog has gone out.
  void on_writable(TimePoint now);
  /// What `WebMediaSessionOptions::wake` asked for.
  void on_wake(TimePoint now);
  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);
  /// The socket is gone; `code` as RFC 6455 section 7.4. The sink is not used any more.
  void on_socket_closed(std::uint16_t code, TimePoint now);

  /// False also for another format than linear audio of 24000 Hz, for half a sample, and for more
  /// than 30 s at once. Goes out in frames of 40 ms at most.
  bool send_audio(const AudioPayload& audio) override;
  /// At most 1000 wait for their answer; of more, the oldest are forgotten.
  void send_mark(std::string_view name) override;
  void clear() override;
  void close() override;

  /// Since the socket opened.
  const WebMediaCounters& counters() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
