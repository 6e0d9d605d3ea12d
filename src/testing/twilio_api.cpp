// The REST interface: who may ask, for what, and calls.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "testing/twilio_carrier_impl.hpp"
#include "testing/twilio_form.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kMaxTwilioRecords = 100'000;
constexpr std::size_t kMaxTwilioBody = 16'000;
constexpr std::size_t kMaxInlineTwiml = 4000;

std::string without_json(std::string_view name) {
  constexpr std::string_view kSuffix = ".json";
  if (name.size() >= kSuffix.size() && name.substr(name.size() - kSuffix.size()) == kSuffix) {
    name.remove_suffix(kSuffix.size());
  }
  return std::string(name);
}

std::string_view take_segment(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

bool is_callable(std::string_view to) {
  return looks_like_e164(to) || to.rfind("sip:", 0) == 0 || to.rfind("client:", 0) == 0 ||
         to.rfind("app:", 0) == 0;
}

}  // namespace

HttpResponse twilio_json(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

// --- who asks, and for what ---------------------------------------------------------------------

SimApiReply TwilioCarrier::Impl::handle(const SimApiRequest& request, TimePoint now) {
  SimApiRecord record;
  record.at = now;
  record.body = request.body.substr(0, kMaxTwilioBody);
  const std::string& text = request.method == "GET" ? request.query : request.body;
  Ask ask{request, parse_route(request.path), FormFields::parse(text).value_or(FormFields()), now,
          record};
  record.command = command_of(request, ask.route, ask.form);
  record.call_id = ask.route.resource == "Calls" ? ask.route.id : ask.route.sub_id;

  const auto fault = take_fault(record.command);
  SimApiReply reply;
  if (!fault || fault->effective) reply.response = route(ask);
  if (fault) {
    reply.delay = fault->delay;
    reply.answered = fault->status != 0;
    if (fault->status != 200) reply.response = to_response(twilio_failure(fault->status));
  }
  record.status = reply.answered ? reply.response.status : 0;
  if (requests_.size() < kMaxTwilioRecords) requests_.push_back(std::move(record));
  return reply;
}

TwilioCarrier::Impl::Route TwilioCarrier::Impl::parse_route(std::string_view path) {
  Route route;
  constexpr std::string_view kAccounts = "/2010-04-01/Accounts/";
  if (path.substr(0, kAccounts.size()) != kAccounts) return route;
  path.remove_prefix(kAccounts.size());
  take_segment(path);
  route.resource = without_json(take_segment(path));
  route.id = without_json(take_segment(path));
  route.sub = without_json(take_segment(path));
  route.sub_id = without_json(take_segment(path));
  route.valid = path.empty();
  return route;
}

std::string TwilioCarrier::Impl::command_of(const SimApiRequest& request, const Route& route,
                                            const FormFields& form) const {
  const bool post = request.method == "POST";
  if (!post && request.method != "DELETE") return route.id.empty() ? "list" : "get";
  if (route.resource == "Calls" && route.sub.empty()) {
    if (!post) return "delete";
    if (route.id.empty()) return "dial";
    if (form.find("Status")) return "hangup";
    const std::string twiml = form.text_or("Twiml", "");
    if (twiml.find("<Dial") != std::string::npos) return "transfer";
    return twiml.find("<Say") != std::string::npos ? "speak" : "redirect";
  }
  if (route.sub == "Participants") {
    if (!post) return "participant_remove";
    return route.sub_id.empty() ? "participant_add" : "participant_update";
  }
  if (route.sub == "Recordings") return route.sub_id.empty() ? "record_start" : "record_change";
  if (route.sub == "Streams") return route.sub_id.empty() ? "stream_start" : "stream_stop";
  return route.resource == "Conferences" ? "conference_update" : request.path;
}

std::optional<SimApiFault> TwilioCarrier::Impl::take_fault(std::string_view command) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const SimApiFault& fault) {
    return fault.command.empty() || fault.command == command;
  });
  if (found == faults_.end()) return std::nullopt;
  if (found->skip > 0) {
    --found->skip;
    return std::nullopt;
  }
  const SimApiFault fault = *found;
  if (found->times <= 1) {
    faults_.erase(found);
  } else {
    --found->times;
  }
  return fault;
}

