#include "voicebridge/testing/twilio_simulator.hpp"

#include <utility>

#include "testing/carrier_server.hpp"
#include "testing/twilio_sip.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

CarrierServer::Routes twilio_routes() {
  const std::string account = "/2010-04-01/Accounts/{account}";
  CarrierServer::Routes routes;
  for (const char* const path :
       {"/{list}", "/{resource}/{id}", "/{resource}/{id}/{sub}", "/{resource}/{id}/{sub}/{sid}"}) {
    for (const char* const method : {"GET", "POST", "DELETE"}) {
      routes.emplace_back(method, account + path);
    }
  }
  return routes;
}

}  // namespace

class TwilioSimulator::Impl {
 public:
  Impl(Runtime& runtime, TwilioSimulatorOptions options)
      : account_sid(options.carrier.account_sid), auth_token(options.carrier.auth_token) {
    if (options.openai != nullptr) {
      sip = std::make_shared<TwilioSip>(*options.openai, options.sip_caller, runtime.next_shard());
      options.carrier.sip = sip.get();
    }
    server = std::make_shared<CarrierServer>(runtime, [&](SimNetwork& network, TimePoint now) {
      return std::make_unique<TwilioCarrier>(options.carrier, network, now);
    });
    if (!sip) return;
    server->keep(sip);
    listen_to_sip();
  }

  void listen_to_sip() {
    const std::weak_ptr<CarrierServer> weak = server;
    sip->tell({[weak](const std::string& sid) {
                 if (const auto self = weak.lock()) {
                   self->with_carrier([&](SimCarrier& carrier, TimePoint now) {
                     static_cast<TwilioCarrier&>(carrier).on_sip_answered(sid, now);
                   });
                 }
               },
               [weak](const std::string& sid, int status) {
                 if (const auto self = weak.lock()) {
                   self->with_carrier([&](SimCarrier& carrier, TimePoint now) {
                     static_cast<TwilioCarrier&>(carrier).on_sip_ended(sid, status, now);
                   });
                 }
               }});
  }

  template <class Use>
  auto with_carrier(Use use) {
    return server->with_carrier([&](SimCarrier& carrier, TimePoint now) {
      return use(static_cast<TwilioCarrier&>(carrier), now);
    });
  }
  template <class Look>
  auto inspect(Look look) const {
    return server->inspect([&](const SimCarrier& carrier, TimePoint now) {
      return look(static_cast<const TwilioCarrier&>(carrier), now);
    });
  }

  const std::string account_sid;
  const std::string auth_token;
  std::shared_ptr<TwilioSip> sip;
  std::shared_ptr<CarrierServer> server;
};

TwilioSimulator::TwilioSimulator() = default;

TwilioSimulator::~TwilioSimulator() {
  if (!impl_) return;
  if (impl_->sip) impl_->sip->stop();
  impl_->server->stop();
}

Result<std::unique_ptr<TwilioSimulator>> TwilioSimulator::create(Runtime& runtime,
                                                                 TwilioSimulatorOptions options) {
  options.carrier.wall_time = unix_now();
  if (!options.repeatable) options.carrier.seed = random_seed();
  const std::string address = options.address;
  const std::uint16_t port = options.port;
  std::unique_ptr<TwilioSimulator> simulator(new TwilioSimulator());
  auto impl = std::make_shared<Impl>(runtime, std::move(options));
  if (auto listening = impl->server->listen(runtime, address, port, twilio_routes()); !listening) {
    return fail(std::move(listening.error()));
  }
  simulator->impl_ = std::move(impl);
  return simulator;
}

std::uint16_t TwilioSimulator::port() const noexcept { return impl_->server->port(); }
std::string TwilioSimulator::base_url() const { return impl_->server->origin(); }
const std::string& TwilioSimulator::account_sid() const noexcept { return impl_->account_sid; }
const std::string& TwilioSimulator::auth_token() const noexcept { return impl_->auth_token; }

void TwilioSimulator::set_voice_url(std::string url) {
  impl_->with_carrier(
      [&](TwilioCarrier& carrier, TimePoint) { carrier.set_voice_url(std::move(url)); });
}

void TwilioSimulator::set_webhook_faults(WebhookFaults faults) {
  impl_->with_carrier(
      [&](TwilioCarrier& carrier, TimePoint) { carrier.set_webhook_faults(std::move(faults)); });
}

void TwilioSimulator::plan_next(const std::string& to, CallPlan plan) {
  impl_->with_carrier(
      [&](TwilioCarrier& carrier, TimePoint) { carrier.plan_next(to, std::move(plan)); });
}

void TwilioSimulator::inject(SimApiFault fault) {
  impl_->with_carrier([&](TwilioCarrier& carrier, TimePoint) { carrier.inject(std::move(fault)); });
}

std::string TwilioSimulator::call_in(const std::string& from, const std::string& to,
                                     const CallPlan& plan) {
  return impl_->with_carrier(
      [&](TwilioCarrier& carrier, TimePoint now) { return carrier.call_in(from, to, plan, now); });
}

std::size_t TwilioSimulator::active_calls() const {
  return impl_->inspect(
      [](const TwilioCarrier& carrier, TimePoint) { return carrier.active_calls(); });
}

std::string TwilioSimulator::state_json() const {
  return impl_->inspect(
      [](const TwilioCarrier& carrier, TimePoint now) { return carrier.state_json(now); });
}

void TwilioSimulator::with_carrier(const std::function<void(TwilioCarrier&, TimePoint)>& use) {
  impl_->with_carrier(use);
}

void TwilioSimulator::inspect(
    const std::function<void(const TwilioCarrier&, TimePoint)>& look) const {
  impl_->inspect(look);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
