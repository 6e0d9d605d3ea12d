#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/deadline_timer.hpp"
#include "net/stream_place.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/telnyx/stream_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// What a connection was accepted with.
struct StreamAdmission {
  TelnyxStreamRequest request;
  std::string token;                         ///< As the upgrade carried it; empty without one.
  std::optional<TelnyxStreamTarget> target;  ///< Known with a token; else asked for at `start`.
  MediaSessionOptions media;
  TelnyxStreamServer::OnStream on_stream;
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

  Result<> admit(const MediaStart& start);
  Result<> attach();
  void arm_timer();
  void on_timer();

  StreamAdmission admission_;
  net::StreamPlace place_;
  WebSocket* socket_ = nullptr;
  std::shared_ptr<MediaSession> session_;
  std::shared_ptr<MediaObserver> observer_;
  voicebridge::detail::DeadlineTimer timer_;
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
