#include "testing/telnyx_call.hpp"

#include <algorithm>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// The application is told of a leg a little after the dial was accepted.
constexpr Millis kInitiatedDelay{50};
constexpr Millis kDefaultAmdDelay{1500};
constexpr Millis kReferDelay{500};
constexpr std::string_view kScreeningMode = "premium_ios_call_screening_detection";

TelnyxSimMediaOptions media_options(const TelnyxCallSetup& setup, const CallPlan& plan,
                                    UnixMillis wall) {
  TelnyxSimMediaOptions options;
  options.leg = setup.leg;
  options.leg_format = plan.leg_format;
  options.codec_surprise = plan.codec_surprise;
  options.l16_big_endian = plan.l16_big_endian;
  options.script = plan.script;
  options.idle = plan.idle;
  options.faults = plan.faults;
  options.max_queue = plan.max_queue;
  options.play_delay = plan.play_delay;
  options.seed = setup.seed;
  options.wall_time = wall;
  return options;
}

TelnyxHangup hangup_of(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::busy:
      return {"user_busy", "callee", "486"};
    case CallOutcome::decline:
      return {"call_rejected", "callee", "603"};
    case CallOutcome::no_answer:
      return {"no_answer", "callee", "480"};
    case CallOutcome::not_found:
      return {"not_found", "callee", "404"};
    case CallOutcome::route_failure:
      return {"unspecified", "unknown", "503"};
    case CallOutcome::answer:
    case CallOutcome::timeout:
      break;
  }
  return {"timeout", "unknown", "487"};
}

}  // namespace

TelnyxCall::TelnyxCall(TelnyxCallSetup setup, CallPlan plan, TelnyxCallHost& host, WallClock wall)
    : setup_(std::move(setup)),
      plan_(std::move(plan)),
      host_(host),
      wall_(wall),
      media_(media_options(setup_, plan_, wall.millis(TimePoint{})),
             {[this](char digit, TimePoint now) { on_digit(digit, now); },
              [this](TimePoint now) {
                hang_up({"normal_clearing", setup_.incoming ? "caller" : "callee", "200"}, now);
              },
              [this](TimePoint now) { end_stream(now); },
              [this](TimePoint now) { host_.on_said(*this, now); }}) {}

void TelnyxCall::begin(TimePoint now) {
  start_time_ = wall_.iso(now);
  if (setup_.incoming) {
    state_ = State::parked;
    emit_initiated(now);
    agenda_.add(now + plan_.ring, [this](TimePoint at) {
      if (state_ == State::parked) hang_up({"originator_cancel", "caller", "487"}, at);
    });
  } else if (setup_.stream && setup_.stream->establish_before_originate) {
    state_ = State::establishing;
    connect_stream();
  } else {
    originate(now);
  }
}

void TelnyxCall::originate(TimePoint now) {
  state_ = State::ringing;
  agenda_.add(now + kInitiatedDelay, [this](TimePoint at) {
    emit_initiated(at);
    schedule_outcome(at);
  });
}

void TelnyxCall::schedule_outcome(TimePoint now) {
  agenda_.add(now + setup_.ring_timeout, [this](TimePoint at) {
    if (state_ == State::ringing) hang_up(hangup_of(CallOutcome::timeout), at);
  });
  if (plan_.outcome == CallOutcome::timeout) return;
  agenda_.add(now + plan_.ring, [this](TimePoint at) {
    if (state_ != State::ringing) return;
    if (plan_.outcome == CallOutcome::answer) return answered(at);
    hang_up(hangup_of(plan_.outcome), at);
  });
}

void TelnyxCall::answer(std::optional<TelnyxStreamParams> stream, TimePoint now) {
  if (state_ != State::parked) return;
  if (stream) setup_.stream = std::move(stream);
  answered(now);
}

