#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge::testing {

/// What happens to webhooks on their way. Deliveries are concurrent: delay makes reorder.
struct TelnyxWebhookFaults {
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
struct TelnyxWebhookTarget {
  std::string url;
  std::string failover_url;
  std::vector<Millis> retries{Millis(1000), Millis(2000), Millis(4000)};
};

struct TelnyxWebhookEvent {
  std::string type;
  std::string id;  ///< The same in every copy and attempt.
  std::string occurred_at;
  std::string payload;  ///< JSON object.
};

/// One POST to make. Answer with `on_answer`.
struct TelnyxWebhookPost {
  std::uint64_t id = 0;
  std::string url;
  HttpHeaders headers;
  std::string body;
  Millis timeout{2000};
};

/// What became of an event, for assertions.
struct TelnyxWebhookRecord {
  std::string type;
  std::string id;
  std::string occurred_at;
  unsigned copies = 0;       ///< Planned deliveries; 0: dropped on purpose.
  unsigned attempts = 0;     ///< POSTs made.
  std::vector<int> answers;  ///< HTTP statuses in the order they came; 0: no answer.
  bool delivered = false;    ///< Some answer was 2xx.
};

/// Signs webhooks as Telnyx does (Ed25519 over `timestamp|body`), delivers them late, twice, in
/// another order or not at all as it is told, and tries again when the application does not answer
/// 2xx. No I/O, no clock.
class VOICEBRIDGE_API TelnyxWebhookOutbox {
 public:
  TelnyxWebhookOutbox(Ed25519KeyPair key, TelnyxWebhookFaults faults, UnixMillis wall_time,
                      TimePoint wall_time_at);
  ~TelnyxWebhookOutbox();
  TelnyxWebhookOutbox(TelnyxWebhookOutbox&&) noexcept;

  void add(const TelnyxWebhookEvent& event, const TelnyxWebhookTarget& target, TimePoint now);
  /// The deliveries whose time has come, in order.
  std::vector<TelnyxWebhookPost> take_due(TimePoint now);
  /// `status` 0: no answer in time.
  void on_answer(std::uint64_t post_id, int status, TimePoint now);
  Deadline next_deadline() const;

  void set_faults(TelnyxWebhookFaults faults);
  std::string public_key_base64() const;
  const std::vector<TelnyxWebhookRecord>& records() const noexcept;
  std::uint64_t overflow() const noexcept;  ///< Events dropped because 100,000 deliveries waited.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voicebridge::testing
