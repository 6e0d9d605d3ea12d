#include "voicebridge/core/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include "support/catch.hpp"

namespace voicebridge {
namespace {

double relative_error(Micros measured, std::int64_t exact) {
  if (exact == 0) return static_cast<double>(measured.count());
  return std::abs(static_cast<double>(measured.count() - exact)) / static_cast<double>(exact);
}

}  // namespace

TEST_CASE("an empty histogram answers 0", "[metrics]") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.quantile(0.5) == Micros(0));
  CHECK(histogram.max() == Micros(0));
}

TEST_CASE("one value is every quantile, exactly or within the stated error", "[metrics]") {
  for (std::int64_t value :
       {0LL, 1LL, 31LL, 32LL, 33LL, 63LL, 64LL, 65LL, 1000LL, 123'456LL, 1'000'000'000LL}) {
    Histogram histogram;
    histogram.record(Micros(value));
    for (const double q : {0.0, 0.5, 1.0})
      CHECK(relative_error(histogram.quantile(q), value) < 0.04);
    CHECK(histogram.max() == Micros(value));
  }
}

TEST_CASE("quantiles of random values are within 4 percent of the sorted list", "[metrics]") {
  std::mt19937 random(3);
  std::lognormal_distribution<double> latency(9.0, 2.0);
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.record(Micros(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999}) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size()))) - 1;
    CHECK(relative_error(histogram.quantile(q), values[rank]) < 0.04);
  }
  CHECK(histogram.quantile(1.0) <= histogram.max());
  CHECK(histogram.max() == Micros(values.back()));
}

TEST_CASE("odd values and quantiles are clamped", "[metrics]") {
  Histogram histogram;
  histogram.record(Micros(-5));
  CHECK(histogram.quantile(0.5) == Micros(0));
  histogram.record(Micros(std::numeric_limits<std::int64_t>::max()));
  CHECK(histogram.count() == 2);
  CHECK(histogram.max() == Micros(std::numeric_limits<std::int64_t>::max()));
  CHECK(histogram.quantile(2.0) > std::chrono::hours(24 * 49));
  CHECK(histogram.quantile(-1.0) == Micros(0));
  CHECK(histogram.quantile(std::nan("")) == Micros(0));
}

TEST_CASE("counters and histograms lose nothing between threads", "[metrics]") {
  MetricsRegistry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&registry] {
      for (int i = 0; i < 5000; ++i) {
        registry.counter("frames").add();
        registry.histogram("delay").record(Micros(i));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(registry.counter("frames").value() == 20'000);
  CHECK(registry.histogram("delay").count() == 20'000);
  CHECK(registry.histogram("delay").max() == Micros(4999));
}

TEST_CASE("a snapshot lists everything by name", "[metrics]") {
  MetricsRegistry registry;
  Counter& calls = registry.counter("z.calls");
  calls.add(3);
  CHECK(&calls == &registry.counter("z.calls"));
  registry.histogram("a.delay").record(std::chrono::milliseconds(20));
  const auto samples = registry.snapshot();
  std::vector<std::string> names;
  for (const auto& sample : samples) names.push_back(sample.name);
  CHECK(names == std::vector<std::string>{"a.delay.count", "a.delay.max_ms", "a.delay.p50_ms",
                                          "a.delay.p95_ms", "a.delay.p99_ms", "z.calls"});
  CHECK(samples[0].value == 1);
  CHECK(samples[1].value == 20.0);
  CHECK(samples[2].value == Approx(20.0).epsilon(0.04));
  CHECK(samples[5].value == 3);
}

}  // namespace voicebridge
