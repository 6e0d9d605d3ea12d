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
#include "voicebridge/testing/media_faults.hpp"
#include "voicebridge/testing/sim_leg.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The `stream_*` parameters of dial, answer and streaming_start, with Telnyx' own defaults:
/// `mp3` and `opposite` are silent for a bot on one leg.
struct TelnyxStreamParams {
  std::string url;                      ///< ws:// or wss://
  std::string track = "inbound_track";  ///< Which side is sent to the application.
  std::string codec = "default";        ///< What is sent to the application; "default": the leg's.
  std::string bidirectional_mode = "mp3";              ///< How audio of the application is read.
  std::string bidirectional_codec = "PCMU";            ///< What it is in.
  std::uint32_t bidirectional_sampling_rate = 8000;    ///< Hz
  std::string bidirectional_target_legs = "opposite";  ///< Who hears it.
  std::string auth_token;                              ///< Comes back in the upgrade's headers.
  std::vector<std::pair<std::string, std::string>> custom_parameters;  ///< Told in `start`.
  bool establish_before_originate = false;  ///< The socket opens before the phone rings.
};

/// Who the leg is, as `start` tells it.
struct TelnyxLegIdentity {
  std::string user_id;          ///< The account's.
  std::string call_control_id;  ///< Names the leg in commands.
  std::string call_session_id;  ///< Shared by the legs of one call.
  std::string from;             ///< The calling side.
  std::string to;               ///< The called side.
  std::string client_state;     ///< Base64; empty: none.
};

/// Who the leg is, and what it does.
struct TelnyxSimMediaOptions {
  TelnyxLegIdentity leg;                         ///< Who it is.
  AudioFormat leg_format = AudioFormat::pcma();  ///< Negotiated with the far party.
  std::optional<AudioFormat> codec_surprise;     ///< What is really sent, whatever was asked for.
  bool l16_big_endian = false;                   ///< L16 goes out with the high byte first.
  CalleeScript script;                           ///< What the callee does.
  CalleeIdle idle = CalleeIdle::silence;         ///< What the line carries while they say nothing.
  MediaFaults faults;                            ///< What the network does to frames.
  Millis start_delay{20};   ///< From `connected` to `start`; audio that comes before is dropped.
  Millis max_queue{30000};  ///< Cap of the play-out queue; the excess is dropped.
  Micros play_delay{0};     ///< See `PlayoutOptions::start_delay`.
  std::size_t max_recorded_bytes = 16
                                   << 20;  ///< Of each record below; beyond it only counts go on.
  std::uint64_t seed = 1;                  ///< Of everything that happens by chance.
  UnixMillis wall_time = 0;                ///< What the wall clock showed at `wall_time_at`.
  TimePoint wall_time_at{};                ///< See `wall_time`.
};

/// What the leg tells the call it belongs to.
struct TelnyxMediaEvents {
  std::function<void(char digit, TimePoint now)> on_digit;  ///< The callee pressed a key.
  std::function<void(TimePoint now)> on_callee_hangup;      ///< The callee has hung up.
  std::function<void(TimePoint now)> on_stream_lost;        ///< The socket went without `close`.
  /// Another leg is to hear 20 ms: of the callee, or of the application by `opposite` or `both`.
  /// Only while the leg is bridged.
  std::function<void(TimePoint now)> on_said;
};

/// The audio of one phone leg: a callee with a script, the play-out queue, and Telnyx' side of the
/// media WebSocket (protocol of `wss://` media streaming over Call Control). No I/O and no clock.
///
/// `answer` starts the callee; `open` begins a stream on a socket that Telnyx has connected; text
/// of the socket goes to `on_text`. Everything on one thread.
class VOICEBRIDGE_API TelnyxSimMedia final : public SimLeg {
 public:
  /// One leg, not answered.
  explicit TelnyxSimMedia(TelnyxSimMediaOptions options, TelnyxMediaEvents events = {});
  ~TelnyxSimMedia() override;
  TelnyxSimMedia(const TelnyxSimMedia&) = delete;
  TelnyxSimMedia& operator=(const TelnyxSimMedia&) = delete;

  /// The callee picks up: the script begins.
  void answer(TimePoint now);
  /// Sends `connected`, then `start`, then frames as soon as the leg is answered. `sink` must live
  /// until `on_closed` or the return of `close`.
  void open(WireSink& sink, const TelnyxStreamParams& params, TimePoint now);
  /// A text message of the application.
  void on_text(std::string_view text, TimePoint now);
  /// The socket is gone.
  void on_closed(TimePoint now);
  /// Sends `stop` and closes the socket. Waiting audio is lost.
  void close(TimePoint now);
  /// Closes the socket without `stop`, as a failing media server does. `on_stream_lost` is told.
  void drop_stream(TimePoint now);
  /// The call is over: closes the stream, the callee says no more.
  void hang_up(TimePoint now);

  /// As `start` tells it from now on.
  void set_client_state(std::string base64);
  void set_bridged(bool bridged);        ///< With a peer, "opposite" is heard: by the peer.
  void hear_peer();                      ///< The callee hears another leg in this tick.
  void set_announcing(bool announcing);  ///< speak or playback_start can be heard.

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);

  bool streaming() const noexcept override;
  /// Empty before the first stream.
  const std::string& stream_id() const noexcept;
  const LegStats& stats() const noexcept override;
  const Bytes& heard() const noexcept override;
  const Bytes& cleared() const noexcept override;
  const Bytes& said() const noexcept override;
  const Playout* playout() const noexcept override;
  const ScriptedCallee& callee() const noexcept override;
  std::optional<TimePoint> answered_at() const noexcept override;

 private:
  struct Stream;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The format of a Telnyx codec name at a rate; nothing for those the simulator does not speak
/// (AMR-WB, and those that this build has no codec of).
VOICEBRIDGE_API std::optional<AudioFormat> telnyx_codec(std::string_view name,
                                                        std::uint32_t sample_rate);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
