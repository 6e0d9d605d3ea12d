#include "voicebridge/twilio/call_requests.hpp"

#include <fmt/format.h>

#include "limits.hpp"
#include "request_form.hpp"
#include "value_checks.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

constexpr std::size_t kMaxTwiml = 4000;
constexpr std::size_t kMaxDigits = 32;
constexpr std::size_t kMaxParameters = 99;

std::string_view wire_name(CallEvent event) {
  switch (event) {
    case CallEvent::initiated:
      return "initiated";
    case CallEvent::ringing:
      return "ringing";
    case CallEvent::answered:
      return "answered";
    case CallEvent::completed:
      return "completed";
  }
  return {};
}

void write_status(RequestForm& form, const std::optional<StatusCallback>& status) {
  if (!status) return;
  form.check(!status->url.empty(), "StatusCallback", "is required");
  form.web_url("StatusCallback", status->url);
  form.method("StatusCallbackMethod", status->method);
  for (const CallEvent event : status->events) {
    form.add("StatusCallbackEvent", wire_name(event));
  }
}

/// @param callback  The name of the field that takes `async_callback`.
void write_detection(RequestForm& form, const MachineDetection& amd, std::string_view callback) {
  form.add("MachineDetection", amd.wait_for_beep ? "DetectMessageEnd" : "Enable");
  form.duration("MachineDetectionTimeout", amd.timeout, 3, 59);
  form.duration("MachineDetectionSpeechThreshold", amd.speech_threshold, 1000, 6000);
  form.duration("MachineDetectionSpeechEndThreshold", amd.speech_end_threshold, 500, 5000);
  form.duration("MachineDetectionSilenceTimeout", amd.initial_silence, 2000, 10000);
  form.web_url(callback, amd.async_callback);
  form.method(std::string(callback) + "Method", amd.async_callback_method);
}

void write_recording(RequestForm& form, const RecordParameters& record) {
  form.word("RecordingChannels", record.channels, "mono dual");
  form.word("RecordingTrack", record.track, "inbound outbound both");
  form.web_url("RecordingStatusCallback", record.status_callback);
  form.method("RecordingStatusCallbackMethod", record.status_callback_method);
  form.words("RecordingStatusCallbackEvent", record.status_callback_events,
             "in-progress completed absent");
}

void write_twiml(RequestForm& form, const std::string& url, const std::string& method,
                 const std::string& twiml) {
  form.web_url("Url", url);
  form.method("Method", method);
  form.text("Twiml", twiml, kMaxTwiml);
}

void write_sip_login(RequestForm& form, const std::string& user, const Secret& password) {
  form.text("SipAuthUsername", user);
  form.text("SipAuthPassword", password.reveal());
}

int count_set(std::initializer_list<bool> given) {
  int count = 0;
  for (const bool one : given) count += one ? 1 : 0;
  return count;
}

bool is_participant(std::string_view to) {
  return is_callee(to) || (to.substr(0, 4) == "app:" && to.size() > 4);
}

}  // namespace

Result<std::string> to_form(const CreateCallRequest& request) {
  RequestForm form;
  form.check(is_callee(request.to), "To", "must be a number such as +15550100, sip: or client:");
  form.required("To", request.to);
  form.check(is_caller(request.from), "From", "must be a number such as +15550100, or a client");
  form.required("From", request.from);
  form.check(count_set({!request.url.empty(), !request.twiml.empty(),
                        !request.application_sid.empty()}) == 1,
             "Url", "or Twiml or ApplicationSid is required, and only one of them");
  write_twiml(form, request.url, request.method, request.twiml);
  form.sid("ApplicationSid", request.application_sid, "AP");
  form.web_url("FallbackUrl", request.fallback_url);
  form.method("FallbackMethod", request.fallback_method);
  write_status(form, request.status);
  form.duration("Timeout", request.timeout, 1, 600);
  form.duration("TimeLimit", request.time_limit, 1);
  form.check(request.send_digits.find_first_not_of("0123456789ABCDabcd#*wW") == std::string::npos,
             "SendDigits", "may only hold 0-9 A-D # * w W");
  form.text("SendDigits", request.send_digits, kMaxDigits);
  form.check(request.send_digits.empty() || !request.machine_detection, "MachineDetection",
             "is ignored together with SendDigits");
  form.text("CallerId", request.caller_id);
  form.text("CallReason", request.call_reason);
  form.text("CallToken", request.call_token);
  form.text("Byoc", request.byoc);
  form.word("Trim", request.trim, kTrim);
  if (request.record) {
    form.flag("Record", true);
    write_recording(form, *request.record);
  }
  if (request.machine_detection) {
    if (!request.machine_detection->async_callback.empty()) form.flag("AsyncAmd", true);
    write_detection(form, *request.machine_detection, "AsyncAmdStatusCallback");
  }
  write_sip_login(form, request.sip_auth_username, request.sip_auth_password);
  return form.finish();
}

