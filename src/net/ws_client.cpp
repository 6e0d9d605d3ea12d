#include <array>
#include <asio/connect.hpp>
#include <asio/write.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "net/asio.hpp"
#include "net/keep_from_children.hpp"
#include "net/shard.hpp"
#include "net/tls_session.hpp"
#include "net/ws/upgrade.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/net/websocket.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

using asio::ip::tcp;

/// The client's TLS context, made when the first wss:// URL comes: reading the system's authorities
/// takes time. Any thread.
class LazyTlsContext {
 public:
  explicit LazyTlsContext(TlsClientOptions options) : options_(std::move(options)) {}

  const Result<TlsContext>& get() {
    std::call_once(once_, [this] { context_.emplace(TlsContext::client(options_)); });
    return *context_;
  }

 private:
  const TlsClientOptions options_;
  std::once_flag once_;
  std::optional<Result<TlsContext>> context_;
};

/// One attempt to open a WebSocket: name, TCP, TLS, upgrade. At its end the socket moves into the
/// shard's set. At any time it has one operation under way, and that owns it. @par Threads The
/// shard's, but for `cancel`.
class ConnectAttempt : public std::enable_shared_from_this<ConnectAttempt> {
 public:
  ConnectAttempt(Shard& shard, WebSocketRequest request, std::shared_ptr<WebSocketHandler> handler,
                 WebSocketClient::Failed failed)
      : shard_(shard),
        request_(std::move(request)),
        handler_(std::move(handler)),
        failed_(std::move(failed)),
        resolver_(shard.io()),
        socket_(shard.io()) {}

  void start(LazyTlsContext& tls) {
    const Result<> prepared = prepare(tls);
    if (!prepared) {
      shard_.post([self = shared_from_this(), error = prepared.error()] { self->fail(error); });
      return;
    }
    arm(request_.connect_timeout, "no connection in time");
    asio::error_code no_address;
    const auto address = asio::ip::make_address(url_.host, no_address);
    if (no_address) {
      resolve();
    } else {
      connect(std::array<tcp::endpoint, 1>{tcp::endpoint(address, url_.port)});
    }
  }

  void cancel() {
    if (shard_.is_current()) return end();
    asio::post(shard_.io(), [self = shared_from_this()] { self->end(); });
  }

 private:
  Result<> prepare(LazyTlsContext& tls) {
    auto url = parse_url(request_.url);
    if (!url) return voicebridge::fail(url.error());
    url_ = std::move(*url);
    if (url_.scheme != "ws" && url_.scheme != "wss") {
      return voicebridge::fail(Errc::invalid_argument, "a ws:// or wss:// URL was expected", "url");
    }
    auto upgrade = ws::ClientUpgrade::create(url_, request_.headers);
    if (!upgrade) return voicebridge::fail(upgrade.error());
    upgrade_.emplace(std::move(*upgrade));
    return url_.secure() ? prepare_tls(tls) : Result<>();
  }

  Result<> prepare_tls(LazyTlsContext& tls) {
    const Result<TlsContext>& context = tls.get();
    if (!context) return voicebridge::fail(context.error());
    auto session = TlsSession::client(*context, url_.host);
    if (!session) return voicebridge::fail(session.error());
    tls_ = std::move(*session);
    return {};
  }

  void resolve() {
    resolver_.async_resolve(
        url_.host, std::to_string(url_.port),
        [self = shared_from_this()](const asio::error_code& error,
                                    const tcp::resolver::results_type& endpoints) {
          if (self->over_) return;
          if (error) return self->fail_at("cannot resolve ", error);
          self->connect(endpoints);
        });
  }

  template <class Endpoints>
  void connect(const Endpoints& endpoints) {
    asio::async_connect(
        socket_, endpoints,
        [self = shared_from_this()](const asio::error_code& error, const tcp::endpoint&) {
          if (self->over_) return;
          if (error) return self->fail_at("cannot connect to ", error);
          self->on_connected();
        });
  }

  void on_connected() {
    keep_from_children(socket_);
    asio::error_code slower;
    socket_.set_option(tcp::no_delay(true), slower);
    if (tls_) tls_->handshake(output_);
    advance();
  }

  /// After every step: does the next one.
  void advance() {
    if (!output_.empty()) return write();
    if (tls_) {
      const TlsSession::State state = tls_->state();
      if (state == TlsSession::State::failed) return fail_tls();
      if (state == TlsSession::State::handshaking) return read();
    }
    if (!asked_) return ask();
    const std::size_t size = ws::head_size(answer_);
    if (size > ws::kMaxUpgradeHead || (size == 0 && answer_.size() > ws::kMaxUpgradeHead)) {
      return fail(make_error(Errc::protocol_error, "the answer to the upgrade is too long"));
    }
    if (size == 0) return read();
    finish(size);
  }

  void ask() {
    asked_ = true;
    arm(request_.handshake_timeout, "no answer to the WebSocket upgrade in time");
    if (tls_) {
      tls_->write(upgrade_->request(), output_);
    } else {
      output_ = upgrade_->request();
    }
    advance();
  }

