#include "voicebridge/testing/telnyx_webhooks.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "testing/agenda.hpp"
#include "testing/telnyx_clock.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge::testing {
namespace {

/// Beyond it events are not recorded any more; they are still delivered.
constexpr std::size_t kMaxWebhookRecords = 100'000;
/// Deliveries on their way or waiting for an answer; events beyond it are dropped and counted.
constexpr std::size_t kMaxTelnyxDeliveries = 100'000;

/// One copy of an event, over all its attempts.
struct Delivery {
  TelnyxWebhookEvent event;
  TelnyxWebhookTarget target;
  TelnyxWebhookFaults::Rule rule;
  std::size_t record = 0;
  unsigned attempt = 1;
};

std::string make_body(const Delivery& delivery, const std::string& url) {
  JsonWriter json;
  json.object().key("data").object();
  json.field("record_type", "event")
      .field("event_type", delivery.event.type)
      .field("id", delivery.event.id)
      .field("occurred_at", delivery.event.occurred_at)
      .key("payload")
      .raw(delivery.event.payload)
      .end();
  json.key("meta").object().field("attempt", delivery.attempt).field("delivered_to", url).end();
  return json.end().take();
}

/// The last attempts go to the failover URL where there is one.
const std::string& url_of(const Delivery& delivery) {
  const bool first = delivery.attempt == 1;
  return first || delivery.target.failover_url.empty() ? delivery.target.url
                                                       : delivery.target.failover_url;
}

}  // namespace

struct TelnyxWebhookOutbox::Impl {
  Impl(Ed25519KeyPair k, TelnyxWebhookFaults f, WallClock w)
      : key(std::move(k)), faults(std::move(f)), wall(w), random(faults.seed) {}

  TelnyxWebhookFaults::Rule rule_for(const std::string& type) const;
  void schedule(Delivery delivery, TimePoint when);
  void send(Delivery delivery, TimePoint now);
  HttpHeaders sign(const Delivery& delivery, const std::string& body, TimePoint now) const;

  Ed25519KeyPair key;
  TelnyxWebhookFaults faults;
  WallClock wall;
  SeededRandom random;
  Agenda agenda;
  std::vector<TelnyxWebhookPost> due;
  std::map<std::uint64_t, Delivery> unanswered;
  std::uint64_t last_post = 0;
  std::uint64_t overflow = 0;
  std::vector<TelnyxWebhookRecord> records;
};

TelnyxWebhookOutbox::TelnyxWebhookOutbox(Ed25519KeyPair key, TelnyxWebhookFaults faults,
                                         UnixMillis wall_time, TimePoint wall_time_at)
    : impl_(std::make_unique<Impl>(std::move(key), std::move(faults),
                                   WallClock(wall_time, wall_time_at))) {}

TelnyxWebhookOutbox::~TelnyxWebhookOutbox() = default;
TelnyxWebhookOutbox::TelnyxWebhookOutbox(TelnyxWebhookOutbox&&) noexcept = default;

void TelnyxWebhookOutbox::add(const TelnyxWebhookEvent& event, const TelnyxWebhookTarget& target,
                              TimePoint now) {
  Impl& me = *impl_;
  if (me.agenda.size() + me.unanswered.size() >= kMaxTelnyxDeliveries) {
    ++me.overflow;
    return;
  }
  Delivery delivery{event, target, me.rule_for(event.type), me.records.size(), 1};
  // Drawn always, so that one event's fate does not change that of the next.
  const bool twice = me.random.chance(me.faults.duplicate);
  const bool never = me.random.chance(me.faults.drop);
  const unsigned copies = never ? 0 : delivery.rule.copies + (twice ? 1 : 0);
  if (me.records.size() < kMaxWebhookRecords) {
    me.records.push_back({event.type, event.id, event.occurred_at, copies, 0, {}, false});
  }
  const auto jitter = Millis(static_cast<std::int64_t>(
      me.random.up_to(static_cast<std::uint64_t>(me.faults.jitter.count()))));
  TimePoint when = now + me.faults.delay + jitter + delivery.rule.delay;
  for (unsigned copy = 0; copy < copies; ++copy, when += delivery.rule.copy_spacing)
    me.schedule(delivery, when);
}

std::vector<TelnyxWebhookPost> TelnyxWebhookOutbox::take_due(TimePoint now) {
  impl_->agenda.run(now);
  return std::exchange(impl_->due, {});
}

void TelnyxWebhookOutbox::on_answer(std::uint64_t post_id, int status, TimePoint now) {
  Impl& me = *impl_;
  auto found = me.unanswered.extract(post_id);
  if (found.empty()) return;
  Delivery delivery = std::move(found.mapped());
  const bool taken = status >= 200 && status < 300;
  if (delivery.record < me.records.size()) {
    me.records[delivery.record].answers.push_back(status);
    me.records[delivery.record].delivered |= taken;
  }
  if (taken || delivery.attempt > delivery.target.retries.size()) return;
  const Millis pause = delivery.target.retries[delivery.attempt - 1];
  ++delivery.attempt;
  me.schedule(std::move(delivery), now + pause);
}

Deadline TelnyxWebhookOutbox::next_deadline() const { return impl_->agenda.next_deadline(); }

void TelnyxWebhookOutbox::set_faults(TelnyxWebhookFaults faults) {
  impl_->faults = std::move(faults);
}

std::string TelnyxWebhookOutbox::public_key_base64() const {
  return impl_->key.public_key().to_base64();
}

const std::vector<TelnyxWebhookRecord>& TelnyxWebhookOutbox::records() const noexcept {
  return impl_->records;
}

std::uint64_t TelnyxWebhookOutbox::overflow() const noexcept { return impl_->overflow; }

TelnyxWebhookFaults::Rule TelnyxWebhookOutbox::Impl::rule_for(const std::string& type) const {
  const auto found = std::find_if(faults.rules.begin(), faults.rules.end(),
                                  [&](const auto& rule) { return rule.event_type == type; });
  return found == faults.rules.end() ? TelnyxWebhookFaults::Rule{} : *found;
}

void TelnyxWebhookOutbox::Impl::schedule(Delivery delivery, TimePoint when) {
  agenda.add(when, [this, d = std::move(delivery)](TimePoint now) { send(d, now); });
}

void TelnyxWebhookOutbox::Impl::send(Delivery delivery, TimePoint now) {
  TelnyxWebhookPost post;
  post.id = ++last_post;
  post.url = url_of(delivery);
  post.body = make_body(delivery, post.url);
  post.headers = sign(delivery, post.body, now);
  if (delivery.record < records.size()) ++records[delivery.record].attempts;
  unanswered.emplace(post.id, std::move(delivery));
  due.push_back(std::move(post));
}

HttpHeaders TelnyxWebhookOutbox::Impl::sign(const Delivery& delivery, const std::string& body,
                                            TimePoint now) const {
  const std::string timestamp =
      std::to_string((wall.millis(now) - delivery.rule.stale.count()) / 1000);
  const std::string message = timestamp + "|" + body;
  auto signature = key.sign(ByteView(message));
  if (delivery.rule.bad_signature) signature[0] ^= 1;
  return {{"content-type", "application/json"},
          {"user-agent", "telnyx-webhooks"},
          {"telnyx-signature-ed25519", base64_encode(ByteView(signature.data(), signature.size()))},
          {"telnyx-timestamp", timestamp}};
}

}  // namespace voicebridge::testing
