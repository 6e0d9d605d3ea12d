#include "demo_line.hpp"

#include "voicebridge/testing/telnyx_simulator.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"

namespace server {

using namespace voicebridge;

namespace {

constexpr const char* kOurNumber = "+12025550100";
constexpr Millis kFirstEventLate{1100};  // The call is answered after 900 ms.

class TelnyxDemoLine final : public DemoLine {
 public:
  static Result<std::unique_ptr<DemoLine>> open(Runtime& runtime, DemoLineOptions wanted) {
    testing::TelnyxSimulatorOptions options;
    options.carrier.connection_id = kConnection;
    options.carrier.wall_time = 0;
    options.carrier.webhooks.rules = {{"call.initiated", kFirstEventLate},
                                      {"call.answered", Millis(0), 2}};
    options.carrier.plan = std::move(wanted.plan);
    auto simulator = testing::TelnyxSimulator::create(runtime, std::move(options));
    if (!simulator) return fail(simulator.error());
    std::unique_ptr<TelnyxDemoLine> line(new TelnyxDemoLine(std::move(wanted.codec)));
    line->simulator_ = std::move(*simulator);
    return line;
  }

  std::map<std::string, std::string> variables() const override {
    return {{"TELNYX_API_KEY", simulator_->api_key()},
            {"TELNYX_API_BASE", simulator_->base_url()},
            {"TELNYX_PUBLIC_KEY", simulator_->public_key_base64()},
            {"TELNYX_CALL_CONTROL_APP_ID", kConnection},
            {"TELNYX_OUTBOUND_CALLER_ID", kOurNumber},
            {"TELNYX_STREAM_CODEC", codec_}};
  }
  void lead_to(const std::string& public_app_url) override {
    simulator_->set_webhook_url(public_app_url + "/telnyx/webhooks");
  }
  void plan_next(const std::string& to, testing::CallPlan plan) override {
    simulator_->plan_next(to, std::move(plan));
  }
  std::string call_in(const std::string& from, const testing::CallPlan& plan) override {
    return simulator_->call_in(from, kOurNumber, plan);
  }
  Millis heard_from(const std::string& listener, const std::string& speaker) const override {
    Millis heard{0};
    simulator_->inspect(
        [&](const auto& carrier, TimePoint) { heard = carrier.heard_from(listener, speaker); });
    return heard;
  }
  void inspect(const std::function<void(const testing::SimCarrier&)>& look) const override {
    simulator_->inspect([&](const testing::TelnyxCarrier& carrier, TimePoint) { look(carrier); });
  }

 private:
  static constexpr const char* kConnection = "1684641123236054244";

  explicit TelnyxDemoLine(std::string codec) : codec_(std::move(codec)) {}

  std::string codec_;
  std::unique_ptr<testing::TelnyxSimulator> simulator_;
};

class TwilioDemoLine final : public DemoLine {
 public:
  static Result<std::unique_ptr<DemoLine>> open(Runtime& runtime, DemoLineOptions wanted) {
    testing::TwilioSimulatorOptions options;
    options.carrier.webhooks.rules = {{"call.initiated", kFirstEventLate},
                                      {"call.in-progress", Millis(0), 2}};
    options.carrier.plan = std::move(wanted.plan);
    auto simulator = testing::TwilioSimulator::create(runtime, std::move(options));
    if (!simulator) return fail(simulator.error());
    auto line = std::make_unique<TwilioDemoLine>();
    line->simulator_ = std::move(*simulator);
    return line;
  }

  std::map<std::string, std::string> variables() const override {
    return {{"TWILIO_ACCOUNT_SID", simulator_->account_sid()},
            {"TWILIO_AUTH_TOKEN", simulator_->auth_token()},
            {"TWILIO_API_BASE", simulator_->base_url()},
            {"TWILIO_CALLER_ID", kOurNumber}};
  }
  void lead_to(const std::string& public_app_url) override {
    simulator_->set_voice_url(public_app_url + "/twilio/voice");
  }
  void plan_next(const std::string& to, testing::CallPlan plan) override {
    simulator_->plan_next(to, std::move(plan));
  }
  std::string call_in(const std::string& from, const testing::CallPlan& plan) override {
    return simulator_->call_in(from, kOurNumber, plan);
  }
  Millis heard_from(const std::string& listener, const std::string& speaker) const override {
    Millis heard{0};
    simulator_->inspect(
        [&](const auto& carrier, TimePoint) { heard = carrier.heard_from(listener, speaker); });
    return heard;
  }
  void inspect(const std::function<void(const testing::SimCarrier&)>& look) const override {
    simulator_->inspect([&](const testing::TwilioCarrier& carrier, TimePoint) { look(carrier); });
  }

 private:
  std::unique_ptr<testing::TwilioSimulator> simulator_;
};

}  // namespace

Result<std::unique_ptr<DemoLine>> open_demo_line(Runtime& runtime, DemoLineOptions options) {
  if (options.carrier == "telnyx") return TelnyxDemoLine::open(runtime, std::move(options));
  if (options.carrier == "twilio") return TwilioDemoLine::open(runtime, std::move(options));
  return fail(Errc::invalid_argument, "there is no such carrier", "carrier");
}

}  // namespace server
