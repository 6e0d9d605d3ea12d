#include <optional>
#include <utility>

#include "testing/carrier_rigs.hpp"
#include "testing/virtual_model.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"
#include "voicebridge/telnyx/telnyx_conference.hpp"
#include "voicebridge/telnyx/webhook_verifier.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// Telnyx, with the webhooks of its Call Control application.
class TelnyxRig final : public CarrierRig {
 public:
  explicit TelnyxRig(const ScriptedCallOptions& options) : options_(options) {
    service_options_.webhook_url = "http://app.test/telnyx/webhooks";
    service_options_.webhooks = options.webhooks;
    service_options_.webhooks.seed = options.seed;
    service_options_.plan = options.callee;
    service_options_.seed = options.seed;
    service_options_.wall_time = kScriptedWallTime;
  }

  std::unique_ptr<SimCarrier> make_service(SimNetwork& network, TimePoint now) override {
    auto service = std::make_unique<TelnyxCarrier>(service_options_, network, now);
    public_key_ = service->public_key_base64();
    return service;
  }

  Result<> open(CarrierRigParts parts) override {
    parts_ = std::move(parts);
    TelnyxStreamServerOptions doors;
    doors.stream_url = "ws://app.test/api/telnyx/stream";
    doors.media.l16 = options_.codec.encoding == AudioEncoding::l16be ? AudioEncoding::l16be
                                                                      : AudioEncoding::l16le;
    doors.log = parts_.log;
    auto server = TelnyxStreamServer::create(
        doors, [this](const TelnyxStreamRequest& request) { return seat(request); });
    if (!server) return fail(server.error());
    streams_ = std::move(*server);
    TelnyxCallControlOptions commands;
    commands.api_base = "http://telnyx.test/v2";
    commands.api_key = Secret(service_options_.api_key);
    auto control = TelnyxCallControl::create(*parts_.http, std::move(commands));
    if (!control) return fail(control.error());
    voicebridge::TelnyxCarrierOptions legs;
    legs.connection_id = "1";
    legs.caller_id = "+12025550100";
    legs.format = options_.codec;
    legs.stream_at_dial = options_.media_at_dial;
    auto made = voicebridge::TelnyxCarrier::create(*control, *streams_, legs);
    if (!made) return fail(made.error());
    voicebridge::TelnyxConferenceOptions joining;
    joining.format = options_.codec;
    conference_ =
        std::make_unique<voicebridge::TelnyxConference>(std::move(*control), *streams_, joining);
    carrier_ = std::move(*made);
    telnyx::WebhookVerifierOptions keys;
    keys.public_keys = {public_key_};
    auto check = telnyx::WebhookVerifier::create(std::move(keys));
    if (!check) return fail(check.error());
    verifier_ = std::move(*check);
    return {};
  }

  Carrier& carrier() override { return *carrier_; }
  ConferenceControl* conference() override { return conference_.get(); }

  void on_request(const SimPost& request, std::function<void(HttpResponse)> done) override {
    HttpResponse answer;
    answer.status = 200;
    const auto event = verifier_->receive(request.headers, request.body, parts_.wall_time());
    if (event) {
      parts_.on_event(telnyx::to_carrier_event(*event));
    } else {
      answer.status = telnyx::http_status(event.error());
    }
    done(std::move(answer));
  }

  WebSocketDecision on_stream(const HttpServerRequest& request) override {
    return streams_->accept(request);
  }

 private:
  Result<TelnyxStreamTarget> seat(const TelnyxStreamRequest& request) {
    const auto seat = parts_.seat(request.call);
    if (!seat) return fail(seat.error());
    TelnyxStreamTarget target;
    target.outbound = options_.codec;
    target.attach = seat->attach;
    target.shard = seat->scheduler;
    return target;
  }

  const ScriptedCallOptions& options_;
  TelnyxCarrierOptions service_options_;
  std::string public_key_;
  CarrierRigParts parts_;
  std::optional<telnyx::WebhookVerifier> verifier_;
  std::optional<TelnyxStreamServer> streams_;
  std::unique_ptr<Carrier> carrier_;
  std::unique_ptr<ConferenceControl> conference_;
};

}  // namespace

std::unique_ptr<CarrierRig> make_telnyx_rig(const ScriptedCallOptions& options) {
  return std::make_unique<TelnyxRig>(options);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
