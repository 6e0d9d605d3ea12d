#include "voicebridge/testing/telnyx_simulator.hpp"

#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "voicebridge/core/crypto.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/deadline_driver.hpp"

namespace voicebridge::testing {
namespace {

/// 30 s of L16 at 16 kHz in base64, and its envelope: the longest message there may be.
constexpr std::size_t kMaxStreamMessage = 2 << 20;
/// A runtime that has been stopped runs no task any more; the destructor must not wait for it.
constexpr std::chrono::seconds kStopPatience{5};

TelnyxApiRequest api_request(HttpServerRequest request) {
  return {std::move(request.method), std::move(request.path), std::move(request.headers),
          std::move(request.body)};
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  random_bytes(reinterpret_cast<std::uint8_t*>(&seed), sizeof seed);
  return seed;
}

}  // namespace

/// Carries bytes and time between the carrier and the network. The carrier is used under the lock;
/// timers and media sockets live on one shard.
class TelnyxSimulator::Impl final : public TelnyxCarrierNetwork,
                                    public std::enable_shared_from_this<Impl> {
 public:
  Impl(Runtime& runtime, const TelnyxSimulatorOptions& options)
      : shard_(runtime.next_shard()),
        api_key_(options.carrier.api_key),
        address_(options.address),
        http_(make_http_client(runtime)),
        websockets_(make_websocket_client(runtime)),
        carrier_(options.carrier, *this, shard_.now()),
        public_key_(carrier_.public_key_base64()),
        driver_(shard_, *this) {}

  Result<> listen(Runtime& runtime, const TelnyxSimulatorOptions& options);
  void stop();

  /// Runs `use(carrier, now)` and sees to it that the carrier's next deadline is kept.
  template <class Use>
  auto with_carrier(Use use) {
    const WakeAfter wake{*this};
    const std::lock_guard<std::mutex> lock(mutex_);
    return use(carrier_, shard_.now());
  }
  void inspect(const std::function<void(const TelnyxCarrier&, TimePoint)>& look) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    look(carrier_, shard_.now());
  }

  std::string state_json() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return carrier_.state_json(shard_.now());
  }

  // For the driver.
  Deadline next_deadline() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return carrier_.next_deadline();
  }
  void on_deadline(TimePoint now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    carrier_.on_deadline(now);
  }

  void post_webhook(const TelnyxWebhookPost& post) override;
  void open_stream(const TelnyxStreamOpen& open) override;

  const std::string& api_key() const { return api_key_; }
  const std::string& address() const { return address_; }
  const std::string& public_key() const { return public_key_; }
  std::uint16_t port() const { return server_->port(); }

 private:
  class MediaSocket;

  struct WakeAfter {
    Impl& impl;
    ~WakeAfter() { impl.wake(); }
  };

  void wake() {
    shard_.post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->rearm();
    });
  }
  void rearm() {
    if (!stopped_) driver_.rearm();
  }
  void serve(HttpServerRequest request, HttpResponder responder);
  void reply(TelnyxApiReply reply, HttpResponder responder);
  void connect(const TelnyxStreamOpen& open);

  Scheduler& shard_;
  const std::string api_key_;
  const std::string address_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<WebSocketClient> websockets_;
  mutable std::mutex mutex_;
  TelnyxCarrier carrier_;
  const std::string public_key_;
  std::vector<HttpResponder> unanswered_;  ///< Under the lock: clients that shall wait in vain.

  // On the shard only.
  DeadlineDriver<Impl> driver_;
  bool stopped_ = false;
  /// The latest media socket of each call; the events of earlier ones are no more of interest.
  std::map<std::string, std::shared_ptr<MediaSocket>> sockets_;
};