void TelnyxCall::answered(TimePoint now) {
  state_ = State::answered;
  media_.answer(now);
  emit_answered(now);
  if (setup_.stream && stream_state_ == StreamState::none) {
    stream_state_ = StreamState::connecting;
    agenda_.add(now + plan_.stream_connect_delay, [this](TimePoint) { connect_stream(); });
  }
  if (setup_.record_from_answer) start_recording(true, now);
  if (setup_.amd_mode != "disabled" && !setup_.incoming) schedule_amd(now);
  agenda_.add(now + setup_.time_limit, [this](TimePoint at) {
    hang_up({"time_limit", "unknown", "200"}, at);
  });
  if (plan_.hangup_after) {
    agenda_.add(now + *plan_.hangup_after, [this](TimePoint at) {
      hang_up({"normal_clearing", setup_.incoming ? "caller" : "callee", "200"}, at);
    });
  }
  if (!setup_.whisper_url.empty() || !setup_.whisper_media.empty()) {
    Announcement whisper;
    whisper.speech = false;
    whisper.length = setup_.whisper;
    whisper.media_url = setup_.whisper_url;
    whisper.media_name = setup_.whisper_media;
    announce(std::move(whisper), now);
    agenda_.add(now + setup_.whisper, [this](TimePoint at) { host_.on_answered(*this, at); });
  } else {
    host_.on_answered(*this, now);
  }
}

void TelnyxCall::schedule_amd(TimePoint now) {
  const AmdPlan& amd = plan_.amd;
  if (amd.screening && setup_.amd_mode == kScreeningMode) {
    agenda_.add(now + *amd.screening,
                [this](TimePoint at) { emit_amd("call_screening.detected", "screening", at); });
    agenda_.add(now + *amd.screening + amd.screening_prompt, [this](TimePoint at) {
      emit_amd("greeting.ended", "prompt_ended", at);
      schedule_verdict(at);
    });
  } else {
    schedule_verdict(now);
  }
}

void TelnyxCall::schedule_verdict(TimePoint now) {
  const AmdPlan& amd = plan_.amd;
  const bool greeting_first = amd.beep_before_detection && !amd.greeting.empty();
  if (!amd.result.empty() && !greeting_first) {
    const Millis usual = amd.result == "not_sure" ? setup_.amd_analysis_time : kDefaultAmdDelay;
    agenda_.add(now + amd.delay.value_or(usual),
                [this](TimePoint at) { emit_amd("detection.ended", plan_.amd.result, at); });
  }
  if (amd.greeting.empty()) return;
  agenda_.add(now + amd.greeting_delay, [this](TimePoint at) {
    if (plan_.amd.greeting == "beep_detected") stop_announcements(true, "cancelled_amd", at);
    emit_amd("greeting.ended", plan_.amd.greeting, at);
  });
}

void TelnyxCall::hang_up(TelnyxHangup why, TimePoint now) {
  if (state_ == State::ended) return;
  const bool was_recording = recording();
  stop_announcements(true, "call_hangup", now);
  if (gather_) end_gather("call_hangup", now);
  if (stream_state_ == StreamState::open) {
    media_.close(now);
    end_stream(now);
  }
  emit_hangup(why, now);
  state_ = State::ended;
  stream_state_ = StreamState::none;
  end_time_ = wall_.iso(now);
  ended_at_ = now;
  hangup_cause_ = why.cause;
  media_.hang_up(now);
  agenda_.clear();
  if (was_recording) stop_recording(now);
  end_features(now);
  host_.on_ended(*this, now);
}

void TelnyxCall::end_features(TimePoint now) {
  if (features_.siprec) {
    JsonWriter json = event_payload(false);
    json.field("hangup_cause", "normal_clearing");
    emit("siprec.stopped", json, now);
  }
  if (features_.forked) {
    JsonWriter json = event_payload(false);
    json.field("stream_type", "decrypted");
    emit("call.fork.stopped", json, now);
  }
  features_ = {};
}

