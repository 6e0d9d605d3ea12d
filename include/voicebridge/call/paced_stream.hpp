#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/call/media_stream.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A `MediaStream` for a socket of your own: it keeps what the agent says, and gives it out a frame
/// at a time as your side plays it. The owner has a clock that ticks every 20 ms, and does two
/// things: `push` what the caller said, `pull` what they hear.
///
/// @code
/// auto stream = std::make_shared<PacedStream>(AudioFormat::pcmu());
/// stream->begin(seat.attach(stream), "my-call", shard.now());
/// // every 20 ms, on the shard:
/// if (ByteView frame = stream->pull(shard.now()); !frame.empty()) my_socket.write(frame);
/// @endcode
///
/// Marks, and with them all that is known of what was heard, come from the pulls: what one pull
/// gave counts as played at the next.
/// @par Threads One, the call's.
class VOICEBRIDGE_API PacedStream final : public MediaStream {
 public:
  static constexpr Millis kFrame{20};             ///< What a pull gives, and how often it is due.
  static constexpr std::size_t kMaxMarks = 1000;  ///< Waiting; what comes beyond is not told.

  /// @param format  Of both ways: G.711, G.722 or linear.
  /// @param max_queue  More is dropped, which `send_audio` tells.
  explicit PacedStream(AudioFormat format, Millis max_queue = Millis(60000));

  /// Once. Null, as from a seat that is taken, is a stream that has ended.
  void begin(std::shared_ptr<MediaObserver> observer, std::string stream_id, TimePoint now);
  /// What the caller said since the last push.
  void push(ByteView audio, TimePoint now);
  /// A key of the caller's: 0-9, A-D, * or #.
  void press(char key, TimePoint now);
  /// The next frame to be played, silence behind its last words; empty while nobody speaks. The
  /// view is valid until the next pull.
  ByteView pull(TimePoint now);
  /// Your side is gone, or lost.
  void end(const std::optional<Error>& why, TimePoint now);

  /// False before `begin` and after the end, whoever caused it.
  bool running() const noexcept { return observer_ != nullptr; }
  std::uint64_t played_bytes() const noexcept { return played_; }  ///< Silence left out.

  bool send_audio(const AudioPayload& audio) override;
  void send_mark(std::string_view name) override;
  void clear() override;
  void close() override;

 private:
  struct Mark {
    std::string name;
    std::uint64_t at;  ///< Bytes given to `send_audio` before it, without those that were cleared.
  };
  void tell_marks(TimePoint now);

  const AudioFormat format_;
  const std::size_t max_bytes_;
  std::shared_ptr<MediaObserver> observer_;
  std::deque<std::uint8_t> queue_;
  std::deque<Mark> marks_;
  std::uint64_t pulled_ = 0;  ///< Bytes that a pull has given out …
  std::uint64_t played_ = 0;  ///< … by the pull before the last.
  std::uint64_t pushed_ = 0;
  bool closing_ = false;
  Bytes frame_;
  Bytes scratch_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
