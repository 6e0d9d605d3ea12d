#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/telnyx_playout.hpp"
#include "voicebridge/testing/telnyx_script.hpp"

namespace voicebridge::testing {

/// The `stream_*` parameters of dial, answer and streaming_start, with Telnyx' own defaults:
/// `mp3` and `opposite` are silent for a bot on one leg.
struct TelnyxStreamParams {
  std::string url;
  std::string track = "inbound_track";
  std::string codec = "default";  ///< What is sent to the application; "default": the leg's.
  std::string bidirectional_mode = "mp3";
  std::string bidirectional_codec = "PCMU";
  std::uint32_t bidirectional_sampling_rate = 8000;
  std::string bidirectional_target_legs = "opposite";
  std::string auth_token;
  std::vector<std::pair<std::string, std::string>> custom_parameters;
  bool establish_before_originate = false;
};

/// What the network does to the callee's frames on their way to the application.
struct TelnyxMediaFaults {
  Millis jitter{0};    ///< Each frame is late by up to so much; the order stays.
  double loss = 0;     ///< Share of frames that never come, 0 … 1. Their numbers are missing.
  double reorder = 0;  ///< Share of frames that come after the two that follow them.
  struct Gap {
    Millis begin{0};  ///< Since the answer.
    Millis length{0};
  };
  std::vector<Gap> gaps;  ///< Nothing comes in these times.
};

/// Who the leg is, as `start` tells it.
struct TelnyxLegIdentity {
  std::string user_id;
  std::string call_control_id;
  std::string call_session_id;
  std::string from;
  std::string to;
  std::string client_state;  ///< Base64; empty: none.
};

struct TelnyxSimMediaOptions {
  TelnyxLegIdentity leg;
  AudioFormat leg_format = AudioFormat::pcma();  ///< Negotiated with the far party.
  std::optional<AudioFormat> codec_surprise;     ///< What is really sent, whatever was asked for.
  bool l16_big_endian = false;
  CalleeScript script;
  CalleeIdle idle = CalleeIdle::silence;
  TelnyxMediaFaults faults;
  Millis start_delay{20};   ///< From `connected` to `start`; audio that comes before is dropped.
  Millis max_queue{30000};  ///< Cap of the play-out queue; the excess is dropped.
  Micros play_delay{0};     ///< See `TelnyxPlayoutOptions::start_delay`.
  std::size_t max_recorded_bytes = 16
                                   << 20;  ///< Of each record below; beyond it only counts go on.
  std::uint64_t seed = 1;
  UnixMillis wall_time = 0;  ///< What the wall clock showed at `wall_time_at`.
  TimePoint wall_time_at{};
};

/// Everything counted over all streams of the leg.
struct TelnyxMediaStats {
  std::uint64_t frames_sent = 0;     ///< Inbound track: from the callee to the application.
  std::uint64_t frames_lost = 0;     ///< By loss and gaps.
  std::uint64_t media_received = 0;  ///< Messages.
  std::uint64_t heard_bytes = 0;     ///< Really played to the callee.
  std::uint64_t muted_bytes =
      0;  ///< Played to nobody: target_legs "opposite" on a leg that is not bridged.
  std::uint64_t cleared_bytes = 0;
  std::uint64_t ignored_bytes = 0;  ///< Raw audio in mp3 mode.
  std::uint64_t mp3_files = 0;
  std::uint64_t early_bytes = 0;     ///< Came before `start`: dropped.
  std::uint64_t overflow_bytes = 0;  ///< Beyond the cap of the queue: dropped.
  std::uint64_t unplayed_bytes = 0;  ///< Still waiting when a stream ended: lost.
  std::uint64_t short_chunks = 0;    ///< Below 20 ms: clicks on the real service.
  std::uint64_t marks_received = 0;
  std::uint64_t marks_echoed = 0;
  std::uint64_t nameless_marks = 0;  ///< Never echoed.
  std::uint64_t clears = 0;
  std::uint64_t errors_sent = 0;
  std::uint64_t unsent_messages = 0;  ///< The application read too slowly.
  std::uint64_t late_ticks = 0;       ///< Ticks skipped because the driver came too late.
};

/// What the leg tells the call it belongs to.
struct TelnyxMediaEvents {
  std::function<void(char digit, TimePoint now)> on_digit;  ///< The callee pressed a key.
  std::function<void(TimePoint now)> on_callee_hangup;
  std::function<void(TimePoint now)> on_stream_lost;  ///< The socket went without `close`.
};

/// The audio of one phone leg: a callee with a script, the play-out queue, and Telnyx' side of the
/// media WebSocket (protocol of `wss://` media streaming over Call Control). No I/O and no clock.
///
/// `answer` starts the callee; `open` begins a stream on a socket that Telnyx has connected; text
/// of the socket goes to `on_text`. Everything on one thread.
class VOICEBRIDGE_API TelnyxSimMedia {
 public:
  explicit TelnyxSimMedia(TelnyxSimMediaOptions options, TelnyxMediaEvents events = {});
  ~TelnyxSimMedia();
  TelnyxSimMedia(const TelnyxSimMedia&) = delete;
  TelnyxSimMedia& operator=(const TelnyxSimMedia&) = delete;

  void answer(TimePoint now);
  /// Sends `connected`, then `start`, then frames as soon as the leg is answered. `sink` must live
  /// until `on_closed` or the return of `close`.
  void open(WireSink& sink, const TelnyxStreamParams& params, TimePoint now);
  void on_text(std::string_view text, TimePoint now);
  void on_closed(TimePoint now);
  /// Sends `stop` and closes the socket. Waiting audio is lost.
  void close(TimePoint now);
  /// Closes the socket without `stop`, as a failing media server does. `on_stream_lost` is told.
  void drop_stream(TimePoint now);
  /// The call is over: closes the stream, the callee says no more.
  void hang_up(TimePoint now);

  void set_client_state(std::string base64);
  void set_bridged(bool bridged);        ///< With a peer, "opposite" is heard.
  void set_announcing(bool announcing);  ///< speak or playback_start can be heard.

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  bool streaming() const noexcept;
  const std::string& stream_id() const noexcept;
  const TelnyxMediaStats& stats() const noexcept;
  const Bytes& heard()
      const noexcept;  ///< What was really played to the callee, in the outbound codec.
  const Bytes& cleared() const noexcept;  ///< What clears threw away, in order.
  const Bytes& said() const noexcept;     ///< What was sent to the application, in the order of
                                          ///< `chunk`, lost frames left out.
  const TelnyxPlayout* playout() const noexcept;  ///< Of the latest stream; null before the first.
  const TelnyxCallee& callee() const noexcept;
  std::optional<TimePoint> answered_at() const noexcept;

 private:
  struct Stream;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The format of a Telnyx codec name at a rate; nothing for those the simulator does not speak
/// (it speaks PCMU, PCMA and L16).
VOICEBRIDGE_API std::optional<AudioFormat> telnyx_codec(std::string_view name,
                                                        std::uint32_t sample_rate);

}  // namespace voicebridge::testing
