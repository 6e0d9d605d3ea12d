#include <algorithm>
#include <utility>

#include "testing/telnyx_carrier_impl.hpp"
#include "testing/telnyx_parameters.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::int64_t kPremiumAnalysisTime = 30000;
constexpr std::int64_t kAnalysisTime = 3500;

/// `to`, or the first of a list, without keys to press.
std::string called_number(JsonView to) {
  const std::string text = to.is_array() ? to.at(0).string_or("") : to.string_or("");
  return text.substr(0, text.find(','));
}

/// What dial and transfer have in common.
void read_outbound_leg(JsonView body, TelnyxCallSetup& setup) {
  setup.leg.to = called_number(body["to"]);
  setup.ring_timeout = std::chrono::seconds(body["timeout_secs"].integer_or(30));
  setup.time_limit = std::chrono::seconds(body["time_limit_secs"].integer_or(14400));
  setup.amd_mode = body["answering_machine_detection"].string_or("disabled");
  const bool premium = setup.amd_mode.rfind("premium", 0) == 0;
  setup.amd_analysis_time =
      Millis(body["answering_machine_detection_config"]["total_analysis_time_millis"].integer_or(
          premium ? kPremiumAnalysisTime : kAnalysisTime));
  setup.park_after_unbridge = body["park_after_unbridge"].string().has_value();
  setup.record_from_answer = body["record"].string().has_value();
  setup.webhook = webhook_target(body, setup.webhook);
  setup.whisper_url = body["audio_url"].string_or("");
  setup.whisper_media = body["media_name"].string_or("");
}

/// Phone numbers cannot be reached with encrypted media.
bool wants_impossible_encryption(JsonView body) {
  return body["media_encryption"].string_or("disabled") != "disabled" &&
         called_number(body["to"]).substr(0, 3) != "sip";
}

/// Only what the simulator can play; the real service knows more codecs.
bool can_stream(const TelnyxStreamParams& params) {
  return params.bidirectional_mode != "rtp" ||
         telnyx_codec(params.bidirectional_codec, params.bidirectional_sampling_rate).has_value();
}

}  // namespace

HttpResponse TelnyxCarrier::Impl::dial(JsonView body, TimePoint now) {
  TelnyxCallSetup setup = new_setup();
  setup.connection_id = body["connection_id"].string_or("");
  if (!options.connection_id.empty() && setup.connection_id != options.connection_id) {
    return to_response(invalid_connection_id());
  }
  if (wants_impossible_encryption(body)) return to_response(no_srtp_for_pstn());
  if (active_calls() >= options.channel_limit) return to_response(channel_limit_reached());
  read_outbound_leg(body, setup);
  setup.whisper = options.playback_length;
  setup.leg.from = body["from"].string_or("");
  setup.leg.client_state = body["client_state"].string_or("");
  setup.stream = stream_params(body, true);
  if (setup.stream && !can_stream(*setup.stream)) return to_response(streaming_failed());
  setup.linked_call = body["link_to"].string_or("");
  setup.bridge_on_answer = body["bridge_on_answer"].bool_or(false);
  if (!setup.linked_call.empty()) {
    const TelnyxCall* linked = find(setup.linked_call);
    if (linked == nullptr) return to_response(invalid_call_control_id("link_to"));
    setup.leg.call_session_id = linked->setup().leg.call_session_id;
    if (body["bridge_intent"].bool_or(false)) setup.leg.from = linked->setup().leg.from;
  }
  setup.supervised_call = body["supervise_call_control_id"].string_or("");
  setup.supervisor_role = body["supervisor_role"].string_or("barge");
  if (!setup.supervised_call.empty() && find(setup.supervised_call) == nullptr)
    return to_response(invalid_call_control_id("supervise_call_control_id"));
  if (const JsonView config = body["conference_config"]; config.is_object())
    setup.conference_config = config.dump();
  CallPlan plan = plan_for(setup.leg.to);
  return json_response(add_call(std::move(setup), std::move(plan), now).describe(now));
}

