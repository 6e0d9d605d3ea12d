#include "voicebridge/net/http_server.hpp"

#include <atomic>

#include "net/http_listener.hpp"
#include "net/runtime_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// websocketpp's parser takes no more.
constexpr std::size_t kMaxHeaderBytes = 16000;

Result<> check(const HttpServerOptions& options) {
  if (options.max_header_bytes == 0 || options.max_header_bytes > kMaxHeaderBytes) {
    return fail(Errc::invalid_argument, "expected 1 to 16000 bytes", "max_header_bytes");
  }
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return fail(Errc::invalid_argument, "TLS needs both a certificate and a key file",
                options.tls_key_file.empty() ? "tls_key_file" : "tls_certificate_file");
  }
  return {};
}

/// SO_REUSEPORT lets a second process listen on a fixed port without a word: a socket without it
/// finds out.
Result<> check_port_is_free(Runtime& runtime,
                            const std::shared_ptr<net::HttpServerContext>& context,
                            const asio::ip::tcp::endpoint& endpoint) {
  net::HttpListener probe(context, *runtime.impl().shards[0]);
  const auto port = probe.listen(endpoint, false);
  return port ? Result<>() : fail(port.error());
}

}  // namespace

struct HttpServer::Impl {
  Impl(Runtime& runtime, HttpServerOptions options)
      : context(std::make_shared<net::HttpServerContext>(runtime, std::move(options))) {}

  Result<> listen();
  void remember(Result<> added) {
    if (!added && setup) setup = std::move(added);
  }

  std::shared_ptr<net::HttpServerContext> context;
  Result<> setup;  ///< The first route that was wrong.
  std::vector<std::shared_ptr<net::HttpListener>> listeners;
  std::uint16_t port = 0;
};

HttpServer::HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::create(Runtime& runtime,
                                                       HttpServerOptions options) {
  if (auto fine = check(options); !fine) return fail(fine.error());
  std::unique_ptr<HttpServer> server(new HttpServer);
  server->impl_ = std::make_shared<Impl>(runtime, std::move(options));
  const HttpServerOptions& kept = server->impl_->context->options;
  if (!kept.tls_certificate_file.empty()) {
    auto tls = net::TlsContext::server(kept.tls_certificate_file, kept.tls_key_file);
    if (!tls) return fail(tls.error());
    server->impl_->context->tls = std::move(*tls);
  }
  return server;
}

HttpServer::~HttpServer() {
  for (auto& listener : impl_->listeners) {
    listener->close_handlers();
    net::Shard& shard = listener->shard();
    // The last reference goes where the sockets live.
    shard.post([last = std::move(listener)] { last->close(); });
  }
}

void HttpServer::route(std::string method, std::string pattern, HttpRouteHandler handler) {
  impl_->remember(impl_->context->router.add(std::move(method), pattern, std::move(handler)));
}

void HttpServer::websocket(std::string pattern, WebSocketRouteHandler handler) {
  impl_->remember(impl_->context->router.add_websocket(pattern, std::move(handler)));
}

Result<> HttpServer::Impl::listen() {
  asio::error_code error;
  const auto address = asio::ip::make_address(context->options.address, error);
  if (error) return fail(Errc::invalid_argument, "expected an IP address to listen on", "address");
  asio::ip::tcp::endpoint endpoint(address, context->options.port);

  const auto& shards = context->runtime.impl().shards;
  const bool share_port = shards.size() > 1;
  if (share_port && endpoint.port() != 0) {
    if (auto free = check_port_is_free(context->runtime, context, endpoint); !free) return free;
  }
  for (const auto& shard : shards) {
    auto listener = std::make_shared<net::HttpListener>(context, *shard);
    const auto bound = listener->listen(endpoint, share_port);
    if (!bound) return fail(bound.error());
    endpoint.port(*bound);  // the others join the first
    listeners.push_back(std::move(listener));
  }
  port = endpoint.port();
  return {};
}

Result<> HttpServer::start() {
  if (!impl_->setup) return impl_->setup;
  if (!impl_->listeners.empty()) return fail(Errc::conflict, "the server has been started before");
  if (auto listening = impl_->listen(); !listening) {
    impl_->listeners.clear();
    return listening;
  }
  for (const auto& listener : impl_->listeners) {
    listener->shard().post([listener] { listener->start(); });
  }
  return {};
}

std::uint16_t HttpServer::port() const noexcept { return impl_->port; }

void HttpServer::stop(Millis grace, std::function<void()> done) {
  const auto report = [&runtime = impl_->context->runtime, done = std::move(done)] {
    if (done) runtime.shard(0).post(done);
  };
  if (impl_->listeners.empty()) return report();
  const auto left = std::make_shared<std::atomic<std::size_t>>(impl_->listeners.size());
  for (const auto& listener : impl_->listeners) {
    listener->shard().post([listener, grace, left, report] {
      listener->stop(grace, [left, report] {
        if (left->fetch_sub(1) == 1) report();
      });
    });
  }
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
