#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Counts up. Any thread, no lock.
class Counter {
 public:
  /// Counts.
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  /// The count.
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Distribution of durations in microseconds, log-linear buckets with an error under 4 %. Any
/// thread, no lock.
class VOICEBRIDGE_API Histogram {
 public:
  /// One measurement.
  void record(Micros value) noexcept;
  /// How many there were.
  std::uint64_t count() const noexcept;
  /// The value at `quantile` (0 … 1); 0 when nothing was recorded.
  Micros quantile(double quantile) const noexcept;
  /// The longest; 0 when nothing was recorded.
  Micros max() const noexcept;

 private:
  static constexpr int kSubBuckets = 32;
  static constexpr int kBuckets = 38 * kSubBuckets;
  std::atomic<std::uint64_t> buckets_[kBuckets] = {};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> max_{0};
};

/// Counters and histograms by name. The references stay valid as long as the registry. Any thread.
class VOICEBRIDGE_API MetricsRegistry {
 public:
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  /// The counter of that name, made when it is new.
  Counter& counter(std::string_view name);
  /// The histogram of that name, made when it is new.
  Histogram& histogram(std::string_view name);
  /// A value as it was when asked.
  struct Sample {
    std::string name;  ///< Of a histogram with what it is behind it: `….p95_ms`.
    double value;      ///< The count, or milliseconds.
  };
  /// Every counter, and count, p50, p95, p99 and max (milliseconds) of every histogram, sorted by
  /// name.
  std::vector<Sample> snapshot() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
