#include "voicebridge/testing/telnyx_simulator.hpp"

#include <utility>

#include "testing/carrier_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

class TelnyxSimulator::Impl {
 public:
  Impl(Runtime& runtime, const TelnyxSimulatorOptions& options)
      : server(std::make_shared<CarrierServer>(runtime,
                                               [&](SimNetwork& network, TimePoint now) {
                                                 return std::make_unique<TelnyxCarrier>(
                                                     options.carrier, network, now);
                                               })),
        api_key(options.carrier.api_key),
        public_key(server->inspect([](const SimCarrier& carrier, TimePoint) {
          return static_cast<const TelnyxCarrier&>(carrier).public_key_base64();
        })) {}

  template <class Use>
  auto with_carrier(Use use) {
    return server->with_carrier([&](SimCarrier& carrier, TimePoint now) {
      return use(static_cast<TelnyxCarrier&>(carrier), now);
    });
  }
  template <class Look>
  auto inspect(Look look) const {
    return server->inspect([&](const SimCarrier& carrier, TimePoint now) {
      return look(static_cast<const TelnyxCarrier&>(carrier), now);
    });
  }

  const std::shared_ptr<CarrierServer> server;
  const std::string api_key;
  const std::string public_key;
};

TelnyxSimulator::TelnyxSimulator() = default;

TelnyxSimulator::~TelnyxSimulator() {
  if (impl_) impl_->server->stop();
}

Result<std::unique_ptr<TelnyxSimulator>> TelnyxSimulator::create(Runtime& runtime,
                                                                 TelnyxSimulatorOptions options) {
  options.carrier.wall_time = unix_now();
  if (!options.repeatable) options.carrier.seed = random_seed();
  std::unique_ptr<TelnyxSimulator> simulator(new TelnyxSimulator());
  auto impl = std::make_shared<Impl>(runtime, options);
  const CarrierServer::Routes routes = {
      {"POST", "/v2/calls"},
      {"GET", "/v2/calls/{id}"},
      {"POST", "/v2/calls/{id}/actions/{command}"},
      {"PUT", "/v2/calls/{id}/actions/{command}"},
      {"GET", "/v2/conferences"},
      {"POST", "/v2/conferences"},
      {"GET", "/v2/conferences/{id}"},
      {"GET", "/v2/conferences/{id}/participants"},
      {"PATCH", "/v2/conferences/{id}/participants/{participant}"},
      {"POST", "/v2/conferences/{id}/actions/{command}"}};
  if (auto listening = impl->server->listen(runtime, options.address, options.port, routes);
      !listening) {
    return fail(std::move(listening.error()));
  }
  simulator->impl_ = std::move(impl);
  return simulator;
}

std::uint16_t TelnyxSimulator::port() const noexcept { return impl_->server->port(); }
std::string TelnyxSimulator::base_url() const { return impl_->server->origin() + "/v2"; }
const std::string& TelnyxSimulator::api_key() const noexcept { return impl_->api_key; }
const std::string& TelnyxSimulator::public_key_base64() const noexcept { return impl_->public_key; }

void TelnyxSimulator::set_webhook_url(std::string url) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.set_webhook_url(std::move(url)); });
}

void TelnyxSimulator::set_webhook_faults(WebhookFaults faults) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.set_webhook_faults(std::move(faults)); });
}

void TelnyxSimulator::plan_next(const std::string& to, CallPlan plan) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.plan_next(to, std::move(plan)); });
}

void TelnyxSimulator::plan_number(const std::string& to, CallPlan plan) {
  impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint) { carrier.plan_number(to, std::move(plan)); });
}

void TelnyxSimulator::inject(SimApiFault fault) {
  impl_->with_carrier([&](TelnyxCarrier& carrier, TimePoint) { carrier.inject(std::move(fault)); });
}

std::string TelnyxSimulator::call_in(const std::string& from, const std::string& to,
                                     const CallPlan& plan) {
  return impl_->with_carrier(
      [&](TelnyxCarrier& carrier, TimePoint now) { return carrier.call_in(from, to, plan, now); });
}

std::size_t TelnyxSimulator::active_calls() const {
  return impl_->inspect(
      [](const TelnyxCarrier& carrier, TimePoint) { return carrier.active_calls(); });
}

std::string TelnyxSimulator::state_json() const {
  return impl_->inspect(
      [](const TelnyxCarrier& carrier, TimePoint now) { return carrier.state_json(now); });
}

void TelnyxSimulator::inspect(
    const std::function<void(const TelnyxCarrier&, TimePoint)>& look) const {
  impl_->inspect(look);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
