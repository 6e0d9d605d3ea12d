#include "voicebridge/openai/realtime_client.hpp"

#include <utility>

#include "core/deadline_timer.hpp"
#include "openai/api_request.hpp"
#include "voicebridge/openai/server_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

Result<WebSocketRequest> make_request(const RealtimeClientOptions& options) {
  auto url = realtime_url(options);
  if (!url) return fail(url.error());
  auto headers = detail::api_headers(options);
  if (!headers) return fail(headers.error());
  WebSocketRequest request;
  request.url = std::move(*url);
  request.headers = std::move(*headers);
  request.connect_timeout = options.connect_timeout;
  request.handshake_timeout = options.handshake_timeout;
  request.limits.max_message_bytes = kServerEventLimits.max_bytes;
  request.limits.max_backlog_bytes = std::size_t{4} << 20;
  return request;
}

}  // namespace

/// Joins the session to a socket and a timer. It lives until the last of them lets go of it, so
/// that the client can be destroyed inside any callback.
class RealtimeClient::Impl final : public WebSocketHandler,
                                   public WireSink,
                                   public std::enable_shared_from_this<RealtimeClient::Impl> {
 public:
  Impl(RealtimeSessionOptions options, MediaOwner media, WebSocketRequest request,
       WebSocketClient& websockets, Scheduler& scheduler)
      : session_(std::move(options), *this),
        media_(media),
        request_(std::move(request)),
        websockets_(websockets),
        scheduler_(scheduler) {}

  /// Runs `f` on the session, then waits for what the session wants next.
  template <class F>
  void drive(F f) {
    f(session_);
    arm();
  }

  RealtimeSession& session() { return session_; }

  /// Whose audio it is follows from what is connected to.
  void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) {
    if (media_ == MediaOwner::service) spec.media = media_;
    drive([&](RealtimeSession& session) { session.start(std::move(spec), observer, now); });
    connect();
  }

  void connect() {
    if (session_.is_over()) return;
    const std::weak_ptr<Impl> weak = weak_from_this();
    connecting_ =
        websockets_.connect(request_, scheduler_, shared_from_this(), [weak](Error error) {
          if (const auto self = weak.lock()) self->on_failed(std::move(error));
        });
    request_ = {};  // It holds the key.
  }

  /// The client is gone: no callback any more.
  void abandon() {
    session_.detach();
    connecting_.reset();
    if (socket_ != nullptr) socket_->close(1000, "");
    disarm();
  }

  // WebSocketHandler
  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    connecting_.reset();
    drive([this](RealtimeSession& session) { session.on_open(scheduler_.now()); });
  }
  void on_text(std::string_view text) override {
    const auto keep = shared_from_this();
    drive([&](RealtimeSession& session) { session.receive(text, scheduler_.now()); });
  }
  void on_closed(std::uint16_t code, std::string_view reason) override {
    const auto keep = shared_from_this();
    socket_ = nullptr;
    drive([&](RealtimeSession& session) { session.on_closed(code, reason, scheduler_.now()); });
  }

  void footprint(Footprint& to) const override {
    to.add(*this);
    session_.receive_footprint(to);
  }
  /// What audio for the model touches.
  void append_footprint(Footprint& to) const {
    to.add(session_);
    to.add(socket_);
    session_.footprint(to);
    if (socket_ != nullptr) socket_->footprint(to);
  }

  // WireSink
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    return socket_ != nullptr ? socket_->send_text(head, payload, tail) : SendStatus::closed;
  }
  void close(std::uint16_t code, std::string_view reason) override {
    if (socket_ != nullptr) return socket_->close(code, reason);
    connecting_
        .reset();  // Nobody will tell that it is closed: do it here, but not inside this call.
    scheduler_.post([weak = weak_from_this(), code] {
      if (const auto self = weak.lock()) self->on_closed(code, "");
    });
  }
  std::size_t backlog() const override { return socket_ != nullptr ? socket_->backlog() : 0; }

 private:
  void on_failed(Error error) {
    connecting_.reset();
    drive([&](RealtimeSession& session) {
      session.on_connect_failed(std::move(error), scheduler_.now());
    });
  }

  void arm() {
    timer_.follow(scheduler_, session_.next_deadline(), *this, [](Impl& self) { self.on_timer(); });
  }
  void disarm() { timer_.cancel(scheduler_); }
  void on_timer() {
    const TimePoint now = scheduler_.now();
    const Deadline wanted = session_.next_deadline();
    drive([&](RealtimeSession& session) {
      if (wanted && *wanted <= now) session.on_deadline(now);
    });
  }

  RealtimeSession session_;
  const MediaOwner media_;
  WebSocketRequest request_;
  WebSocketClient& websockets_;
  Scheduler& scheduler_;
  std::shared_ptr<void> connecting_;
  WebSocket* socket_ = nullptr;
  voicebridge::detail::DeadlineTimer timer_;
};

Result<std::unique_ptr<RealtimeClient>> RealtimeClient::create(RealtimeClientOptions options,
                                                               WebSocketClient& websockets,
                                                               Scheduler& scheduler) {
  auto request = make_request(options);
  if (!request) return fail(request.error());
  // What a service that does not name the model is taken to have used.
  if (options.call_id.empty()) options.session.session.model = options.model;
  const MediaOwner media = options.call_id.empty() ? MediaOwner::client : MediaOwner::service;
  // A session that is attached to may be old: only the service knows when it ends.
  const bool needs_clock = media == MediaOwner::service && !options.session.wall_clock;
  if (needs_clock) options.session.wall_clock = unix_now;
  auto impl = std::make_shared<Impl>(std::move(options.session), media, std::move(*request),
                                     websockets, scheduler);
  return std::unique_ptr<RealtimeClient>(new RealtimeClient(std::move(impl)));
}

RealtimeClient::~RealtimeClient() { impl_->abandon(); }

void RealtimeClient::start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) {
  impl_->start(std::move(spec), observer, now);
}

void RealtimeClient::append_audio(const AudioPayload& audio, TimePoint now) {
  impl_->session().append_audio(audio, now);
}

void RealtimeClient::request(SpeechRequest request, TimePoint now) {
  impl_->drive([&](RealtimeSession& session) { session.request(std::move(request), now); });
}

void RealtimeClient::interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                               TimePoint now) {
  impl_->drive([&](RealtimeSession& session) { session.interrupt(cause, heard, now); });
}

void RealtimeClient::reconfigure(SpeechPatch patch, TimePoint now) {
  impl_->drive([&](RealtimeSession& session) { session.reconfigure(std::move(patch), now); });
}

void RealtimeClient::close(TimePoint now) {
  impl_->drive([&](RealtimeSession& session) { session.close(now); });
}

void RealtimeClient::footprint(Footprint& to) const {
  to.add(*this);
  impl_->append_footprint(to);
}

Result<> RealtimeClient::send_raw(std::string_view event_json) {
  const auto event = Json::parse(event_json, kServerEventLimits);
  if (!event || !(*event)["type"].is_string()) {
    return fail(Errc::invalid_argument, "an event is a JSON object with a string type");
  }
  switch (impl_->send_text(event_json, {}, {})) {
    case SendStatus::sent:
    case SendStatus::queued:
      return {};
    case SendStatus::dropped:
      return fail(Errc::resource_exhausted, "the connection is backed up");
    case SendStatus::closed:
      break;
  }
  return fail(Errc::unavailable, "there is no connection");
}

const RealtimeStats& RealtimeClient::stats() const noexcept { return impl_->session().stats(); }

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
