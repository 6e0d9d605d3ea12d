#include "voicebridge/openai/realtime_session.hpp"

#include <fmt/format.h>

#include <utility>

#include "openai/audio_delta_scan.hpp"
#include "openai/realtime_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using detail::Gravity;
using detail::gravity_of;
using detail::make_error;
using detail::to_error;

namespace {

constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kBetaShapeClosure = 4000;
constexpr int kMaxStrikes = 2;

bool mentions(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

/// The service will give the same answer to the same request (API reference, error bodies).
bool is_final_refusal(int http_status) {
  return http_status == 400 || http_status == 401 || http_status == 403 || http_status == 404;
}

/// Large and mostly empty: the sessions that ask for nothing special share one.
std::shared_ptr<const SessionConfig> keep(SessionConfig config) {
  static const auto nothing_special = std::make_shared<const SessionConfig>();
  if (config == *nothing_special) return nothing_special;
  return std::make_shared<const SessionConfig>(std::move(config));
}

}  // namespace

RealtimeSession::Impl::Impl(RealtimeSessionOptions options, WireSink& sink)
    : options_(std::move(static_cast<RealtimeSessionRules&>(options))),
      sink_(sink),
      model_(options.session.model.value_or("")),
      queue_(options_.response_timeout) {
  options.session.model.reset();  // It is in the address; an update cannot change it.
  base_ = keep(std::move(options.session));
}

void RealtimeSession::Impl::start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) {
  if (state_ != State::idle) return;
  now_ = now;
  observer_ = &observer;
  spec_ = std::move(spec);
  policy_ = detail::MediaPolicy(spec_.media);
  state_ = State::connecting;
  if (const auto valid = configuration(); !valid) end_and_close(valid.error(), true);
}

void RealtimeSession::Impl::on_open(TimePoint now) {
  if (state_ != State::connecting) return;
  now_ = now;
  opened_ = now;
  state_ = State::configuring;
  state_until_ = now + options_.configure_timeout;
}

void RealtimeSession::Impl::receive(std::string_view text, TimePoint now) {
  if (state_ != State::configuring && state_ != State::ready) return;
  now_ = last_event_ = now;
  if (options_.on_raw_event) options_.on_raw_event(text, now);
  if (const auto delta = detail::scan_audio_delta(text)) {
    on_audio(delta->response_id, delta->item_id, delta->base64);
  } else if (const auto event = parse_server_event(text)) {
    handle_event(*event);
  } else {
    ++stats_.malformed_events;
    fault(make_error(event.error().code, event.error().message), SpeechFault::Severity::benign);
  }
  flush();
}

void RealtimeSession::Impl::on_closed(std::uint16_t code, std::string_view reason, TimePoint now) {
  if (state_ == State::idle) return;
  now_ = now;
  if (state_ == State::closing || (state_ != State::over && policy_.is_end_of_call(code))) {
    end(std::nullopt, false);
  } else if (state_ != State::over) {
    Error error = make_error(Errc::unavailable,
                             fmt::format("the service closed the connection: {} {}", code, reason));
    error.provider_code = std::to_string(code);
    error.retryable = code != kBetaShapeClosure;
    end(std::move(error), code == kBetaShapeClosure);
  }
  flush();
}

void RealtimeSession::Impl::on_connect_failed(Error error, TimePoint now) {
  if (state_ == State::idle || state_ == State::over) return;
  now_ = now;
  error.origin = "openai";
  if (policy_.is_end_of_call(error)) {
    end(std::nullopt, false);
    return flush();
  }
  const bool fatal = is_final_refusal(error.http_status);
  end(std::move(error), fatal);
  flush();
}

void RealtimeSession::Impl::close(TimePoint now) {
  if (state_ == State::idle || state_ == State::closing || state_ == State::over) return;
  now_ = now;
  state_ = State::closing;
  state_until_ = now + options_.close_timeout;
  sink_.close(kNormalClosure, "");
}

void RealtimeSession::Impl::detach() noexcept {
  observer_ = nullptr;
  outbox_.clear();
}

Deadline RealtimeSession::Impl::next_deadline() const {
  if (!outbox_.empty() || must_give_up()) return now_;
  switch (state_) {
    case State::configuring:
    case State::closing:
      return state_until_;
    case State::ready:
      return earliest(queue_.lost_at(), reply_ ? Deadline(last_event_ + options_.silence_timeout)
                                               : queue_.repeat_at());
    case State::idle:
    case State::connecting:
    case State::over:
      break;
  }
  return std::nullopt;
}

