#include "voicebridge/testing/telnyx_carrier.hpp"

#include <algorithm>
#include <utility>

#include "testing/telnyx_carrier_impl.hpp"
#include "testing/telnyx_webhooks.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// The signing key is repeatable too: its seed is drawn from the carrier's.
Ed25519KeyPair seeded_key(std::uint64_t seed) {
  SeededRandom random(seed);
  std::array<std::uint8_t, 32> bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return Ed25519KeyPair::from_seed(bytes);
}

}  // namespace

TelnyxCarrier::Impl::Impl(TelnyxCarrierOptions o, SimNetwork& n, TimePoint now)
    : options(std::move(o)),
      network(n),
      wall(options.wall_time, now),
      ids(options.seed),
      last_call_seed(options.seed),
      signing_key(seeded_key(options.seed)),
      outbox([this](const WebhookAttempt& attempt) { return telnyx_webhook(signing_key, attempt); },
             options.webhooks, options.wall_time, now) {}

TelnyxCarrier::TelnyxCarrier(TelnyxCarrierOptions options, SimNetwork& network, TimePoint now)
    : impl_(std::make_unique<Impl>(std::move(options), network, now)) {}

TelnyxCarrier::~TelnyxCarrier() = default;

SimApiReply TelnyxCarrier::on_request(const SimApiRequest& request, TimePoint now) {
  return impl_->handle(request, now);
}

std::string TelnyxCarrier::call_in(const std::string& from, const std::string& to,
                                   const CallPlan& plan, TimePoint now) {
  TelnyxCallSetup setup = impl_->new_setup();
  setup.incoming = true;
  setup.leg.from = from;
  setup.leg.to = to;
  return impl_->add_call(std::move(setup), plan, now).id();
}

void TelnyxCarrier::plan_next(const std::string& to, CallPlan plan) {
  impl_->plans[to].push_back(std::move(plan));
}

void TelnyxCarrier::plan_number(const std::string& to, CallPlan plan) {
  impl_->standing_plans[to] = std::move(plan);
}

void TelnyxCarrier::inject(SimApiFault fault) { impl_->faults.push_back(std::move(fault)); }

void TelnyxCarrier::set_webhook_url(std::string url) {
  impl_->options.webhook_url = std::move(url);
}

void TelnyxCarrier::set_webhook_faults(WebhookFaults faults) {
  impl_->outbox.set_faults(std::move(faults));
}

void TelnyxCarrier::on_webhook_answer(std::uint64_t post_id, int status, TimePoint now) {
  impl_->outbox.on_answer(post_id, status, now);
}

void TelnyxCarrier::on_post_answer(std::uint64_t post_id, const HttpResponse& answer,
                                   TimePoint now) {
  on_webhook_answer(post_id, answer.status, now);
}

void TelnyxCarrier::on_stream_open(const std::string& call_control_id, WireSink& sink,
                                   TimePoint now) {
  if (TelnyxCall* call = impl_->find(call_control_id)) call->on_stream_open(sink, now);
}

void TelnyxCarrier::on_stream_text(const std::string& call_control_id, std::string_view text,
                                   TimePoint now) {
  if (TelnyxCall* call = impl_->find(call_control_id)) call->media().on_text(text, now);
}

void TelnyxCarrier::on_stream_binary(const std::string&, TimePoint) {}

void TelnyxCarrier::on_stream_closed(const std::string& call_control_id, TimePoint now) {
  if (TelnyxCall* call = impl_->find(call_control_id)) call->media().on_closed(now);
}

void TelnyxCarrier::on_stream_refused(const std::string& call_control_id, int, TimePoint now) {
  if (TelnyxCall* call = impl_->find(call_control_id)) call->on_stream_refused(now);
}

Deadline TelnyxCarrier::next_deadline() const {
  Deadline next = impl_->outbox.next_deadline();
  for (const auto& call : impl_->calls) next = earliest(next, call->next_deadline());
  return earliest(next, impl_->conferences.next_deadline());
}

void TelnyxCarrier::on_deadline(TimePoint now) {
  for (const auto& call : impl_->calls) call->on_deadline(now);
  impl_->conferences.on_deadline(now);
  impl_->post_due_webhooks(now);
}

std::string TelnyxCarrier::public_key_base64() const {
  return impl_->signing_key.public_key().to_base64();
}

const TelnyxSimMedia* TelnyxCarrier::media(const std::string& call_control_id) const {
  const TelnyxCall* call = impl_->find(call_control_id);
  return call == nullptr ? nullptr : &call->media();
}

const SimLeg* TelnyxCarrier::leg(const std::string& call_control_id) const {
  return media(call_control_id);
}

