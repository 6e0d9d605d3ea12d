#include "stream_connection.hpp"

#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

StreamConnection::StreamConnection(StreamAdmission admission, net::StreamPlace place)
    : admission_(std::move(admission)), place_(std::move(place)) {}

StreamConnection::~StreamConnection() = default;

// --- the socket ---------------------------------------------------------------------------------

void StreamConnection::on_open(WebSocket& socket) {
  socket_ = &socket;
  MediaSessionOptions media = admission_.media;
  if (admission_.target) media.outbound = admission_.target->outbound;
  media.on_trouble = [log = admission_.log](const Error& error) {
    log.warn("telnyx", "trouble on a media stream", {{"error", to_string(error)}});
  };
  const TimePoint now = socket.scheduler().now();
  MediaObserver& observer = *this;
  session_ = std::make_shared<MediaSession>(socket, observer, std::move(media), now);
  if (admission_.target) {
    if (const auto attached = attach(); !attached) session_->abort(attached.error(), now);
  }
  arm_timer();
}

void StreamConnection::on_text(std::string_view text) {
  session_->receive(text, socket_->scheduler().now());
  arm_timer();
}

/// Telnyx never sends binary messages; an empty text counts as a malformed one.
void StreamConnection::on_binary(std::string_view) { on_text({}); }

void StreamConnection::on_closed(std::uint16_t code, std::string_view) {
  if (!socket_) return;
  timer_.cancel(socket_->scheduler());
  session_->on_socket_closed(code, socket_->scheduler().now());
  const MediaCounters& seen = session_->counters();
  admission_.log.info("telnyx", "media stream closed",
                      {{"code", unsigned{code}},
                       {"frames_in", seen.frames_in},
                       {"frames_out", seen.frames_out},
                       {"lost", seen.lost},
                       {"late", seen.late},
                       {"duplicates", seen.duplicates},
                       {"bad_media", seen.bad_media},
                       {"malformed", seen.malformed},
                       {"dropped_out", seen.dropped_out}});
  // The session may be further up on the stack: it goes with this object.
  socket_ = nullptr;
}

void StreamConnection::footprint(Footprint& to) const {
  to.add(this, 1);
  to.add(socket_);
  to.add(session_);
  to.add(timer_);
  if (session_) session_->footprint(to);
  if (observer_) observer_->audio_footprint(to);
}

// --- the timer ----------------------------------------------------------------------------------

void StreamConnection::arm_timer() {
  if (!socket_) return;
  timer_.follow(socket_->scheduler(), session_->next_deadline(), *this,
                [](StreamConnection& self) { self.on_timer(); });
}

void StreamConnection::on_timer() {
  if (!socket_) return;
  session_->on_deadline(socket_->scheduler().now());
  arm_timer();
}

// --- the call -----------------------------------------------------------------------------------

void StreamConnection::on_media_start(const MediaStart& start, TimePoint now) {
  if (const auto admitted = admit(start); !admitted) {
    session_->abort(admitted.error(), now);
    return;
  }
  admission_.log.info("telnyx", "media stream started",
                      {{"stream", start.stream_id}, {"inbound", to_string(start.inbound)}});
  observer_->on_media_start(start, now);
}

/// Whether `start` tells of the call that the socket was opened for; a stream without a token is
/// asked for now that it has said what it is.
Result<> StreamConnection::admit(const MediaStart& start) {
  const std::string& token = session_->auth_token();
  if (!token.empty() && !admission_.token.empty() &&
      !constant_time_equal(std::string_view(token), std::string_view(admission_.token))) {
    return fail(Errc::unauthenticated, "the tokens of the upgrade and of connected differ");
  }
  TelnyxStreamRequest& request = admission_.request;
  if (request.authenticated) {
    if (request.call_control_id.empty() || request.call_control_id == start.call_id) return {};
    return fail(Errc::protocol_error, "start names another call than the stream's URL");
  }
  request.call_control_id = start.call_id;
  request.from = start.from;
  request.to = start.to;
  request.client_state = start.client_state;
  request.shard = &socket_->scheduler();
  auto target = admission_.on_stream(request);
  if (!target) return fail(target.error());
  admission_.target = std::move(*target);
  return attach();
}

Result<> StreamConnection::attach() {
  if (admission_.target->attach) observer_ = admission_.target->attach(session_);
  if (observer_) return {};
  return fail(Errc::not_found, "nobody serves the media stream");
}

void StreamConnection::on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) {
  observer_->on_media_audio(audio, position, now);
}

void StreamConnection::on_media_mark(std::string_view name, TimePoint now) {
  observer_->on_media_mark(name, now);
}

void StreamConnection::on_media_dtmf(char digit, TimePoint now) {
  observer_->on_media_dtmf(digit, now);
}

void StreamConnection::on_media_stop(const std::optional<Error>& why, TimePoint now) {
  if (why) {
    admission_.log.warn("telnyx", "media stream ended", {{"error", to_string(*why)}});
  }
  if (observer_) observer_->on_media_stop(why, now);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
