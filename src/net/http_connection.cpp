#include "net/http_connection.hpp"

#include "net/http_listener.hpp"
#include "net/http_responder.hpp"
#include "net/http_response_writer.hpp"
#include "net/media_set.hpp"
#include "net/shard.hpp"
#include "net/ws/upgrade.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

HttpResponse no_route(const RouteMatch& match) {
  if (match.needs_upgrade) {
    HttpResponse response = http_error(426, "this is a WebSocket");
    response.headers.add("Upgrade", "websocket");
    return response;
  }
  if (match.allow.empty()) return http_error(404, "no such path");
  HttpResponse response = http_error(405, "method not allowed");
  response.headers.add("Allow", match.allow);
  return response;
}

HttpResponse refused_upgrade(const ws::UpgradeReply& reply) {
  HttpResponse response = http_error(reply.status, reply.reason);
  if (reply.status == 426) response.headers.add("Sec-WebSocket-Version", "13");
  return response;
}

}  // namespace

HttpConnection::HttpConnection(HttpListener& listener, asio::ip::tcp::socket socket,
                               std::unique_ptr<TlsSession> tls, std::string remote_address)
    : listener_(listener),
      shard_(listener.shard()),
      socket_(std::move(socket)),
      tls_(std::move(tls)),
      remote_address_(std::move(remote_address)),
      session_(listener.context().options, listener.context().counters, shard_.now()) {}

void HttpConnection::start() { advance(); }

void HttpConnection::drain() {
  session_.drain();
  advance();
}

void HttpConnection::close() {
  if (!socket_.is_open()) return;
  asio::error_code ignored;
  socket_.close(ignored);
  timer_.cancel(shard_);
  listener_.remove(*this);
}

// Input

void HttpConnection::wait_for_input() {
  if (is_waiting_) return;
  is_waiting_ = true;
  // Waiting instead of reading: an idle connection then needs no buffer.
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](asio::error_code error) {
                       self->is_waiting_ = false;
                       if (self->socket_.is_open() && !error) self->on_readable();
                     });
}

void HttpConnection::on_readable() {
  std::vector<char>& buffer = listener_.read_buffer();
  asio::error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
  if (error == asio::error::eof) {
    session_.receive_end();
  } else if (!error) {
    take_input({buffer.data(), size});
  } else if (error != asio::error::would_block) {
    return close();
  }
  advance();
}

void HttpConnection::take_input(std::string_view bytes) {
  tls_ ? take_cipher(bytes) : session_.receive(bytes, shard_.now());
}

void HttpConnection::take_cipher(std::string_view bytes) {
  tls_->feed(bytes);
  if (tls_->state() == TlsSession::State::handshaking) tls_->handshake(wire_);
  std::vector<char>& plain = listener_.plain_buffer();
  while (const std::size_t size = tls_->read(plain.data(), plain.size(), wire_)) {
    session_.receive({plain.data(), size}, shard_.now());
  }
  const TlsSession::State state = tls_->state();
  if (state == TlsSession::State::closed || state == TlsSession::State::failed) {
    session_.receive_end();
  }
}

// Requests

void HttpConnection::dispatch() {
  HttpServerRequest request = session_.take_request(shard_.now());
  request.remote_address = remote_address_;
  request.shard = &shard_;
  const std::string_view target(request.target);
  RouteMatch match = listener_.context().router.find(
      request.method, target.substr(0, target.find('?')), ws::asks_for_websocket(request.headers));
  request.parameters = std::move(match.parameters);

  if (match.websocket != nullptr) return upgrade(*match.websocket, request);
  if (match.handler == nullptr) return respond(no_route(match));
  const bool called =
      listener_.call_handler([&] { (*match.handler)(std::move(request), make_responder()); });
  if (!called) respond(http_error(503, "shutting down"));
}

