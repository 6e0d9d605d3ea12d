#pragma once

#include <map>
#include <string>
#include <string_view>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What the carrier or the browser said when its audio began.
struct MediaStart {
  std::string stream_id;     ///< The provider's, for logs.
  std::string call_id;       ///< The provider's id of the leg, such as Telnyx' call_control_id.
  std::string from;          ///< The caller, where the provider tells it.
  std::string to;            ///< Who was called, where it tells that.
  std::string client_state;  ///< Ours, decoded; empty when there was none.
  /// What was put into the stream's URL or document, by name.
  std::map<std::string, std::string> parameters;
  AudioFormat inbound;   ///< What the caller's audio comes in.
  AudioFormat outbound;  ///< What `MediaStream::send_audio` must be given.
};

/// What comes from a phone or browser leg, on the call's thread.
class VOICEBRIDGE_API MediaObserver {
 public:
  virtual ~MediaObserver() = default;
  /// The stream is there: formats, who it belongs to. Once, first.
  virtual void on_media_start(const MediaStart& start, TimePoint now) = 0;
  /// Caller audio in `MediaStart::inbound`. `position` is the stream's own clock at the first
  /// sample, so that a gap shows; views are valid during the call only.
  virtual void on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) = 0;
  /// Everything sent before the mark has been played, or was dropped by a clear.
  virtual void on_media_mark(std::string_view name, TimePoint now) = 0;
  /// So much of the audio sent since the last clear has been played: told by a far side that counts
  /// samples, beside the marks.
  virtual void on_media_played(Micros /*played*/, TimePoint /*now*/) {}
  /// A key that the caller pressed: 0-9, A-D, * or #.
  virtual void on_media_dtmf(char digit, TimePoint now) = 0;
  /// The stream is over, exactly once; the call itself may go on. Nothing to explain: the far side
  /// hung up.
  virtual void on_media_stop(const std::optional<Error>& why, TimePoint now) = 0;
  /// Adds what `on_media_audio` will touch. Nothing need be added.
  virtual void audio_footprint(Footprint& /*to*/) const {}
};

/// The way to one ear: a phone leg or a browser. Plays what it is given in order, in real time.
/// Used on the call's thread only; after `on_media_stop` every function does nothing.
class VOICEBRIDGE_API MediaStream {
 public:
  virtual ~MediaStream() = default;
  /// Queues audio in the outbound format, whole codec frames. False: it was dropped (closed or
  /// backed up).
  virtual bool send_audio(const AudioPayload& audio) = 0;
  /// Comes back by `on_media_mark` when all audio sent before has been played.
  virtual void send_mark(std::string_view name) = 0;
  /// Stops playing and drops all that is queued; pending marks come back at once.
  virtual void clear() = 0;
  /// Ends the stream, not the call.
  virtual void close() = 0;
  /// Adds what `send_audio` will touch. Nothing need be added.
  virtual void footprint(Footprint& /*to*/) const {}
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
