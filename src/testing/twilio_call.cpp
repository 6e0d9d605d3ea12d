#include "testing/twilio_call.hpp"

#include <algorithm>
#include <utility>

#include "testing/twilio_text.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kTwilioInitiatedDelay{50};
constexpr Millis kTwilioRingingDelay{50};
/// Twilio lets it ring so much longer than it was told.
constexpr Millis kRingBuffer{5000};
constexpr Millis kHumanDetection{1500};
constexpr Millis kMachineDetection{2400};
constexpr Millis kRecordingReady{1000};

struct TwilioEnd {
  twilio::CallStatus status;
  const char* sip;
};

TwilioEnd end_of(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::busy:
      return {twilio::CallStatus::busy, "486"};
    case CallOutcome::decline:
      return {twilio::CallStatus::busy, "603"};
    case CallOutcome::no_answer:
      return {twilio::CallStatus::no_answer, "480"};
    case CallOutcome::not_found:
      return {twilio::CallStatus::failed, "404"};
    case CallOutcome::route_failure:
      return {twilio::CallStatus::failed, "503"};
    case CallOutcome::answer:
    case CallOutcome::timeout:
      break;
  }
  return {twilio::CallStatus::no_answer, "487"};
}

std::int64_t whole_seconds(Millis time) { return (time.count() + 999) / 1000; }

}  // namespace

TwilioCall::TwilioCall(TwilioCallSetup setup, CallPlan plan, TwilioCallHost& host)
    : setup_(std::move(setup)),
      plan_(std::move(plan)),
      host_(host),
      leg_(plan_, setup_.seed, host.warnings(),
           {[this](char digit, TimePoint now) { on_digit(digit, now); },
            [this](TimePoint now) { end(Status::completed, "200", now); }}) {}

// --- the life of a leg --------------------------------------------------------------------------

void TwilioCall::begin(TimePoint now) {
  created_ = now;
  if (setup_.inbound()) {
    status_ = Status::ringing;
    agenda_.add(now + plan_.ring, [this](TimePoint at) {
      if (status_ == Status::ringing) end(Status::canceled, "487", at);
    });
    if (setup_.document.empty()) return end(Status::failed, "404", now);
    return start_document(now);
  }
  agenda_.add(now + setup_.queued + kTwilioInitiatedDelay, [this](TimePoint at) {
    emit("initiated", Status::initiated, at);
    if (host_.ring_elsewhere(*this, at)) return;
    schedule_outcome(at);
  });
}

void TwilioCall::schedule_outcome(TimePoint now) {
  agenda_.add(now + std::min(kTwilioRingingDelay, plan_.ring),
              [this](TimePoint at) { ringing(at); });
  give_up_after(setup_.ring_timeout + kRingBuffer, now);
  if (plan_.outcome == CallOutcome::timeout) return;
  agenda_.add(now + plan_.ring, [this](TimePoint at) {
    if (status_ != Status::ringing) return;
    if (plan_.outcome == CallOutcome::answer) return answer(at);
    const TwilioEnd why = end_of(plan_.outcome);
    end(why.status, why.sip, at);
  });
}

void TwilioCall::give_up_after(Millis ringing, TimePoint now) {
  agenda_.add(now + ringing, [this](TimePoint at) {
    if (status_ == Status::ringing) end(Status::no_answer, "487", at);
  });
}

void TwilioCall::ringing(TimePoint now) {
  if (status_ != Status::queued) return;
  status_ = Status::ringing;
  emit("ringing", Status::ringing, now);
}

void TwilioCall::answer(TimePoint now) {
  if (ended() || in_progress()) return;
  ringing(now);
  status_ = Status::in_progress;
  leg_.answer(now);
  if (!setup_.inbound()) emit("answered", Status::in_progress, now);
  set_time_limit(setup_.time_limit, now);
  if (plan_.hangup_after) {
    agenda_.add(now + *plan_.hangup_after,
                [this](TimePoint at) { end(Status::completed, "200", at); });
  }
  if (setup_.record) start_recording(*setup_.record, now);
  digits_sent_ += setup_.send_digits;
  if (setup_.inbound()) return host_.on_answered(*this, now);
  if (setup_.amd.wanted) schedule_amd(now);
  host_.on_answered(*this, now);
  const bool waits_for_detection = setup_.amd.wanted && !setup_.amd.async;
  if (!waits_for_detection && in_progress()) start_document(now);
}

void TwilioCall::set_time_limit(Millis limit, TimePoint now) {
  agenda_.add(now + limit, [this, turn = ++limit_turn_](TimePoint at) {
    if (turn == limit_turn_) end(Status::completed, "200", at);
  });
}

void TwilioCall::hang_up(TimePoint now) {
  leave_reason_ = "participant_updated_via_api";
  if (in_progress()) return end(Status::completed, "200", now);
  if (status_ != Status::queued) return end(Status::canceled, "487", now);
  // Nothing is told of a call whose turn had not come.
  setup_.status.url.clear();
  end(Status::canceled, "487", now);
}

