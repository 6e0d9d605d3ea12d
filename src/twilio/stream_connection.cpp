#include "stream_connection.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

StreamConnection::StreamConnection(StreamAdmission admission, net::StreamPlace place)
    : admission_(std::move(admission)), place_(std::move(place)) {}

StreamConnection::~StreamConnection() = default;

// --- the socket ---------------------------------------------------------------------------------

void StreamConnection::on_open(WebSocket& socket) {
  socket_ = &socket;
  MediaSessionOptions media = admission_.media;
  media.on_trouble = [log = admission_.log](const Error& error) {
    log.warn("twilio", "trouble on a media stream", {{"error", to_string(error)}});
  };
  MediaObserver& observer = *this;
  session_ =
      std::make_shared<MediaSession>(socket, observer, std::move(media), socket.scheduler().now());
  arm_timer();
}

void StreamConnection::on_text(std::string_view text) {
  session_->receive(text, socket_->scheduler().now());
  arm_timer();
}

/// Twilio never sends binary messages; an empty text counts as a malformed one.
void StreamConnection::on_binary(std::string_view) { on_text({}); }

void StreamConnection::on_closed(std::uint16_t code, std::string_view) {
  if (!socket_) return;
  timer_.cancel(socket_->scheduler());
  session_->on_socket_closed(code, socket_->scheduler().now());
  const MediaCounters& seen = session_->counters();
  admission_.log.info("twilio", "media stream closed",
                      {{"code", unsigned{code}},
                       {"frames_in", seen.frames_in},
                       {"frames_out", seen.frames_out},
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
  if (const auto attached = attach(start, now); !attached) {
    session_->abort(attached.error(), now);
    return;
  }
  admission_.log.info("twilio", "media stream started",
                      {{"stream", start.stream_id}, {"call", start.call_id}});
  observer_->on_media_start(start, now);
}

Result<> StreamConnection::attach(const MediaStart& start, TimePoint now) {
  admission_.request.shard = &socket_->scheduler();
  auto admitted = admission_.admit(admission_, start, session_->account_sid(), now);
  if (!admitted) return admitted;
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
    admission_.log.warn("twilio", "media stream ended", {{"error", to_string(*why)}});
  }
  if (observer_) observer_->on_media_stop(why, now);
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
