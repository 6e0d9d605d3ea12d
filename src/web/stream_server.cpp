#include "voicebridge/web/stream_server.hpp"

#include <atomic>

#include "net/socket_refusal.hpp"
#include "stream_connection.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

struct WebStreamServer::State {
  State(WebStreamServerOptions opts, OnHello handler)
      : options(std::move(opts)), on_hello(std::move(handler)) {}

  Result<WebStreamTarget> ask(const WebStreamRequest& request) {
    auto target = on_hello(request);
    if (target) return target;
    ++refused_visitor;
    options.log.info("web", "page refused", {{"error", to_string(target.error())}});
    return target;
  }

  const WebStreamServerOptions options;
  const OnHello on_hello;
  net::StreamPlace::Count open = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused_origin{0};
  std::atomic<std::uint64_t> refused_full{0};
  std::atomic<std::uint64_t> refused_visitor{0};
};

WebStreamServer::WebStreamServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<WebStreamServer> WebStreamServer::create(WebStreamServerOptions options, OnHello on_hello) {
  if (options.stream_path.empty() || options.stream_path.front() != '/') {
    return fail(Errc::invalid_argument, "the path begins with a slash", "stream_path");
  }
  if (options.events_path.empty() || options.events_path.front() != '/') {
    return fail(Errc::invalid_argument, "the path begins with a slash", "events_path");
  }
  if (options.stream_path == options.events_path) {
    return fail(Errc::invalid_argument, "two routes need two paths", "events_path");
  }
  if (options.session.message_rate == 0) {
    return fail(Errc::invalid_argument, "a page must be able to say something", "message_rate");
  }
  if (!on_hello) {
    return fail(Errc::invalid_argument, "somebody must know the sessions", "on_hello");
  }
  return WebStreamServer(std::make_shared<State>(std::move(options), std::move(on_hello)));
}

void WebStreamServer::add_routes(HttpServer& server) const {
  server.websocket(state_->options.stream_path, [self = *this](const HttpServerRequest& request) {
    return self.accept(request, true);
  });
  server.websocket(state_->options.events_path, [self = *this](const HttpServerRequest& request) {
    return self.accept(request, false);
  });
}

WebSocketDecision WebStreamServer::accept(const HttpServerRequest& request, bool audio) const {
  const WebStreamServerOptions& options = state_->options;
  if (!options.origins.allows(request.headers)) {
    ++state_->refused_origin;
    return net::socket_refusal(403, "the page comes from elsewhere");
  }
  auto place = net::StreamPlace::take(state_->open, options.max_sockets);
  if (!place) {
    ++state_->refused_full;
    return net::socket_refusal(503, "too many sockets");
  }
  web::StreamAdmission admission;
  admission.request.audio = audio;
  admission.request.remote_address = request.remote_address;
  admission.session = options.session;
  admission.log = options.log;
  admission.ask = [state = state_](const WebStreamRequest& asked) { return state->ask(asked); };
  ++state_->accepted;
  return WebSocketAccept{
      std::make_shared<web::StreamConnection>(std::move(admission), std::move(*place)), nullptr,
      options.limits};
}

WebStreamCounters WebStreamServer::counters() const {
  return {state_->accepted, state_->refused_origin, state_->refused_full, state_->refused_visitor,
          state_->open->load()};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
