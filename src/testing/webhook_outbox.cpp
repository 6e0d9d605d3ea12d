#include "voicebridge/testing/webhook_outbox.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "testing/agenda.hpp"
#include "testing/wall_clock.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// Beyond it events are not recorded any more; they are still delivered.
constexpr std::size_t kMaxWebhookRecords = 100'000;
/// Deliveries on their way or waiting for an answer; events beyond it are dropped and counted.
constexpr std::size_t kMaxWebhookDeliveries = 100'000;

/// One copy of an event, over all its attempts.
struct WebhookDelivery {
  OutgoingWebhook event;
  WebhookTarget target;
  WebhookFaults::Rule rule;
  std::size_t record = 0;
  unsigned attempt = 1;
};

/// The last attempts go to the failover URL where there is one.
const std::string& webhook_url_of(const WebhookDelivery& delivery) {
  const auto own = delivery.target.urls.find(delivery.event.type);
  if (own != delivery.target.urls.end()) return own->second;
  const bool first = delivery.attempt == 1;
  return first || delivery.target.failover_url.empty() ? delivery.target.url
                                                       : delivery.target.failover_url;
}

const std::vector<Millis>& retries_of(const WebhookDelivery& delivery) {
  const auto own = delivery.target.policies.find(delivery.event.type);
  return own != delivery.target.policies.end() ? own->second : delivery.target.retries;
}

}  // namespace

struct WebhookOutbox::Impl {
  Impl(Write w, WebhookFaults f, WallClock c)
      : write(std::move(w)), faults(std::move(f)), wall(c), random(faults.seed) {}

  WebhookFaults::Rule rule_for(const std::string& type) const;
  void schedule(WebhookDelivery delivery, TimePoint when);
  void send(WebhookDelivery delivery, TimePoint now);

  Write write;
  WebhookFaults faults;
  WallClock wall;
  SeededRandom random;
  Agenda agenda;
  std::vector<SimPost> due;
  std::map<std::uint64_t, WebhookDelivery> unanswered;
  std::uint64_t last_post = 0;
  std::uint64_t overflow = 0;
  std::vector<WebhookRecord> records;
};

WebhookOutbox::WebhookOutbox(Write write, WebhookFaults faults, UnixMillis wall_time,
                             TimePoint wall_time_at)
    : impl_(std::make_unique<Impl>(std::move(write), std::move(faults),
                                   WallClock(wall_time, wall_time_at))) {}

WebhookOutbox::~WebhookOutbox() = default;
WebhookOutbox::WebhookOutbox(WebhookOutbox&&) noexcept = default;

void WebhookOutbox::add(const OutgoingWebhook& event, const WebhookTarget& target, TimePoint now) {
  Impl& me = *impl_;
  if (me.agenda.size() + me.unanswered.size() >= kMaxWebhookDeliveries) {
    ++me.overflow;
    return;
  }
  WebhookDelivery delivery{event, target, me.rule_for(event.type), me.records.size(), 1};
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

std::vector<SimPost> WebhookOutbox::take_due(TimePoint now) {
  impl_->agenda.run(now);
  return std::exchange(impl_->due, {});
}

void WebhookOutbox::on_answer(std::uint64_t post_id, int status, TimePoint now) {
  Impl& me = *impl_;
  auto found = me.unanswered.extract(post_id);
  if (found.empty()) return;
  WebhookDelivery delivery = std::move(found.mapped());
  const bool taken = status >= 200 && status < 300;
  if (delivery.record < me.records.size()) {
    me.records[delivery.record].answers.push_back(status);
    me.records[delivery.record].delivered |= taken;
  }
  if (taken || delivery.attempt > retries_of(delivery).size()) return;
  const Millis pause = retries_of(delivery)[delivery.attempt - 1];
  ++delivery.attempt;
  me.schedule(std::move(delivery), now + pause);
}

Deadline WebhookOutbox::next_deadline() const { return impl_->agenda.next_deadline(); }

void WebhookOutbox::set_faults(WebhookFaults faults) { impl_->faults = std::move(faults); }

const std::vector<WebhookRecord>& WebhookOutbox::records() const noexcept { return impl_->records; }

std::uint64_t WebhookOutbox::overflow() const noexcept { return impl_->overflow; }

WebhookFaults::Rule WebhookOutbox::Impl::rule_for(const std::string& type) const {
  const auto found = std::find_if(faults.rules.begin(), faults.rules.end(),
                                  [&](const auto& rule) { return rule.event_type == type; });
  return found == faults.rules.end() ? WebhookFaults::Rule{} : *found;
}

void WebhookOutbox::Impl::schedule(WebhookDelivery delivery, TimePoint when) {
  agenda.add(when, [this, d = std::move(delivery)](TimePoint now) { send(d, now); });
}

void WebhookOutbox::Impl::send(WebhookDelivery delivery, TimePoint now) {
  SimPost post = write({delivery.event, delivery.target, webhook_url_of(delivery), delivery.attempt,
                        delivery.rule, wall.millis(now)});
  post.id = ++last_post;
  if (delivery.record < records.size()) ++records[delivery.record].attempts;
  unanswered.emplace(post.id, std::move(delivery));
  due.push_back(std::move(post));
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
