#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/playback_ledger.hpp"
#include "voicebridge/audio/format.hpp"
#include "voicebridge/call/media_stream.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How far ahead of the ear audio is sent, and how much may wait.
struct PlaybackOptions {
  Millis lead{
      400};  ///< How far ahead of the ear audio is sent: covers jitter, keeps barge-in exact.
  Millis capacity{300000};    ///< Waiting audio beyond this is dropped, newest first, and counted.
  Millis mark_interval{400};  ///< A mark after so much audio, and one behind every utterance.
};

/// The way down: takes audio from a model that talks faster than real time and hands it to a phone
/// that plays in real time, in whole 20 ms frames, a little ahead of the ear, with marks, and knows
/// what was heard. What fits goes through as it came, not decoded and not copied. Sans-I/O; one
/// owner.
class VOICEBRIDGE_API Playback {
 public:
  /// Plays to `media`, which must outlive it, in the format given.
  Playback(MediaStream& media, AudioFormat format, PlaybackOptions options = {});

  /// Audio of one utterance, in the stream's format. False: some was dropped, the queue is full or
  /// base64 is bad.
  bool push(std::string_view utterance, const AudioPayload& audio, TimePoint now);
  /// No more audio will come for the utterance: its last frame is padded with silence and marked.
  void finish(std::string_view utterance, TimePoint now);
  /// Sends a mark while nothing is playing: its echo measures the way to the carrier and back.
  void probe(TimePoint now) { send_mark(now); }
  /// A mark came back from the carrier.
  void on_mark(std::string_view name, TimePoint now);

  /// The far side told how much it has played since the last clear.
  void on_played(Micros position, TimePoint now) { ledger_.played(position, now); }

  /// Barge-in: tells the carrier to stop and drops what waits.
  struct Cut {
    std::optional<HeardUtterance> playing;  ///< `sent` includes only what the carrier was given.
    std::vector<std::string> unheard;       ///< Utterances behind it of which nothing was heard.
    std::size_t bytes_dropped = 0;          ///< Of the queue here; never sent.
  };
  /// What was in the ear, and what is not heard any more.
  Cut clear(TimePoint now);

  /// Whether something is, or will be, in the ear.
  bool audible(TimePoint now) const { return !queue_empty() || ledger_.audible(now); }
  /// Nothing waits and all that was sent is known to have been played.
  bool drained() const { return queue_empty() && ledger_.drained(); }
  /// When the last audio should have been played, whatever marks come.
  TimePoint estimated_end(TimePoint now) const;
  /// When audio pushed now would begin to be heard.
  TimePoint next_start(TimePoint now) const { return ledger_.next_start(now); }
  /// What is known of the far ear.
  const PlaybackLedger& ledger() const { return ledger_; }

  /// When audio is to be sent next.
  Deadline next_deadline() const { return next_send_; }
  /// Sends what is due.
  void on_deadline(TimePoint now) { pump(now); }

  /// What became of the audio, in bytes of the stream's format.
  struct Counters {
    std::uint64_t sent_bytes = 0;      ///< Handed to the carrier, padding excluded.
    std::uint64_t padding_bytes = 0;   ///< Silence that filled up last frames.
    std::uint64_t overflow_bytes = 0;  ///< Beyond `PlaybackOptions::capacity`: dropped.
    std::uint64_t cut_bytes = 0;       ///< Dropped by `clear` before they were sent.
    std::uint64_t refused_bytes = 0;   ///< The carrier's socket was backed up or closed.
  };
  /// Since the beginning.
  const Counters& counters() const { return counters_; }

  /// Told of each piece handed to the carrier, with the time its first sample should be heard at.
  class Tap {
   public:
    virtual ~Tap() = default;
    /// A piece that was handed on.
    virtual void on_played(const AudioPayload& audio, TimePoint heard_at) = 0;
    /// What would be heard after `at` was dropped.
    virtual void on_cleared(TimePoint at) = 0;
  };
  /// Adds what `push` will touch, here and on the way to the carrier.
  void footprint(Footprint& to) const;
  /// Null takes it away.
  void set_tap(Tap* tap) { tap_ = tap; }

 private:
  struct Waiting {
    std::string utterance;
    std::size_t bytes;
    bool finished;
  };
  bool queue_empty() const { return waiting_.empty(); }
  /// Never 0, whatever format it was given.
  std::size_t frame_bytes() const { return std::max<std::size_t>(format_.frame_bytes(), 1); }
  bool passes(const AudioPayload& audio, std::size_t bytes, TimePoint now) const;
  void enqueue(std::string_view utterance, ByteView bytes);
  void pump(TimePoint now);
  void send(std::string_view utterance, const AudioPayload& audio, std::size_t bytes,
            std::size_t padding, TimePoint now);
  void send_waiting(Waiting& head, std::size_t bytes, TimePoint now);
  void send_padded(Waiting& head, TimePoint now);
  void pop_waiting(bool complete, TimePoint now);
  std::size_t allowance(TimePoint now) const;
  void send_mark(TimePoint now);

  MediaStream& media_;
  AudioFormat format_;
  PlaybackOptions options_;
  PlaybackLedger ledger_;
  Bytes queue_;  ///< Audio that waits, from `queue_at_`.
  std::size_t queue_at_ = 0;
  std::vector<Waiting> waiting_;  ///< Whose the bytes of the queue are.
  std::string current_;           ///< The utterance last sent, still open.
  std::size_t unmarked_bytes_ = 0;
  Bytes scratch_;
  Deadline next_send_;
  Tap* tap_ = nullptr;
  Counters counters_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
