#include <optional>
#include <utility>

#include "testing/carrier_rigs.hpp"
#include "testing/virtual_model.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"
#include "voicebridge/twilio/twilio_carrier.hpp"
#include "voicebridge/twilio/twilio_conference.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr const char* kTwilioApp = "https://app.test";
/// What a leg does while the call decides what comes behind the carrier's own words.
constexpr std::int64_t kPauseAfterWords = 10;

std::string target_of(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->target : "/";
}

HttpResponse twiml_answer(std::string document) {
  HttpResponse answer;
  answer.status = 200;
  answer.headers.add("content-type", "text/xml");
  answer.body = std::move(document);
  return answer;
}

/// Twilio, with the routes that an application gives it.
class TwilioRig final : public CarrierRig {
 public:
  explicit TwilioRig(const ScriptedCallOptions& options) {
    service_.voice_url = std::string(kTwilioApp) + "/twilio/voice";
    service_.webhooks = options.webhooks;
    service_.webhooks.seed = options.seed;
    service_.plan = options.callee;
    service_.seed = options.seed;
    service_.wall_time = kScriptedWallTime;
  }

  std::unique_ptr<SimCarrier> make_service(SimNetwork& network, TimePoint now) override {
    return std::make_unique<TwilioCarrier>(service_, network, now);
  }

  Result<> open(CarrierRigParts parts) override;
  Carrier& carrier() override { return *carrier_; }
  ConferenceControl* conference() override { return conference_.get(); }
  void on_request(const SimPost& request, std::function<void(HttpResponse)> done) override;
  /// As the route would have it, whose path ends with the call.
  WebSocketDecision on_stream(const HttpServerRequest& request) override {
    HttpServerRequest routed = request;
    routed.parameters["call_id"] = request.path.substr(request.path.rfind('/') + 1);
    return streams_->accept(routed);
  }

 private:
  Result<> open_streams();
  Result<> open_carrier();
  Result<TwilioStreamTarget> seat(const TwilioStreamRequest& request);
  void on_voice(const std::vector<CarrierEvent>& events,
                const std::function<void(HttpResponse)>& done);

  TwilioCarrierOptions service_;
  CarrierRigParts parts_;
  std::shared_ptr<const twilio::WebhookVerifier> verifier_;
  std::optional<TwilioStreamServer> streams_;
  std::unique_ptr<voicebridge::TwilioCarrier> carrier_;
  std::unique_ptr<voicebridge::TwilioConference> conference_;
};

Result<> TwilioRig::open(CarrierRigParts parts) {
  parts_ = std::move(parts);
  twilio::WebhookVerifierOptions keys;
  keys.auth_tokens = {Secret(service_.auth_token)};
  keys.public_url = kTwilioApp;
  auto check = twilio::WebhookVerifier::create(std::move(keys));
  if (!check) return fail(check.error());
  verifier_ = std::make_shared<const twilio::WebhookVerifier>(std::move(*check));
  if (auto opened = open_streams(); !opened) return opened;
  return open_carrier();
}

Result<> TwilioRig::open_streams() {
  TwilioStreamServerOptions doors;
  doors.public_url = kTwilioApp;
  doors.verifier = verifier_;
  doors.account_sid = service_.account_sid;
  doors.status_callback = std::string(kTwilioApp) + "/twilio/stream";
  doors.log = parts_.log;
  auto server = TwilioStreamServer::create(
      doors, [this](const TwilioStreamRequest& request) { return seat(request); });
  if (!server) return fail(server.error());
  streams_ = std::move(*server);
  return {};
}

Result<> TwilioRig::open_carrier() {
  TwilioCallControlOptions commands;
  commands.api_base = "https://twilio.test";
  commands.account_sid = service_.account_sid;
  commands.auth_token = Secret(service_.auth_token);
  auto control = TwilioCallControl::create(*parts_.http, std::move(commands));
  if (!control) return fail(control.error());
  voicebridge::TwilioCarrierOptions legs;
  legs.caller_id = "+12025550100";
  legs.status_url = std::string(kTwilioApp) + "/twilio/status";
  legs.detection_url = std::string(kTwilioApp) + "/twilio/amd";
  legs.spoken_url = std::string(kTwilioApp) + "/twilio/spoken";
  legs.keys_url = std::string(kTwilioApp) + "/twilio/keys";
  legs.dialled_url = std::string(kTwilioApp) + "/twilio/dialled";
  legs.recording_url = std::string(kTwilioApp) + "/twilio/recording";
  auto made = voicebridge::TwilioCarrier::create(*control, *streams_, legs);
  if (!made) return fail(made.error());
  carrier_ = std::move(*made);
  conference_ = std::make_unique<voicebridge::TwilioConference>(std::move(*control), *streams_);
  return {};
}

Result<TwilioStreamTarget> TwilioRig::seat(const TwilioStreamRequest& request) {
  const auto seat = parts_.seat(request.call);
  if (!seat) return fail(seat.error());
  TwilioStreamTarget target;
  target.attach = seat->attach;
  target.shard = seat->scheduler;
  return target;
}

void TwilioRig::on_request(const SimPost& request, std::function<void(HttpResponse)> done) {
  HttpResponse answer;
  const std::string target = target_of(request.url);
  if (!verifier_->verify(request.method, target, request.headers, request.body)) {
    answer.status = 403;
    return done(std::move(answer));
  }
  auto form = FormFields::parse(request.body);
  auto event = form ? twilio::parse_webhook(std::move(*form)) : fail(form.error());
  if (!event) {
    answer.status = 400;
    return done(std::move(answer));
  }
  const std::string call_id = query_parameter(target, "call_id").value_or("");
  if (target.rfind("/twilio/spoken", 0) == 0) {
    parts_.on_event({"spoken", event->call_sid, call_id, LegSpoke{}});
    return done(
        twiml_answer(twilio::Twiml().add(twilio::pause(kPauseAfterWords)).xml().value_or("")));
  }
  const auto events = twilio::to_carrier_events(*event, call_id);
  if (target.rfind("/twilio/voice", 0) == 0) return on_voice(events, done);
  if (target.rfind("/twilio/keys", 0) == 0) {
    const auto* gathered = std::get_if<twilio::Gathered>(&event->what);
    const std::string keys = gathered != nullptr ? gathered->digits : std::string();
    done(twiml_answer(carrier_->after_keys(keys, event->call_sid).value_or("")));
    for (const CarrierEvent& one : events) parts_.on_event(one);
    return;
  }
  for (const CarrierEvent& one : events) parts_.on_event(one);
  if (const auto* ended = std::get_if<twilio::DialEnded>(&event->what)) {
    const auto seat = parts_.seat(call_id);
    const TimePoint now = seat ? seat->scheduler->now() : TimePoint();
    return done(
        twiml_answer(carrier_->after_transfer(*ended, call_id, event->call_sid, now).value_or("")));
  }
  answer.status = 204;
  done(std::move(answer));
}

/// The TwiML comes when the call is taken, or declined.
void TwilioRig::on_voice(const std::vector<CarrierEvent>& events,
                         const std::function<void(HttpResponse)>& done) {
  for (const CarrierEvent& one : events) {
    if (std::holds_alternative<LegIncoming>(one.what)) {
      carrier_->ringing(one.leg_id,
                        [done](std::string twiml) { done(twiml_answer(std::move(twiml))); });
    }
    parts_.on_event(one);
  }
}

}  // namespace

std::unique_ptr<CarrierRig> make_twilio_rig(const ScriptedCallOptions& options) {
  return std::make_unique<TwilioRig>(options);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
