#include "voicebridge/telnyx/telnyx_carrier.hpp"

#include <algorithm>

#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Calls that ring and were given their stream; of those beyond it the oldest is forgotten.
constexpr std::size_t kMaxDialed = 10000;

/// A command id that depends on the call and the command only: asked again, Telnyx does it once.
std::string command_id(const std::string& call_id, std::string_view command) {
  return call_id + "." + std::string(command);
}

TelnyxCallControl::Done forward(Carrier::Done done) {
  return [done = std::move(done)](Result<CommandResult> result) {
    done(result ? Result<>() : Result<>(fail(result.error())));
  };
}

std::chrono::seconds clamp_seconds(Millis value, int low, int high) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(value).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, low, high));
}

}  // namespace

Result<std::unique_ptr<TelnyxCarrier>> TelnyxCarrier::create(TelnyxCallControl control,
                                                             TelnyxStreamServer streams,
                                                             TelnyxCarrierOptions options) {
  if (!options.caller_id.empty() && !looks_like_e164(options.caller_id)) {
    return fail(Errc::invalid_argument, "the caller id is not a number such as +15550100",
                "caller_id");
  }
  return std::unique_ptr<TelnyxCarrier>(
      new TelnyxCarrier(std::move(control), std::move(streams), std::move(options)));
}

void TelnyxCarrier::dial(const CarrierDial& dial, Scheduler& on,
                         std::function<void(Result<std::string>)> done) {
  telnyx::DialRequest request;
  request.connection_id = options_.connection_id;
  request.from = options_.caller_id;
  request.to = {dial.to};
  request.client_state = dial.call_id;
  request.command_id = command_id(dial.call_id, "dial");
  request.timeout = clamp_seconds(dial.ring_timeout, 5, 600);
  request.time_limit = clamp_seconds(dial.max_length, 30, 14400);
  request.send_silence_when_idle = true;
  if (dial.detect_machine) {
    request.machine_detection = dial.detect_screening
                                    ? telnyx::MachineDetection::premium_ios_call_screening
                                    : telnyx::MachineDetection::premium;
  }
  if (options_.stream_at_dial) {
    request.stream =
        streams_.stream_to_dial(dial.call_id, options_.format, dial.ring_timeout, on.now());
    const std::lock_guard<std::mutex> lock(dialed_mutex_);
    if (dialed_.size() >= kMaxDialed) dialed_.pop_front();
    dialed_.push_back(dial.call_id);
  }
  if (!options_.webhook_url.empty()) request.webhooks.emplace().url = options_.webhook_url;
  control_.dial(std::move(request), on, [done = std::move(done)](Result<DialedCall> dialed) {
    if (!dialed) return done(fail(dialed.error()));
    done(std::move(dialed->call_control_id));
  });
}

void TelnyxCarrier::answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                           Done done) {
  telnyx::AnswerRequest request;
  request.client_state = call_id;
  request.command_id = command_id(call_id, "answer");
  request.send_silence_when_idle = true;
  control_.answer(leg_id, std::move(request), on, forward(std::move(done)));
}

void TelnyxCarrier::hang_up(const std::string& leg_id, Scheduler& on, Done done) {
  control_.hangup(leg_id, {}, on, forward(std::move(done)));
}

void TelnyxCarrier::speak(const std::string& leg_id, const std::string& text, Scheduler& on,
                          Done done) {
  telnyx::SpeakRequest request;
  request.payload = text;
  request.voice = options_.voice;
  control_.speak(leg_id, std::move(request), on, forward(std::move(done)));
}

void TelnyxCarrier::start_media(const std::string& leg_id, const std::string& call_id,
                                Scheduler& on, Done done) {
  if (take_dialed(call_id)) return on.post([done = std::move(done)] { done({}); });
  telnyx::StreamingStartRequest request;
  request.stream = streams_.stream_to_leg(leg_id, options_.format, on.now());
  request.command_id = command_id(call_id, "stream");
  control_.streaming_start(leg_id, std::move(request), on, forward(std::move(done)));
}

/// Whether the call's Dial named its stream, which is told once: a stream that is lost can be
/// started.
bool TelnyxCarrier::take_dialed(const std::string& call_id) {
  const std::lock_guard<std::mutex> lock(dialed_mutex_);
  const auto found = std::find(dialed_.begin(), dialed_.end(), call_id);
  if (found == dialed_.end()) return false;
  dialed_.erase(found);
  return true;
}

void TelnyxCarrier::transfer(const std::string& leg_id, const CarrierTransfer& transfer,
                             Scheduler& on, HandedOver done) {
  telnyx::TransferRequest request;
  request.to = transfer.to;
  request.from = options_.caller_id;
  request.timeout = clamp_seconds(transfer.ring_timeout, 5, 600);
  request.target_leg_client_state = telnyx::target_leg_state(transfer.call_id);
  if (!options_.webhook_url.empty()) request.webhooks.emplace().url = options_.webhook_url;
  control_.transfer(leg_id, std::move(request), on,
                    [done = std::move(done)](Result<CommandResult> result) {
                      if (!result) return done(fail(result.error()));
                      done(HandOver::under_way);
                    });
}

void TelnyxCarrier::send_dtmf(const std::string& leg_id, const std::string& digits, Scheduler& on,
                              Done done) {
  telnyx::SendDtmfRequest request;
  request.digits = digits;
  control_.send_dtmf(leg_id, std::move(request), on, forward(std::move(done)));
}

