#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/deadline_timer.hpp"
#include "net/stream_place.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/twilio/stream_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// What a connection was accepted with.
struct StreamAdmission {
  TwilioStreamRequest request;               ///< `call` is what the URL claims; may be empty.
  std::optional<TwilioStreamTarget> target;  ///< Known with a call in the URL.
  MediaSessionOptions media;
  /// Redeems the token of `start`, and finds the target if there is none yet.
  std::function<Result<>(StreamAdmission& admission, const MediaStart& start,
                         const std::string& account_sid, TimePoint now)>
      admit;
  Logger log;
};

/// Joins one media socket, the protocol on it and the observer of the call; arms the protocol's
/// timer.
/// @par Threads The socket's shard.
class StreamConnection final : public WebSocketHandler,
                               public std::enable_shared_from_this<StreamConnection>,
                               private MediaObserver {
 public:
  StreamConnection(StreamAdmission admission, net::StreamPlace place);
  ~StreamConnection() override;

  void on_open(WebSocket& socket) override;
  void on_text(std::string_view text) override;
  void on_binary(std::string_view data) override;
  void on_closed(std::uint16_t code, std::string_view reason) override;
  void footprint(Footprint& to) const override;

 private:
  void on_media_start(const MediaStart& start, TimePoint now) override;
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) override;
  void on_media_mark(std::string_view name, TimePoint now) override;
  void on_media_dtmf(char digit, TimePoint now) override;
  void on_media_stop(const std::optional<Error>& why, TimePoint now) override;

  Result<> attach(const MediaStart& start, TimePoint now);
  void arm_timer();
  void on_timer();

  StreamAdmission admission_;
  net::StreamPlace place_;
  WebSocket* socket_ = nullptr;
  std::shared_ptr<MediaSession> session_;
  std::shared_ptr<MediaObserver> observer_;
  voicebridge::detail::DeadlineTimer timer_;
};

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
