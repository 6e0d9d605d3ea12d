#include "voicebridge/testing/openai_simulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <optional>

#include "openai_call_desk.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/deadline_driver.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kMaxMessageBytes = 24u
                                         << 20;  // the largest append in base64, and its envelope
constexpr std::size_t kMaxBacklogBytes = 16u << 20;

/// What all connections share; outlives the simulator as long as a socket is open.
struct Stage {
  std::shared_ptr<const OpenAiScenario> scenario;
  std::shared_ptr<const VoiceSource> voice;
  OpenAiSimOptions options;
};

/// One socket and its session. The lock is for those who read the record meanwhile.
class Connection final : public WebSocketHandler {
 public:
  Connection(std::shared_ptr<const Stage> stage, OpenAiSimHandshake handshake)
      : stage_(std::move(stage)), handshake_(std::move(handshake)) {}

  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      scheduler_ = &socket.scheduler();
      session_.emplace(stage_->scenario, stage_->voice, stage_->options, handshake_, socket);
      session_->on_open(scheduler_->now());
    }
    driver_.emplace(*scheduler_, *this);
    driver_->rearm();
  }

  void on_text(std::string_view text) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      session_->receive(text, scheduler_->now());
    }
    driver_->rearm();
  }

  void on_binary(std::string_view) override {
    socket_->close(1003, "binary frames are not supported");
  }

  void on_closed(std::uint16_t, std::string_view) override {
    driver_.reset();
    socket_ = nullptr;
    const std::lock_guard<std::mutex> lock(mutex_);
    scheduler_ = nullptr;
    session_->on_closed();
  }

  // For the driver.
  Deadline next_deadline() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return session_->next_deadline();
  }
  void on_deadline(TimePoint now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    session_->on_deadline(now);
  }

  /// Any thread. Before the socket is open there is nothing to tell.
  std::optional<OpenAiSimRecord> record() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!session_) return std::nullopt;
    return session_->record();
  }
  /// Any thread.
  static void close(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard<std::mutex> lock(connection->mutex_);
    if (connection->scheduler_ == nullptr) return;
    connection->scheduler_->post([connection] {
      if (connection->socket_ != nullptr) connection->socket_->close(1001, "going away");
    });
  }

 private:
  const std::shared_ptr<const Stage> stage_;
  const OpenAiSimHandshake handshake_;
  WebSocket* socket_ = nullptr;  ///< Shard only.
  mutable std::mutex mutex_;
  Scheduler* scheduler_ = nullptr;
  std::optional<OpenAiSimSession> session_;
  std::optional<DeadlineDriver<Connection>> driver_;  ///< Shard only.
};

/// The connections so far. Any thread.
class Guests {
 public:
  Guests(std::shared_ptr<const Stage> stage, std::shared_ptr<detail::CallDesk> desk,
         std::size_t max_sessions)
      : stage_(std::move(stage)), desk_(std::move(desk)), max_sessions_(max_sessions) {}

  WebSocketDecision admit(const HttpServerRequest& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::size_t number = asked_++;
    auto judged = desk_->judge(request, number);
    if (auto* response = std::get_if<HttpResponse>(&judged)) {
      ++refused_;
      return std::move(*response);
    }
    auto& handshake = std::get<OpenAiSimHandshake>(judged);
    WebSocketAccept accept;
    if (handshake.call_id.empty()) {
      auto connection = std::make_shared<Connection>(stage_, std::move(handshake));
      connections_.push_back(connection);
      if (connections_.size() > max_sessions_) connections_.pop_front();
      accept.handler = std::move(connection);
    } else {
      accept.handler = desk_->make_sideband(std::move(handshake));
      accept.shard = &desk_->shard();
    }
    accept.limits.max_message_bytes = kMaxMessageBytes;
    accept.limits.max_backlog_bytes = kMaxBacklogBytes;
    return accept;
  }

  std::vector<OpenAiSimRecord> records() const {
    std::vector<OpenAiSimRecord> records;
    for (const auto& connection : connections()) {
      if (auto record = connection->record()) records.push_back(std::move(*record));
    }
    return records;
  }

  std::deque<std::shared_ptr<Connection>> connections() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return connections_;
  }

  std::string state_json() const {
    const auto seen = records();
    const auto open =
        std::count_if(seen.begin(), seen.end(), [](const auto& record) { return record.open; });
    JsonWriter out;
    out.object();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      out.field("connections", asked_).field("refused", refused_);
    }
    out.field("open", open).key("sessions").array();
    for (const auto& record : seen) record.write(out);
    out.end();
    desk_->with_calls([&](const OpenAiCalls& calls, TimePoint) { calls.write_state(out); });
    return out.end().take();
  }

 private:
  const std::shared_ptr<const Stage> stage_;
  const std::shared_ptr<detail::CallDesk> desk_;
  const std::size_t max_sessions_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Connection>> connections_;
  std::size_t asked_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace

namespace {

std::string make_webhook_secret() {
  std::array<std::uint8_t, 24> key{};
  random_bytes(key.data(), key.size());
  return "whsec_" + base64_encode(ByteView(key.data(), key.size()));
}

OpenAiCallsOptions calls_options(const std::string& api_key, const std::string& webhook_secret,
                                 const OpenAiSimulatorOptions& options) {
  OpenAiCallsOptions calls;
  calls.api_key = Secret(api_key);
  calls.project_id = options.project_id;
  calls.webhook_url = options.webhook_url;
  calls.webhook_secret = webhook_secret;
  calls.session = options.session;
  calls.webrtc_caller = options.webrtc_caller;
  calls.ended_call_status = options.ended_call_status;
  random_bytes(reinterpret_cast<std::uint8_t*>(&calls.seed), sizeof calls.seed);
  calls.wall_time = unix_now();
  return calls;
}

}  // namespace

