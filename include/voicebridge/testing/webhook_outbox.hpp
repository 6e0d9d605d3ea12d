#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/sim_network.hpp"

namespace voicebridge::testing {

/// What happens to webhooks on their way. Deliveries are concurrent: delay makes reorder.
struct WebhookFaults {
  Millis delay{20};      ///< From the event to the first delivery.
  Millis jitter{0};      ///< Up to so much more, by chance.
  double duplicate = 0;  ///< Share of events that are delivered twice, 0 … 1.
  double drop = 0;       ///< Share of events that are never delivered.

  /// For the events of a type; added to the above.
  struct Rule {
    std::string event_type;
    Millis delay{0};      ///< More delay.
    unsigned copies = 1;  ///< 0: dropped.
    Millis copy_spacing{30};
    Millis stale{0};  ///< The signed timestamp lies so far in the past.
    bool bad_signature = false;
  };
  std::vector<Rule> rules;
  std::uint64_t seed = 1;
};

/// Where the events of a call go, and what is done when nobody takes them.
struct WebhookTarget {
  std::string url;
  std::string failover_url;
  std::vector<Millis> retries{Millis(1000), Millis(2000), Millis(4000)};
  std::string method = "POST";
  std::map<std::string, std::string> urls;  ///< `webhook_urls`: by event type, before `url`.
  /// `webhook_retries_policies`: by event type, before `retries`.
  std::map<std::string, std::vector<Millis>> policies;
};

struct OutgoingWebhook {
  std::string type;
  std::string id;  ///< The same in every copy and attempt.
  std::string occurred_at;
  std::string payload;  ///< In the carrier's form: a JSON object, or form fields.
};

/// One attempt to tell an event.
struct WebhookAttempt {
  const OutgoingWebhook& event;
  const WebhookTarget& target;
  const std::string& url;  ///< Of the target: the first attempt's, or the one for failures.
  unsigned number = 1;
  const WebhookFaults::Rule& rule;
  UnixMillis wall_time = 0;
};

/// What became of an event, for assertions.
struct WebhookRecord {
  std::string type;
  std::string id;
  std::string occurred_at;
  unsigned copies = 0;       ///< Planned deliveries; 0: dropped on purpose.
  unsigned attempts = 0;     ///< POSTs made.
  std::vector<int> answers;  ///< HTTP statuses in the order they came; 0: no answer.
  bool delivered = false;    ///< Some answer was 2xx.
};

/// Delivers webhooks late, twice, in another order or not at all as it is told, and tries again
/// when the application does not answer 2xx. How an attempt looks on the wire is the carrier's. No
/// I/O, no clock.
class VOICEBRIDGE_API WebhookOutbox {
 public:
  /// Writes headers, body and all but the id of the request for an attempt.
  using Write = std::function<SimPost(const WebhookAttempt& attempt)>;

  WebhookOutbox(Write write, WebhookFaults faults, UnixMillis wall_time, TimePoint wall_time_at);
  ~WebhookOutbox();
  WebhookOutbox(WebhookOutbox&&) noexcept;

  void add(const OutgoingWebhook& event, const WebhookTarget& target, TimePoint now);
  /// The deliveries whose time has come, in order.
  std::vector<SimPost> take_due(TimePoint now);
  /// `status` 0: no answer in time.
  void on_answer(std::uint64_t post_id, int status, TimePoint now);
  Deadline next_deadline() const;

  void set_faults(WebhookFaults faults);
  const std::vector<WebhookRecord>& records() const noexcept;
  std::uint64_t overflow() const noexcept;  ///< Events dropped because 100,000 deliveries waited.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voicebridge::testing
