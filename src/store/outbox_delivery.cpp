#include "store/outbox_delivery.hpp"

#include <algorithm>
#include <random>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

/// Whether the next lead may fare better.
bool is_about_the_lead(const Error& error) {
  return !error.retryable &&
         (error.code == Errc::invalid_argument || error.code == Errc::conflict ||
          error.code == Errc::payload_too_large);
}

}  // namespace

Delivery deliver_first(SqliteLeadStore& leads, LeadSink& sink) {
  using What = Delivery::What;
  const auto row = leads.first_waiting();
  if (!row) return {What::failed, row.error()};
  if (!*row) return {};
  if (const auto put = sink.put((*row)->lead); !put) {
    if (!is_about_the_lead(put.error())) return {What::failed, put.error()};
    if (const auto moved = leads.to_the_end(**row); !moved) return {What::failed, moved.error()};
    return {What::refused, put.error()};
  }
  if (const auto done = leads.arrived(**row); !done) return {What::failed, done.error()};
  return {What::delivered, {}};
}

DeliveryPace::DeliveryPace(const OutboxOptions& options)
    : first_delay_(std::max(options.first_delay, Millis(1))),
      max_delay_(std::max(options.max_delay, first_delay_)),
      delay_(first_delay_),
      random_(options.seed != 0 ? options.seed : std::random_device()() | 1u) {}

std::optional<Millis> DeliveryPace::after(const Delivery& delivery) {
  switch (delivery.what) {
    case Delivery::What::nothing_waits:
      return std::nullopt;
    case Delivery::What::delivered:
      delay_ = first_delay_;
      return Millis(0);
    case Delivery::What::failed:
    case Delivery::What::refused:
      break;
  }
  const Millis asked = delivery.error.retry_after.value_or(Millis(0));
  const Millis wait = std::max(jittered(delay_), std::min(asked, max_delay_));
  delay_ = std::min(delay_ * 2, max_delay_);
  return wait;
}

Millis DeliveryPace::jittered(Millis delay) {
  // xorshift32
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  const Millis half = delay / 2;
  return delay - Millis(random_ % static_cast<std::uint32_t>(half.count() + 1));
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
