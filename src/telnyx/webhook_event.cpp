#include "voicebridge/telnyx/webhook_event.hpp"

#include <algorithm>
#include <utility>

#include "core/wire/read.hpp"
#include "core/wire/write.hpp"
#include "voicebridge/core/base64.hpp"
#include "webhook_shapes.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

template <class Payload>
WebhookPayload read_payload_as(JsonView json) {
  Payload payload;
  wire::WireReader().read_members(json, payload);
  return payload;
}
template <class Payload>
WebhookPayload read_premium(JsonView json) {
  WebhookPayload payload = read_payload_as<Payload>(json);
  std::get<Payload>(payload).premium = true;
  return payload;
}

using PayloadReader = WebhookPayload (*)(JsonView);
constexpr std::pair<std::string_view, PayloadReader> kReaders[] = {
    {"call.initiated", read_payload_as<CallInitiated>},
    {"call.answered", read_payload_as<CallAnswered>},
    {"call.bridged", read_payload_as<CallBridged>},
    {"call.hold", read_payload_as<CallHeld>},
    {"call.unhold", read_payload_as<CallUnheld>},
    {"call.hangup", read_payload_as<CallHangup>},
    {"streaming.started", read_payload_as<StreamingStarted>},
    {"streaming.stopped", read_payload_as<StreamingStopped>},
    {"streaming.failed", read_payload_as<StreamingFailed>},
    {"call.machine.detection.ended", read_payload_as<MachineDetectionEnded>},
    {"call.machine.premium.detection.ended", read_premium<MachineDetectionEnded>},
    {"call.machine.greeting.ended", read_payload_as<MachineGreetingEnded>},
    {"call.machine.premium.greeting.ended", read_premium<MachineGreetingEnded>},
    {"call.machine.premium.call_screening.detected", read_payload_as<CallScreeningDetected>},
    {"call.dtmf.received", read_payload_as<DtmfReceived>},
    {"call.speak.started", read_payload_as<SpeakStarted>},
    {"call.speak.ended", read_payload_as<SpeakEnded>},
    {"call.playback.started", read_payload_as<PlaybackStarted>},
    {"call.playback.ended", read_payload_as<PlaybackEnded>},
    {"call.gather.ended", read_payload_as<GatherEnded>},
    {"call.recording.saved", read_payload_as<RecordingSaved>},
    {"call.recording.error", read_payload_as<RecordingError>},
    {"call.recording.transcription.saved", read_payload_as<RecordingTranscribed>},
    {"call.transcription", read_payload_as<TranscriptionHeard>},
    {"call.cost", read_payload_as<CallCost>},
    {"call.enqueued", read_payload_as<CallEnqueued>},
    {"call.dequeued", read_payload_as<CallDequeued>},
    {"call.fork.started", read_payload_as<ForkChanged>},
    {"call.fork.stopped", read_payload_as<ForkChanged>},
    {"call.refer.started", read_payload_as<ReferProgress>},
    {"call.refer.completed", read_payload_as<ReferProgress>},
    {"call.refer.failed", read_payload_as<ReferProgress>},
    {"siprec.started", read_payload_as<SiprecStarted>},
    {"siprec.stopped", read_payload_as<SiprecStopped>},
    {"siprec.failed", read_payload_as<SiprecFailed>},
    {"call.deepfake_detection.result", read_payload_as<DeepfakeResult>},
    {"call.deepfake_detection.error", read_payload_as<DeepfakeError>},
    {"call.ai_gather.ended", read_payload_as<HostedAiEvent>},
    {"call.ai_gather.message_history_updated", read_payload_as<HostedAiEvent>},
    {"call.ai_gather.partial_results", read_payload_as<HostedAiEvent>},
    {"call.conversation.ended", read_payload_as<HostedAiEvent>},
    {"call.conversation_insights.generated", read_payload_as<HostedAiEvent>},
    {"conference.created", read_payload_as<ConferenceCreated>},
    {"conference.ended", read_payload_as<ConferenceEnded>},
    {"conference.participant.joined", read_payload_as<ParticipantJoined>},
    {"conference.participant.left", read_payload_as<ParticipantLeft>},
    {"conference.floor.changed", read_payload_as<FloorChanged>},
    {"conference.recording.saved", read_payload_as<RecordingSaved>},
    {"conference.speak.started", read_payload_as<ConferenceAudio>},
    {"conference.speak.ended", read_payload_as<ConferenceAudio>},
    {"conference.playback.started", read_payload_as<ConferenceAudio>},
    {"conference.playback.ended", read_payload_as<ConferenceAudio>},
    {"conference.participant.speak.started", read_payload_as<ConferenceAudio>},
    {"conference.participant.speak.ended", read_payload_as<ConferenceAudio>},
    {"conference.participant.playback.started", read_payload_as<ConferenceAudio>},
    {"conference.participant.playback.ended", read_payload_as<ConferenceAudio>},
};