HttpResponder HttpConnection::make_responder() {
  const std::uint64_t number = session_.request_number();
  return HttpResponder(std::make_shared<HttpResponder::State>(
      [door = listener_.door(), weak = weak_from_this(), number](HttpResponse response) {
        door->post([weak, number, response = std::move(response)] {
          const auto self = weak.lock();
          if (!self || !self->socket_.is_open()) return;
          self->session_.respond(number, response, self->shard_.now());
          self->advance();
        });
      }));
}

void HttpConnection::respond(const HttpResponse& response) {
  session_.respond(session_.request_number(), response, shard_.now());
}

void HttpConnection::upgrade(const WebSocketRouteHandler& decide,
                             const HttpServerRequest& request) {
  const ws::UpgradeReply reply = ws::accept_upgrade(session_.raw_head());
  if (reply.status != 101) return respond(refused_upgrade(reply));

  WebSocketDecision decision = http_error(503, "shutting down");
  listener_.call_handler([&] { decision = decide(request); });
  if (const auto* refusal = std::get_if<HttpResponse>(&decision)) return respond(*refusal);

  auto& accept = std::get<WebSocketAccept>(decision);
  Shard* const shard =
      accept.shard == nullptr ? &shard_ : find_shard(listener_.context().runtime, *accept.shard);
  if (shard == nullptr || !accept.handler) return respond(http_error(500, "internal error"));
  upgrade_ = Upgrade{std::move(accept), shard};
  send(reply.bytes);
}

void HttpConnection::hand_over() {
  MediaSetup setup;
  setup.role = ws::Role::server;
  setup.left_over = session_.detach();
  setup.tls = std::move(tls_);
  setup.limits = upgrade_->accept.limits;
  setup.handler = std::move(upgrade_->accept.handler);
  asio::error_code error;
  setup.fd = UniqueFd(socket_.release(error));
  timer_.cancel(shard_);
  Shard& shard = *upgrade_->shard;
  listener_.remove(*this);
  if (!error) adopt(shard, std::move(setup));
}

// Output

/// After everything that happened: does what the session wants now.
void HttpConnection::advance() {
  const auto self = shared_from_this();  // the listener may drop its reference meanwhile
  while (session_.stage() == HttpSession::Stage::offering) dispatch();
  flush();
  if (!socket_.is_open()) return;
  switch (session_.stage()) {
    case HttpSession::Stage::reading:
      wait_for_input();
      break;
    case HttpSession::Stage::lingering:
      end_writing();
      wait_for_input();
      break;
    case HttpSession::Stage::closed:
      return close();
    default:
      break;
  }
  arm_timer();
}

void HttpConnection::flush() {
  if (is_writing()) return;
  if (session_.has_output()) send(session_.take_output());
  if (wire_.empty() || !socket_.is_open()) return;
  sending_ = std::exchange(wire_, {});
  sent_ = 0;
  write();
}

void HttpConnection::send(std::string_view plain) {
  if (!tls_) {
    wire_ += plain;
  } else if (!tls_->write(plain, wire_)) {
    close();
  }
}

void HttpConnection::write() {
  socket_.async_write_some(asio::buffer(sending_) + sent_,
                           [self = shared_from_this()](asio::error_code error, std::size_t size) {
                             if (!self->socket_.is_open()) return;
                             error ? self->close() : self->on_written(size);
                           });
}

void HttpConnection::on_written(std::size_t size) {
  sent_ += size;
  session_.output_progress(shard_.now());
  if (sent_ < sending_.size()) return write();
  sending_.clear();
  if (wire_.empty()) {
    if (upgrade_) return hand_over();
    session_.output_sent(shard_.now());
  }
  advance();
}

void HttpConnection::end_writing() {
  if (tls_ && !writing_ended_) tls_->close(wire_);
  writing_ended_ = true;
  flush();
  if (is_writing()) return;
  asio::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

// Time

void HttpConnection::arm_timer() {
  timer_.follow(shard_, session_.next_deadline(), *this, [](HttpConnection& self) {
    if (self.socket_.is_open()) self.on_timer();
  });
}

void HttpConnection::on_timer() {
  if (upgrade_) return close();
  session_.on_deadline(shard_.now());
  advance();
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
