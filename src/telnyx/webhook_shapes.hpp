#pragma once

#include "core/wire/shape.hpp"
#include "voicebridge/telnyx/webhook_event.hpp"
#include "webhook_names.hpp"

/// What each payload is on the wire.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

/// The members that most payloads share.
template <>
struct Shape<telnyx::WebhookEvent> {
  using E = telnyx::WebhookEvent;
  static constexpr auto fields = std::make_tuple(
      field("call_control_id", &E::call_control_id), field("call_leg_id", &E::call_leg_id),
      field("call_session_id", &E::call_session_id), field("connection_id", &E::connection_id),
      field("from", &E::from), field("to", &E::to));
};

template <>
struct Shape<telnyx::OtherEvent> {
  using P = telnyx::OtherEvent;
  static constexpr auto fields = std::make_tuple();
};

template <>
struct Shape<telnyx::CallInitiated> {
  using P = telnyx::CallInitiated;
  static constexpr auto fields = std::make_tuple(
      field("direction", &P::direction_text), field("state", &P::state),
      field("start_time", &P::start_time), field("caller_id_name", &P::caller_id_name),
      field("call_screening_result", &P::call_screening_result),
      field("shaken_stir_attestation", &P::shaken_stir_attestation),
      field("shaken_stir_validated", &P::shaken_stir_validated));
  static void tidy(P& event, JsonView) {
    event.direction = telnyx::value_of(telnyx::kDirections, event.direction_text);
  }
};

template <>
struct Shape<telnyx::CallAnswered> {
  using P = telnyx::CallAnswered;
  static constexpr auto fields =
      std::make_tuple(field("codec", &P::codec), unless_0("sampling_rate", &P::sampling_rate),
                      field("start_time", &P::start_time), field("stream_url", &P::stream_url),
                      field("stream_track", &P::stream_track));
};

template <>
struct Shape<telnyx::CallBridged> {
  using P = telnyx::CallBridged;
  static constexpr auto fields = std::make_tuple();
};

template <>
struct Shape<telnyx::CallHeld> {
  using P = telnyx::CallHeld;
  static constexpr auto fields = std::make_tuple();
};

template <>
struct Shape<telnyx::CallUnheld> {
  using P = telnyx::CallUnheld;
  static constexpr auto fields = std::make_tuple();
};

template <>
struct Shape<telnyx::CallHangup> {
  using P = telnyx::CallHangup;
  static constexpr auto fields = std::make_tuple(
      field("hangup_cause", &P::cause_text), field("hangup_source", &P::source_text),
      field("sip_hangup_cause", &P::sip_cause), field("start_time", &P::start_time),
      field("end_time", &P::end_time), field("call_quality_stats", &P::call_quality_stats));
  static void tidy(P& event, JsonView) {
    event.cause = telnyx::value_of(telnyx::kCauses, event.cause_text);
    event.source = telnyx::value_of(telnyx::kSources, event.source_text);
  }
};

template <>
struct Shape<telnyx::StreamingStarted> {
  using P = telnyx::StreamingStarted;
  static constexpr auto fields = std::make_tuple(field("stream_url", &P::stream_url));
};

template <>
struct Shape<telnyx::StreamingStopped> {
  using P = telnyx::StreamingStopped;
  static constexpr auto fields = std::make_tuple(field("stream_url", &P::stream_url));
};

template <>
struct Shape<telnyx::StreamingFailed> {
  using P = telnyx::StreamingFailed;
  static constexpr auto fields = std::make_tuple(
      field("failure_reason", &P::reason), field("stream_id", &P::stream_id),
      field("stream_type", &P::stream_type), field("stream_params", &P::stream_params));
};

template <>
struct Shape<telnyx::MachineDetectionEnded> {
  using P = telnyx::MachineDetectionEnded;
  static constexpr auto fields = std::make_tuple(field("result", &P::result_text));
  static void tidy(P& event, JsonView) {
    event.result = telnyx::value_of(telnyx::kMachineResults, event.result_text);
  }
};

