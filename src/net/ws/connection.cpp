#include "net/ws/connection.hpp"

#include <algorithm>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {
namespace {

/// Room for the reason in a Close frame beside its code.
constexpr std::size_t kMaxCloseReason = 123;

}  // namespace

Connection::Connection(Role role, const WebSocketLimits& limits,
                       std::shared_ptr<WebSocketHandler> handler, FrameTransport& transport,
                       BufferPool& pool, ConnectionStats& stats, TimePoint now)
    : limits_(limits),
      handler_(std::move(handler)),
      transport_(transport),
      stats_(stats),
      decoder_(role, limits.max_message_bytes, pool),
      now_(now),
      last_heard_(now),
      last_ping_(now) {
  ++stats_.opened;
}

void Connection::on_bytes(char* data, std::size_t size, TimePoint now) {
  now_ = now;
  last_heard_ = now;
  if (state_ == State::draining || state_ == State::ended) return;
  decoder_.feed(data, size, *this);
  if (decoder_.error() != 0) fail(decoder_.error(), decoder_.error_text());
}

bool Connection::on_message(Opcode kind, std::string_view message) {
  if (state_ == State::closing) return true;
  ++stats_.messages_in;
  if (kind == Opcode::text) {
    handler_->on_text(message);
  } else {
    handler_->on_binary(message);
  }
  return state_ == State::open || state_ == State::closing;
}

bool Connection::on_control(Opcode kind, std::string_view payload) {
  if (kind == Opcode::close) {
    on_close_frame(payload);
    return false;
  }
  if (kind == Opcode::ping && state_ == State::open) answer_ping(payload);
  return state_ == State::open || state_ == State::closing;
}

void Connection::on_close_frame(std::string_view payload) {
  close_code_ = kCloseNoStatus;
  if (payload.size() >= 2) {
    close_code_ = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                             static_cast<std::uint8_t>(payload[1]));
    close_reason_ = payload.substr(2);
  }
  cause_known_ = true;
  if (state_ == State::open) send_close_frame(close_code_, {});
  start_draining();
}

void Connection::answer_ping(std::string_view payload) {
  if (transport_.backlog() == 0) {
    transport_.send_frame(Opcode::pong, payload, {}, {});
    return;
  }
  pong_waits_ = true;
  waiting_pong_ = payload;
}

void Connection::on_end_of_stream() { end(); }

void Connection::on_flushed(TimePoint now) {
  now_ = now;
  if (state_ != State::open) return;
  if (std::exchange(pong_waits_, false)) {
    transport_.send_frame(Opcode::pong, std::exchange(waiting_pong_, {}), {}, {});
  }
  if (std::exchange(ping_waits_, false)) ping(now);
  if (transport_.backlog() == 0 && std::exchange(writer_waits_, false)) handler_->on_writable();
}

SendStatus Connection::send_text(std::string_view head, std::string_view payload,
                                 std::string_view tail) {
  return send_message(Opcode::text, head, payload, tail);
}

SendStatus Connection::send_binary(std::string_view data) {
  return send_message(Opcode::binary, data, {}, {});
}

SendStatus Connection::send_message(Opcode kind, std::string_view head, std::string_view payload,
                                    std::string_view tail) {
  if (state_ != State::open) return SendStatus::closed;
  const std::size_t size = head.size() + payload.size() + tail.size() + kMaxFrameHeader;
  if (transport_.backlog() + size > limits_.max_backlog_bytes) {
    ++stats_.sends_dropped;
    writer_waits_ = true;
    return SendStatus::dropped;
  }
  const SendStatus status = transport_.send_frame(kind, head, payload, tail);
  if (status == SendStatus::queued) writer_waits_ = true;
  if (status != SendStatus::closed) ++stats_.messages_out;
  return status;
}

void Connection::ping(TimePoint now) {
  if (state_ != State::open) return;
  last_ping_ = now;
  if (transport_.backlog() == 0) {
    transport_.send_frame(Opcode::ping, {}, {}, {});
  } else {
    ping_waits_ = true;
  }
}

void Connection::close(std::uint16_t code, std::string_view reason, TimePoint now) {
  if (state_ != State::open) return;
  state_ = State::closing;
  give_up_at_ = now + kCloseTimeout;
  send_close_frame(code, reason);
}

/// A code that may not stand on the wire makes a Close frame without one.
void Connection::send_close_frame(std::uint16_t code, std::string_view reason) {
  if (!is_wire_close_code(code)) {
    transport_.send_frame(Opcode::close, {}, {}, {});
    return;
  }
  const char wire_code[2] = {static_cast<char>(code >> 8), static_cast<char>(code)};
  const std::string_view text = is_utf8(reason) ? utf8_prefix(reason, kMaxCloseReason) : "";
  transport_.send_frame(Opcode::close, {wire_code, sizeof wire_code}, text, {});
}

void Connection::fail(std::uint16_t code, std::string_view why) {
  if (state_ == State::ended) return;
  ++stats_.protocol_errors;
  close_code_ = code;
  close_reason_ = why;
  cause_known_ = true;
  if (state_ == State::open) send_close_frame(code, why);
  start_draining();
}

void Connection::start_draining() {
  if (state_ == State::ended) return;
  state_ = State::draining;
  give_up_at_ = now_ + kDrainTimeout;
  transport_.finish_writing();
}

void Connection::end() {
  if (state_ == State::ended) return;
  state_ = State::ended;
  if (!cause_known_) ++stats_.unclean_closes;
}

Deadline Connection::next_deadline() const {
  if (state_ == State::ended) return {};
  if (state_ != State::open) return give_up_at_;
  Deadline next;
  if (limits_.ping_interval > Millis::zero()) {
    next = std::max(last_heard_, last_ping_) + limits_.ping_interval;
  }
  if (limits_.dead_after > Millis::zero()) next = earliest(next, last_heard_ + limits_.dead_after);
  return next;
}

void Connection::on_deadline(TimePoint now) {
  const Deadline due = next_deadline();
  if (!due || now < *due) return;
  now_ = now;
  if (state_ != State::open) return end();
  if (limits_.dead_after > Millis::zero() && now - last_heard_ >= limits_.dead_after) {
    ++stats_.dead_peers;
    return end();
  }
  ping(now);
}

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
