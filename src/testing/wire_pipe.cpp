#include "voicebridge/testing/wire_pipe.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One end: the sink its owner writes to, and the queue of what is on the way to the other end.
class WirePipe::Side final : public WireSink, public std::enable_shared_from_this<Side> {
 public:
  Side(Scheduler& scheduler, const WirePipeOptions& options, std::uint64_t seed)
      : scheduler_(scheduler), options_(options), random_(seed) {}

  void join(const std::shared_ptr<Side>& peer, WirePipeEnd end) {
    peer_ = peer;
    end_ = std::move(end);
  }

  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    Message message;
    message.text.reserve(head.size() + payload.size() + tail.size());
    message.text.append(head).append(payload).append(tail);
    return send(std::move(message));
  }

  SendStatus send_binary(std::string_view data) override {
    Message message;
    message.text = data;
    message.binary = true;
    return send(std::move(message));
  }

  void close(std::uint16_t code, std::string_view reason) override {
    if (closing_) return;
    closing_ = true;
    push(Message{std::string(reason), code});
  }

  std::size_t backlog() const override { return backlog_; }
  std::size_t dropped() const noexcept { return dropped_; }

  /// Forgets what is on the way; the owner is told on the next turn of the loop.
  void lose() {
    closing_ = true;
    on_the_way_.clear();
    backlog_ = 0;
    scheduler_.post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->finish(1006, "connection lost");
    });
  }

 private:
  struct Message {
    std::string text;              ///< Or binary data, or the reason of a close.
    std::uint16_t close_code = 0;  ///< 0: no close.
    bool binary = false;
  };

  SendStatus send(Message message) {
    if (closing_) return SendStatus::closed;
    if (backlog_ + message.text.size() > options_.max_backlog_bytes) {
      ++dropped_;
      return SendStatus::dropped;
    }
    push(std::move(message));
    return SendStatus::sent;
  }

  void push(Message message) {
    backlog_ += message.text.size();
    on_the_way_.push_back(std::move(message));
    const Micros jitter(static_cast<std::int64_t>(
        random_.up_to(static_cast<std::uint64_t>(options_.jitter.count()))));
    last_arrival_ = std::max(last_arrival_, scheduler_.now() + options_.delay + jitter);
    scheduler_.run_at(last_arrival_, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->arrive();
    });
  }

  /// The oldest message reaches the other end. The timers only say when; the queue keeps the order.
  void arrive() {
    if (on_the_way_.empty()) return;
    const Message message = std::move(on_the_way_.front());
    on_the_way_.pop_front();
    backlog_ -= message.text.size();
    auto peer = peer_.lock();
    if (!peer) return;
    if (message.close_code == 0) {
      peer->hear(message);
    } else {
      peer->close(message.close_code, message.text);  // the answering close frame
      peer->finish(message.close_code, message.text);
    }
  }

  void hear(const Message& message) {
    const auto& heard = message.binary ? end_.on_binary : end_.on_text;
    if (!finished_ && heard) heard(message.text);
  }

  void finish(std::uint16_t code, const std::string& reason) {
    if (std::exchange(finished_, true)) return;
    if (end_.on_closed) end_.on_closed(code, reason);
  }

  Scheduler& scheduler_;
  const WirePipeOptions options_;
  SeededRandom random_;
  std::weak_ptr<Side> peer_;
  WirePipeEnd end_;
  std::deque<Message> on_the_way_;
  TimePoint last_arrival_{};
  std::size_t backlog_ = 0;
  std::size_t dropped_ = 0;
  bool closing_ = false;
  bool finished_ = false;
};

WirePipe::WirePipe(Scheduler& scheduler, WirePipeOptions options)
    : left_(std::make_shared<Side>(scheduler, options, options.seed)),
      right_(std::make_shared<Side>(scheduler, options, ~options.seed)) {}

WirePipe::~WirePipe() = default;

void WirePipe::connect(WirePipeEnd left, WirePipeEnd right) {
  left_->join(right_, std::move(left));
  right_->join(left_, std::move(right));
}

WireSink& WirePipe::left() noexcept { return *left_; }
WireSink& WirePipe::right() noexcept { return *right_; }

void WirePipe::cut() {
  left_->lose();
  right_->lose();
}

std::size_t WirePipe::dropped() const noexcept { return left_->dropped() + right_->dropped(); }

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
