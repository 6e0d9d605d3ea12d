#include "testing/carrier_server.hpp"

#include <chrono>
#include <future>

#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// 30 s of L16 at 16 kHz in base64, and its envelope: the longest message there may be.
constexpr std::size_t kMaxStreamMessage = 2 << 20;
/// A runtime that has been stopped runs no task any more; the destructor must not wait for it.
constexpr std::chrono::seconds kStopPatience{5};
constexpr std::size_t kMaxUnansweredClients = 1000;

SimApiRequest api_request(HttpServerRequest request) {
  const std::size_t mark = request.target.find('?');
  std::string query = mark == std::string::npos ? std::string() : request.target.substr(mark + 1);
  return {std::move(request.method), std::move(request.path), std::move(request.headers),
          std::move(request.body), std::move(query)};
}

}  // namespace

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  random_bytes(reinterpret_cast<std::uint8_t*>(&seed), sizeof seed);
  return seed;
}

/// The application's end of a media stream. On the shard.
class CarrierServer::MediaSocket final : public WebSocketHandler {
 public:
  MediaSocket(std::weak_ptr<CarrierServer> server, std::string id)
      : server_(std::move(server)), id_(std::move(id)) {}

  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    attempt_.reset();
    const auto server = current();
    if (!server) return socket.close(1001, "going away");
    server->with_carrier(
        [&](SimCarrier& carrier, TimePoint now) { carrier.on_stream_open(id_, socket, now); });
  }

  void on_text(std::string_view text) override {
    if (const auto server = current()) {
      server->with_carrier(
          [&](SimCarrier& carrier, TimePoint now) { carrier.on_stream_text(id_, text, now); });
    }
  }

  void on_binary(std::string_view) override {
    if (const auto server = current()) {
      server->with_carrier(
          [&](SimCarrier& carrier, TimePoint now) { carrier.on_stream_binary(id_, now); });
    }
  }

  void on_closed(std::uint16_t, std::string_view) override {
    socket_ = nullptr;
    const auto server = current();
    if (!server) return;
    server->with_carrier(
        [&](SimCarrier& carrier, TimePoint now) { carrier.on_stream_closed(id_, now); });
    server->sockets_.erase(id_);
  }

  void on_refused(int http_status) {
    const auto server = current();
    if (!server) return;
    server->with_carrier([&](SimCarrier& carrier, TimePoint now) {
      carrier.on_stream_refused(id_, http_status, now);
    });
    server->sockets_.erase(id_);
  }

  void hold(std::shared_ptr<void> attempt) { attempt_ = std::move(attempt); }

  void leave() {
    attempt_.reset();
    if (socket_ != nullptr) socket_->close(1001, "going away");
  }

 private:
  /// The server, as long as this is the latest socket of its id.
  std::shared_ptr<CarrierServer> current() const {
    auto server = server_.lock();
    if (!server || server->stopped_) return nullptr;
    const auto found = server->sockets_.find(id_);
    return found != server->sockets_.end() && found->second.get() == this ? server : nullptr;
  }

  const std::weak_ptr<CarrierServer> server_;
  const std::string id_;
  std::shared_ptr<void> attempt_;
  WebSocket* socket_ = nullptr;
};

CarrierServer::CarrierServer(Runtime& runtime, const Make& make)
    : shard_(runtime.next_shard()),
      http_(make_http_client(runtime)),
      websockets_(make_websocket_client(runtime)),
      carrier_(make(*this, shard_.now())),
      driver_(shard_, *this) {}

Result<> CarrierServer::listen(Runtime& runtime, const std::string& address, std::uint16_t port,
                               const Routes& routes) {
  address_ = address;
  HttpServerOptions server_options;
  server_options.address = address;
  server_options.port = port;
  auto server = HttpServer::create(runtime, server_options);
  if (!server) return fail(std::move(server.error()));
  server_ = std::move(*server);
  for (const auto& [method, pattern] : routes) {
    server_->route(method, pattern,
                   [weak = weak_from_this()](HttpServerRequest request, HttpResponder responder) {
                     if (auto self = weak.lock())
                       self->serve(std::move(request), std::move(responder));
                   });
  }
  server_->route("GET", "/__sim/state", [weak = weak_from_this()](auto, HttpResponder responder) {
    const auto self = weak.lock();
    if (!self) return;
    responder.send(200, self->inspect([](const SimCarrier& carrier, TimePoint now) {
      return carrier.state_json(now);
    }));
  });
  return server_->start();
}

Deadline CarrierServer::next_deadline() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return carrier_->next_deadline();
}

void CarrierServer::on_deadline(TimePoint now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  carrier_->on_deadline(now);
}

void CarrierServer::wake() {
  shard_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->stopped_) self->driver_.rearm();
  });
}

void CarrierServer::serve(HttpServerRequest request, HttpResponder responder) {
  SimApiReply answer = with_carrier([&](SimCarrier& carrier, TimePoint now) {
    return carrier.on_request(api_request(std::move(request)), now);
  });
  if (!answer.answered) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (unanswered_.size() < kMaxUnansweredClients) unanswered_.push_back(std::move(responder));
  } else if (answer.delay == Millis(0)) {
    responder.send(std::move(answer.response));
  } else {
    shard_.post([self = shared_from_this(), late = std::move(answer),
                 responder = std::move(responder)]() mutable {
      self->reply(std::move(late), std::move(responder));
    });
  }
}

void CarrierServer::reply(SimApiReply late, HttpResponder responder) {
  const TimePoint when = shard_.now() + late.delay;
  shard_.run_at(when, [response = std::move(late.response), responder = std::move(responder)] {
    responder.send(response);
  });
}

void CarrierServer::post_webhook(const SimPost& post) {
  HttpRequest request;
  request.method = post.method;
  request.url = post.url;
  request.headers = post.headers;
  request.body = post.body;
  request.timeout = post.timeout;
  http_->send(std::move(request), shard_,
              [weak = weak_from_this(), id = post.id](const Result<HttpResponse>& response) {
                const auto self = weak.lock();
                if (!self) return;
                self->with_carrier([&](SimCarrier& carrier, TimePoint now) {
                  carrier.on_post_answer(id, response ? *response : HttpResponse{}, now);
                });
              });
}

void CarrierServer::open_stream(const SimStreamOpen& open) {
  shard_.post([weak = weak_from_this(), open] {
    if (auto self = weak.lock()) self->connect(open);
  });
}

void CarrierServer::connect(const SimStreamOpen& open) {
  if (stopped_) return;
  auto socket = std::make_shared<MediaSocket>(weak_from_this(), open.id);
  sockets_[open.id] = socket;
  WebSocketRequest request;
  request.url = open.url;
  request.headers = open.headers;
  request.limits.max_message_bytes = kMaxStreamMessage;
  const std::weak_ptr<MediaSocket> weak = socket;
  socket->hold(websockets_->connect(std::move(request), shard_, socket, [weak](const Error& error) {
    if (auto refused = weak.lock()) refused->on_refused(error.http_status);
  }));
}

void CarrierServer::stop() {
  server_.reset();
  const auto done = std::make_shared<std::promise<void>>();
  shard_.post([self = shared_from_this(), done] {
    self->stopped_ = true;
    self->driver_.stop();
    for (const auto& [id, socket] : self->sockets_) socket->leave();
    self->sockets_.clear();
    done->set_value();
  });
  done->get_future().wait_for(kStopPatience);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