void TelnyxCarrier::start_recording(const std::string& leg_id, Scheduler& on,
                                    std::function<void(Result<std::string>)> done) {
  telnyx::RecordStartRequest request;
  request.channels = telnyx::RecordChannels::dual;
  request.format = telnyx::RecordFormat::wav;
  control_.record_start(leg_id, std::move(request), on,
                        [done = std::move(done)](const Result<CommandResult>& started) {
                          if (!started) return done(fail(started.error()));
                          done(started->recording_id);
                        });
}

void TelnyxCarrier::change_recording(const std::string& leg_id, const std::string& recording_id,
                                     CarrierRecording change, Scheduler& on, Done done) {
  const auto send = [&](auto request) {
    request.recording_id = recording_id;
    control_.send(leg_id, std::move(request), on, forward(std::move(done)));
  };
  switch (change) {
    case CarrierRecording::pause:
      return send(telnyx::RecordPauseRequest());
    case CarrierRecording::resume:
      return send(telnyx::RecordResumeRequest());
    case CarrierRecording::stop:
      return send(telnyx::RecordStopRequest());
  }
}

namespace telnyx {
namespace {

/// Of the leg that a transfer rings; behind it stands the call's id.
constexpr std::string_view kTargetLeg = "handed-on:";

/// What the events of that leg mean to the call which is handed on.
struct TargetMeaning {
  CarrierEvent& event;
  using Step = LegHandedOn::Step;

  void operator()(const CallInitiated&) const { event.what = LegHandedOn{Step::ringing, {}}; }
  void operator()(const CallAnswered&) const { event.what = LegHandedOn{Step::answered, {}}; }
  void operator()(const CallBridged&) const { event.what = LegHandedOn{Step::joined, {}}; }
  void operator()(const CallHangup& e) const {
    event.what = LegHandedOn{Step::failed, e.cause_text};
  }
  template <class Other>
  void operator()(const Other&) const {}
};

AnsweredBy human_kind(std::string_view result) {
  if (result == "human_residence") return AnsweredBy::human_residence;
  return result == "human_business" ? AnsweredBy::human_business : AnsweredBy::human;
}

/// `not_sure` says only that no beep was found in time.
GreetingEnd greeting_end(GreetingResult result) {
  if (result == GreetingResult::beep) return GreetingEnd::beep;
  return result == GreetingResult::prompt_ended ? GreetingEnd::prompt_ended : GreetingEnd::no_beep;
}

/// What each payload means to a call.
struct Meaning {
  CarrierEvent& event;

  void operator()(const CallInitiated& e) const {
    if (e.direction == CallDirection::incoming) event.what = LegIncoming{};
    if (e.direction == CallDirection::outgoing) event.what = LegRinging{};
  }
  void operator()(const CallAnswered&) const { event.what = LegAnswered{}; }
  void operator()(const CallBridged&) const {
    event.what = LegHandedOn{LegHandedOn::Step::joined, {}};
  }
  void operator()(const CallHangup& e) const {
    const bool reached =
        e.cause == HangupCause::normal_clearing || e.cause == HangupCause::time_limit;
    event.what = LegEnded{e.cause_text, reached};
  }
  void operator()(const StreamingFailed& e) const { event.what = LegMediaFailed{e.reason}; }
  void operator()(const SpeakEnded&) const { event.what = LegSpoke{}; }
  void operator()(const MachineGreetingEnded& e) const {
    event.what = LegGreetingEnded{greeting_end(e.result)};
  }
  void operator()(const RecordingSaved& e) const {
    event.what = LegRecorded{e.recording_id, e.wav_url.empty() ? e.mp3_url : e.wav_url};
  }
  void operator()(const CallScreeningDetected&) const { event.what = LegScreened{}; }
  void operator()(const MachineDetectionEnded& e) const {
    switch (e.result) {
      case MachineResult::human:
        event.what = LegAnsweredBy{human_kind(e.result_text)};
        return;
      case MachineResult::machine:
        event.what = LegAnsweredBy{AnsweredBy::machine};
        return;
      case MachineResult::fax:
        event.what = LegAnsweredBy{AnsweredBy::fax};
        return;
      case MachineResult::silence:
        event.what = LegAnsweredBy{AnsweredBy::silence};
        return;
      case MachineResult::not_sure:
      case MachineResult::unknown:
        event.what = LegAnsweredBy{AnsweredBy::not_sure};
        return;
    }
  }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

std::string target_leg_state(const std::string& call_id) {
  return std::string(kTargetLeg) + call_id;
}

CarrierEvent to_carrier_event(const WebhookEvent& event) {
  CarrierEvent result;
  result.type = event.type;
  result.leg_id = event.call_control_id;
  result.call_id = event.client_state.value_or("");
  if (result.call_id.compare(0, kTargetLeg.size(), kTargetLeg) == 0) {
    // Not the call's own leg, but what becomes of it is the call's matter.
    result.call_id.erase(0, kTargetLeg.size());
    result.leg_id.clear();
    std::visit(TargetMeaning{result}, event.payload);
    return result;
  }
  std::visit(Meaning{result}, event.payload);
  if (auto* incoming = std::get_if<LegIncoming>(&result.what)) {
    incoming->from = event.from;
    incoming->to = event.to;
  }
  return result;
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