/// REFER: the far party is told to call somebody else; when it does, this leg is over.
void TelnyxCall::refer(TimePoint now) {
  const int final_status = plan_.refuses_refer ? 603 : 200;
  const auto tell = [this](std::string_view type, int notify, TimePoint at) {
    JsonWriter json = event_payload(true);
    json.field("sip_notify_response", notify);
    emit(type, json, at);
  };
  tell("call.refer.started", 100, now);
  agenda_.add(now + kReferDelay, [this, tell, final_status](TimePoint at) {
    const bool done = final_status == 200;
    tell(done ? "call.refer.completed" : "call.refer.failed", final_status, at);
    if (done) hang_up({"normal_clearing", setup_.incoming ? "caller" : "callee", "200"}, at);
  });
}

void TelnyxCall::hear(const std::string& speaker) {
  heard_from_[speaker] += Millis(20);
  media_.hear_peer();
}

Millis TelnyxCall::duration(TimePoint now) const {
  const auto since = media_.answered_at();
  if (!since) return Millis(0);
  return std::chrono::duration_cast<Millis>((state_ == State::ended ? ended_at_ : now) - *since);
}

void TelnyxCall::set_client_state(const std::string& base64) {
  setup_.leg.client_state = base64;
  media_.set_client_state(base64);
}

void TelnyxCall::bridge_with(const std::string& peer, bool park_after, TimePoint now) {
  peer_ = peer;
  setup_.park_after_unbridge |= park_after;
  JsonWriter json = event_payload(true);
  emit("call.bridged", json, now);
}

// The media WebSocket

void TelnyxCall::connect_stream() {
  stream_state_ = StreamState::connecting;
  host_.open_stream(*this, *setup_.stream);
}

void TelnyxCall::start_stream(TelnyxStreamParams params, TimePoint) {
  setup_.stream = std::move(params);
  connect_stream();
}

void TelnyxCall::stop_stream(TimePoint now) {
  media_.close(now);
  end_stream(now);
}

void TelnyxCall::on_stream_open(WireSink& sink, TimePoint now) {
  if (stream_state_ != StreamState::connecting) {
    sink.close(1000, "");
    return;
  }
  stream_state_ = StreamState::open;
  JsonWriter json = event_payload(false);
  json.field("stream_url", setup_.stream->url);
  emit("streaming.started", json, now);
  media_.open(sink, *setup_.stream, now);
  if (state_ == State::establishing) originate(now);
  if (plan_.drop_stream_after) {
    agenda_.add(now + *plan_.drop_stream_after, [this](TimePoint at) { media_.drop_stream(at); });
  }
}

void TelnyxCall::on_stream_refused(TimePoint now) {
  if (stream_state_ != StreamState::connecting) return;
  stream_state_ = StreamState::none;
  JsonWriter json = event_payload(false);
  json.field("failure_reason", "connection_failed").field("stream_id", setup_.leg_id);
  json.key("stream_params").object();
  json.field("stream_url", setup_.stream->url).field("track", setup_.stream->track).end();
  json.field("stream_type", "websocket");
  emit("streaming.failed", json, now);
  if (state_ == State::establishing) hang_up({"unspecified", "unknown", "503"}, now);
}

void TelnyxCall::end_stream(TimePoint now) {
  if (stream_state_ == StreamState::none) return;
  const bool was_open = stream_state_ == StreamState::open;
  stream_state_ = StreamState::none;
  if (!was_open) return;
  JsonWriter json = event_payload(false);
  json.field("stream_url", setup_.stream->url);
  emit("streaming.stopped", json, now);
}

// Time

Deadline TelnyxCall::next_deadline() const {
  return earliest(agenda_.next_deadline(), media_.next_deadline());
}

void TelnyxCall::on_deadline(TimePoint now) {
  agenda_.run(now);
  media_.on_deadline(now);
  if (features_.transcribing) report_transcripts(now);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
