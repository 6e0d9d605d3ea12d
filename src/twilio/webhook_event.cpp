#include "voicebridge/twilio/webhook_event.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

template <class Enum>
struct Name {
  std::string_view text;
  Enum value;
};

constexpr std::array<Name<AnsweredBy>, 6> kAnsweredBy = {{
    {"human", AnsweredBy::human},
    {"fax", AnsweredBy::fax},
    {"machine_start", AnsweredBy::machine_start},
    {"machine_end_beep", AnsweredBy::machine_end_beep},
    {"machine_end_silence", AnsweredBy::machine_end_silence},
    {"machine_end_other", AnsweredBy::machine_end_other},
}};
constexpr std::array<Name<StreamChange>, 3> kStreamChanges = {{
    {"stream-started", StreamChange::started},
    {"stream-stopped", StreamChange::stopped},
    {"stream-error", StreamChange::error},
}};
constexpr std::array<Name<ConferenceChange>, 13> kConferenceChanges = {{
    {"conference-start", ConferenceChange::start},
    {"conference-end", ConferenceChange::end},
    {"participant-join", ConferenceChange::join},
    {"participant-leave", ConferenceChange::leave},
    {"participant-mute", ConferenceChange::mute},
    {"participant-unmute", ConferenceChange::unmute},
    {"participant-hold", ConferenceChange::hold},
    {"participant-unhold", ConferenceChange::unhold},
    {"participant-modify", ConferenceChange::modify},
    {"participant-speech-start", ConferenceChange::speech_start},
    {"participant-speech-stop", ConferenceChange::speech_stop},
    {"announcement-end", ConferenceChange::announcement_end},
    {"announcement-fail", ConferenceChange::announcement_fail},
}};

template <class Enum, std::size_t N>
Enum value_of(const std::array<Name<Enum>, N>& names, std::string_view text) {
  for (const auto& name : names) {
    if (name.text == text) return name.value;
  }
  return Enum::unknown;
}

