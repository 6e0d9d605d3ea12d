#include "voicebridge/telnyx/stream_server.hpp"

#include <atomic>

#include "net/socket_refusal.hpp"
#include "stream_connection.hpp"
#include "voicebridge/net/stream_tokens.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kTokenHeader = "x-telnyx-streaming-auth-token";

/// A value of the route or of the query.
std::string parameter(const HttpServerRequest& request, const std::string& name) {
  const auto found = request.parameters.find(name);
  if (found != request.parameters.end()) return found->second;
  return query_parameter(request.target, name).value_or("");
}

}  // namespace

struct TelnyxStreamServer::State {
  State(TelnyxStreamServerOptions opts, telnyx::StreamUrl stream_url, OnStream handler)
      : options(std::move(opts)),
        url(std::move(stream_url)),
        on_stream(std::move(handler)),
        tokens(options.max_tokens) {}

  std::string token_of(const HttpServerRequest& request) const {
    const auto header = request.headers.find(kTokenHeader);
    if (header) return std::string(*header);
    return options.accept_token_in_query ? query_parameter(request.target, "token").value_or("")
                                         : std::string();
  }

  /// Fills in whose stream it is and who serves it; gives the answer when that fails.
  std::optional<HttpResponse> admit(const HttpServerRequest& request,
                                    telnyx::StreamAdmission& admission);

  const TelnyxStreamServerOptions options;
  const telnyx::StreamUrl url;
  const OnStream on_stream;
  StreamTokens tokens;
  net::StreamPlace::Count open = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> without_token{0};
  std::atomic<std::uint64_t> refused_token{0};
  std::atomic<std::uint64_t> refused_full{0};
  std::atomic<std::uint64_t> refused_call{0};
};

std::optional<HttpResponse> TelnyxStreamServer::State::admit(const HttpServerRequest& request,
                                                             telnyx::StreamAdmission& admission) {
  TelnyxStreamRequest& stream = admission.request;
  const std::string call_id = parameter(request, "call_id");
  // At Dial a template's {call_control_id} could only be filled with the call's own id.
  if (call_id.empty()) stream.call_control_id = parameter(request, "call_control_id");
  const std::string& claimed = call_id.empty() ? stream.call_control_id : call_id;
  auto call = tokens.redeem(admission.token, claimed, request.shard->now());
  if (!call) {
    ++refused_token;
    options.log.warn("telnyx", "media stream refused: no valid token");
    return net::socket_refusal(401, "a valid stream token is needed");
  }
  stream.call = std::move(*call);
  stream.authenticated = true;
  stream.shard = request.shard;
  auto target = on_stream(stream);
  if (!target) {
    ++refused_call;
    options.log.warn("telnyx", "media stream refused", {{"error", to_string(target.error())}});
    return net::socket_refusal(net::socket_refusal_status(target.error().code),
                               "the call takes no media stream");
  }
  admission.target = std::move(*target);
  return std::nullopt;
}

TelnyxStreamServer::TelnyxStreamServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<TelnyxStreamServer> TelnyxStreamServer::create(TelnyxStreamServerOptions options,
                                                      OnStream on_stream) {
  auto url = telnyx::StreamUrl::create(options.stream_url, options.public_app_url, options.path);
  if (!url) return fail(url.error());
  if (!on_stream)
    return fail(Errc::invalid_argument, "somebody must serve the streams", "on_stream");
  return TelnyxStreamServer(
      std::make_shared<State>(std::move(options), std::move(*url), std::move(on_stream)));
}

void TelnyxStreamServer::add_route(HttpServer& server) const {
  server.websocket(state_->options.path, [self = *this](const HttpServerRequest& request) {
    return self.accept(request);
  });
}

WebSocketDecision TelnyxStreamServer::accept(const HttpServerRequest& request) const {
  auto place = net::StreamPlace::take(state_->open, state_->options.max_streams);
  if (!place) {
    ++state_->refused_full;
    return net::socket_refusal(503, "too many media streams");
  }
  telnyx::StreamAdmission admission;
  admission.token = state_->token_of(request);
  admission.media = state_->options.media;
  admission.on_stream = state_->on_stream;
  admission.log = state_->options.log;
  if (admission.token.empty() && state_->options.accept_unknown_streams) {
    ++state_->without_token;
  } else if (auto refused = state_->admit(request, admission)) {
    return std::move(*refused);
  }
  ++state_->accepted;
  Scheduler* const shard = admission.target ? admission.target->shard : nullptr;
  return WebSocketAccept{
      std::make_shared<telnyx::StreamConnection>(std::move(admission), std::move(*place)), shard,
      state_->options.limits};
}

telnyx::StreamParameters TelnyxStreamServer::stream_to_leg(std::string_view call_control_id,
                                                           AudioFormat format,
                                                           TimePoint now) const {
  return telnyx::StreamParameters::two_way(
      state_->url.for_leg(call_control_id), format,
      state_->tokens.issue(call_control_id, now, state_->options.token_lifetime));
}

telnyx::StreamParameters TelnyxStreamServer::stream_to_dial(std::string_view call_id,
                                                            AudioFormat format, Millis ringing,
                                                            TimePoint now) const {
  return telnyx::StreamParameters::two_way(
      state_->url.for_dial(call_id), format,
      state_->tokens.issue(call_id, now, ringing + state_->options.token_lifetime));
}

TelnyxStreamCounters TelnyxStreamServer::counters() const {
  return {state_->accepted,     state_->without_token, state_->refused_token,
          state_->refused_full, state_->refused_call,  state_->open->load()};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