template <>
struct Shape<telnyx::MachineGreetingEnded> {
  using P = telnyx::MachineGreetingEnded;
  static constexpr auto fields = std::make_tuple(field("result", &P::result_text));
  static void tidy(P& event, JsonView) {
    event.result = telnyx::value_of(telnyx::kGreetingResults, event.result_text);
  }
};

template <>
struct Shape<telnyx::CallScreeningDetected> {
  using P = telnyx::CallScreeningDetected;
  static constexpr auto fields = std::make_tuple(field("result", &P::result));
};

template <>
struct Shape<telnyx::DtmfReceived> {
  using P = telnyx::DtmfReceived;
  static constexpr auto fields = std::make_tuple(field("digit", &P::digit_text));
  static void tidy(P& event, JsonView) {
    event.digit = event.digit_text.size() == 1 ? event.digit_text[0] : '\0';
  }
};

template <>
struct Shape<telnyx::SpeakStarted> {
  using P = telnyx::SpeakStarted;
  static constexpr auto fields = std::make_tuple();
};

template <>
struct Shape<telnyx::SpeakEnded> {
  using P = telnyx::SpeakEnded;
  static constexpr auto fields = std::make_tuple(field("status", &P::status));
};

template <>
struct Shape<telnyx::PlaybackStarted> {
  using P = telnyx::PlaybackStarted;
  static constexpr auto fields =
      std::make_tuple(field("media_url", &P::media_url), field("media_name", &P::media_name),
                      field("overlay", &P::overlay));
};

template <>
struct Shape<telnyx::PlaybackEnded> {
  using P = telnyx::PlaybackEnded;
  static constexpr auto fields =
      std::make_tuple(field("media_url", &P::media_url), field("media_name", &P::media_name),
                      field("status", &P::status), field("status_detail", &P::status_detail),
                      field("overlay", &P::overlay));
};

template <>
struct Shape<telnyx::GatherEnded> {
  using P = telnyx::GatherEnded;
  static constexpr auto fields =
      std::make_tuple(field("digits", &P::digits), field("status", &P::status));
};

template <>
struct Shape<telnyx::RecordingSaved> {
  using P = telnyx::RecordingSaved;
  static constexpr auto fields = std::make_tuple(
      field("recording_id", &P::recording_id), field("conference_id", &P::conference_id),
      field("channels", &P::channels), field("format", &P::format),
      field("recording_started_at", &P::started_at), field("recording_ended_at", &P::ended_at),
      field("recording_urls", &P::urls), field("public_recording_urls", &P::public_urls));
  static void tidy(P& event, JsonView payload) {
    event.mp3_url = payload["recording_urls"]["mp3"].string_or("");
    event.wav_url = payload["recording_urls"]["wav"].string_or("");
  }
};

template <>
struct Shape<telnyx::RecordingError> {
  using P = telnyx::RecordingError;
  static constexpr auto fields = std::make_tuple(field("reason", &P::reason));
};

template <>
struct Shape<telnyx::RecordingTranscribed> {
  using P = telnyx::RecordingTranscribed;
  static constexpr auto fields =
      std::make_tuple(field("recording_id", &P::recording_id),
                      field("recording_transcription_id", &P::recording_transcription_id),
                      field("status", &P::status), field("transcription_text", &P::text));
};

template <>
struct Shape<telnyx::TranscriptionHeard> {
  using P = telnyx::TranscriptionHeard;
  static constexpr auto fields =
      std::make_tuple(field("transcription_data", &P::transcription_data));
  static void tidy(P& event, JsonView payload) {
    const JsonView data = payload["transcription_data"];
    event.text = data["transcript"].string_or("");
    event.track = data["transcription_track"].string_or("");
    event.is_final = data["is_final"].bool_or(false);
    event.confidence = data["confidence"].number_or(0);
  }
};

template <>
struct Shape<telnyx::CallCost> {
  using P = telnyx::CallCost;
  static constexpr auto fields = std::make_tuple(
      field("total_cost", &P::total_cost),
      unless_0("billed_duration_secs", &P::billed_duration_secs), field("status", &P::status),
      field("billing_group_id", &P::billing_group_id), field("cost_parts", &P::cost_parts));
};