struct OpenAiSimulator::Impl {
  std::string address;
  bool tls = false;
  std::string api_key;
  std::string project_id;
  std::string webhook_secret;
  std::shared_ptr<detail::CallDesk> desk;
  std::shared_ptr<Guests> guests;
  std::unique_ptr<HttpServer> server;
};

OpenAiSimulator::OpenAiSimulator() : impl_(std::make_unique<Impl>()) {}

OpenAiSimulator::~OpenAiSimulator() {
  if (!impl_->guests) return;
  impl_->server.reset();
  impl_->desk->stop();
  for (const auto& connection : impl_->guests->connections()) Connection::close(connection);
}

Result<std::unique_ptr<OpenAiSimulator>> OpenAiSimulator::create(Runtime& runtime,
                                                                 OpenAiScenario scenario,
                                                                 OpenAiSimulatorOptions options) {
  HttpServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.tls_certificate_file = options.tls_certificate_file;
  server_options.tls_key_file = options.tls_key_file;
  auto server = HttpServer::create(runtime, server_options);
  if (!server) return fail(std::move(server.error()));

  auto stage = std::make_shared<Stage>();
  stage->voice = options.voice ? std::move(options.voice) : best_voice(scenario.lines());
  stage->scenario = std::make_shared<const OpenAiScenario>(std::move(scenario));
  stage->options = options.session;

  std::unique_ptr<OpenAiSimulator> simulator(new OpenAiSimulator());
  Impl& impl = *simulator->impl_;
  impl.address = options.address;
  impl.tls = !options.tls_key_file.empty();
  impl.api_key = options.api_key.empty() ? random_id("sk-sim-") : options.api_key;
  impl.project_id = options.project_id;
  impl.webhook_secret =
      options.webhook_secret.empty() ? make_webhook_secret() : options.webhook_secret;
  impl.desk =
      std::make_shared<detail::CallDesk>(runtime, stage->scenario, stage->voice,
                                         calls_options(impl.api_key, impl.webhook_secret, options));
  impl.guests = std::make_shared<Guests>(std::move(stage), impl.desk, options.max_sessions);
  impl.server = std::move(*server);
  impl.server->websocket("/v1/realtime", [guests = impl.guests](const HttpServerRequest& request) {
    return guests->admit(request);
  });
  impl.server->route("GET", "/__sim/state",
                     [guests = impl.guests](const HttpServerRequest&, HttpResponder responder) {
                       responder.send(200, guests->state_json());
                     });
  impl.desk->add_routes(*impl.server);
  if (auto started = impl.server->start(); !started) return fail(std::move(started.error()));
  return simulator;
}

std::uint16_t OpenAiSimulator::port() const noexcept { return impl_->server->port(); }

std::string OpenAiSimulator::base_url() const {
  return fmt::format("http{}://{}:{}/v1", impl_->tls ? "s" : "", impl_->address, port());
}

std::string OpenAiSimulator::realtime_url() const {
  return fmt::format("ws{}://{}:{}/v1/realtime", impl_->tls ? "s" : "", impl_->address, port());
}

const std::string& OpenAiSimulator::api_key() const noexcept { return impl_->api_key; }

const std::string& OpenAiSimulator::webhook_secret() const noexcept {
  return impl_->webhook_secret;
}
const std::string& OpenAiSimulator::project_id() const noexcept { return impl_->project_id; }

void OpenAiSimulator::set_webhook_url(std::string url) {
  impl_->desk->with_calls(
      [&](OpenAiCalls& calls, TimePoint) { calls.set_webhook_url(std::move(url)); });
}

std::string OpenAiSimulator::sip_call(SipCallPlan plan) {
  return impl_->desk->with_calls(
      [&](OpenAiCalls& calls, TimePoint now) { return calls.sip_call(std::move(plan), now); });
}

bool OpenAiSimulator::hang_up(const std::string& call_id) {
  return impl_->desk->on_shard(
      [call_id](OpenAiCalls& calls, TimePoint now) { return calls.hang_up(call_id, now); });
}

bool OpenAiSimulator::press(const std::string& call_id, std::string_view keys) {
  return impl_->desk->on_shard(
      [call_id, keys = std::string(keys)](OpenAiCalls& calls, TimePoint now) {
        return calls.press(call_id, keys, now);
      });
}

std::optional<OpenAiCallRecord> OpenAiSimulator::call(const std::string& call_id) const {
  return impl_->desk->with_calls(
      [&](const OpenAiCalls& calls, TimePoint) { return calls.record(call_id); });
}

std::vector<OpenAiCallRecord> OpenAiSimulator::calls() const {
  return impl_->desk->with_calls([](const OpenAiCalls& calls, TimePoint) {
    std::vector<OpenAiCallRecord> records;
    for (const auto& id : calls.calls()) records.push_back(*calls.record(id));
    return records;
  });
}

std::size_t OpenAiSimulator::active_calls() const {
  return impl_->desk->with_calls(
      [](const OpenAiCalls& calls, TimePoint) { return calls.active_calls(); });
}

std::vector<OpenAiSimRecord> OpenAiSimulator::records() const { return impl_->guests->records(); }

std::string OpenAiSimulator::state_json() const { return impl_->guests->state_json(); }

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
