// What a frame costs in memory once the buffers have had their size.
#include <atomic>

#include "integration/websocket_fixture.hpp"
#include "support/allocation_counter.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// Sends back what comes, and reads the shard's allocation counter at two messages.
class CountingEcho final : public WebSocketHandler {
 public:
  CountingEcho(int first, int last) : first_(first), last_(last) {}

  void on_open(WebSocket& socket) override { socket_ = &socket; }
  void on_text(std::string_view text) override {
    ++messages_;
    if (messages_ == first_) before_ = allocation_count();
    if (messages_ == last_) allocations = allocation_count() - before_;
    socket_->send_text(text.substr(0, 10), text.substr(10));
  }
  void on_closed(std::uint16_t, std::string_view) override {}

  std::atomic<std::size_t> allocations{static_cast<std::size_t>(-1)};

 private:
  const int first_;
  const int last_;
  int messages_ = 0;
  std::size_t before_ = 0;
  WebSocket* socket_ = nullptr;
};

}  // namespace

TEST_CASE("an open socket allocates nothing a frame, whole or cut") {
  RuntimeOptions options;
  options.tick.mode = GENERATE(TickPolicy::Mode::off, TickPolicy::Mode::fixed);
  options.tick.interval = Micros(200);
  WebSocketFixture fixture(options);
  constexpr int kFirst = 200;
  constexpr int kLast = 1200;
  const auto echo = std::make_shared<CountingEcho>(kFirst, kLast);
  fixture.make_handler = [&] { return echo; };
  RawSocket client = fixture.raw_client();
  const std::string text(390, 'x');
  const std::string frame = make_frame(0x81, text);
  const std::string answer = make_frame(0x81, text, {false, -1});
  for (int i = 0; i < kLast; ++i) {
    const std::size_t cut = i % 2 == 0 ? frame.size() : 1 + static_cast<std::size_t>(i) % 390;
    client.send(frame.substr(0, cut));
    client.send(frame.substr(cut));
    REQUIRE(client.receive_exactly(answer.size()) == answer);
  }
  CHECK(echo->allocations == 0);
}