std::optional<std::int64_t> number_of(const FormFields& form, std::string_view name) {
  const auto text = form.find(name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

template <class Duration>
std::optional<Duration> time_of(const FormFields& form, std::string_view name) {
  const auto number = number_of(form, name);
  if (!number) return std::nullopt;
  return Duration(*number);
}

bool flag_of(const FormFields& form, std::string_view name) { return form.find(name) == "true"; }

VoiceRequest voice_request(const FormFields& form) {
  VoiceRequest request;
  request.direction = form.text_or("Direction", "");
  request.call_token = form.text_or("CallToken", "");
  request.stir_verstat = form.text_or("StirVerstat", "");
  request.forwarded_from = form.text_or("ForwardedFrom", "");
  request.caller_name = form.text_or("CallerName", "");
  if (const auto who = form.find("AnsweredBy")) request.answered_by = value_of(kAnsweredBy, *who);
  request.error_code = form.text_or("ErrorCode", "");
  request.error_url = form.text_or("ErrorUrl", "");
  request.anonymous = is_anonymous(form.find("From").value_or(""));
  return request;
}

StatusEvent status_event(const FormFields& form) {
  StatusEvent event;
  event.sequence = number_of(form, "SequenceNumber");
  event.timestamp = form.text_or("Timestamp", "");
  event.direction = form.text_or("Direction", "");
  event.duration = time_of<std::chrono::seconds>(form, "CallDuration");
  event.sip_response_code = form.text_or("SipResponseCode", "");
  event.recording_url = form.text_or("RecordingUrl", "");
  return event;
}

DetectionEvent detection_event(const FormFields& form) {
  DetectionEvent event;
  event.who_text = form.text_or("AnsweredBy", "");
  event.who = value_of(kAnsweredBy, event.who_text);
  event.duration = time_of<std::chrono::milliseconds>(form, "MachineDetectionDuration");
  return event;
}

StreamEvent stream_event(const FormFields& form) {
  StreamEvent event;
  event.stream_sid = form.text_or("StreamSid", "");
  event.name = form.text_or("StreamName", "");
  event.change = value_of(kStreamChanges, form.find("StreamEvent").value_or(""));
  event.error = form.text_or("StreamError", "");
  event.timestamp = form.text_or("Timestamp", "");
  return event;
}

ConferenceEvent conference_event(const FormFields& form) {
  ConferenceEvent event;
  event.change_text = form.text_or("StatusCallbackEvent", "");
  event.change = value_of(kConferenceChanges, event.change_text);
  event.conference_sid = form.text_or("ConferenceSid", "");
  event.friendly_name = form.text_or("FriendlyName", "");
  event.sequence = number_of(form, "SequenceNumber");
  event.timestamp = form.text_or("Timestamp", "");
  event.label =
      form.text_or(event.change == ConferenceChange::end ? "ParticipantLabelEndingConference"
                                                         : "ParticipantLabel",
                   "");
  event.muted = flag_of(form, "Muted");
  event.hold = flag_of(form, "Hold");
  event.coaching = flag_of(form, "Coaching");
  event.end_conference_on_exit = flag_of(form, "EndConferenceOnExit");
  event.reason_left = form.text_or("ReasonParticipantLeft", "");
  event.participant_status = call_status(form.find("ParticipantCallStatus").value_or(""));
  event.reason_ended = form.text_or("ReasonConferenceEnded", "");
  event.call_sid_ending = form.text_or("CallSidEndingConference", "");
  return event;
}

DialEnded dial_ended(const FormFields& form) {
  DialEnded ended;
  ended.status = form.text_or("DialCallStatus", "");
  ended.call_sid = form.text_or("DialCallSid", "");
  ended.duration = time_of<std::chrono::seconds>(form, "DialCallDuration");
  ended.bridged = flag_of(form, "DialBridged");
  ended.sip_response_code = form.text_or("DialSipResponseCode", "");
  return ended;
}

Gathered gathered(const FormFields& form) {
  Gathered result;
  result.digits = form.text_or("Digits", "");
  result.speech = form.text_or("SpeechResult", "");
  if (const auto text = form.find("Confidence")) {
    char* end = nullptr;
    const std::string copy(*text);
    const double value = std::strtod(copy.c_str(), &end);
    if (!copy.empty() && *end == '\0') result.confidence = value;
  }
  return result;
}

/// A number's own status callback has no `CallbackSource`, and comes at the end only.
bool is_status(const FormFields& form, CallStatus status) {
  return form.find("CallbackSource") || (is_final(status) && form.find("CallDuration"));
}

}  // namespace

std::string_view to_string(AnsweredBy who) noexcept {
  for (const auto& name : kAnsweredBy) {
    if (name.value == who) return name.text;
  }
  return "unknown";
}

bool is_machine(AnsweredBy who) noexcept {
  return who != AnsweredBy::unknown && who != AnsweredBy::human && who != AnsweredBy::fax;
}

bool is_anonymous(std::string_view from) noexcept {
  // On a keypad: ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED.
  constexpr std::string_view kNobody[] = {"",           "anonymous",   "Anonymous",
                                          "+266696687", "+7378742833", "+86282452253",
                                          "+8656696",   "+2562533"};
  return std::find(std::begin(kNobody), std::end(kNobody), from) != std::end(kNobody);
}

Result<WebhookEvent> parse_webhook(FormFields form) {
  WebhookEvent event;
  event.account_sid = form.text_or("AccountSid", "");
  event.call_sid = form.text_or("CallSid", "");
  if (event.account_sid.empty()) {
    return fail(Errc::invalid_argument, "a webhook names its account", "AccountSid");
  }
  const bool conference = form.find("ConferenceSid") && form.find("StatusCallbackEvent");
  if (event.call_sid.empty() && !conference) {
    return fail(Errc::invalid_argument, "a webhook names its call", "CallSid");
  }
  event.call_status = call_status(form.find("CallStatus").value_or(""));
  event.from = form.text_or("From", "");
  event.to = form.text_or("To", "");
  if (form.find("StreamEvent")) {
    event.what = stream_event(form);
  } else if (conference) {
    event.what = conference_event(form);
  } else if (is_status(form, event.call_status)) {
    event.what = status_event(form);
  } else if (form.find("DialCallStatus")) {
    event.what = dial_ended(form);
  } else if (form.find("Digits") || form.find("SpeechResult")) {
    event.what = gathered(form);
  } else if (form.find("AnsweredBy") && event.call_status == CallStatus::unknown) {
    event.what = detection_event(form);
  } else if (event.call_status != CallStatus::unknown) {
    event.what = voice_request(form);
  }
  event.form = std::move(form);
  return event;
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
