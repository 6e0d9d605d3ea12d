#include "voicebridge/core/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

// Values below 2^5 have a bucket each; above, every power of two is cut into 32 equal buckets, so
// that the middle of a bucket is within 1/64 of every value in it.
constexpr int kSubBits = 5;
constexpr int kSubCount = 1 << kSubBits;

int bucket_of(std::int64_t value) {
  if (value < kSubCount) return static_cast<int>(value);
  const int exponent = std::ilogb(static_cast<double>(value));
  const int sub = static_cast<int>(value >> (exponent - kSubBits)) - kSubCount;
  return (exponent - kSubBits + 1) * kSubCount + sub;
}

std::int64_t middle_of(int bucket) {
  if (bucket < 2 * kSubCount) return bucket;
  const int shift = bucket / kSubCount - 1;
  const std::int64_t low = std::int64_t{kSubCount + bucket % kSubCount} << shift;
  return low + (std::int64_t{1} << (shift - 1));
}

}  // namespace

void Histogram::record(Micros value) noexcept {
  const std::int64_t micros = std::max<std::int64_t>(value.count(), 0);
  // The last bucket is that of 50 days; a duration beyond it is one of 50 days.
  constexpr std::int64_t kLargest = (std::int64_t{1} << 42) - 1;
  static_assert(kBuckets == (42 - kSubBits + 1) * kSubCount);
  buckets_[bucket_of(std::min(micros, kLargest))].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  std::int64_t seen = max_.load(std::memory_order_relaxed);
  while (micros > seen && !max_.compare_exchange_weak(seen, micros, std::memory_order_relaxed)) {
  }
}

std::uint64_t Histogram::count() const noexcept { return count_.load(std::memory_order_relaxed); }

Micros Histogram::max() const noexcept { return Micros(max_.load(std::memory_order_relaxed)); }

Micros Histogram::quantile(double quantile) const noexcept {
  const std::uint64_t total = count();
  if (total == 0) return Micros(0);
  const double clamped = quantile > 0 ? std::min(quantile, 1.0) : 0.0;
  const auto rank = std::max<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(clamped * static_cast<double>(total))), 1);
  std::uint64_t passed = 0;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    passed += buckets_[bucket].load(std::memory_order_relaxed);
    if (passed >= rank) return std::min(Micros(middle_of(bucket)), max());
  }
  return max();
}

struct MetricsRegistry::Impl {
  mutable std::mutex mutex;
  std::map<std::string, std::unique_ptr<Counter>, std::less<>> counters;
  std::map<std::string, std::unique_ptr<Histogram>, std::less<>> histograms;

  template <class Metric>
  Metric& find_or_make(std::map<std::string, std::unique_ptr<Metric>, std::less<>>& metrics,
                       std::string_view name) {
    const std::lock_guard<std::mutex> lock(mutex);
    auto found = metrics.find(name);
    if (found == metrics.end()) found = metrics.emplace(name, std::make_unique<Metric>()).first;
    return *found->second;
  }
};

MetricsRegistry::MetricsRegistry() : impl_(std::make_unique<Impl>()) {}
MetricsRegistry::~MetricsRegistry() = default;

Counter& MetricsRegistry::counter(std::string_view name) {
  return impl_->find_or_make(impl_->counters, name);
}

Histogram& MetricsRegistry::histogram(std::string_view name) {
  return impl_->find_or_make(impl_->histograms, name);
}

std::vector<MetricsRegistry::Sample> MetricsRegistry::snapshot() const {
  const auto millis = [](Micros value) { return static_cast<double>(value.count()) / 1000.0; };
  std::vector<Sample> samples;
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  for (const auto& [name, counter] : impl_->counters) {
    samples.push_back({name, static_cast<double>(counter->value())});
  }
  for (const auto& [name, histogram] : impl_->histograms) {
    samples.push_back({name + ".count", static_cast<double>(histogram->count())});
    samples.push_back({name + ".p50_ms", millis(histogram->quantile(0.50))});
    samples.push_back({name + ".p95_ms", millis(histogram->quantile(0.95))});
    samples.push_back({name + ".p99_ms", millis(histogram->quantile(0.99))});
    samples.push_back({name + ".max_ms", millis(histogram->max())});
  }
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.name < b.name; });
  return samples;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
