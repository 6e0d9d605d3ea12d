#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/sim_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What happens to webhooks on their way. Deliveries are concurrent: delay makes reorder.
struct WebhookFaults {
  Millis delay{20};      ///< From the event to the first delivery.
  Millis jitter{0};      ///< Up to so much more, by chance.
  double duplicate = 0;  ///< Share of events that are delivered twice, 0 … 1.
  double drop = 0;       ///< Share of events that are never delivered.

  /// For the events of a type; added to the above.
  struct Rule {
    std::string event_type;      ///< Which events.
    Millis delay{0};             ///< More delay.
    unsigned copies = 1;         ///< 0: dropped.
    Millis copy_spacing{30};     ///< Between copies.
    Millis stale{0};             ///< The signed timestamp lies so far in the past.
    bool bad_signature = false;  ///< Nobody signed it so.
  };
  std::vector<Rule> rules;  ///< For these types.
  std::uint64_t seed = 1;   ///< Of everything that happens by chance.
};

/// Where the events of a call go, and what is done when nobody takes them.
struct WebhookTarget {
  std::string url;           ///< Where they go.
  std::string failover_url;  ///< Tried when that does not take one; empty: none is.
  /// Pauses before the attempts that follow the first.
  std::vector<Millis> retries{Millis(1000), Millis(2000), Millis(4000)};
  std::string method = "POST";              ///< In capitals.
  std::map<std::string, std::string> urls;  ///< `webhook_urls`: by event type, before `url`.
  /// `webhook_retries_policies`: by event type, before `retries`.
  std::map<std::string, std::vector<Millis>> policies;
};

/// One event, before it is told.
struct OutgoingWebhook {
  std::string type;         ///< The carrier's name of it.
  std::string id;           ///< The same in every copy and attempt.
  std::string occurred_at;  ///< ISO 8601
  std::string payload;      ///< In the carrier's form: a JSON object, or form fields.
};

/// One attempt to tell an event.
struct WebhookAttempt {
  const OutgoingWebhook& event;  ///< Which event.
  const WebhookTarget& target;   ///< Where it goes.
  const std::string& url;        ///< Of the target: the first attempt's, or the one for failures.
  unsigned number = 1;           ///< From 1.
  const WebhookFaults::Rule& rule;  ///< Which faults it meets.
  UnixMillis wall_time = 0;         ///< When it is made.
};

/// What became of an event, for assertions.
struct WebhookRecord {
  std::string type;          ///< The carrier's name of it.
  std::string id;            ///< The same in every copy.
  std::string occurred_at;   ///< ISO 8601
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

  /// @param write Makes the request of an attempt. @param wall_time What the wall clock shows at
  /// `wall_time_at`.
  WebhookOutbox(Write write, WebhookFaults faults, UnixMillis wall_time, TimePoint wall_time_at);
  ~WebhookOutbox();
  /// What was moved from may only go.
  WebhookOutbox(WebhookOutbox&&) noexcept;

  /// An event; its deliveries are planned by the faults.
  void add(const OutgoingWebhook& event, const WebhookTarget& target, TimePoint now);
  /// The deliveries whose time has come, in order.
  std::vector<SimPost> take_due(TimePoint now);
  /// `status` 0: no answer in time.
  void on_answer(std::uint64_t post_id, int status, TimePoint now);
  /// When `take_due` has something.
  Deadline next_deadline() const;

  /// For the events to come.
  void set_faults(WebhookFaults faults);
  /// The latest events, in order.
  const std::vector<WebhookRecord>& records() const noexcept;
  std::uint64_t overflow() const noexcept;  ///< Events dropped because 100,000 deliveries waited.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
