// What Twilio's webhooks mean to a call.
#include "voicebridge/twilio/twilio_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

using What = decltype(CarrierEvent::what);

voicebridge::AnsweredBy neutral(AnsweredBy who) {
  if (who == AnsweredBy::human) return voicebridge::AnsweredBy::human;
  if (who == AnsweredBy::fax) return voicebridge::AnsweredBy::fax;
  return is_machine(who) ? voicebridge::AnsweredBy::machine : voicebridge::AnsweredBy::not_sure;
}

What meaning_of(CallStatus status) {
  if (status == CallStatus::ringing) return LegRinging{};
  if (status == CallStatus::in_progress) return LegAnswered{};
  if (is_final(status)) {
    return LegEnded{std::string(to_string(status)), status == CallStatus::completed};
  }
  return LegOther{};
}

/// What each kind of request means to a call.
struct Meaning {
  const WebhookEvent& event;
  std::vector<std::pair<std::string, What>>& out;

  void operator()(const VoiceRequest& request) const {
    const bool incoming = request.direction == "inbound" &&
                          event.call_status == CallStatus::ringing && request.error_code.empty();
    if (incoming) {
      out.emplace_back("voice", LegIncoming{request.anonymous ? "" : event.from, event.to});
    } else {
      out.emplace_back("voice", LegOther{});
    }
    // Detection that was waited for tells with the request for the TwiML.
    if (request.answered_by) found_out(*request.answered_by, to_string(*request.answered_by));
  }
  void operator()(const StatusEvent&) const {
    if (!event.form.text_or("ParentCallSid", "").empty()) return target_leg();
    out.emplace_back("call." + std::string(to_string(event.call_status)),
                     meaning_of(event.call_status));
  }
  void operator()(const DetectionEvent& detected) const {
    found_out(detected.who, detected.who_text);
  }
  void found_out(AnsweredBy who, std::string_view text) const {
    const std::string type = "amd." + std::string(text);
    out.emplace_back(type, LegAnsweredBy{neutral(who)});
    // All but the first are told when the greeting is over.
    if (!is_machine(who) || who == AnsweredBy::machine_start) return;
    const bool beep = who == AnsweredBy::machine_end_beep;
    out.emplace_back(type, LegGreetingEnded{beep ? GreetingEnd::beep : GreetingEnd::no_beep});
  }
  void operator()(const StreamEvent& stream) const {
    if (stream.change == StreamChange::error) {
      out.emplace_back("stream-error", LegMediaFailed{stream.error});
    }
  }
  void operator()(const DialEnded& ended) const {
    using Step = LegHandedOn::Step;
    const bool taken = was_taken(ended);
    out.emplace_back("dial." + ended.status,
                     LegHandedOn{taken ? Step::joined : Step::failed, taken ? "" : ended.status});
  }
  void operator()(const Gathered& gathered) const {
    if (!gathered.digits.empty()) out.emplace_back("gather", LegKeys{gathered.digits});
  }
  template <class Other>
  void operator()(const Other&) const {}

  /// Of the leg that a transfer rings: its answer joins it with the caller's.
  void target_leg() const {
    const bool answered = event.call_status == CallStatus::in_progress;
    out.emplace_back(
        "dial." + std::string(to_string(event.call_status)),
        answered ? What(LegHandedOn{LegHandedOn::Step::joined, {}}) : What(LegOther{}));
  }
};

}  // namespace

bool was_taken(const DialEnded& ended) noexcept {
  return ended.bridged || ended.status == "completed" || ended.status == "answered";
}

std::vector<CarrierEvent> to_carrier_events(const WebhookEvent& event, const std::string& call_id) {
  std::vector<std::pair<std::string, What>> found;
  std::visit(Meaning{event, found}, event.what);
  if (event.form.text_or("RecordingStatus", "") == "completed") {
    found.emplace_back("recording.completed", LegRecorded{event.form.text_or("RecordingSid", ""),
                                                          event.form.text_or("RecordingUrl", "")});
  }
  std::vector<CarrierEvent> events;
  for (auto& [type, what] : found) {
    // Another's leg must not be taken for the call's own.
    const bool other = !event.form.text_or("ParentCallSid", "").empty() &&
                       std::holds_alternative<StatusEvent>(event.what);
    events.push_back({std::move(type), other ? "" : event.call_sid, call_id, std::move(what)});
  }
  return events;
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
