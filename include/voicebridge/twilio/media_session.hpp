#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/net/wire_sink.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// What happened on one media socket.
struct MediaCounters {
  std::uint64_t frames_in = 0;     ///< Caller frames handed on.
  std::uint64_t bytes_in = 0;      ///< Their audio.
  std::uint64_t frames_out = 0;    ///< Media messages sent.
  std::uint64_t bytes_out = 0;     ///< Their audio.
  std::uint64_t duplicates = 0;    ///< Dropped: a frame of this number, or a later one, had come.
  std::uint64_t other_tracks = 0;  ///< Dropped: not the caller's audio.
  std::uint64_t bad_media = 0;     ///< Dropped: not base64.
  std::uint64_t malformed = 0;     ///< Messages that are no JSON, or lack what their event needs.
  std::uint64_t ignored = 0;       ///< Events nobody knows, or that make no sense at this time.
  std::uint64_t stale_marks = 0;   ///< Dropped: the mark was sent again after a clear.
  std::uint64_t gaps = 0;          ///< Times the caller's audio stayed away for `media_timeout`.
  std::uint64_t dropped_out = 0;   ///< Messages not sent: before `start`, after the end, backed up.
};

/// What a media stream may do.
struct MediaSessionOptions {
  Millis start_timeout{10000};  ///< Without `start` by then the socket is closed.
  Millis media_timeout{5000};   ///< Caller audio away for so long is reported once; 0: never.
  std::size_t max_message_bytes = 64 * 1024;  ///< Longer messages count as malformed.
  unsigned max_malformed = 100;  ///< More malformed messages than this close the socket.
  /// Told of what does not end the stream: silence of the carrier. On the call's thread.
  std::function<void(const Error&)> on_trouble;
};

/// The protocol of one two-way Twilio media stream (`<Connect><Stream>`), without I/O. Both
/// directions are µ-law, 8000 Hz.
///
/// Feed it with `receive`, call `on_deadline` at `next_deadline`, and `on_socket_closed` at the
/// end. It talks to an observer and to the sink during those calls; both must outlive it or its
/// end, whichever comes first. The observer gets `on_media_start` at most once, then everything
/// else, then `on_media_stop` exactly once, also for a stream that never began. A `media` message
/// takes no allocation in either direction.
///
/// Twilio sends nothing while the caller is muted and the like: the position jumps by the
/// timestamps then. It echoes the marks that a clear dropped as if they had been played; they carry
/// a number of their generation, so a name that was sent again after the clear comes back once, for
/// the later one.
/// @par Threads The call's own.
class VOICEBRIDGE_API MediaSession final : public MediaStream {
 public:
  /// Waits for `start`. Sink and observer must outlive it.
  MediaSession(WireSink& sink, MediaObserver& observer, MediaSessionOptions options, TimePoint now);
  ~MediaSession() override;

  /// One text message of the socket.
  void receive(std::string_view text, TimePoint now);
  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);
  /// The socket is gone; `code` as RFC 6455 section 7.4. The sink is not used any more.
  void on_socket_closed(std::uint16_t code, TimePoint now);

  /// False also for another format than µ-law, for malformed audio, and for more than 30 s at once.
  bool send_audio(const AudioPayload& audio) override;
  /// At most 1000 wait for their echo; of more, the oldest come back whatever is sent later.
  void send_mark(std::string_view name) override;
  void clear() override;
  /// Twilio goes on with the TwiML behind `<Connect>`.
  void close() override;
  /// What `receive` touches of this session, too.
  void footprint(Footprint& to) const override;

  /// Ends the stream because of a fault: `on_media_stop` with it, then the socket closes with 1008.
  void abort(Error why, TimePoint now);

  /// Whose stream it is, as `start` says; empty before.
  const std::string& account_sid() const noexcept;
  /// Since the socket opened.
  const MediaCounters& counters() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
