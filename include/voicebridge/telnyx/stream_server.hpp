#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/telnyx/call_types.hpp"
#include "voicebridge/telnyx/media_session.hpp"
#include "voicebridge/telnyx/stream_url.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A media socket that wants to be served.
struct TelnyxStreamRequest {
  /// What the socket's token was issued for: a call_control_id, or the call id given at Dial. Empty
  /// for a stream without a token (`accept_unknown_streams`).
  std::string call;
  std::string
      call_control_id;  ///< Of the URL, or of `start` for a stream without a token; may be empty.
  std::string from;     ///< Of `start`, for a stream without a token only; so are the next two.
  std::string to;       ///< The called side.
  std::string client_state;    ///< Ours; on the wire in base64.
  bool authenticated = false;  ///< It had a valid token.
  Scheduler* shard = nullptr;  ///< Where the socket is now; one without a token stays there.
};

/// Who serves it.
struct TelnyxStreamTarget {
  /// Gives the observer of the stream; on the call's shard, once, before `on_media_start`. Nothing
  /// it sends goes out before that. The stream may be kept; after `on_media_stop` it does nothing.
  std::function<std::shared_ptr<MediaObserver>(std::shared_ptr<MediaStream> stream)> attach;
  /// The call's shard; null: where the socket is.
  Scheduler* shard = nullptr;
  /// What was asked for as `stream_bidirectional_codec`. Not set: what the caller's audio comes in.
  std::optional<AudioFormat> outbound;
};

/// Where the sockets are, and who may open them.
struct TelnyxStreamServerOptions {
  std::string path{
      telnyx::StreamUrl::kDefaultPath};  ///< Of the route; may hold `{call_control_id}`.
  std::string stream_url;                ///< See `telnyx::StreamUrl`.
  std::string public_app_url;            ///< Needed without `stream_url`.
  std::size_t max_streams = 1000;        ///< Sockets at once; more are answered 503.
  Millis token_lifetime{
      120000};  ///< For a stream to be opened now; one at Dial also has to wait for the answer.
  std::size_t max_tokens = 10000;       ///< Outstanding; see `StreamTokens`.
  bool accept_token_in_query = false;   ///< Also as `?token=`, for carriers that send no header.
  bool accept_unknown_streams = false;  ///< Also without a token. For load tools on loopback only.
  telnyx::MediaSessionOptions media;    ///< `outbound` and `on_trouble` are set by the server.
  WebSocketLimits limits;               ///< Of messages, and of silence.
  Logger log;                           ///< Where it reports; by default nowhere.
};

/// How many media sockets came and what became of them.
struct TelnyxStreamCounters {
  std::uint64_t accepted = 0;       ///< Sockets that were upgraded.
  std::uint64_t without_token = 0;  ///< Of these, accepted as unknown.
  std::uint64_t refused_token = 0;  ///< 401: missing or not valid.
  std::uint64_t refused_full = 0;   ///< 503
  std::uint64_t refused_call = 0;   ///< The application did not want it.
  std::size_t open = 0;             ///< Now.
};

/// The door for Telnyx' media sockets: checks the token, asks the application whose call it is, and
/// puts the socket on that call's shard.
/// @par Threads Any. A cheap handle; copies share.
class VOICEBRIDGE_API TelnyxStreamServer {
 public:
  /// Asked once a socket, on the shard that holds it; must not block. An error refuses the socket:
  /// 404 for `not_found`, 503 for `resource_exhausted` and `unavailable`, else 403.
  using OnStream = std::function<Result<TelnyxStreamTarget>(const TelnyxStreamRequest&)>;

  /// `Errc::invalid_argument` when no stream URL can be made.
  static Result<TelnyxStreamServer> create(TelnyxStreamServerOptions options, OnStream on_stream);

  /// Adds the route; before `HttpServer::start`.
  void add_route(HttpServer& server) const;
  /// What the route does with an upgrade request.
  WebSocketDecision accept(const HttpServerRequest& request) const;

  /// What streaming_start needs for a leg that has been answered: URL, token, codec, both ways.
  telnyx::StreamParameters stream_to_leg(std::string_view call_control_id, AudioFormat format,
                                         TimePoint now) const;
  /// The same for Dial, when there is no call_control_id yet. `call_id` is the application's own.
  /// @param ringing  How long it may take until the call is answered.
  telnyx::StreamParameters stream_to_dial(std::string_view call_id, AudioFormat format,
                                          Millis ringing, TimePoint now) const;

  /// As they stand.
  TelnyxStreamCounters counters() const;

 private:
  struct State;
  explicit TelnyxStreamServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
