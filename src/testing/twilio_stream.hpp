#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/agenda.hpp"
#include "testing/sim_audio.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/playout.hpp"
#include "voicebridge/testing/sim_leg.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What `<Stream>`, or the Streams resource, asked for.
struct TwilioStreamSetup {
  std::string sid;
  std::string url;
  std::string name;  ///< As it is told: the SID when none was given.
  bool two_way = false;
  bool inbound_track = true;
  bool outbound_track = false;
  std::string status_callback;
  std::string status_method = "POST";
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string account_sid;
  std::string call_sid;
};

/// What a stream tells its leg.
class TwilioStreamHost {
 public:
  virtual ~TwilioStreamHost() = default;
  /// Bytes that the callee has really heard.
  virtual void on_heard(ByteView audio) = 0;
  virtual void on_cleared(ByteView audio) = 0;
  virtual void on_echoed(std::string_view mark) = 0;
};

struct TwilioFrameTimes {
  TimePoint heard;    ///< Of the audio, for its timestamp.
  TimePoint arrival;  ///< At the application.
};

/// Twilio's side of one media WebSocket, from `connected` to `stop`. Its records outlive it.
class TwilioStream final : public PlayoutObserver {
 public:
  TwilioStream(TwilioStreamSetup setup, PlayoutOptions playing, TwilioMediaChaos chaos,
               TwilioStreamHost& host, LegStats& stats, TwilioWarnings& warnings);

  const TwilioStreamSetup& setup() const { return setup_; }
  bool open() const { return sink_ != nullptr; }
  bool over() const { return over_; }
  const Playout& playout() const { return playout_; }

  /// The socket is there: `connected` and `start` are sent.
  void on_open(WireSink& sink, TimePoint now);
  void on_text(std::string_view text, TimePoint now);
  void on_binary();
  void on_closed(TimePoint now);
  /// Sends `stop` and closes the socket. Waiting audio is lost.
  void close(TimePoint now);
  /// Cuts the socket without a `stop`.
  void drop(TimePoint now);

  /// A frame of a track; no frame passes an earlier one.
  void send_media(std::string_view track, ByteView audio, TwilioFrameTimes times, TimePoint now);
  void send_digit(char digit);
  bool slow_reader() const;

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  // Of the play-out.
  void on_played(ByteView audio, TimePoint now) override;
  void on_dropped(ByteView audio, TimePoint now) override;
  void on_mark_echo(std::string_view name, TimePoint now) override;

 private:
  struct Track {
    std::uint64_t chunk = 0;
  };

  void send(const std::string& message);
  void warn(int code);
  void take_media(JsonView message, TimePoint now);
  std::int64_t stamp(TimePoint heard) const;
  void end(TimePoint now);
  std::string start_message();
  JsonWriter begin(std::string_view event);

  const TwilioStreamSetup setup_;
  const TwilioMediaChaos chaos_;
  TwilioStreamHost& host_;
  LegStats& stats_;
  TwilioWarnings& warnings_;
  Playout playout_;
  WireSink* sink_ = nullptr;
  bool over_ = false;
  TimePoint opened_{};
  std::uint64_t sequence_ = 0;
  Track inbound_;
  Track outbound_;
  Agenda later_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