void TwilioCall::end(Status status, const std::string& sip_code, TimePoint now) {
  if (ended()) return;
  for (TwilioRecording& recording : recordings_) stop_recording(recording, now);
  ended_ = now;
  status_ = status;
  sip_code_ = sip_code;
  release(leave_reason_, now);
  std::vector<TwilioStream*> open;
  for (const auto& stream : leg_.streams()) {
    if (!stream->over()) open.push_back(stream.get());
  }
  for (TwilioStream* const stream : open) stop_stream(*stream, now);
  leg_.hang_up(now);
  agenda_.clear();
  emit("completed", status, now);  // Whatever the end is, its event is that.
  host_.hang_up_elsewhere(*this, now);
  host_.on_ended(*this, now);
}

/// Gives up what the leg does: children, the conference, the media stream of `<Connect>`.
void TwilioCall::release(const std::string& conference_reason, TimePoint now) {
  ++run_;
  pending_fetch_ = 0;
  announcing_ = false;
  bridged_.clear();
  const Blocking given_up = std::exchange(blocking_, {});
  for (const std::string& child : given_up.children) {
    if (TwilioCall* const leg = host_.find(child)) leg->hang_up(now);
  }
  if (in_conference_) {
    in_conference_ = false;
    host_.leave_conference(*this, conference_reason, now);
  } else if (!setup_.conference.empty()) {
    host_.leave_conference(*this, leg_.answered_at() ? conference_reason : "participant_add_failed",
                           now);
  }
  if (given_up.kind != Blocking::Kind::connect) return;
  if (TwilioStream* const stream = leg_.find_stream(given_up.stream)) stop_stream(*stream, now);
}

Millis TwilioCall::duration(TimePoint now) const {
  const auto since = leg_.answered_at();
  if (!since) return Millis(0);
  return std::chrono::duration_cast<Millis>((ended() ? ended_ : now) - *since);
}

// --- what is told -------------------------------------------------------------------------------

FormFields TwilioCall::parameters() const {
  FormFields fields = {{"AccountSid", setup_.account_sid},
                       {"ApiVersion", "2010-04-01"},
                       {"CallSid", setup_.sid},
                       {"CallStatus", std::string(twilio::to_string(status_))},
                       {"Called", setup_.to},
                       {"Caller", setup_.from},
                       {"Direction", setup_.direction},
                       {"From", setup_.from},
                       {"To", setup_.to}};
  if (!setup_.parent_sid.empty()) fields.add("ParentCallSid", setup_.parent_sid);
  return fields;
}

void TwilioCall::emit(std::string_view event, Status told, TimePoint now) {
  const TwilioCallback& where = setup_.status;
  if (where.url.empty()) return;
  const bool asked =
      where.events.empty() ? event == "completed" : where.events.count(std::string(event)) != 0;
  if (!asked) return;
  FormFields fields;
  const FormFields usual = parameters();
  for (const auto& [name, value] : usual.fields()) {
    fields.add(name, name == "CallStatus" ? std::string(twilio::to_string(told)) : value);
  }
  if (!setup_.inbound()) {
    fields.add("CallbackSource", "call-progress-events");
    fields.add("SequenceNumber", std::to_string(sequence_++));
  }
  fields.add("Timestamp", rfc2822(host_.wall().millis(now)));
  if (twilio::is_final(told)) {
    const std::int64_t seconds = whole_seconds(duration(now));
    fields.add("CallDuration", std::to_string(seconds));
    fields.add("Duration", std::to_string((seconds + 59) / 60));
    fields.add("SipResponseCode", sip_code_);
  }
  host_.tell("call." + std::string(twilio::to_string(told)), where, std::move(fields), now);
}

void TwilioCall::schedule_amd(TimePoint now) {
  const AmdPlan& amd = plan_.amd;
  std::string who = "unknown";
  Millis after = setup_.amd.timeout;
  if (amd.result == "human_residence" || amd.result == "human_business") {
    who = "human";
    after = amd.delay.value_or(kHumanDetection);
  } else if (amd.result == "fax_detected") {
    who = "fax";
    after = amd.delay.value_or(kMachineDetection);
  } else if (amd.result == "machine" && !setup_.amd.message_end) {
    who = "machine_start";
    after = amd.delay.value_or(kMachineDetection);
  } else if (amd.result == "machine" && !amd.greeting.empty()) {
    who = amd.greeting == "beep_detected"      ? "machine_end_beep"
          : amd.greeting == "no_beep_detected" ? "machine_end_silence"
                                               : "machine_end_other";
    after = amd.greeting_delay;
  } else if (!amd.result.empty() && amd.delay) {
    after = *amd.delay;
  }
  if (after > setup_.amd.timeout) {
    who = "unknown";
    after = setup_.amd.timeout;
  }
  agenda_.add(now + after, [this, who, after](TimePoint at) { on_amd(who, after, at); });
}

void TwilioCall::on_amd(const std::string& who, Millis after, TimePoint now) {
  answered_by_ = who;
  if (!setup_.amd.async) return start_document(now);
  if (setup_.amd.callback.url.empty()) return;
  host_.tell("amd", setup_.amd.callback,
             {{"AccountSid", setup_.account_sid},
              {"CallSid", setup_.sid},
              {"AnsweredBy", who},
              {"MachineDetectionDuration", std::to_string(after.count())}},
             now);
}