bool TwilioCarrier::Impl::authorized(const SimApiRequest& request) const {
  const auto given = request.headers.find("authorization");
  if (!given) return false;
  const auto basic = [](const std::string& user, const std::string& secret) {
    return "Basic " + base64_encode(ByteView(user + ":" + secret));
  };
  const bool known =
      constant_time_equal(*given,
                          std::string_view(basic(options_.account_sid, options_.auth_token))) ||
      constant_time_equal(*given,
                          std::string_view(basic(options_.api_key_sid, options_.api_key_secret)));
  const std::string account = "/2010-04-01/Accounts/" + options_.account_sid + "/";
  return known && request.path.rfind(account, 0) == 0;
}

HttpResponse TwilioCarrier::Impl::route(Ask& ask) {
  if (ask.now - rate_window_ >= std::chrono::seconds(1)) {
    rate_window_ = ask.now;
    requests_in_window_ = 0;
  }
  if (++requests_in_window_ > options_.rate_limit) return to_response(twilio_too_many());
  if (!authorized(ask.request)) return to_response(twilio_not_authenticated());
  if (ask.route.valid && ask.route.resource == "Calls") return calls_resource(ask);
  if (ask.route.valid && ask.route.resource == "Conferences") return conferences_resource(ask);
  return to_response(twilio_not_found(ask.request.path));
}

// --- calls --------------------------------------------------------------------------------------

HttpResponse TwilioCarrier::Impl::calls_resource(Ask& ask) {
  const std::string& method = ask.request.method;
  if (ask.route.id.empty()) {
    if (method == "POST") return create_call(ask);
    if (method == "GET") return list_calls(ask);
    return to_response(twilio_not_found(ask.request.path));
  }
  TwilioCall* const call = find(ask.route.id);
  if (call == nullptr) return to_response(twilio_not_found(ask.request.path));
  if (ask.route.sub == "Recordings") return recordings_resource(ask, *call);
  if (ask.route.sub == "Streams") return streams_resource(ask, *call);
  if (!ask.route.sub.empty()) return to_response(twilio_not_found(ask.request.path));
  if (method == "POST") return update_call(ask, *call);
  if (method == "DELETE") return twilio_json(204, "");
  JsonWriter json;
  write_call(json, *call, ask.now);
  return twilio_json(200, json.take());
}

/// What a call and a participant have in common.
std::optional<TwilioApiError> TwilioCarrier::Impl::read_leg(const FormFields& form,
                                                            TwilioCallSetup& setup) const {
  setup.to = form.text_or("To", "");
  setup.from = form.text_or("From", "");
  if (setup.to.empty()) return twilio_bad(21201, "");
  if (setup.from.empty()) return twilio_bad(21213, "");
  if (!is_callable(setup.to)) return twilio_bad(21211, setup.to);
  const bool to_sip = setup.to.rfind("sip:", 0) == 0;
  if (!to_sip && !looks_like_e164(setup.from) && setup.from.rfind("client:", 0) != 0) {
    return twilio_bad(21212, setup.from);
  }
  const auto& ours = options_.numbers;
  const bool owned = ours.empty() || std::find(ours.begin(), ours.end(), setup.from) != ours.end();
  // With the token of its call, a caller's number is as good as one of our own.
  if (!owned && !to_sip && form.text_or("CallToken", "").empty()) {
    return twilio_bad(21210, setup.from);
  }
  setup.status = twilio_callback(form, "StatusCallback");
  setup.ring_timeout = twilio_seconds(form, "Timeout", 60);
  setup.time_limit = twilio_seconds(form, "TimeLimit", 14400);
  setup.send_digits = form.text_or("SendDigits", "");
  const std::string detection = form.text_or("MachineDetection", "");
  setup.amd.wanted =
      (detection == "Enable" || detection == "DetectMessageEnd") && setup.send_digits.empty();
  setup.amd.message_end = detection == "DetectMessageEnd";
  setup.amd.async = twilio_flag(form, "AsyncAmd", false);
  setup.amd.callback = twilio_callback(
      form, form.find("AmdStatusCallback") ? "AmdStatusCallback" : "AsyncAmdStatusCallback");
  setup.amd.timeout = twilio_seconds(form, "MachineDetectionTimeout", 30);
  if (twilio_flag(form, "Record", false)) {
    setup.record = TwilioRecordRequest{
        "OutboundAPI", form.text_or("RecordingChannels", "mono") == "dual",
        form.text_or("RecordingTrack", "both"), twilio_callback(form, "RecordingStatusCallback")};
  }
  return std::nullopt;
}

