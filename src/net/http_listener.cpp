#include "net/http_listener.hpp"

#include <sys/socket.h>

#include <ctime>

#include "net/http_connection.hpp"
#include "net/http_response_writer.hpp"
#include "net/keep_from_children.hpp"
#include "net/shard.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
/// After a failed accept, which is mostly a process out of file descriptors.
constexpr Millis kAcceptPause{100};

bool set_reuse_port(asio::ip::tcp::acceptor& acceptor) {
  const int on = 1;
  return setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0;
}

auto cannot_listen(const asio::error_code& error) {
  const bool taken = error == asio::error::address_in_use;
  return fail(taken ? Errc::conflict : Errc::unavailable, "cannot listen: " + error.message(),
              taken ? "port" : "address");
}

}  // namespace

HttpListener::HttpListener(std::shared_ptr<HttpServerContext> context, Shard& shard)
    : context_(std::move(context)),
      shard_(shard),
      acceptor_(shard.io()),
      door_(std::make_shared<ShardDoor>(shard)),
      read_buffer_(kReadBytes),
      plain_buffer_(context_->tls ? kReadBytes : 0) {}

HttpListener::~HttpListener() { door_->close(); }

Result<std::uint16_t> HttpListener::listen(const asio::ip::tcp::endpoint& endpoint,
                                           bool share_port) {
  asio::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) keep_from_children(acceptor_);
  if (!error) acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
  if (!error && share_port && !set_reuse_port(acceptor_))
    error = asio::error::operation_not_supported;
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(error);
  const auto bound = acceptor_.local_endpoint(error);
  if (error) return cannot_listen(error);
  return bound.port();
}

void HttpListener::start() {
  if (acceptor_.is_open()) accept();
}

void HttpListener::accept() {
  acceptor_.async_accept(
      [weak = weak_from_this()](asio::error_code error, asio::ip::tcp::socket socket) {
        const auto self = weak.lock();
        if (!self || !self->acceptor_.is_open()) return;
        if (!error) {
          self->on_accepted(std::move(socket));
          return self->accept();
        }
        self->shard_.run_at(self->shard_.now() + kAcceptPause, [weak] {
          if (const auto later = weak.lock()) later->start();
        });
      });
}

void HttpListener::on_accepted(asio::ip::tcp::socket socket) {
  keep_from_children(socket);
  asio::error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.set_option(asio::ip::tcp::no_delay(true), error);
  const auto remote = socket.remote_endpoint(error);
  if (error) return;  // gone already
  if (connections_.size() >= context_->options.max_connections) return refuse(std::move(socket));

  std::unique_ptr<TlsSession> tls;
  if (context_->tls) {
    auto session = TlsSession::server(*context_->tls);
    if (!session) return;
    tls = std::move(*session);
  }
  context_->counters.connections.add();
  auto connection = std::make_shared<HttpConnection>(*this, std::move(socket), std::move(tls),
                                                     remote.address().to_string());
  connections_.emplace(connection.get(), connection);
  connection->start();
}

void HttpListener::refuse(asio::ip::tcp::socket socket) {
  context_->counters.connections_refused.add();
  if (context_->tls) return;  // a handshake is too much work for a server that is full
  HttpResponseContext response;
  response.keep_alive = false;
  response.date = std::time(nullptr);
  asio::error_code ignored;
  socket.write_some(
      asio::buffer(write_http_response(http_error(503, "too many connections"), response)),
      ignored);
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
}

void HttpListener::stop(Millis grace, std::function<void()> done) {
  stopping_ = true;
  on_stopped_.push_back(std::move(done));
  asio::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& connection : connections()) connection->drain();
  if (connections_.empty()) return report_stopped();
  shard_.run_at(shard_.now() + grace, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close();
  });
}

void HttpListener::close() {
  asio::error_code ignored;
  acceptor_.close(ignored);
  door_->close();
  for (const auto& connection : connections()) connection->close();
}

std::vector<std::shared_ptr<HttpConnection>> HttpListener::connections() const {
  std::vector<std::shared_ptr<HttpConnection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) all.push_back(connection);
  return all;
}

void HttpListener::remove(HttpConnection& connection) {
  connections_.erase(&connection);
  if (stopping_ && connections_.empty()) report_stopped();
}

void HttpListener::report_stopped() {
  for (const auto& done : std::exchange(on_stopped_, {})) done();
}

bool HttpListener::call_handler(const std::function<void()>& call) {
  const std::lock_guard lock(handlers_mutex_);
  if (!handlers_closed_) call();
  return !handlers_closed_;
}

void HttpListener::close_handlers() {
  const std::lock_guard lock(handlers_mutex_);
  handlers_closed_ = true;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