void RealtimeSession::Impl::on_deadline(TimePoint now) {
  now_ = now;
  const bool state_overdue = now >= state_until_;
  if (state_ == State::configuring && state_overdue) {
    end_and_close(
        make_error(Errc::deadline_exceeded, "the service did not configure the session in time"),
        false);
  } else if (state_ == State::closing && state_overdue) {
    end(std::nullopt, false);
  } else if (state_ == State::ready) {
    if (const Deadline lost = queue_.lost_at(); lost && now >= *lost) on_request_lost();
    if (reply_ && now >= last_event_ + options_.silence_timeout) on_silent_model();
    pump();
  }
  flush();
}

Result<std::string> RealtimeSession::Impl::configuration() const {
  auto config = session_config(spec_, *base_);
  if (!config) return fail(config.error());
  return session_update(policy_.configuration(std::move(*config)), "vb_configure");
}

void RealtimeSession::Impl::configure() {
  const auto update = configuration();
  if (!update) return end_and_close(update.error(), true);
  update_sent_ = send(*update);
}

void RealtimeSession::Impl::on(const SessionCreated& event) {
  know_session(event.session);
  if (state_ == State::configuring && !update_sent_) configure();
}

void RealtimeSession::Impl::on(const SessionUpdated& event) {
  know_session(event.session);
  if (state_ == State::configuring && update_sent_) {
    on_configured(event.session);
  } else if (state_ == State::ready) {
    on_reconfigured();
  }
}

void RealtimeSession::Impl::on_configured(const SessionInfo& session) {
  state_ = State::ready;
  std::vector<ToolSpec>().swap(spec_.tools);  // The service has them.
  send_history();
  emit(SpeechReady{session.id, lifetime_left(session)});
  for (SpeechPatch& early : std::exchange(early_patches_, {})) reconfigure(std::move(early), now_);
  for (SpeechRequest& early : std::exchange(early_requests_, {})) request(std::move(early), now_);
}

void RealtimeSession::Impl::on_reconfigured() {
  if (pending_patches_.empty()) return;
  SpeechPatch patch = std::move(pending_patches_.front().patch);
  pending_patches_.erase(pending_patches_.begin());
  if (patch.instructions) spec_.instructions = std::move(*patch.instructions);
  if (patch.input) spec_.input = *patch.input;
  if (patch.output) spec_.output = *patch.output;
  emit(SpeechReconfigured{});
}

void RealtimeSession::Impl::send_history() {
  for (const HistoryItem& item : spec_.history) {
    const auto role = item.speaker == Speaker::caller ? MessageRole::user : MessageRole::assistant;
    send(create_message(role, item.text, {}, next_event_id("history")));
  }
  spec_.history.clear();
}

/// An unknown transcription model is no reason to stay silent: the talk goes on without the
/// caller's words.
bool RealtimeSession::Impl::may_blame_transcription(const ServiceError& error) const {
  if (!update_sent_ || spec_.transcription_model.empty()) return false;
  if (mentions(error.param, "transcription") || mentions(error.message, "transcription"))
    return true;
  return error.param.empty() && to_error(error).code == Errc::invalid_argument;
}

void RealtimeSession::Impl::on_configuration_error(const ServiceError& error) {
  const bool other_turns = update_sent_ && policy_.give_way(error);
  if (other_turns || may_blame_transcription(error)) {
    fault(to_error(error), SpeechFault::Severity::recoverable);
    if (!other_turns) spec_.transcription_model.clear();
    return configure();
  }
  const bool another_may_work = gravity_of(error) == Gravity::over || to_error(error).retryable;
  end_and_close(to_error(error), !another_may_work);
}

void RealtimeSession::Impl::end(std::optional<Error> error, bool fatal) {
  abandon_reply(error ? ReplyEnded::Outcome::failed : ReplyEnded::Outcome::cancelled, error);
  abandon_asides();
  state_ = State::over;
  emit(SpeechClosed{std::move(error), fatal});
}

void RealtimeSession::Impl::end_and_close(std::optional<Error> error, bool fatal) {
  end(std::move(error), fatal);
  sink_.close(kNormalClosure, "");
}