HttpResponse TwilioCarrier::Impl::create_call(Ask& ask) {
  const FormFields& form = ask.form;
  TwilioCallSetup setup = new_setup();
  if (const auto error = read_leg(form, setup)) return to_response(*error);
  setup.document = {form.text_or("Url", ""), form.text_or("Method", "POST"),
                    form.text_or("Twiml", ""), form.text_or("FallbackUrl", ""),
                    form.text_or("FallbackMethod", "POST")};
  if (setup.document.empty() && !form.find("ApplicationSid")) {
    return to_response(twilio_bad(21205, ""));
  }
  if (!setup.document.url.empty() && setup.document.url.rfind("http", 0) != 0) {
    return to_response(twilio_bad(21205, setup.document.url));
  }
  if (setup.document.twiml.size() > kMaxInlineTwiml) return to_response(twilio_bad(21223, "Twiml"));
  if (!setup.document.url.empty()) setup.document.twiml.clear();
  if (active_calls() >= options_.call_limit) return to_response(twilio_too_many());
  next_create_ = std::max(next_create_ + options_.create_spacing, ask.now);
  setup.queued = std::chrono::duration_cast<Millis>(next_create_ - ask.now);
  CallPlan plan = plan_for(setup.to);
  const TwilioCall& call = add_call(std::move(setup), std::move(plan), ask.now);
  ask.record.call_id = call.sid();
  JsonWriter json;
  write_call(json, call, ask.now);
  return twilio_json(201, json.take());
}

HttpResponse TwilioCarrier::Impl::list_calls(Ask& ask) {
  const auto fits = [&](const char* name, const std::string& value) {
    const auto wanted = ask.form.find(name);
    return !wanted || *wanted == value;
  };
  TwilioPage page(ask.form, base_path() + "/Calls.json");
  JsonWriter json;
  json.object().key("calls").array();
  for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
    const TwilioCallSetup& setup = (*call)->setup();
    if (!fits("To", setup.to) || !fits("From", setup.from) ||
        !fits("Status", std::string(twilio::to_string((*call)->status())))) {
      continue;
    }
    if (page.takes()) write_call(json, **call, ask.now);
  }
  json.end();
  page.write(json);
  return twilio_json(200, json.end().take());
}

HttpResponse TwilioCarrier::Impl::update_call(Ask& ask, TwilioCall& call) {
  const FormFields& form = ask.form;
  const std::string status = form.text_or("Status", "");
  const TwilioDocumentSource source = {form.text_or("Url", ""), form.text_or("Method", "POST"),
                                       form.text_or("Twiml", ""), form.text_or("FallbackUrl", ""),
                                       form.text_or("FallbackMethod", "POST")};
  if (source.twiml.size() > kMaxInlineTwiml) return to_response(twilio_bad(21223, "Twiml"));
  if (!status.empty() && status != "completed" && status != "canceled") {
    return to_response(twilio_bad(21218, status));
  }
  if (call.ended()) return to_response(twilio_not_in_progress());
  if (!source.empty() && !call.in_progress()) return to_response(twilio_not_in_progress());
  if (status == "canceled" && call.in_progress()) return to_response(twilio_not_in_progress());
  if (form.find("StatusCallback"))
    call.set_status_callback(twilio_callback(form, "StatusCallback"));
  if (form.find("TimeLimit")) call.set_time_limit(twilio_seconds(form, "TimeLimit", 0), ask.now);
  if (!status.empty()) {
    call.hang_up(ask.now);
  } else if (!source.empty()) {
    call.run(source, ask.now);
  }
  JsonWriter json;
  write_call(json, call, ask.now);
  return twilio_json(200, json.take());
}

