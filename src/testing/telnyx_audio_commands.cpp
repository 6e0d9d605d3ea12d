#include <algorithm>

#include "testing/telnyx_carrier_impl.hpp"

/// What is heard and pressed on a call: speak, playback, gather, keys.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kShortestSpeech{300};
/// speak and playback_start that wait for their turn; more are refused.
constexpr std::size_t kMaxAnnouncements = 100;

/// How often `loop` repeats; 0: for ever.
std::int64_t repetitions(JsonView loop) {
  if (loop.string() == std::string_view("infinity")) return 0;
  return std::clamp<std::int64_t>(loop.integer_or(1), 1, 100);
}

}  // namespace

Millis TelnyxCarrier::Impl::speech_length(JsonView request) const {
  const auto characters = static_cast<std::int64_t>(request["payload"].string_or("").size());
  const Millis once = std::max(kShortestSpeech, options.speak_per_character * characters);
  return once * repetitions(request["loop"]);
}

Millis TelnyxCarrier::Impl::playback_length(JsonView request) const {
  return options.playback_length * repetitions(request["loop"]);
}

HttpResponse TelnyxCarrier::Impl::speak(TelnyxCall& call, JsonView body, TimePoint now) {
  if (call.announcements() >= kMaxAnnouncements) return to_response(too_many_requests());
  call.speak(speech_length(body), now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::playback_start(TelnyxCall& call, JsonView body, TimePoint now) {
  if (!body["audio_url"].exists() && !body["media_name"].exists() &&
      !body["playback_content"].exists()) {
    return to_response(missing_parameter("audio_url"));
  }
  if (call.announcements() >= kMaxAnnouncements) return to_response(too_many_requests());
  const auto& missing = options.missing_audio;
  const std::string file = body["audio_url"].string_or(body["media_name"].string_or(""));
  if (std::find(missing.begin(), missing.end(), file) != missing.end()) {
    call.fail_playback(body, now);
  } else {
    call.play(playback_length(body), body, now);
  }
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::send_dtmf(TelnyxCall& call, JsonView body, TimePoint) {
  const std::string digits = body["digits"].string_or("");
  if (digits.find_first_not_of("0123456789ABCD*#wW") != std::string::npos) {
    return to_response(not_in_enum("digits", "0-9, A-D, *, #, w, W"));
  }
  call.hear_digits(digits);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::gather(TelnyxCall& call, JsonView body, TimePoint now) {
  call.gather(body, now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::gather_stop(TelnyxCall& call, JsonView, TimePoint now) {
  call.stop_gather(now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::gather_using_speak(TelnyxCall& call, JsonView body,
                                                     TimePoint now) {
  if (call.announcements() >= kMaxAnnouncements) return to_response(too_many_requests());
  call.gather_using(true, speech_length(body), body, now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::gather_using_audio(TelnyxCall& call, JsonView body,
                                                     TimePoint now) {
  if (!body["audio_url"].exists() && !body["media_name"].exists())
    return to_response(missing_parameter("audio_url"));
  if (call.announcements() >= kMaxAnnouncements) return to_response(too_many_requests());
  call.gather_using(false, playback_length(body), body, now);
  return ok_response();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
