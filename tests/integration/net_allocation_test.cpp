// What a frame costs in memory once the buffers have had their size.
#include <algorithm>
#include <atomic>

#include "integration/websocket_fixture.hpp"
#include "support/allocation_counter.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// Sends back what comes, and keeps the fewest allocations of the shard in any stretch of messages.
/// What a frame costs is in all of them; a timer or a short read of a stalled machine is not.
class CountingEcho final : public WebSocketHandler {
 public:
  explicit CountingEcho(int stretch) : stretch_(stretch) {}

  void on_open(WebSocket& socket) override { socket_ = &socket; }
  void on_text(std::string_view text) override {
    if (++messages_ % stretch_ == 0) {
      const std::size_t count = allocation_count();
      if (messages_ > stretch_) fewest = std::min(fewest.load(), count - before_);
      before_ = count;
    }
    socket_->send_text(text.substr(0, 10), text.substr(10));
  }
  void on_closed(std::uint16_t, std::string_view) override {}

  std::atomic<std::size_t> fewest{static_cast<std::size_t>(-1)};

 private:
  const int stretch_;
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
  constexpr int kStretch = 200;
  constexpr int kLast = 1200;
  const auto echo = std::make_shared<CountingEcho>(kStretch);
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
  CHECK(echo->fewest == 0);
}