// --- what belongs to a call ---------------------------------------------------------------------

HttpResponse TwilioCarrier::Impl::recordings_resource(Ask& ask, TwilioCall& call) {
  auto& all = call.recordings();
  const auto answer = [&](int status, const TwilioRecording& recording) {
    JsonWriter json;
    write_recording(json, call, recording);
    return twilio_json(status, json.take());
  };
  if (ask.route.sub_id.empty() && ask.request.method == "POST") {
    if (!call.in_progress()) return to_response(twilio_not_in_progress());
    TwilioRecordRequest request{"StartCallRecordingAPI",
                                ask.form.text_or("RecordingChannels", "mono") == "dual",
                                ask.form.text_or("RecordingTrack", "both"),
                                twilio_callback(ask.form, "RecordingStatusCallback")};
    return answer(201, call.start_recording(std::move(request), ask.now));
  }
  if (ask.route.sub_id.empty()) {
    TwilioPage page(ask.form, base_path() + "/Calls/" + call.sid() + "/Recordings.json");
    JsonWriter json;
    json.object().key("recordings").array();
    for (const TwilioRecording& recording : all) {
      if (page.takes()) write_recording(json, call, recording);
    }
    json.end();
    page.write(json);
    return twilio_json(200, json.end().take());
  }
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const TwilioRecording& r) {
    const bool runs = r.status == "in-progress" || r.status == "paused";
    return r.sid == ask.route.sub_id || (ask.route.sub_id == "Twilio.CURRENT" && runs);
  });
  if (found == all.rend()) return to_response(twilio_not_found(ask.request.path));
  if (ask.request.method == "GET") return answer(200, *found);
  if (ask.request.method == "DELETE") return twilio_json(204, "");
  const std::string status = ask.form.text_or("Status", "");
  if (found->status == "completed" || !call.in_progress()) {
    return to_response(twilio_not_in_progress());
  }
  if (status == "stopped") {
    call.stop_recording(*found, ask.now);
  } else if (status == "paused" || status == "in-progress") {
    found->status = status;
  } else {
    return to_response(twilio_bad(21218, status));
  }
  return answer(200, *found);
}

HttpResponse TwilioCarrier::Impl::streams_resource(Ask& ask, TwilioCall& call) {
  const auto answer = [&](int status, const TwilioStream& stream) {
    JsonWriter json;
    write_stream(json, stream, ask.now);
    return twilio_json(status, json.take());
  };
  if (ask.request.method != "POST") return to_response(twilio_not_found(ask.request.path));
  if (!ask.route.sub_id.empty()) {
    TwilioStream* const stream = call.leg().find_stream(ask.route.sub_id);
    if (stream == nullptr) return to_response(twilio_not_found(ask.request.path));
    if (ask.form.text_or("Status", "") != "stopped")
      return to_response(twilio_bad(21218, "Status"));
    call.stop_stream(*stream, ask.now);
    return answer(200, *stream);
  }
  if (!call.in_progress()) return to_response(twilio_not_in_progress());
  TwilioStreamSetup setup;
  setup.url = ask.form.text_or("Url", "");
  if (setup.url.rfind("ws", 0) != 0) return to_response(twilio_bad(21205, setup.url));
  setup.name = ask.form.text_or("Name", "");
  const std::string track = ask.form.text_or("Track", "inbound_track");
  setup.inbound_track = track != "outbound_track";
  setup.outbound_track = track != "inbound_track";
  setup.status_callback = ask.form.text_or("StatusCallback", "");
  setup.status_method = ask.form.text_or("StatusCallbackMethod", "POST");
  for (int i = 1; i <= 99; ++i) {
    const std::string prefix = "Parameter" + std::to_string(i);
    const auto name = ask.form.find(prefix + ".Name");
    if (!name) break;
    setup.parameters.emplace_back(*name, ask.form.text_or(prefix + ".Value", ""));
  }
  return answer(201, call.start_stream(std::move(setup)));
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