/// The application's end of a media stream. On the shard.
class TelnyxSimulator::Impl::MediaSocket final : public WebSocketHandler {
 public:
  MediaSocket(std::weak_ptr<Impl> simulator, std::string call_id)
      : simulator_(std::move(simulator)), call_id_(std::move(call_id)) {}

  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    attempt_.reset();
    const auto simulator = current();
    if (!simulator) return socket.close(1001, "going away");
    simulator->with_carrier([&](TelnyxCarrier& carrier, TimePoint now) {
      carrier.on_stream_open(call_id_, socket, now);
    });
  }

  void on_text(std::string_view text) override {
    if (const auto simulator = current()) {
      simulator->with_carrier([&](TelnyxCarrier& carrier, TimePoint now) {
        carrier.on_stream_text(call_id_, text, now);
      });
    }
  }

  void on_closed(std::uint16_t, std::string_view) override {
    socket_ = nullptr;
    const auto simulator = current();
    if (!simulator) return;
    simulator->with_carrier(
        [&](TelnyxCarrier& carrier, TimePoint now) { carrier.on_stream_closed(call_id_, now); });
    simulator->sockets_.erase(call_id_);
  }

  void on_refused() {
    const auto simulator = current();
    if (!simulator) return;
    simulator->with_carrier(
        [&](TelnyxCarrier& carrier, TimePoint now) { carrier.on_stream_refused(call_id_, now); });
    simulator->sockets_.erase(call_id_);
  }

  void hold(std::shared_ptr<void> attempt) { attempt_ = std::move(attempt); }

  void leave() {
    attempt_.reset();
    if (socket_ != nullptr) socket_->close(1001, "going away");
  }

 private:
  /// The simulator, as long as this is the call's latest socket.
  std::shared_ptr<Impl> current() const {
    auto simulator = simulator_.lock();
    if (!simulator || simulator->stopped_) return nullptr;
    const auto found = simulator->sockets_.find(call_id_);
    return found != simulator->sockets_.end() && found->second.get() == this ? simulator : nullptr;
  }

  const std::weak_ptr<Impl> simulator_;
  const std::string call_id_;
  std::shared_ptr<void> attempt_;
  WebSocket* socket_ = nullptr;
};

Result<> TelnyxSimulator::Impl::listen(Runtime& runtime, const TelnyxSimulatorOptions& options) {
  HttpServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  auto server = HttpServer::create(runtime, server_options);
  if (!server) return fail(std::move(server.error()));
  server_ = std::move(*server);
  const auto handler = [weak = weak_from_this()](HttpServerRequest request,
                                                 HttpResponder responder) {
    if (auto self = weak.lock()) self->serve(std::move(request), std::move(responder));
  };
  server_->route("POST", "/v2/calls", handler);
  server_->route("GET", "/v2/calls/{id}", handler);
  server_->route("POST", "/v2/calls/{id}/actions/{command}", handler);
  server_->route("GET", "/__sim/state", [weak = weak_from_this()](auto, HttpResponder responder) {
    const auto self = weak.lock();
    if (!self) return;
    responder.send(200, self->state_json());
  });
  return server_->start();
}

void TelnyxSimulator::Impl::serve(HttpServerRequest request, HttpResponder responder) {
  TelnyxApiReply answer = with_carrier([&](TelnyxCarrier& carrier, TimePoint now) {
    return carrier.on_request(api_request(std::move(request)), now);
  });
  if (!answer.answered) {
    const std::lock_guard<std::mutex> lock(mutex_);
    unanswered_.push_back(std::move(responder));
  } else if (answer.delay == Millis(0)) {
    responder.send(std::move(answer.response));
  } else {
    shard_.post([this, self = shared_from_this(), late = std::move(answer),
                 responder = std::move(responder)]() mutable {
      reply(std::move(late), std::move(responder));
    });
  }
}

void TelnyxSimulator::Impl::reply(TelnyxApiReply late, HttpResponder responder) {
  const TimePoint when = shard_.now() + late.delay;
  shard_.run_at(when, [response = std::move(late.response), responder = std::move(responder)] {
    responder.send(response);
  });
}

