#include <algorithm>
#include <string>
#include <utility>

#include "testing/telnyx_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kRecordingSavedDelay{1000};

Millis millis_of(JsonView request, const char* name, std::int64_t fallback) {
  return Millis(request[name].integer_or(fallback));
}

}  // namespace

// speak and playback_start: one after the other

void TelnyxCall::speak(Millis length, TimePoint now) {
  Announcement announcement;
  announcement.length = length;
  announce(std::move(announcement), now);
}

void TelnyxCall::play(Millis length, JsonView request, TimePoint now) {
  Announcement announcement;
  announcement.speech = false;
  announcement.length = length;
  announcement.media_url = request["audio_url"].string_or("");
  announcement.media_name = request["media_name"].string_or("");
  announce(std::move(announcement), now);
}

void TelnyxCall::fail_playback(JsonView request, TimePoint now) {
  Announcement missing;
  missing.speech = false;
  missing.media_url = request["audio_url"].string_or("");
  missing.media_name = request["media_name"].string_or("");
  JsonWriter json = announcement_payload(missing);
  json.field("status", "file_not_found").field("status_detail", "file not found");
  emit("call.playback.ended", json, now);
}

void TelnyxCall::announce(Announcement announcement, TimePoint now) {
  announcement.number = ++last_number_;
  announcements_.push_back(std::move(announcement));
  if (announcements_.size() == 1) start_announcement(now);
}

void TelnyxCall::start_announcement(TimePoint now) {
  const Announcement& current = announcements_.front();
  media_.set_announcing(true);
  JsonWriter json = announcement_payload(current);
  emit(current.speech ? "call.speak.started" : "call.playback.started", json, now);
  if (current.length == Millis(0)) return;
  agenda_.add(now + current.length, [this, number = current.number](TimePoint at) {
    if (!announcements_.empty() && announcements_.front().number == number)
      end_announcement("completed", at);
  });
}

void TelnyxCall::end_announcement(std::string_view status, TimePoint now) {
  const Announcement ended = std::move(announcements_.front());
  announcements_.pop_front();
  media_.set_announcing(false);
  JsonWriter json = announcement_payload(ended);
  // Telnyx has no "cancelled" for speech.
  json.field("status", ended.speech && status == "cancelled" ? "completed" : status);
  if (!ended.speech) json.field("status_detail", "");
  emit(ended.speech ? "call.speak.ended" : "call.playback.ended", json, now);
  if (!announcements_.empty()) start_announcement(now);
}

void TelnyxCall::stop_announcements(bool all, std::string_view status, TimePoint now) {
  if (announcements_.empty()) return;
  if (all) announcements_.resize(1);
  end_announcement(status, now);
}

JsonWriter TelnyxCall::announcement_payload(const Announcement& announcement) const {
  JsonWriter json = event_payload(false);
  if (announcement.speech) return json;
  if (!announcement.media_url.empty()) json.field("media_url", announcement.media_url);
  if (!announcement.media_name.empty()) json.field("media_name", announcement.media_name);
  json.field("overlay", false);
  return json;
}

// Keys

void TelnyxCall::on_digit(char digit, TimePoint now) {
  const std::string_view text(&digit, 1);
  JsonWriter json = event_payload(true);
  json.field("digit", text);
  emit("call.dtmf.received", json, now);
  if (!gather_) return;
  if (gather_->prompt > Millis(0)) stop_announcements(true, "cancelled", now);
  if (gather_->terminator == text) {
    if (gather_->digits.size() >= gather_->minimum) return end_gather("valid", now);
    return fail_gather("invalid", now);
  }
  if (gather_->valid.find(digit) == std::string::npos) return;
  gather_->digits += digit;
  if (gather_->digits.size() >= gather_->maximum) return end_gather("valid", now);
  expect_digit(gather_->between_digits, now);
}

void TelnyxCall::gather(JsonView request, TimePoint now) {
  Gather gather;
  gather.valid = request["valid_digits"].string_or("0123456789#*");
  gather.terminator = request["terminating_digit"].string_or("#");
  gather.minimum = static_cast<std::size_t>(request["minimum_digits"].integer_or(1));
  gather.maximum = static_cast<std::size_t>(request["maximum_digits"].integer_or(128));
  gather.between_digits = millis_of(request, "inter_digit_timeout_millis", 5000);
  gather.first_digit = millis_of(request, "initial_timeout_millis", 5000);
  gather.whole = millis_of(request, "timeout_millis", 60000);
  gather.number = ++last_number_;
  gather_ = std::move(gather);
  begin_gather(now);
}