// --- recordings ---------------------------------------------------------------------------------

TwilioRecording& TwilioCall::start_recording(TwilioRecordRequest request, TimePoint now) {
  TwilioRecording recording;
  recording.sid = host_.new_sid("RE");
  recording.request = std::move(request);
  recording.begin = now;
  recordings_.push_back(std::move(recording));
  tell_recording(recordings_.back(), now);
  return recordings_.back();
}

void TwilioCall::stop_recording(TwilioRecording& recording, TimePoint now) {
  if (recording.status == "completed" || recording.status == "absent") return;
  recording.length = std::chrono::duration_cast<Millis>(now - recording.begin);
  recording.status = recording.length > Millis(0) ? "completed" : "absent";
  tell_recording(recording, now + kRecordingReady);
}

void TwilioCall::tell_recording(const TwilioRecording& recording, TimePoint now) {
  const TwilioCallback& where = recording.request.callback;
  const bool asked = where.events.empty() ? recording.status == "completed"
                                          : where.events.count(recording.status) != 0;
  if (where.url.empty() || !asked) return;
  FormFields fields = {{"AccountSid", setup_.account_sid},
                       {"CallSid", setup_.sid},
                       {"RecordingSid", recording.sid},
                       {"RecordingUrl", "https://api.twilio.com/2010-04-01/Accounts/" +
                                            setup_.account_sid + "/Recordings/" + recording.sid},
                       {"RecordingStatus", recording.status},
                       {"RecordingChannels", recording.request.dual ? "2" : "1"},
                       {"RecordingSource", recording.request.source},
                       {"RecordingTrack", recording.request.track},
                       {"RecordingStartTime", rfc2822(host_.wall().millis(recording.begin))}};
  if (recording.status == "completed") {
    fields.add("RecordingDuration", std::to_string(whole_seconds(recording.length)));
  }
  host_.tell("recording." + recording.status, where, std::move(fields), now);
}

// --- streams ------------------------------------------------------------------------------------

TwilioStream& TwilioCall::start_stream(TwilioStreamSetup setup) {
  setup.account_sid = setup_.account_sid;
  setup.call_sid = setup_.sid;
  setup.sid = host_.new_sid("MZ");
  if (setup.name.empty()) setup.name = setup.sid;
  TwilioStream& stream = leg_.add_stream(std::move(setup), host_.media_chaos());
  host_.open_stream(stream);
  return stream;
}

void TwilioCall::stop_stream(TwilioStream& stream, TimePoint now) {
  const bool was_open = stream.open();
  if (stream.over()) return;
  stream.close(now);
  if (was_open) tell_stream(stream, "stream-stopped", "", now);
}

void TwilioCall::tell_stream(const TwilioStream& stream, const std::string& event,
                             const std::string& error, TimePoint now) {
  const TwilioStreamSetup& setup = stream.setup();
  if (setup.status_callback.empty()) return;
  FormFields fields = {{"AccountSid", setup.account_sid},
                       {"CallSid", setup.call_sid},
                       {"StreamSid", setup.sid},
                       {"StreamName", setup.name},
                       {"StreamEvent", event}};
  if (!error.empty()) fields.add("StreamError", error);
  fields.add("Timestamp", to_iso8601(host_.wall().millis(now)));
  host_.tell(event, {setup.status_callback, setup.status_method, {}}, std::move(fields), now);
}

void TwilioCall::on_stream_open(TwilioStream& stream, WireSink& sink, TimePoint now) {
  const bool wanted = !stream.over();
  stream.on_open(sink, now);
  if (!wanted) return;
  tell_stream(stream, "stream-started", "", now);
  if (!plan_.drop_stream_after) return;
  agenda_.add(now + *plan_.drop_stream_after, [this, &stream](TimePoint at) {
    if (stream.over()) return;
    stream.drop(at);
    on_stream_over(stream, at);
  });
}

void TwilioCall::on_stream_over(TwilioStream& stream, TimePoint now) {
  tell_stream(stream, "stream-stopped", "", now);
  if (blocking_.kind == Blocking::Kind::connect && blocking_.stream == stream.setup().sid) {
    finish({}, now);
  }
}

void TwilioCall::on_stream_refused(TwilioStream& stream, int http_status, TimePoint now) {
  if (stream.over()) return;
  stream.close(now);
  ++(http_status != 0 ? host_.warnings().handshake : host_.warnings().connect);
  tell_stream(stream, "stream-error",
              http_status != 0 ? "31920 - Stream - WebSocket - Handshake Error"
                               : "31902 - Stream - WebSocket - Connection Refused",
              now);
  if (blocking_.kind == Blocking::Kind::connect && blocking_.stream == stream.setup().sid) {
    finish({}, now);
  }
}

Deadline TwilioCall::next_deadline() const {
  return earliest(agenda_.next_deadline(), leg_.next_deadline());
}

void TwilioCall::on_deadline(TimePoint now) {
  leg_.on_deadline(now);
  agenda_.run(now);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
