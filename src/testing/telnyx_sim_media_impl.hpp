#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "testing/agenda.hpp"
#include "testing/faulty_line.hpp"
#include "testing/sim_audio.hpp"
#include "testing/telnyx_stream_messages.hpp"
#include "testing/wall_clock.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/telnyx_sim_media.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One connection of the media WebSocket, from `connected` to `stop`. Its records outlive it.
struct TelnyxSimMedia::Stream {
  Stream(WireSink& where, TelnyxStreamParams wanted, AudioFormat to_application, std::string id,
         PlayoutOptions playing, PlayoutObserver& observer)
      : sink(&where),
        params(std::move(wanted)),
        messages(std::move(id)),
        playout(playing, observer),
        inbound(to_application),
        encoder(codec_for(inbound)),
        ear(codec_for(playing.format)) {}

  /// What of a message goes to the playout; empty: it cannot be decoded.
  ByteView playable(ByteView audio);
  void recode_outbound();
  bool mp3_mode() const { return params.bidirectional_mode != "rtp"; }

  WireSink* sink;  ///< Null when it is over.
  TelnyxStreamParams params;
  TelnyxStreamMessages messages;
  Playout playout;
  AudioFormat inbound;
  AudioFormat outbound_format;  ///< What the application sends.
  /// Of a format that is not played as it comes; null for the others.
  std::unique_ptr<AudioCodec> from_application;
  std::unique_ptr<AudioCodec> to_far_party;  ///< The same on the outbound track.
  std::unique_ptr<AudioCodec> linear;
  Samples samples;
  Bytes decoded;
  std::unique_ptr<AudioCodec> encoder;  ///< Of what the callee says.
  std::unique_ptr<AudioCodec> ear;      ///< Of what is played to the callee.
  std::optional<Resampler> resampler;   ///< From the leg's rate to that of `inbound`.
  bool started = false;
  std::uint64_t ticks = 0;  ///< Since audio began to flow.
  std::uint64_t inbound_chunk = 0;
  std::uint64_t outbound_chunk = 0;
  Deadline next_mp3;
  Bytes outbound;  ///< Played since the last tick.
};

struct TelnyxSimMedia::Impl final : PlayoutObserver {
  Impl(TelnyxSimMediaOptions o, TelnyxMediaEvents e)
      : options(std::move(o)),
        events(std::move(e)),
        wall(options.wall_time, options.wall_time_at),
        line(options.faults, options.seed),
        ids(options.seed),
        callee(options.script, options.idle, options.leg_format.sample_rate, options.seed) {}

  void on_played(ByteView audio, TimePoint now) override;
  void on_dropped(ByteView audio, TimePoint now) override;
  void on_mark_echo(std::string_view name, TimePoint now) override;

  bool streaming() const { return stream && stream->sink != nullptr; }
  bool plays_to_self() const { return stream->params.bidirectional_target_legs != "opposite"; }
  bool plays_to_others() const {
    return bridged && stream->params.bidirectional_target_legs != "self";
  }

  std::unique_ptr<Stream> make_stream(WireSink& sink, const TelnyxStreamParams& params);
  void start_stream();
  void end_stream(TimePoint now);
  void tick(TimePoint now);
  void send_inbound(const std::int16_t* samples, TimePoint now);
  void send_outbound();
  void press(char digit, TimePoint now);
  void send(const std::string& message) {
    if (stream->sink->send_text(message) == SendStatus::dropped) ++stats.unsent_messages;
  }
  void send_error(TelnyxStreamError code);
  void take_media(JsonView media, TimePoint now);
  void take_mp3(ByteView file, TimePoint now);
  void take_mark(JsonView mark, TimePoint now);

  const TelnyxSimMediaOptions options;
  TelnyxMediaEvents events;
  const WallClock wall;
  FaultyLine line;
  IdGenerator ids;
  ScriptedCallee callee;
  std::string client_state = options.leg.client_state;
  bool bridged = false;
  bool announcing = false;

  std::unique_ptr<Stream> stream;
  std::string stream_id;
  Samples scratch;
  Bytes encoded;
  bool agent_audible = false;  ///< In what was played since the last tick.
  bool others_hear = false;    ///< The other legs, in what was played since the last tick.
  Agenda later;                ///< `start`, and frames on a slow way.

  Deadline next_tick;
  std::optional<TimePoint> answered;
  LegStats stats;
  Bytes heard;
  Bytes cleared;
  Bytes said;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