Result<std::string> to_form(const UpdateCallRequest& request) {
  RequestForm form;
  form.check(
      count_set({!request.url.empty(), !request.twiml.empty(), request.end.has_value()}) <= 1,
      "Url", "and Twiml and Status exclude each other");
  write_twiml(form, request.url, request.method, request.twiml);
  if (request.end) {
    form.add("Status", *request.end == CallEnd::completed ? "completed" : "canceled");
  }
  form.web_url("FallbackUrl", request.fallback_url);
  form.method("FallbackMethod", request.fallback_method);
  form.web_url("StatusCallback", request.status_callback);
  form.method("StatusCallbackMethod", request.status_callback_method);
  form.duration("TimeLimit", request.time_limit, 1);
  auto text = form.finish();
  if (text && text->empty()) return fail(Errc::invalid_argument, "nothing is to be changed", "Url");
  return text;
}

Result<std::string> to_form(const CreateParticipantRequest& request) {
  RequestForm form;
  form.check(is_caller(request.from), "From", "must be a number such as +15550100, or a client");
  form.required("From", request.from);
  form.check(is_participant(request.to), "To",
             "must be a number such as +15550100, sip:, client: or app:");
  form.required("To", request.to);
  form.text("Label", request.label, kMaxLabel);
  form.flag("EarlyMedia", request.early_media);
  form.word("Beep", request.beep, "true false onEnter onExit");
  form.word("JitterBufferSize", request.jitter_buffer_size, "off small medium large");
  form.text("CallToken", request.call_token);
  form.text("CallerId", request.caller_id);
  form.text("CallReason", request.call_reason);
  form.text("CallerDisplayName", request.caller_display_name);
  form.duration("Timeout", request.timeout, 1, 600);
  form.duration("TimeLimit", request.time_limit, 1);
  form.flag("Muted", request.muted);
  form.flag("StartConferenceOnEnter", request.start_conference_on_enter);
  form.flag("EndConferenceOnExit", request.end_conference_on_exit);
  if (request.wait_url && request.wait_url->empty()) form.add("WaitUrl", "");
  form.web_url("WaitUrl", request.wait_url.value_or(""));
  form.method("WaitMethod", request.wait_method);
  write_status(form, request.status);
  form.web_url("ConferenceStatusCallback", request.conference_status_callback);
  form.method("ConferenceStatusCallbackMethod", request.conference_status_callback_method);
  form.words("ConferenceStatusCallbackEvent", request.conference_status_callback_events,
             "start end join leave mute hold modify speaker announcement");
  if (!request.call_sid_to_coach.empty()) form.flag("Coaching", true);
  form.sid("CallSidToCoach", request.call_sid_to_coach, "CA");
  form.number("MaxParticipants", request.max_participants, 2, 250);
  form.text("Region", request.region);
  if (request.machine_detection) {
    write_detection(form, *request.machine_detection, "AmdStatusCallback");
  }
  write_sip_login(form, request.sip_auth_username, request.sip_auth_password);
  return form.finish();
}

Result<std::string> to_form(const UpdateParticipantRequest& request) {
  RequestForm form;
  form.flag("Muted", request.muted);
  form.flag("Hold", request.hold);
  form.web_url("HoldUrl", request.hold_url);
  form.method("HoldMethod", request.hold_method);
  form.web_url("AnnounceUrl", request.announce_url);
  form.method("AnnounceMethod", request.announce_method);
  form.web_url("WaitUrl", request.wait_url);
  form.method("WaitMethod", request.wait_method);
  form.flag("BeepOnExit", request.beep_on_exit);
  form.flag("EndConferenceOnExit", request.end_conference_on_exit);
  form.flag("Coaching", request.coaching);
  form.check(!request.coaching.value_or(false) || !request.call_sid_to_coach.empty(),
             "CallSidToCoach", "is required with Coaching");
  form.sid("CallSidToCoach", request.call_sid_to_coach, "CA");
  auto text = form.finish();
  if (text && text->empty()) {
    return fail(Errc::invalid_argument, "nothing is to be changed", "Muted");
  }
  return text;
}

Result<std::string> to_form(const StartRecordingRequest& request) {
  RequestForm form;
  write_recording(form, request.parameters);
  form.word("Trim", request.trim, kTrim);
  return form.finish();
}

Result<std::string> to_form(const StartStreamRequest& request) {
  RequestForm form;
  form.check(is_stream_url(request.url), "Url", "must be a wss:// URL without a query");
  form.required("Url", request.url);
  form.text("Name", request.name);
  form.word("Track", request.track, "inbound_track outbound_track both_tracks");
  form.web_url("StatusCallback", request.status_callback);
  form.method("StatusCallbackMethod", request.status_callback_method);
  form.check(request.parameters.size() <= kMaxParameters, "Parameter100.Name", "is one too many");
  int index = 0;
  for (const auto& [name, value] : request.parameters) {
    const std::string prefix = fmt::format("Parameter{}.", ++index);
    form.check(name.size() + value.size() < kMaxParameter, prefix + "Value",
               "must be under 500 characters together with the name");
    form.required(prefix + "Name", name);
    form.add(prefix + "Value", value);
  }
  return form.finish();
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
