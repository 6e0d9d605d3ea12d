#pragma once

#include "unit/telnyx/fake_media.hpp"
#include "voicebridge/net/websocket.hpp"

namespace voicebridge::test {

/// An open WebSocket whose wire is the test's.
class FakeSocket : public WebSocket {
 public:
  explicit FakeSocket(Scheduler& scheduler) : scheduler_(scheduler) {}
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    return wire.send_text(head, payload, tail);
  }
  void close(std::uint16_t code, std::string_view reason) override { wire.close(code, reason); }
  std::size_t backlog() const override { return 0; }
  Scheduler& scheduler() override { return scheduler_; }
  void ping() override {}
  Millis idle() const override { return Millis(0); }

  FakeSink wire;

 private:
  Scheduler& scheduler_;
};

}  // namespace voicebridge::test