void TelnyxCall::gather_using(bool speech, Millis length, JsonView request, TimePoint now) {
  gather(request, now);
  // The first key may take as long as the whole.
  gather_->first_digit = gather_->whole;
  gather_->prompt = length;
  gather_->prompt_is_speech = speech;
  gather_->prompt_url = request["audio_url"].string_or("");
  say_prompt(now);
  gather_->tries_left = static_cast<int>(request["maximum_tries"].integer_or(3)) - 1;
  begin_gather(now);
}

/// The times begin when the prompt has been heard; keys count from the start.
void TelnyxCall::begin_gather(TimePoint now) {
  gather_->number = ++last_number_;
  gather_->digits.clear();
  expect_digit(gather_->prompt + gather_->first_digit, now);
  agenda_.add(now + gather_->prompt + gather_->whole,
              [this, number = gather_->number](TimePoint at) {
                if (gather_ && gather_->number == number) fail_gather("timeout", at);
              });
}

/// Asks again as long as there are tries.
void TelnyxCall::fail_gather(std::string_view status, TimePoint now) {
  if (gather_->tries_left <= 0) return end_gather(status, now);
  --gather_->tries_left;
  say_prompt(now);
  begin_gather(now);
}

void TelnyxCall::say_prompt(TimePoint now) {
  Announcement prompt;
  prompt.speech = gather_->prompt_is_speech;
  prompt.length = gather_->prompt;
  prompt.media_url = gather_->prompt_url;
  announce(std::move(prompt), now);
}

void TelnyxCall::expect_digit(Millis within, TimePoint now) {
  agenda_.add(now + within,
              [this, number = gather_->number, count = gather_->digits.size()](TimePoint at) {
                if (!gather_ || gather_->number != number || gather_->digits.size() != count)
                  return;
                count >= gather_->minimum ? end_gather("valid", at) : fail_gather("timeout", at);
              });
}

void TelnyxCall::stop_gather(TimePoint now) {
  if (gather_) end_gather("cancelled", now);
}

void TelnyxCall::end_gather(std::string_view status, TimePoint now) {
  const std::string digits = std::move(gather_->digits);
  gather_.reset();
  JsonWriter json = event_payload(true);
  json.field("digits", digits).field("status", status);
  emit("call.gather.ended", json, now);
}

// Recording

void TelnyxCall::start_recording(bool dual, TimePoint now) {
  recording_since_ = wall_.iso(now);
  recording_dual_ = dual;
  recording_paused_ = false;
  recording_id_ = host_.new_uuid();
}

void TelnyxCall::stop_recording(TimePoint now) {
  if (!recording_since_) return;
  JsonWriter json = event_payload(false);
  const std::string url = "https://recordings.invalid/" + recording_id_ + ".mp3";
  json.field("recording_id", recording_id_)
      .field("channels", recording_dual_ ? "dual" : "single")
      .field("recording_started_at", *recording_since_)
      .field("recording_ended_at", wall_.iso(now));
  json.key("recording_urls").object().field("mp3", url).key("wav").null().end();
  json.key("public_recording_urls").object().key("mp3").null().key("wav").null().end();
  recording_since_.reset();
  agenda_.add(now + kRecordingSavedDelay, [this, saved = std::move(json)](TimePoint at) mutable {
    emit("call.recording.saved", saved, at);
  });
}

// Transcription

/// What the callee has said to the end.
void TelnyxCall::report_transcripts(TimePoint now) {
  const auto& said = media_.callee().utterances();
  const std::size_t finished = said.size() - (media_.callee().speaking() ? 1 : 0);
  for (; transcripts_ < finished; ++transcripts_) {
    if (said[transcripts_].text.empty()) continue;
    JsonWriter json = event_payload(false);
    json.key("transcription_data").object();
    json.field("confidence", 0.97)
        .field("is_final", true)
        .field("transcript", said[transcripts_].text)
        .field("transcription_track", "inbound")
        .end();
    emit("call.transcription", json, now);
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