WebhookPayload read_payload(std::string_view type, JsonView payload) {
  for (const auto& [name, read] : kReaders) {
    if (name == type) return read(payload);
  }
  return OtherEvent{};
}

/// The members of the payload that have a place in the event.
Json typed_members(const WebhookEvent& event) {
  wire::WireWriter writer;
  writer.json.object();
  writer.write_members(event);
  std::visit([&](const auto& payload) { writer.write_members(payload); }, event.payload);
  return Json::parse(writer.json.end().take()).value_or(Json());
}

/// Those members of `json` that are in none of the places of `typed`.
OtherMembers others(JsonView json, JsonView typed) {
  OtherMembers kept;
  for (const JsonView::Member& member : json.members()) {
    if (!typed[member.key].exists())
      kept.emplace(std::string(member.key), JsonText{member.value.dump()});
  }
  return kept;
}

/// Absent, null and text that is not ours all mean that the leg has no state.
std::optional<std::string> decode_client_state(JsonView payload) {
  const auto encoded = payload["client_state"].string();
  if (!encoded) return std::nullopt;
  const auto bytes = base64_decode(*encoded);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

Result<> check_envelope(JsonView data) {
  if (data["id"].string_or("").empty())
    return fail(Errc::invalid_argument, "a webhook has an id", "data.id");
  if (data["event_type"].string_or("").empty()) {
    return fail(Errc::invalid_argument, "a webhook of API version 2 has an event type",
                "data.event_type");
  }
  if (!data["payload"].is_object()) {
    return fail(Errc::invalid_argument, "a webhook has an object as payload", "data.payload");
  }
  return {};
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
  if (auto envelope = check_envelope(data); !envelope) return fail(std::move(envelope.error()));
  WebhookEvent event;
  event.id = data["id"].string_or("");
  event.type = data["event_type"].string_or("");
  event.occurred_at = data["occurred_at"].string_or(payload["occurred_at"].string_or(""));
  event.attempt = static_cast<int>(
      std::clamp<std::int64_t>((*document)["meta"]["attempt"].integer_or(1), 1, 1000000));
  wire::WireReader().read_members(payload, event);
  event.client_state = decode_client_state(payload);
  event.payload = read_payload(event.type, payload);
  event.other_members = others(payload, typed_members(event));
  static const Json kOfData =
      Json::parse(R"({"id":1,"event_type":1,"payload":1})").value_or(Json());
  event.other_of_data = others(data, kOfData);
  static const Json kOfDocument = Json::parse(R"({"data":1})").value_or(Json());
  event.other_of_document = others(*document, kOfDocument);
  event.document = std::move(*document);
  return event;
}

std::string to_json(const WebhookEvent& event) {
  JsonWriter json;
  const auto write_others = [&](const OtherMembers& members, JsonView typed) {
    for (const auto& [name, value] : members) {
      if (!typed[name].exists()) json.key(name).raw(value.text);
    }
  };
  json.object().key("data").object();
  if (event.other_of_data.count("record_type") == 0) json.field("record_type", "event");
  json.field("event_type", event.type).field("id", event.id);
  const bool dated =
      event.other_of_data.count("occurred_at") + event.other_members.count("occurred_at") > 0;
  if (!dated && !event.occurred_at.empty()) json.field("occurred_at", event.occurred_at);
  write_others(event.other_of_data, {});
  const Json typed = typed_members(event);
  json.key("payload").object();
  for (const JsonView::Member& member : typed.root().members())
    json.key(member.key).value(member.value);
  if (event.client_state && event.other_members.count("client_state") == 0)
    json.field("client_state", base64_encode(ByteView(*event.client_state)));
  write_others(event.other_members, typed);
  json.end().end();
  write_others(event.other_of_document, {});
  return json.end().take();
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
