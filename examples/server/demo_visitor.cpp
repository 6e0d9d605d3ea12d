#include "demo_visitor.hpp"

#include <algorithm>

namespace server {

using namespace voicebridge;

namespace {

/// How long after the agent's last sound the visitor has typed.
constexpr Millis kTyping{600};

}  // namespace

DemoVisitor::DemoVisitor(PhoneAgent& agent, StreamSeat seat, std::vector<std::string> lines)
    : agent_(agent), seat_(std::move(seat)), lines_(lines.begin(), lines.end()) {}

void DemoVisitor::begin() {
  seat_.scheduler->post([self = shared_from_this()] {
    self->heard_until_ = self->seat_.scheduler->now();
    self->call_ = self->seat_.attach(self);
    MediaStart start;
    start.stream_id = start.call_id = self->seat_.call_id;
    start.inbound = start.outbound = AudioFormat::l16(24000);
    self->call_->on_media_start(start, self->seat_.scheduler->now());
  });
}

bool DemoVisitor::send_audio(const AudioPayload& audio) {
  if (!call_) return false;
  heard_until_ =
      std::max(heard_until_, seat_.scheduler->now()) + audio.format.duration(payload_size(audio));
  hear_out();
  return true;
}

/// Types the next line once nothing more is to be heard.
void DemoVisitor::hear_out() {
  if (quiet_ != 0) seat_.scheduler->cancel(quiet_);
  quiet_ = seat_.scheduler->run_at(heard_until_ + kTyping, [self = shared_from_this()] {
    self->quiet_ = 0;
    if (!self->call_ || self->lines_.empty()) return;
    const std::string line = std::move(self->lines_.front());
    self->lines_.pop_front();
    (void)self->agent_.send_text(self->seat_.call_id, line);
  });
}

void DemoVisitor::send_mark(std::string_view name) {
  marks_.emplace_back(name);
  seat_.scheduler->run_at(std::max(heard_until_, seat_.scheduler->now()),
                          [self = shared_from_this(), mark = marks_.back()] { self->echo(mark); });
}

void DemoVisitor::echo(const std::string& mark) {
  const auto found = std::find(marks_.begin(), marks_.end(), mark);
  if (found == marks_.end() || !call_) return;
  marks_.erase(found);
  call_->on_media_mark(mark, seat_.scheduler->now());
}

void DemoVisitor::clear() {
  heard_until_ = seat_.scheduler->now();
  for (const std::string& mark : marks_) {
    seat_.scheduler->post([self = shared_from_this(), mark] { self->echo(mark); });
  }
}

void DemoVisitor::close() {
  if (!call_) return;
  if (quiet_ != 0) seat_.scheduler->cancel(quiet_);
  // The call is in the middle of its own function.
  seat_.scheduler->post([call = std::move(call_), scheduler = seat_.scheduler] {
    call->on_media_stop({}, scheduler->now());
  });
  call_.reset();
}

}  // namespace server