template <>
struct Shape<telnyx::CallEnqueued> {
  using P = telnyx::CallEnqueued;
  static constexpr auto fields =
      std::make_tuple(field("queue", &P::queue), field("current_position", &P::current_position),
                      field("queue_avg_wait_time_secs", &P::queue_avg_wait_time_secs));
};

template <>
struct Shape<telnyx::CallDequeued> {
  using P = telnyx::CallDequeued;
  static constexpr auto fields = std::make_tuple(
      field("queue", &P::queue), field("reason", &P::reason),
      field("queue_position", &P::queue_position), field("wait_time_secs", &P::wait_time_secs));
};

template <>
struct Shape<telnyx::ForkChanged> {
  using P = telnyx::ForkChanged;
  static constexpr auto fields = std::make_tuple(field("stream_type", &P::stream_type));
};

template <>
struct Shape<telnyx::ReferProgress> {
  using P = telnyx::ReferProgress;
  static constexpr auto fields =
      std::make_tuple(field("sip_notify_response", &P::sip_notify_response));
};

template <>
struct Shape<telnyx::SiprecStarted> {
  using P = telnyx::SiprecStarted;
  static constexpr auto fields = std::make_tuple();
};

template <>
struct Shape<telnyx::SiprecStopped> {
  using P = telnyx::SiprecStopped;
  static constexpr auto fields = std::make_tuple(field("hangup_cause", &P::hangup_cause));
};

template <>
struct Shape<telnyx::SiprecFailed> {
  using P = telnyx::SiprecFailed;
  static constexpr auto fields = std::make_tuple(field("failure_cause", &P::failure_cause));
};

template <>
struct Shape<telnyx::DeepfakeResult> {
  using P = telnyx::DeepfakeResult;
  static constexpr auto fields =
      std::make_tuple(field("result", &P::result), field("score", &P::score),
                      field("consistency", &P::consistency));
};

template <>
struct Shape<telnyx::DeepfakeError> {
  using P = telnyx::DeepfakeError;
  static constexpr auto fields = std::make_tuple(field("error_message", &P::error_message));
};

template <>
struct Shape<telnyx::HostedAiEvent> {
  using P = telnyx::HostedAiEvent;
  static constexpr auto fields =
      std::make_tuple(field("status", &P::status), field("conversation_id", &P::conversation_id),
                      field("reason", &P::reason), field("result", &P::result),
                      field("message_history", &P::message_history));
};

template <>
struct Shape<telnyx::ConferenceCreated> {
  using P = telnyx::ConferenceCreated;
  static constexpr auto fields = std::make_tuple(field("conference_id", &P::conference_id));
};

template <>
struct Shape<telnyx::ConferenceEnded> {
  using P = telnyx::ConferenceEnded;
  static constexpr auto fields =
      std::make_tuple(field("conference_id", &P::conference_id), field("reason", &P::reason));
};

template <>
struct Shape<telnyx::ParticipantJoined> {
  using P = telnyx::ParticipantJoined;
  static constexpr auto fields = std::make_tuple(field("conference_id", &P::conference_id));
};

template <>
struct Shape<telnyx::ParticipantLeft> {
  using P = telnyx::ParticipantLeft;
  static constexpr auto fields = std::make_tuple(field("conference_id", &P::conference_id));
};

template <>
struct Shape<telnyx::FloorChanged> {
  using P = telnyx::FloorChanged;
  static constexpr auto fields = std::make_tuple(field("conference_id", &P::conference_id));
};

template <>
struct Shape<telnyx::ConferenceAudio> {
  using P = telnyx::ConferenceAudio;
  static constexpr auto fields =
      std::make_tuple(field("conference_id", &P::conference_id),
                      field("creator_call_session_id", &P::creator_call_session_id),
                      field("media_url", &P::media_url), field("media_name", &P::media_name));
};

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
