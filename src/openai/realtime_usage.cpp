#include <algorithm>
#include <cmath>

#include "openai/realtime_session_impl.hpp"

/// What the session takes: tokens, and how fast they may be taken.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

constexpr double kLongestWait = 24 * 3600.0;

}  // namespace

void RealtimeSession::Impl::know_session(const SessionInfo& session) {
  if (session.model) model_ = *session.model;
}

/// From now on. The service's word is the best, as an attached session may be old already; a clock
/// that is far off is not believed.
Millis RealtimeSession::Impl::lifetime_left(const SessionInfo& session) const {
  constexpr Millis kLongest = std::chrono::hours(24);
  if (session.expires_at > 0 && options_.wall_clock) {
    const Millis left(session.expires_at * 1000 - options_.wall_clock());
    if (left > Millis(0) && left <= kLongest) return left;
  }
  if (options_.lifetime <= Millis(0)) return Millis(0);
  const auto passed = std::chrono::duration_cast<Millis>(now_ - opened_);
  return std::max(options_.lifetime - passed, Millis(1));
}

void RealtimeSession::Impl::tell_usage(const TokenUsage& tokens) {
  const TokenUsage::Input& input = tokens.input_token_details;
  const TokenUsage::Cached& cached = input.cached_tokens_details;
  SpeechUsage usage;
  usage.input_text = input.text_tokens;
  usage.input_audio = input.audio_tokens;
  usage.input_image = input.image_tokens;
  // What the service does not say the kind of counts as text.
  usage.cached_text = input.cached_tokens - cached.audio_tokens - cached.image_tokens;
  usage.cached_audio = cached.audio_tokens;
  usage.cached_image = cached.image_tokens;
  usage.output_text = tokens.output_token_details.text_tokens;
  usage.output_audio = tokens.output_token_details.audio_tokens;
  usage.model = model_;
  emit(std::move(usage));
}

void RealtimeSession::Impl::tell_usage(const TranscriptionUsage& told) {
  if (told.type.empty()) return;
  const TranscriptionUsage::Input& input = told.input_token_details;
  HearingUsage usage;
  usage.input_audio = input.audio_tokens;
  // As above: what is of no kind counts as text.
  usage.input_text = std::max(input.text_tokens, told.input_tokens - input.audio_tokens);
  usage.output_text = told.output_tokens;
  usage.seconds = told.seconds;
  usage.model = spec_.transcription_model;
  emit(std::move(usage));
}

void RealtimeSession::Impl::on(const RateLimitsUpdated& event) {
  rates_free_at_.reset();
  for (const RateLimit& limit : event.rate_limits) {
    if (limit.remaining > 0 || !(limit.reset_seconds > 0)) continue;
    const double seconds = std::min(limit.reset_seconds, kLongestWait);
    const TimePoint free_at = now_ + Millis(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
    rates_free_at_ = std::max(rates_free_at_.value_or(free_at), free_at);
  }
}

/// When the error of a rate limit does not say how long to wait, the limits do.
void RealtimeSession::Impl::add_wait(Error& error) const {
  const bool limited = error.code == Errc::resource_exhausted && error.retryable;
  if (!limited || error.retry_after || !rates_free_at_ || *rates_free_at_ <= now_) return;
  error.retry_after = std::chrono::duration_cast<Millis>(*rates_free_at_ - now_);
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