void TelnyxSimulator::Impl::post_webhook(const TelnyxWebhookPost& post) {
  HttpRequest request;
  request.method = "POST";
  request.url = post.url;
  request.headers = post.headers;
  request.body = post.body;
  request.timeout = post.timeout;
  http_->send(std::move(request), shard_,
              [weak = weak_from_this(), id = post.id](const Result<HttpResponse>& response) {
                const auto self = weak.lock();
                if (!self) return;
                self->with_carrier([&](TelnyxCarrier& carrier, TimePoint now) {
                  carrier.on_webhook_answer(id, response ? response->status : 0, now);
                });
              });
}

void TelnyxSimulator::Impl::open_stream(const TelnyxStreamOpen& open) {
  shard_.post([weak = weak_from_this(), open] {
    if (auto self = weak.lock()) self->connect(open);
  });
}

void TelnyxSimulator::Impl::connect(const TelnyxStreamOpen& open) {
  if (stopped_) return;
  auto socket = std::make_shared<MediaSocket>(weak_from_this(), open.call_control_id);
  sockets_[open.call_control_id] = socket;
  WebSocketRequest request;
  request.url = open.url;
  request.headers = open.headers;
  request.limits.max_message_bytes = kMaxStreamMessage;
  const std::weak_ptr<MediaSocket> weak = socket;
  socket->hold(websockets_->connect(std::move(request), shard_, socket, [weak](const Error&) {
    if (auto refused = weak.lock()) refused->on_refused();
  }));
}

void TelnyxSimulator::Impl::stop() {
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

TelnyxSimulator::TelnyxSimulator() = default;

TelnyxSimulator::~TelnyxSimulator() {
  if (impl_) impl_->stop();
}

Result<std::unique_ptr<TelnyxSimulator>> TelnyxSimulator::create(Runtime& runtime,
                                                                 TelnyxSimulatorOptions options) {
  options.carrier.wall_time = unix_now();
  if (!options.repeatable) options.carrier.seed = random_seed();
  std::unique_ptr<TelnyxSimulator> simulator(new TelnyxSimulator());
  auto impl = std::make_shared<Impl>(runtime, options);
  if (auto listening = impl->listen(runtime, options); !listening) {
    return fail(std::move(listening.error()));
  }
  simulator->impl_ = std::move(impl);
  return simulator;
}

std::uint16_t TelnyxSimulator::port() const noexcept { return impl_->port(); }

std::string TelnyxSimulator::base_url() const {
  return "http://" + impl_->address() + ":" + std::to_string(port()) + "/v2";
}

const std::string& TelnyxSimulator::api_key() const noexcept { return impl_->api_key(); }
const std::string& TelnyxSimulator::public_key_base64() const noexcept {
  return impl_->public_key();
}

void TelnyxSimulator::set_webhook_url(std::string url) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.set_webhook_url(std::move(url)); });
}

void TelnyxSimulator::set_webhook_faults(TelnyxWebhookFaults faults) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.set_webhook_faults(std::move(faults)); });
}

void TelnyxSimulator::plan_next(const std::string& to, TelnyxCallPlan plan) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.plan_next(to, std::move(plan)); });
}

void TelnyxSimulator::inject(TelnyxApiFault fault) {
  impl_->with_carrier([&](TelnyxCarrier& carrier, TimePoint) { carrier.inject(std::move(fault)); });
}

std::string TelnyxSimulator::call_in(const std::string& from, const std::string& to,
                                     const TelnyxCallPlan& plan) {
  return impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint now) { return carrier.call_in(from, to, plan, now); });
}

std::size_t TelnyxSimulator::active_calls() const {
  std::size_t active = 0;
  impl_->inspect([&](const TelnyxCarrier& carrier, TimePoint) { active = carrier.active_calls(); });
  return active;
}

std::string TelnyxSimulator::state_json() const { return impl_->state_json(); }

void TelnyxSimulator::inspect(
    const std::function<void(const TelnyxCarrier&, TimePoint)>& look) const {
  impl_->inspect(look);
}

}  // namespace voicebridge::testing
