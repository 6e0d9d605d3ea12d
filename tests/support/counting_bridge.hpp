#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "testing/telnyx_stream_messages.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/openai/speech_factory.hpp"
#include "voicebridge/telnyx/stream_server.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

/// A call with everything that stands between its two sockets in production, and sockets that only
/// count.
namespace voicebridge::test {

using testing::ManualScheduler;
using testing::TelnyxStreamMessages;

inline constexpr std::string_view kMarkStart = R"({"event":"mark","mark":{)";
inline constexpr std::size_t kLongestText = 4096;

/// Takes what is sent and counts it; keeps the last mark, to be echoed.
class CountingSocket final : public WebSocket {
 public:
  explicit CountingSocket(Scheduler& scheduler) : scheduler_(scheduler) {
    mark.reserve(kLongestText);
  }
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    ++texts;
    payload_bytes += payload.size();
    if (head.substr(0, kMarkStart.size()) == kMarkStart) {
      ++marks;
      mark.assign(head).append(payload).append(tail);
    }
    return SendStatus::sent;
  }
  void close(std::uint16_t, std::string_view) override {}
  std::size_t backlog() const override { return 0; }
  Scheduler& scheduler() override { return scheduler_; }
  void ping() override {}
  Millis idle() const override { return Millis(0); }

  std::size_t texts = 0;
  std::size_t payload_bytes = 0;
  std::size_t marks = 0;
  std::string mark;  ///< To be echoed; empty: none.

 private:
  Scheduler& scheduler_;
};

/// A network with one socket, to the model.
class OneSocket final : public WebSocketClient {
 public:
  explicit OneSocket(Scheduler& scheduler) : socket(scheduler) {}
  std::shared_ptr<void> connect(WebSocketRequest, Scheduler& on,
                                std::shared_ptr<WebSocketHandler> wanted, Failed) override {
    handler = std::move(wanted);
    on.post([this] { handler->on_open(socket); });
    return handler;
  }
  CountingSocket socket;
  std::shared_ptr<WebSocketHandler> handler;
};

/// A call between two counting sockets.
struct CountingBridge {
  explicit CountingBridge(PhoneAgentOptions rules = {}) : model(clock), carrier(clock) {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    openai::RealtimeClientOptions client;
    client.api_key = Secret("sk-test");
    parts.open_speech = openai::speech_factory(client, model);
    parts.tools = &tools;
    parts.leads = make_memory_lead_store();
    parts.calls = make_memory_call_store();
    parts.metrics = &metrics;
    agent = std::make_unique<PhoneAgent>(std::move(parts), std::move(rules));
    TelnyxStreamServerOptions options;
    options.public_app_url = "http://app.test";
    options.accept_unknown_streams = true;
    doors = TelnyxStreamServer::create(options, [this](const TelnyxStreamRequest& request) {
              return agent->seat_unknown(request.shard).map([](StreamSeat seat) {
                TelnyxStreamTarget target;
                target.attach = std::move(seat.attach);
                return target;
              });
            }).value();
  }
  ~CountingBridge() {
    agent->stop(Millis(0));
    clock.advance(std::chrono::minutes(1));
  }

  void connect() {
    HttpServerRequest upgrade;
    upgrade.shard = &clock;
    leg = std::get<WebSocketAccept>(doors->accept(upgrade)).handler;
    leg->on_open(carrier);
    leg->on_text(TelnyxStreamMessages::connected(""));
    leg->on_text(messages.start({}, {}, AudioFormat::pcmu()));
    clock.run_ready();
    model.handler->on_text(R"({"type":"session.created","session":{}})");
    model.handler->on_text(R"({"type":"session.updated","session":{}})");
    model.handler->on_text(
        R"({"type":"response.created","response":{"id":"resp_CTUVKFmRHuQ0aPbCeZLP4"}})");
  }

  ManualScheduler clock;
  OneSocket model;
  CountingSocket carrier;
  TelnyxStreamMessages messages{"stream_1"};
  ToolRegistry tools;
  MetricsRegistry metrics;
  std::unique_ptr<PhoneAgent> agent;
  std::optional<TelnyxStreamServer> doors;
  std::shared_ptr<WebSocketHandler> leg;
};

/// A piece of audio of the model, as it comes.
inline std::string audio_delta(const std::string& base64) {
  return R"({"type":"response.output_audio.delta","event_id":"event_CTUVMQvxMRM0uq9Yf7q6Z",)"
         R"("response_id":"resp_CTUVKFmRHuQ0aPbCeZLP4","item_id":"item_CTUVLSVz2xT1p1j5UYqVx",)"
         R"("output_index":0,"content_index":0,"delta":")" +
         base64 + "\"}";
}

}  // namespace voicebridge::test
