#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/twilio/media_session.hpp"
#include "voicebridge/twilio/twiml.hpp"
#include "voicebridge/twilio/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A media socket that wants to be served.
struct TwilioStreamRequest {
  std::string call;        ///< Ours: what the stream's TwiML was made for.
  std::string call_sid;    ///< Of `start`; empty when asked at the upgrade, as are the next two.
  std::string stream_sid;  ///< The stream's.
  std::map<std::string, std::string> parameters;  ///< Without the token.
  Scheduler* shard = nullptr;                     ///< Where the socket is now.
};

/// Who serves it.
struct TwilioStreamTarget {
  /// Gives the observer of the stream; on the call's shard, once, when the token has proved good
  /// and before `on_media_start`. The stream may be kept; after `on_media_stop` it does nothing.
  std::function<std::shared_ptr<MediaObserver>(std::shared_ptr<MediaStream> stream)> attach;
  /// The call's shard; null: where the socket is. Counts with `{call_id}` in the path only:
  /// without it the call is known when the socket has its place already.
  Scheduler* shard = nullptr;
};

/// Where the sockets are, and who may open them.
struct TwilioStreamServerOptions {
  /// Of the route; may hold `{call_id}`. Twilio allows no query.
  std::string path = "/api/voice-calls/media-stream/{call_id}";
  /// The https:// address that Twilio knows of this server; http:// on loopback only.
  std::string public_url;
  /// Checks the upgrade. Null: anybody may connect, and has to know a token. For simulators only.
  std::shared_ptr<const twilio::WebhookVerifier> verifier;
  std::string account_sid;            ///< When set, streams of other accounts are refused.
  std::string status_callback;        ///< Of the streams; an absolute URL, or empty.
  std::size_t max_streams = 1000;     ///< Sockets at once; more are answered 503.
  Millis token_lifetime{120000};      ///< From the TwiML to `start`.
  std::size_t max_tokens = 10000;     ///< Outstanding; see `StreamTokens`.
  twilio::MediaSessionOptions media;  ///< `on_trouble` is set by the server.
  WebSocketLimits limits;             ///< Of messages, and of silence.
  Logger log;                         ///< Where it reports; by default nowhere.
};

/// How many media sockets came and what became of them.
struct TwilioStreamCounters {
  std::uint64_t accepted = 0;           ///< Sockets that were upgraded.
  std::uint64_t refused_signature = 0;  ///< 403
  std::uint64_t refused_full = 0;       ///< 503
  std::uint64_t refused_call = 0;       ///< The application did not want it.
  std::uint64_t refused_token = 0;      ///< Closed at `start`: no token, or not for this call.
  std::size_t open = 0;                 ///< Now.
};

/// The door for Twilio's media streams: makes the TwiML that opens one, checks the signature of the
/// upgrade and the one-time token of `start`, and joins the socket with its call.
/// @par Threads Any. A cheap handle; copies share.
class VOICEBRIDGE_API TwilioStreamServer {
 public:
  /// Asked once a socket, on the shard that holds it; must not block. An error refuses the socket:
  /// before it is open with 404 for `not_found`, 503 for `resource_exhausted` and `unavailable`,
  /// else 403.
  using OnStream = std::function<Result<TwilioStreamTarget>(const TwilioStreamRequest&)>;

  /// `Errc::invalid_argument` when Twilio could not connect to what would come of the options.
  static Result<TwilioStreamServer> create(TwilioStreamServerOptions options, OnStream on_stream);

  /// Adds the route; before `HttpServer::start`.
  void add_route(HttpServer& server) const;
  /// What the route does with an upgrade request.
  WebSocketDecision accept(const HttpServerRequest& request) const;

  /// `<Connect><Stream>` for a call, with a token of its own. Put something behind it: it is done
  /// when the stream ends, or could not be opened.
  /// @param call  The application's id of the call.
  /// @param call_sid  The only leg it is for; empty when it has none yet.
  /// @param waiting  How long it may take until Twilio runs it, on top of `token_lifetime`.
  twilio::TwimlElement connect(std::string_view call, std::string_view call_sid, TimePoint now,
                               Millis waiting = Millis(0)) const;

  /// As they stand.
  TwilioStreamCounters counters() const;

 private:
  struct State;
  explicit TwilioStreamServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
