#include "voicebridge/telnyx/webhook_event.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "voicebridge/core/base64.hpp"

namespace voicebridge::telnyx {
namespace {

template <class Enum>
struct Name {
  std::string_view text;
  Enum value;
};

template <class Enum, std::size_t N>
Enum value_of(const std::array<Name<Enum>, N>& names, std::string_view text) {
  for (const auto& name : names) {
    if (name.text == text) return name.value;
  }
  return Enum::unknown;
}

template <class Enum, std::size_t N>
std::string_view text_of(const std::array<Name<Enum>, N>& names, Enum value) {
  for (const auto& name : names) {
    if (name.value == value) return name.text;
  }
  return "unknown";
}

constexpr std::array<Name<CallDirection>, 2> kDirections = {{
    {"incoming", CallDirection::incoming},
    {"outgoing", CallDirection::outgoing},
}};
constexpr std::array<Name<HangupCause>, 8> kCauses = {{
    {"call_rejected", HangupCause::call_rejected},
    {"normal_clearing", HangupCause::normal_clearing},
    {"originator_cancel", HangupCause::originator_cancel},
    {"timeout", HangupCause::timeout},
    {"time_limit", HangupCause::time_limit},
    {"user_busy", HangupCause::user_busy},
    {"not_found", HangupCause::not_found},
    {"no_answer", HangupCause::no_answer},
}};
constexpr std::array<Name<HangupSource>, 2> kSources = {{
    {"caller", HangupSource::caller},
    {"callee", HangupSource::callee},
}};
constexpr std::array<Name<MachineResult>, 7> kMachineResults = {{
    {"human", MachineResult::human},
    {"human_residence", MachineResult::human},
    {"human_business", MachineResult::human},
    {"machine", MachineResult::machine},
    {"silence", MachineResult::silence},
    {"fax_detected", MachineResult::fax},
    {"not_sure", MachineResult::not_sure},
}};
constexpr std::array<Name<GreetingResult>, 5> kGreetingResults = {{
    {"beep_detected", GreetingResult::beep},
    {"no_beep_detected", GreetingResult::no_beep},
    {"ended", GreetingResult::ended},
    {"prompt_ended", GreetingResult::prompt_ended},
    {"not_sure", GreetingResult::not_sure},
}};

std::string text(JsonView payload, std::string_view key) { return payload[key].string_or(""); }

WebhookPayload call_initiated(JsonView p) {
  return CallInitiated{value_of(kDirections, text(p, "direction")), text(p, "state")};
}
WebhookPayload call_answered(JsonView p) {
  const auto rate = std::clamp<std::int64_t>(p["sampling_rate"].integer_or(0), 0, 192000);
  return CallAnswered{text(p, "codec"), static_cast<int>(rate)};
}
WebhookPayload call_bridged(JsonView) { return CallBridged{}; }
WebhookPayload call_hangup(JsonView p) {
  const std::string cause = text(p, "hangup_cause");
  return CallHangup{value_of(kCauses, cause), cause, value_of(kSources, text(p, "hangup_source")),
                    text(p, "sip_hangup_cause")};
}
WebhookPayload streaming_started(JsonView p) { return StreamingStarted{text(p, "stream_url")}; }
WebhookPayload streaming_stopped(JsonView p) { return StreamingStopped{text(p, "stream_url")}; }
WebhookPayload streaming_failed(JsonView p) {
  return StreamingFailed{text(p, "failure_reason"), text(p, "stream_id")};
}
WebhookPayload machine_detection(JsonView p, bool premium) {
  const std::string result = text(p, "result");
  return MachineDetectionEnded{value_of(kMachineResults, result), result, premium};
}
WebhookPayload standard_detection(JsonView p) { return machine_detection(p, false); }
WebhookPayload premium_detection(JsonView p) { return machine_detection(p, true); }
WebhookPayload standard_greeting(JsonView p) {
  return MachineGreetingEnded{value_of(kGreetingResults, text(p, "result")), false};
}
WebhookPayload premium_greeting(JsonView p) {
  return MachineGreetingEnded{value_of(kGreetingResults, text(p, "result")), true};
}
WebhookPayload call_screening(JsonView) { return CallScreeningDetected{}; }
WebhookPayload dtmf_received(JsonView p) {
  const std::string digit = text(p, "digit");
  return DtmfReceived{digit.size() == 1 ? digit[0] : '\0'};
}
WebhookPayload speak_started(JsonView) { return SpeakStarted{}; }
WebhookPayload speak_ended(JsonView p) { return SpeakEnded{text(p, "status")}; }
WebhookPayload playback_started(JsonView p) {
  return PlaybackStarted{text(p, "media_url"), text(p, "media_name")};
}
WebhookPayload playback_ended(JsonView p) {
  return PlaybackEnded{text(p, "media_url"), text(p, "media_name"), text(p, "status"),
                       text(p, "status_detail")};
}
WebhookPayload gather_ended(JsonView p) {
  return GatherEnded{text(p, "digits"), text(p, "status")};
}
WebhookPayload recording_saved(JsonView p) {
  const JsonView urls = p["recording_urls"];
  return RecordingSaved{text(p, "recording_id"), text(p, "channels"), text(urls, "mp3"),
                        text(urls, "wav")};
}
WebhookPayload recording_error(JsonView p) { return RecordingError{text(p, "reason")}; }
WebhookPayload call_cost(JsonView p) {
  return CallCost{text(p, "total_cost"), p["billed_duration_secs"].integer_or(0),
                  text(p, "status")};
}

using PayloadReader = WebhookPayload (*)(JsonView);
constexpr std::pair<std::string_view, PayloadReader> kReaders[] = {
    {"call.initiated", call_initiated},
    {"call.answered", call_answered},
    {"call.bridged", call_bridged},
    {"call.hangup", call_hangup},
    {"streaming.started", streaming_started},
    {"streaming.stopped", streaming_stopped},
    {"streaming.failed", streaming_failed},
    {"call.machine.detection.ended", standard_detection},
    {"call.machine.premium.detection.ended", premium_detection},
    {"call.machine.greeting.ended", standard_greeting},
    {"call.machine.premium.greeting.ended", premium_greeting},
    {"call.machine.premium.call_screening.detected", call_screening},
    {"call.dtmf.received", dtmf_received},
    {"call.speak.started", speak_started},
    {"call.speak.ended", speak_ended},
    {"call.playback.started", playback_started},
    {"call.playback.ended", playback_ended},
    {"call.gather.ended", gather_ended},
    {"call.recording.saved", recording_saved},
    {"call.recording.error", recording_error},
    {"call.cost", call_cost},
};

WebhookPayload read_payload(std::string_view type, JsonView payload) {
  for (const auto& [name, read] : kReaders) {
    if (name == type) return read(payload);
  }
  return OtherEvent{};
}

/// Absent, null and text that is not ours all mean that the leg has no state.
std::optional<std::string> decode_client_state(JsonView payload) {
  const auto encoded = payload["client_state"].string();
  if (!encoded) return std::nullopt;
  const auto bytes = base64_decode(*encoded);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace

std::string_view to_string(HangupCause cause) noexcept { return text_of(kCauses, cause); }
std::string_view to_string(MachineResult result) noexcept {
  return text_of(kMachineResults, result);
}
std::string_view to_string(GreetingResult result) noexcept {
  return text_of(kGreetingResults, result);
}

Result<WebhookEvent> parse_webhook(std::string_view body) {
  auto document = Json::parse(body);
  if (!document) return fail(Errc::invalid_argument, document.error().message);
  const JsonView data = (*document)["data"];
  const JsonView payload = data["payload"];
  WebhookEvent event;
  event.id = text(data, "id");
  event.type = text(data, "event_type");
  if (event.id.empty()) return fail(Errc::invalid_argument, "a webhook has an id", "data.id");
  if (event.type.empty()) {
    return fail(Errc::invalid_argument, "a webhook of API version 2 has an event type",
                "data.event_type");
  }
  if (!payload.is_object()) {
    return fail(Errc::invalid_argument, "a webhook has an object as payload", "data.payload");
  }
  event.occurred_at = text(data, "occurred_at");
  if (event.occurred_at.empty()) event.occurred_at = text(payload, "occurred_at");
  event.attempt = static_cast<int>(
      std::clamp<std::int64_t>((*document)["meta"]["attempt"].integer_or(1), 1, 1000000));
  event.call_control_id = text(payload, "call_control_id");
  event.call_leg_id = text(payload, "call_leg_id");
  event.call_session_id = text(payload, "call_session_id");
  event.connection_id = text(payload, "connection_id");
  event.from = text(payload, "from");
  event.to = text(payload, "to");
  event.client_state = decode_client_state(payload);
  event.payload = read_payload(event.type, payload);
  event.document = std::move(*document);
  return event;
}

}  // namespace voicebridge::telnyx
