#include "stream_connection.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

StreamConnection::StreamConnection(StreamAdmission admission, net::StreamPlace place)
    : admission_(std::move(admission)), place_(std::move(place)) {}

StreamConnection::~StreamConnection() = default;

// --- the socket ---------------------------------------------------------------------------------

void StreamConnection::on_open(WebSocket& socket) {
  socket_ = &socket;
  admission_.request.shard = &socket.scheduler();
  WebMediaSessionOptions session = admission_.session;
  session.audio = admission_.request.audio;
  session.on_trouble = [log = admission_.log](const Error& error) {
    log.warn("web", "trouble on a page's stream", {{"error", to_string(error)}});
  };
  session.wake = [shard = &socket.scheduler(), weak = weak_from_this()] {
    shard->post([weak] {
      if (const auto self = weak.lock()) self->on_wake();
    });
  };
  session_ = std::make_shared<WebMediaSession>(
      socket, [this](const PageHello& hello, TimePoint) { return admit(hello); },
      std::move(session), now());
  arm_timer();
}

void StreamConnection::on_text(std::string_view text) {
  session_->receive_text(text, now());
  arm_timer();
}

void StreamConnection::on_binary(std::string_view data) {
  session_->receive_binary(data, now());
  arm_timer();
}

void StreamConnection::on_writable() { session_->on_writable(now()); }

void StreamConnection::on_wake() {
  if (!socket_) return;
  session_->on_wake(now());
  arm_timer();
}

void StreamConnection::on_closed(std::uint16_t code, std::string_view) {
  if (!socket_) return;
  timer_.cancel(socket_->scheduler());
  session_->on_socket_closed(code, now());
  const WebMediaCounters& seen = session_->counters();
  admission_.log.info("web", "page's socket closed",
                      {{"code", unsigned{code}},
                       {"audio", admission_.request.audio},
                       {"frames_in", seen.frames_in},
                       {"frames_out", seen.frames_out},
                       {"events_out", seen.events_out},
                       {"malformed", seen.malformed},
                       {"too_fast", seen.too_fast},
                       {"dropped_out", seen.dropped_out}});
  // The session may be further up on the stack: it goes with this object.
  socket_ = nullptr;
}

// --- the timer ----------------------------------------------------------------------------------

void StreamConnection::arm_timer() {
  if (!socket_) return;
  timer_.follow(socket_->scheduler(), session_->next_deadline(), *this,
                [](StreamConnection& self) { self.on_timer(); });
}

void StreamConnection::on_timer() {
  if (!socket_) return;
  session_->on_deadline(now());
  arm_timer();
}

// --- the visitor --------------------------------------------------------------------------------

Result<WebVisitor> StreamConnection::admit(const PageHello& hello) {
  WebStreamRequest request = admission_.request;
  request.session_id = hello.session_id;
  request.token = hello.token;
  auto target = admission_.ask(request);
  if (!target) return fail(target.error());
  WebVisitor visitor;
  visitor.events = std::move(target->events);
  visitor.agent = std::move(target->agent);
  visitor.language = std::move(target->language);
  visitor.on_message = std::move(target->on_message);
  if (!request.audio) return visitor;
  if (target->scheduler != nullptr && target->scheduler != request.shard) {
    return fail(Errc::internal, "the call lives on another shard than its stream");
  }
  if (target->attach) visitor.audio = target->attach(session_);
  if (!visitor.audio) return fail(Errc::conflict, "the session has a stream already, or is over");
  return visitor;
}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