  void write() {
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                        if (self->over_) return;
                        if (error) return self->fail_at("lost the connection to ", error);
                        self->output_.clear();
                        self->advance();
                      });
  }

  void read() {
    socket_.async_read_some(
        asio::buffer(input_),
        [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
          if (self->over_) return;
          if (error) return self->fail_at("lost the connection to ", error);
          self->take_input({self->input_.data(), size});
          self->advance();
        });
  }

  void take_input(std::string_view bytes) {
    if (!tls_) {
      answer_.append(bytes);
      return;
    }
    tls_->feed(bytes);
    tls_->handshake(output_);
    std::array<char, 4096> plain;
    while (const std::size_t size = tls_->read(plain.data(), plain.size(), output_)) {
      answer_.append(plain.data(), size);
    }
  }

  void finish(std::size_t head) {
    const Result<> good = upgrade_->check(std::string_view(answer_).substr(0, head));
    if (!good) return fail(good.error());
    MediaSetup setup;
    setup.role = ws::Role::client;
    setup.tls = std::move(tls_);
    setup.left_over = answer_.substr(head);
    setup.limits = request_.limits;
    setup.handler = std::move(handler_);
    asio::error_code lost;
    setup.fd = UniqueFd(socket_.release(lost));
    if (lost) return fail_at("lost the connection to ", lost);
    end();
    adopt(shard_, std::move(setup));
  }

  void arm(Millis timeout, const char* what) {
    shard_.cancel(timer_);
    timer_ = shard_.run_at(shard_.now() + timeout, [weak = weak_from_this(), what] {
      if (const auto self = weak.lock()) {
        self->fail(self->make_error(Errc::deadline_exceeded, what));
      }
    });
  }

  Error make_error(Errc code, const std::string& what) const {
    return voicebridge::fail(code, what + " (" + url_.authority() + ")").value();
  }

  void fail_at(const char* what, const asio::error_code& error) {
    fail(voicebridge::fail(Errc::unavailable, what + url_.authority() + ": " + error.message())
             .value());
  }

  void fail_tls() {
    Error error = make_error(Errc::unavailable, "TLS failed: " + tls_->error());
    error.retryable = false;  // a certificate does not get better by itself
    fail(std::move(error));
  }

  void fail(Error error) {
    if (over_) return;
    const WebSocketClient::Failed failed = std::move(failed_);
    end();
    failed(std::move(error));
  }

  /// No callback follows.
  void end() {
    if (std::exchange(over_, true)) return;
    shard_.cancel(timer_);
    asio::error_code ignored;
    socket_.close(ignored);
    resolver_.cancel();
    handler_.reset();
    failed_ = nullptr;
  }

  Shard& shard_;
  const WebSocketRequest request_;
  std::shared_ptr<WebSocketHandler> handler_;
  WebSocketClient::Failed failed_;
  Url url_;
  std::optional<ws::ClientUpgrade> upgrade_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::unique_ptr<TlsSession> tls_;
  Scheduler::TimerId timer_ = 0;
  bool asked_ = false;
  bool over_ = false;
  std::string output_;
  std::string answer_;
  std::array<char, 4096> input_;
};

/// What the caller of `connect` holds.
class ConnectHandle {
 public:
  explicit ConnectHandle(const std::shared_ptr<ConnectAttempt>& attempt) : attempt_(attempt) {}
  ~ConnectHandle() {
    if (const auto attempt = attempt_.lock()) attempt->cancel();
  }
  ConnectHandle(const ConnectHandle&) = delete;
  ConnectHandle& operator=(const ConnectHandle&) = delete;

 private:
  const std::weak_ptr<ConnectAttempt> attempt_;
};

class RuntimeWebSocketClient final : public WebSocketClient {
 public:
  RuntimeWebSocketClient(Runtime& runtime, TlsClientOptions tls)
      : runtime_(runtime), tls_(std::move(tls)) {}

  std::shared_ptr<void> connect(WebSocketRequest request, Scheduler& on,
                                std::shared_ptr<WebSocketHandler> handler, Failed failed) override {
    Shard* const shard = find_shard(runtime_, on);
    if (shard == nullptr) {
      on.post([failed = std::move(failed)] {
        failed(voicebridge::fail(Errc::invalid_argument,
                                 "a shard of this client's runtime was expected")
                   .value());
      });
      return nullptr;
    }
    const auto attempt = std::make_shared<ConnectAttempt>(*shard, std::move(request),
                                                          std::move(handler), std::move(failed));
    attempt->start(tls_);
    return std::make_shared<ConnectHandle>(attempt);
  }

 private:
  Runtime& runtime_;
  LazyTlsContext tls_;
};

}  // namespace
}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::unique_ptr<WebSocketClient> make_websocket_client(Runtime& runtime, TlsClientOptions tls) {
  return std::make_unique<net::RuntimeWebSocketClient>(runtime, std::move(tls));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
