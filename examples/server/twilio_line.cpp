#include "twilio_line.hpp"

#include "api_answers.hpp"
#include "sip_calls.hpp"
#include "voicebridge/twilio/twiml.hpp"

namespace server {

using namespace voicebridge;

namespace {

constexpr const char* kName = "twilio";
constexpr const char* kStreamPath = "/api/voice-calls/media-stream";
constexpr const char* kStreamOfCallPath = "/api/voice-calls/media-stream/{call_id}";
constexpr std::int64_t kHoldSeconds = 30;  ///< Until the agent says what becomes of the leg.

void send_twiml(const HttpResponder& responder, std::string document) {
  responder.send(200, std::move(document), "application/xml");
}

Error not_configured() {
  return fail(Errc::not_found, "Twilio is not configured here: set TWILIO_ACCOUNT_SID").value();
}

/// Whether a document that opens the stream is of use: it has none, and is not over.
bool awaits_stream(const voicebridge::CallStatus& call) {
  return call.state == to_string(CallState::created) ||
         call.state == to_string(CallState::dialing) ||
         call.state == to_string(CallState::answered);
}

/// What tells one delivery of a webhook from another: nothing in the request itself is unique.
std::string name_of(const twilio::WebhookEvent& event) {
  if (const auto* status = std::get_if<twilio::StatusEvent>(&event.what)) {
    const std::string which = status->sequence ? std::to_string(*status->sequence)
                                               : std::string(to_string(event.call_status));
    return "status/" + event.call_sid + '/' + which;
  }
  if (const auto* stream = std::get_if<twilio::StreamEvent>(&event.what)) {
    return "stream/" + stream->stream_sid + '/' + std::to_string(static_cast<int>(stream->change));
  }
  if (const auto* detected = std::get_if<twilio::DetectionEvent>(&event.what)) {
    return "amd/" + event.call_sid + '/' + detected->who_text;
  }
  return "other/" + event.call_sid + '/' + std::to_string(event.what.index()) + '/' +
         event.form.text_or("RecordingSid", "") + event.form.text_or("RecordingStatus", "");
}

}  // namespace

bool SeenLately::note(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (!seen_.insert(what).second) return false;
  order_.push_back(what);
  if (order_.size() > max_) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

Result<std::unique_ptr<TwilioLine>> TwilioLine::create(const Config& config, Parts parts,
                                                       const std::string& apology) {
  twilio::WebhookVerifierOptions signatures;
  signatures.auth_tokens = {config.twilio_auth_token};
  if (!config.twilio_auth_token_secondary.empty()) {
    signatures.auth_tokens.push_back(config.twilio_auth_token_secondary);
  }
  signatures.public_url = config.public_app_url;
  auto verifier = twilio::WebhookVerifier::create(std::move(signatures));
  if (!verifier) return fail(verifier.error());
  std::unique_ptr<TwilioLine> line(new TwilioLine(config, std::move(parts)));
  line->verifier_ = std::make_shared<const twilio::WebhookVerifier>(std::move(*verifier));
  if (auto opened = line->open_streams(line->verifier_); !opened) return fail(opened.error());
  if (auto opened = line->open_carrier(apology); !opened) return fail(opened.error());
  if (auto opened = line->open_desk(apology); !opened) return fail(opened.error());
  return line;
}

Result<> TwilioLine::open_streams(std::shared_ptr<const twilio::WebhookVerifier> verifier) {
  TwilioStreamServerOptions options;
  options.path = kStreamOfCallPath;
  options.public_url = config_.public_app_url;
  options.verifier = std::move(verifier);
  options.account_sid = config_.twilio_account_sid;
  options.status_callback = config_.public_app_url + "/twilio/stream-status";
  options.max_streams = static_cast<std::size_t>(config_.max_calls) + 16;
  options.log = parts_.log;
  auto streams = TwilioStreamServer::create(
      options, [this](const TwilioStreamRequest& request) -> Result<TwilioStreamTarget> {
        auto seat = parts_.agent().seat(request.call);
        if (!seat) return fail(seat.error());
        return TwilioStreamTarget{seat->attach, seat->scheduler};
      });
  if (!streams) return fail(streams.error());
  streams_ = std::move(*streams);
  return {};
}

Result<> TwilioLine::open_carrier(const std::string& apology) {
  TwilioCallControlOptions account;
  account.api_base = config_.twilio_api_base;
  account.account_sid = config_.twilio_account_sid;
  if (config_.twilio_api_key.empty()) {
    account.auth_token = config_.twilio_auth_token;
  } else {
    account.api_key_sid = config_.twilio_api_key;
    account.api_key_secret = config_.twilio_api_secret;
  }
  // An application that asks for a call waits for its answer; see HttpServerOptions.
  account.timeout = Millis(20000);
  auto control = TwilioCallControl::create(parts_.http, std::move(account));
  if (!control) return fail(control.error());
  control_ = *control;
  TwilioCarrierOptions options;
  options.caller_id = config_.twilio_caller_id;
  options.status_url = config_.public_app_url + "/twilio/status";
  options.detection_url = config_.public_app_url + "/twilio/amd";
  options.recording_url = config_.public_app_url + "/twilio/status";
  options.spoken_url = config_.public_app_url + "/twilio/spoken";
  options.keys_url = config_.public_app_url + "/twilio/keys";
  options.dialled_url = config_.public_app_url + "/twilio/dialled";
  // Who hangs up on machines need not hear them out.
  options.wait_for_beep = config_.leave_message;
  options.voice = config_.twilio_voice;
  options.language = config_.language == "fr" ? "fr-FR" : "en-US";
  options.apology = apology;
  auto carrier = TwilioCarrier::create(*control, *streams_, std::move(options));
  if (!carrier) return fail(carrier.error());
  conference_ = std::make_unique<TwilioConference>(std::move(*control), *streams_);
  carrier_ = std::move(*carrier);
  return {};
}

Result<> TwilioLine::open_desk(const std::string& apology) {
  if (!config_.twilio_by_sip) return {};
  TwilioSipDeskOptions options;
  options.sip_address = sip_address(config_);
  options.status_url = config_.public_app_url + "/twilio/status";
  options.apology = apology;
  options.voice = config_.twilio_voice;
  options.max_calls = static_cast<std::size_t>(config_.max_calls);
  auto desk = TwilioSipDesk::create(*control_, std::move(options));
  if (!desk) return fail(desk.error());
  desk_ = std::move(*desk);
  return {};
}

void TwilioLine::join_by_conference(ServiceCall& call, const TwilioSipCaller& caller) const {
  call.from = caller.from;
  call.to = caller.to;
  call.conference = std::make_shared<TwilioSipConference>(*control_, caller.talk);
  call.phone_carrier = carrier_;
  call.phone_leg_id = caller.call_sid;
}

void TwilioLine::add_routes(Api& api, TwilioLine* line) {
  if (line == nullptr) {
    api.turn_off("twilioSignature", not_configured().message);
  } else {
    api.guard("twilioSignature",
              [line](const HttpServerRequest& request, const HttpResponder& responder) {
                return line->is_signed(request, responder);
              });
  }
  const auto post = [&api, line](const std::string& path,
                                 void (TwilioLine::*handler)(ApiRequest, HttpResponder)) {
    api.route("POST", path, [line, handler](ApiRequest request, HttpResponder responder) {
      (line->*handler)(std::move(request), std::move(responder));
    });
  };
  post("/twilio/voice", &TwilioLine::voice);
  post("/webhook/realtime/incoming/{callId}", &TwilioLine::answered);
  post("/twilio/spoken", &TwilioLine::spoken);
  post("/twilio/keys", &TwilioLine::keys);
  post("/twilio/dialled", &TwilioLine::dialled);
  post("/twilio/status", &TwilioLine::tell);
  post("/twilio/amd", &TwilioLine::tell);
  post("/twilio/stream-status", &TwilioLine::tell);
  for (const char* path : {kStreamOfCallPath, kStreamPath}) {
    api.websocket(path, [line](const HttpServerRequest& request) -> WebSocketDecision {
      if (line == nullptr) return refusal(404, not_configured());
      return line->streams().accept(request);
    });
  }
}

bool TwilioLine::is_signed(const HttpServerRequest& request, const HttpResponder& responder) const {
  const auto verdict =
      verifier_->verify(request.method, request.target, request.headers, request.body);
  if (verdict) return true;
  parts_.log.warn(kName, "request refused",
                  {{"why", to_string(verdict.error())},
                   {"path", request.path},
                   {"from", request.remote_address}});
  refuse(responder, fail(Errc::permission_denied,
                         "a valid signature of Twilio is needed, made for PUBLIC_APP_URL")
                        .value());
  return false;
}

std::optional<TwilioLine::Event> TwilioLine::read(ApiRequest& request,
                                                  const HttpResponder& responder) const {
  auto event = twilio::parse_webhook(std::move(request.form));
  if (!event) {
    refuse(responder, event.error());
    return std::nullopt;
  }
  // A subaccount's requests are signed by its own token; this is for accounts that share one.
  if (event->account_sid != config_.twilio_account_sid) {
    refuse(responder,
           fail(Errc::permission_denied, "is not the account of TWILIO_ACCOUNT_SID", "AccountSid")
               .value());
    return std::nullopt;
  }
  return std::move(*event);
}

/// A call comes to a number, or Twilio could not do what it was told and asks what now.
void TwilioLine::voice(ApiRequest request, HttpResponder responder) {
  auto event = read(request, responder);
  if (!event) return;
  const auto events = twilio::to_carrier_events(*event, {});
  const bool incoming = !events.empty() && std::holds_alternative<LegIncoming>(events.front().what);
  if (!incoming) return apologize(responder);
  if (desk_) return send_twiml(responder, desk_->welcome(*event, *request.http.shard));
  PhoneAgent& agent = parts_.agent();
  const std::string leg = event->call_sid;
  if (!seen_.note("voice/" + leg)) {
    // Twilio asks again when it got no answer; somebody else who does has recorded the request.
    const auto seat = agent.seat(leg);
    const auto status = seat ? agent.status(seat->call_id) : std::nullopt;
    if (status && awaits_stream(*status)) {
      return send_stream(status->call_id, leg, request, responder);
    }
    return refuse(responder,
                  fail(Errc::permission_denied, "this request was answered before").value());
  }
  carrier_->ringing(leg, [this, leg, responder](std::string document) {
    const bool taken = document.find("<Connect>") != std::string::npos;
    send_twiml(responder, std::move(document));
    // Nobody else tells it of an incoming leg.
    if (taken) parts_.agent().on_carrier_event({"answered", leg, {}, LegAnswered{}}, kName);
  });
  agent.on_carrier_event(events.front(), kName);
}

/// The leg of a call that is known by its id was answered.
void TwilioLine::answered(ApiRequest request, HttpResponder responder) {
  const auto event = read(request, responder);
  if (!event) return;
  const std::string call_id = request.parameters["callId"].string_or("");
  const auto status = parts_.agent().status(call_id);
  if (!status || status->carrier != kName) {
    return refuse(responder, fail(Errc::not_found, "no such call", "callId").value());
  }
  if (!status->leg_id.empty() && status->leg_id != event->call_sid) {
    return refuse(responder,
                  fail(Errc::permission_denied, "is not the leg of this call", "CallSid").value());
  }
  if (!awaits_stream(*status)) return apologize(responder);
  send_stream(call_id, event->call_sid, request, responder);
}

void TwilioLine::spoken(ApiRequest request, HttpResponder responder) {
  const auto event = read(request, responder);
  if (!event) return;
  send_twiml(responder, twilio::Twiml().add(twilio::pause(kHoldSeconds)).xml().value_or(""));
  parts_.agent().on_carrier_event({"spoken", event->call_sid, {}, LegSpoke{}}, kName);
}

/// Somebody who hears a question has pressed a key, or none.
void TwilioLine::keys(ApiRequest request, HttpResponder responder) {
  const auto event = read(request, responder);
  if (!event) return;
  const auto* gathered = std::get_if<twilio::Gathered>(&event->what);
  auto document =
      carrier_->after_keys(gathered != nullptr ? gathered->digits : std::string(), event->call_sid);
  if (!document) return refuse(responder, document.error());
  send_twiml(responder, std::move(*document));
  const std::string call_id = request.parameters["call_id"].string_or("");
  for (const CarrierEvent& one : twilio::to_carrier_events(*event, call_id)) {
    parts_.agent().on_carrier_event(one, kName);
  }
}

/// A caller was handed on, and nobody took them, or that talk is over.
void TwilioLine::dialled(ApiRequest request, HttpResponder responder) {
  const auto event = read(request, responder);
  if (!event) return;
  const auto* ended = std::get_if<twilio::DialEnded>(&event->what);
  if (ended == nullptr) {
    return refuse(responder,
                  fail(Errc::invalid_argument, "must be told", "DialCallStatus").value());
  }
  const std::string call_id = request.parameters["call_id"].string_or("");
  auto document =
      carrier_->after_transfer(*ended, call_id, event->call_sid, request.http.shard->now());
  if (!document) return refuse(responder, document.error());
  send_twiml(responder, std::move(*document));
  for (const CarrierEvent& one : twilio::to_carrier_events(*event, call_id)) {
    parts_.agent().on_carrier_event(one, kName);
  }
}

/// What happened to a leg or its stream.
void TwilioLine::tell(ApiRequest request, HttpResponder responder) {
  const auto event = read(request, responder);
  if (!event) return;
  responder.send(200, R"({"ok":true})");
  if (!seen_.note(name_of(*event))) {
    parts_.log.debug(kName, "webhook not taken", {{"why", "repeated"}});
    return;
  }
  if (desk_ && std::holds_alternative<twilio::StatusEvent>(event->what)) {
    desk_->on_status(*event, *request.http.shard);
  }
  const std::string call_id = request.parameters["call_id"].string_or("");
  for (const CarrierEvent& one : twilio::to_carrier_events(*event, call_id)) {
    parts_.agent().on_carrier_event(one, kName);
  }
}

void TwilioLine::send_stream(const std::string& call_id, const std::string& leg_id,
                             const ApiRequest& request, const HttpResponder& responder) const {
  auto document = carrier_->stream_document(call_id, leg_id, request.http.shard->now());
  if (!document) return refuse(responder, document.error());
  send_twiml(responder, std::move(*document));
}

void TwilioLine::apologize(const HttpResponder& responder) const {
  send_twiml(responder, carrier_->apology_document().value_or(""));
}

}  // namespace server