HttpResponse TelnyxCarrier::Impl::answer(TelnyxCall& call, JsonView body, TimePoint now) {
  if (!call.setup().incoming) return to_response(answer_on_outbound_call());
  auto stream = stream_params(body, false);
  if (stream && !can_stream(*stream)) return to_response(streaming_failed());
  call.set_webhook(webhook_target(body, call.setup().webhook));
  call.answer(std::move(stream), now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::reject(TelnyxCall& call, JsonView body, TimePoint now) {
  if (!call.setup().incoming) return to_response(answer_on_outbound_call());
  const bool busy = body["cause"].string_or("") == "USER_BUSY";
  call.hang_up(busy ? TelnyxHangup{"user_busy", "callee", "486"}
                    : TelnyxHangup{"call_rejected", "callee", "603"},
               now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::hangup(TelnyxCall& call, JsonView, TimePoint now) {
  const bool answered = call.state() == TelnyxCall::State::answered;
  const std::string_view us = call.setup().incoming ? "callee" : "caller";
  call.hang_up(answered ? TelnyxHangup{"normal_clearing", us, "200"}
                        : TelnyxHangup{"originator_cancel", us, "487"},
               now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::playback_stop(TelnyxCall& call, JsonView body, TimePoint now) {
  call.stop_announcements(body["stop"].string_or("all") == "all", "cancelled", now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::streaming_start(TelnyxCall& call, JsonView body, TimePoint now) {
  auto stream = stream_params(body, true);
  if (!stream) return to_response(missing_parameter("stream_url"));
  if (call.stream_in_use() || call.features().forked) return to_response(streaming_in_use());
  if (!can_stream(*stream)) return to_response(streaming_failed());
  call.start_stream(std::move(*stream), now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::streaming_stop(TelnyxCall& call, JsonView, TimePoint now) {
  if (!call.stream_in_use()) return to_response(streaming_not_in_use());
  call.stop_stream(now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::transfer(TelnyxCall& call, JsonView body, TimePoint now) {
  if (wants_impossible_encryption(body)) return to_response(no_srtp_for_pstn());
  if (active_calls() >= options.channel_limit) return to_response(channel_limit_reached());
  TelnyxCallSetup setup = new_setup();
  setup.connection_id = call.setup().connection_id;
  setup.webhook = call.setup().webhook;
  read_outbound_leg(body, setup);
  setup.whisper = options.playback_length;
  setup.leg.from = body["from"].string_or(call.setup().leg.to);
  setup.leg.client_state = body["target_leg_client_state"].string_or("");
  setup.leg.call_session_id = call.setup().leg.call_session_id;
  setup.linked_call = call.id();
  setup.bridge_on_answer = true;
  CallPlan plan = plan_for(setup.leg.to);
  add_call(std::move(setup), std::move(plan), now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::bridge_command(TelnyxCall& call, JsonView body, TimePoint now) {
  const std::string queue = body["queue"].string_or("");
  if (queue.empty() && !body["call_control_id"].string())
    return to_response(missing_parameter("call_control_id"));
  TelnyxCall* other =
      find(queue.empty() ? body["call_control_id"].string_or("") : queues.first(queue));
  if (other == nullptr || other == &call)
    return to_response(invalid_call_control_id(queue.empty() ? "call_control_id" : "queue"));
  if (other->state() == TelnyxCall::State::ended) return to_response(call_has_ended());
  if (other->state() != TelnyxCall::State::answered) return to_response(call_not_answered());
  if (blocked_by_stream("bridge", other)) return to_response(streaming_in_use());
  const bool park = body["park_after_unbridge"].string().has_value() ||
                    body["hold_after_unbridge"].bool_or(false);
  bridge(call, *other, park, now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::record_start(TelnyxCall& call, JsonView body, TimePoint now) {
  call.start_recording(body["channels"].string_or("dual") == "dual", now);
  return json_response(R"({"data":{"result":"ok","recording_id":")" + call.recording_id() + "\"}}");
}

HttpResponse TelnyxCarrier::Impl::record_pause(TelnyxCall& call, JsonView, TimePoint) {
  call.pause_recording(true);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::record_resume(TelnyxCall& call, JsonView, TimePoint) {
  call.pause_recording(false);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::record_stop(TelnyxCall& call, JsonView, TimePoint now) {
  call.stop_recording(now);
  return ok_response();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