std::vector<std::string> TelnyxCarrier::calls() const {
  std::vector<std::string> all;
  for (const auto& call : impl_->calls) all.push_back(call->id());
  return all;
}

bool TelnyxCarrier::hears(const std::string& listener, const std::string& speaker) const {
  const TelnyxCall* ear = impl_->find(listener);
  const TelnyxCall* mouth = impl_->find(speaker);
  return ear != nullptr && mouth != nullptr && impl_->hears(*ear, *mouth);
}

Millis TelnyxCarrier::heard_from(const std::string& listener, const std::string& speaker) const {
  const TelnyxCall* ear = impl_->find(listener);
  if (ear == nullptr) return Millis(0);
  const auto found = ear->heard_from().find(speaker);
  return found == ear->heard_from().end() ? Millis(0) : found->second;
}

std::string TelnyxCarrier::conference_of(const std::string& call_control_id) const {
  const TelnyxConference* conference = impl_->conferences.of(call_control_id);
  return conference == nullptr ? "" : conference->id;
}

std::size_t TelnyxCarrier::active_calls() const { return impl_->active_calls(); }
const std::vector<SimApiRecord>& TelnyxCarrier::requests() const { return impl_->requests; }
const std::vector<WebhookRecord>& TelnyxCarrier::webhooks() const {
  return impl_->outbox.records();
}

// Calls

TelnyxCall* TelnyxCarrier::Impl::find(const std::string& call_control_id) const {
  const auto found = by_id.find(call_control_id);
  return found == by_id.end() ? nullptr : found->second;
}

std::size_t TelnyxCarrier::Impl::active_calls() const {
  return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [](const auto& call) {
    return call->state() != TelnyxCall::State::ended;
  }));
}

TelnyxCallSetup TelnyxCarrier::Impl::new_setup() {
  TelnyxCallSetup setup;
  setup.leg.user_id = "00000000-0000-4000-8000-000000000001";
  setup.leg.call_control_id = ids.make("v3:");
  setup.leg.call_session_id = ids.uuid();
  setup.leg_id = ids.uuid();
  setup.connection_id = options.connection_id;
  setup.webhook.url = options.webhook_url;
  setup.webhook.failover_url = options.webhook_failover_url;
  setup.seed = ++last_call_seed;
  return setup;
}

CallPlan TelnyxCarrier::Impl::plan_for(const std::string& to) {
  for (const std::string& key : {to, std::string()}) {
    auto& queue = plans[key];
    if (queue.empty()) continue;
    CallPlan plan = std::move(queue.front());
    queue.pop_front();
    return plan;
  }
  const auto standing = standing_plans.find(to);
  return standing == standing_plans.end() ? options.plan : standing->second;
}

TelnyxCall& TelnyxCarrier::Impl::add_call(TelnyxCallSetup setup, CallPlan plan, TimePoint now) {
  forget_old_calls();
  calls.push_back(std::make_unique<TelnyxCall>(std::move(setup), std::move(plan), *this, wall));
  TelnyxCall& call = *calls.back();
  by_id.emplace(call.id(), &call);
  call.begin(now);
  return call;
}

void TelnyxCarrier::Impl::forget_old_calls() {
  std::size_t ended = calls.size() - active_calls();
  for (auto it = calls.begin(); ended > options.kept_calls && it != calls.end();) {
    if ((*it)->state() != TelnyxCall::State::ended) {
      ++it;
      continue;
    }
    by_id.erase((*it)->id());
    it = calls.erase(it);
    --ended;
  }
}

void TelnyxCarrier::Impl::emit(TelnyxCall& call, std::string_view event_type, std::string payload,
                               TimePoint now) {
  emit_to(call.setup().webhook, event_type, std::move(payload), now);
}

void TelnyxCarrier::Impl::emit_to(const WebhookTarget& target, std::string_view event_type,
                                  std::string payload, TimePoint now) {
  const std::string type(event_type);
  if (target.url.empty() && target.urls.count(type) == 0) return;
  outbox.add({type, ids.uuid(), wall.iso(now), std::move(payload)}, target, now);
}

void TelnyxCarrier::Impl::open_stream(TelnyxCall& call, const TelnyxStreamParams& params) {
  SimStreamOpen open{call.id(), params.url, {}};
  if (!params.auth_token.empty())
    open.headers.add("x-telnyx-streaming-auth-token", params.auth_token);
  network.open_stream(open);
}

void TelnyxCarrier::Impl::post_due_webhooks(TimePoint now) {
  for (const SimPost& post : outbox.take_due(now)) network.post_webhook(post);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
