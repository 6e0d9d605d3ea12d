#pragma once

#include <cstdint>
#include <optional>

#include "store/sqlite_lead_store.hpp"
#include "voicebridge/store/lead_sink.hpp"
#include "voicebridge/store/outbox_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// What became of the first lead that waited.
struct Delivery {
  enum class What { nothing_waits, delivered, failed, refused };
  What what = What::nothing_waits;
  Error error;  ///< Of failed and refused.
};

/// Copies the first lead that waits, if there is one. Blocks as the sink does.
Delivery deliver_first(SqliteLeadStore& leads, LeadSink& sink);

/// How long to wait after a delivery. No clock.
class DeliveryPace {
 public:
  explicit DeliveryPace(const OutboxOptions& options);
  /// 0: go on at once; nothing: until something is saved.
  std::optional<Millis> after(const Delivery& delivery);

 private:
  Millis jittered(Millis delay);

  const Millis first_delay_;
  const Millis max_delay_;
  Millis delay_;
  std::uint32_t random_;
};

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