void RealtimeSession::Impl::strike() {
  if (++strikes_ < kMaxStrikes) return;
  end_and_close(make_error(Errc::deadline_exceeded, "the model does not answer"), false);
}

bool RealtimeSession::Impl::send(const std::string& text) {
  switch (sink_.send_text(text)) {
    case SendStatus::sent:
    case SendStatus::queued:
      return true;
    case SendStatus::closed:
      return false;  // `on_closed` tells the rest.
    case SendStatus::dropped:
      break;
  }
  backed_up_ = true;
  return false;
}

std::string RealtimeSession::Impl::next_event_id(std::string_view kind) {
  return fmt::format("{}{}", detail::event_id_prefix(kind), ++last_id_);
}

/// Told when the driver is in charge again: the observer is never called inside an intention.
void RealtimeSession::Impl::emit(SpeechEvent event) {
  if (observer_ != nullptr) outbox_.push_back(std::move(event));
}

void RealtimeSession::Impl::fault(Error error, SpeechFault::Severity severity) {
  emit(SpeechFault{std::move(error), severity});
}

/// A command that did not go out: the two sides would disagree about the conversation. The session
/// ends when the driver is in charge, so that what caused the command is told before.
bool RealtimeSession::Impl::must_give_up() const {
  return backed_up_ && (state_ == State::configuring || state_ == State::ready);
}

void RealtimeSession::Impl::flush() {
  if (must_give_up()) {
    end_and_close(make_error(Errc::unavailable, "the connection to the service is backed up"),
                  false);
  }
  while (observer_ != nullptr && !outbox_.empty()) {
    const SpeechEvent event = std::move(outbox_.front());
    outbox_.erase(outbox_.begin());
    observer_->on_speech_event(event, now_);
  }
}

void RealtimeSession::Impl::footprint(Footprint& to) const {
  to.add(observer_);  // beside the sink
  to.add(spec_.input);
  to.add(policy_);
  to.add(last_event_);
  to.add(appended_);
  to.add(base64_);
  to.add(stats_);
}

void RealtimeSession::Impl::receive_footprint(Footprint& to) const {
  to.add(options_);
  footprint(to);
  to.add(reply_);
  queue_.footprint(to);
  spoken_.footprint(to);
  to.add(outbox_);
  if (observer_ != nullptr) observer_->speech_footprint(to);
}

RealtimeSession::RealtimeSession(RealtimeSessionOptions options, WireSink& sink)
    : impl_(std::make_unique<Impl>(std::move(options), sink)) {}
RealtimeSession::~RealtimeSession() = default;

void RealtimeSession::start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) {
  impl_->start(std::move(spec), observer, now);
}
void RealtimeSession::append_audio(const AudioPayload& audio, TimePoint now) {
  impl_->append_audio(audio, now);
}
void RealtimeSession::request(SpeechRequest request, TimePoint now) {
  impl_->request(std::move(request), now);
}
void RealtimeSession::interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                                TimePoint now) {
  impl_->interrupt(cause, heard, now);
}
void RealtimeSession::reconfigure(SpeechPatch patch, TimePoint now) {
  impl_->reconfigure(std::move(patch), now);
}
void RealtimeSession::close(TimePoint now) { impl_->close(now); }
void RealtimeSession::on_open(TimePoint now) { impl_->on_open(now); }
void RealtimeSession::receive(std::string_view text, TimePoint now) { impl_->receive(text, now); }
void RealtimeSession::on_closed(std::uint16_t code, std::string_view reason, TimePoint now) {
  impl_->on_closed(code, reason, now);
}
void RealtimeSession::on_connect_failed(Error error, TimePoint now) {
  impl_->on_connect_failed(std::move(error), now);
}
Deadline RealtimeSession::next_deadline() const { return impl_->next_deadline(); }
void RealtimeSession::on_deadline(TimePoint now) { impl_->on_deadline(now); }
bool RealtimeSession::is_over() const noexcept { return impl_->is_over(); }
void RealtimeSession::detach() noexcept { impl_->detach(); }
void RealtimeSession::footprint(Footprint& to) const { impl_->footprint(to); }
void RealtimeSession::receive_footprint(Footprint& to) const {
  to.add(*this);
  impl_->receive_footprint(to);
}
const RealtimeStats& RealtimeSession::stats() const noexcept { return impl_->stats(); }

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
