#include "openai_wire.hpp"

#include "openai_event_out.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

SendStatus ConnectionWire::send_text(std::string_view head, std::string_view payload,
                                     std::string_view tail) {
  if (closed_) return SendStatus::closed;
  const std::uint64_t number = ++events_;
  if (fault_.malformed_at == number) put(std::string(kMalformedText));
  if (fault_.unknown_at == number) put(std::string(kUnknownEvent));
  SendStatus status = put(std::string(head).append(payload).append(tail));
  if (fault_.error_at == number) status = put_error();
  if (fault_.cut_after && number >= *fault_.cut_after) {
    close(static_cast<std::uint16_t>(fault_.close_code), "simulated failure");
  }
  return closed_ ? SendStatus::closed : status;
}

SendStatus ConnectionWire::put_error() {
  ApiError error{fault_.code, fault_.message, ""};
  if (error.code == "server_error") error.type = error.code;
  return put(error_event("event_fault", error, std::nullopt));
}

SendStatus ConnectionWire::put(std::string text) {
  if (mute()) return SendStatus::sent;
  if (fault_.slow == Millis(0)) return under_.send_text(text);
  waiting_.push_back({now_ + fault_.slow, std::move(text), 0});
  return SendStatus::queued;
}

void ConnectionWire::close(std::uint16_t code, std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  if (waiting_.empty()) return under_.close(code, reason);
  waiting_.push_back({waiting_.back().due, std::string(reason), code});
}

void ConnectionWire::stop() {
  closed_ = true;
  waiting_.clear();
}

Deadline ConnectionWire::next_deadline() const {
  return waiting_.empty() ? Deadline{} : Deadline{waiting_.front().due};
}

void ConnectionWire::on_deadline(TimePoint now) {
  while (!waiting_.empty() && waiting_.front().due <= now) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.close_code == 0) {
      under_.send_text(next.text);
    } else {
      under_.close(next.close_code, next.text);
    }
  }
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
