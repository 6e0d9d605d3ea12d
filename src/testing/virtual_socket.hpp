#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "voicebridge/net/websocket.hpp"
#include "voicebridge/testing/wire_pipe.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One end of a pipe as an open WebSocket, for code that was written for the network.
class VirtualSocket final : public WebSocket {
 public:
  VirtualSocket(Scheduler& scheduler, WireSink& wire) : scheduler_(scheduler), wire_(wire) {}

  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    return wire_.send_text(head, payload, tail);
  }
  SendStatus send_binary(std::string_view data) override { return wire_.send_binary(data); }
  void close(std::uint16_t code, std::string_view reason) override { wire_.close(code, reason); }
  std::size_t backlog() const override { return wire_.backlog(); }
  Scheduler& scheduler() override { return scheduler_; }
  void ping() override {}
  Millis idle() const override { return Millis(0); }

 private:
  Scheduler& scheduler_;
  WireSink& wire_;
};

/// Counts the messages that the application gets over all its connections of one kind, and says
/// when the connection is to be lost.
struct MessageCount {
  std::size_t arrived = 0;
  std::optional<std::size_t> cut_at;

  bool cuts_now() { return ++arrived == cut_at; }
};

/// The application's end of a pipe: hands what arrives to a handler, and cuts the pipe behind the
/// message that `count` names. All of them must outlive the pipe.
inline WirePipeEnd application_end(const std::shared_ptr<WebSocketHandler>& handler, WirePipe& pipe,
                                   MessageCount& count) {
  WirePipeEnd end;
  end.on_text = [handler, &pipe, &count](std::string_view text) {
    handler->on_text(text);
    if (count.cuts_now()) pipe.cut();
  };
  end.on_binary = [handler, &pipe, &count](std::string_view data) {
    handler->on_binary(data);
    if (count.cuts_now()) pipe.cut();
  };
  end.on_closed = [handler](std::uint16_t code, std::string_view reason) {
    handler->on_closed(code, reason);
  };
  return end;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
