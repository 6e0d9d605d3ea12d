#include "voicebridge/audio/resampler.hpp"

#include "support/allocation_counter.hpp"
#include "support/catch.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;

namespace {

struct Rates {
  std::uint32_t from;
  std::uint32_t to;
};

std::vector<Rates> all_rates() {
  std::vector<Rates> pairs;
  for (const std::uint32_t from : {8000U, 16000U, 24000U, 48000U}) {
    for (const std::uint32_t to : {8000U, 16000U, 24000U, 48000U}) {
      if (from != to) pairs.push_back({from, to});
    }
  }
  pairs.push_back({22050, 24000});
  return pairs;
}

Resampler resampler_for(Rates rates) {
  auto resampler = Resampler::create(rates.from, rates.to);
  REQUIRE(resampler);
  return std::move(*resampler);
}

Samples resampled(Rates rates, const Samples& in) {
  Resampler resampler = resampler_for(rates);
  Samples out;
  resampler.process(in, out);
  resampler.flush(out);
  return out;
}

}  // namespace

TEST_CASE("rates are checked") {
  for (const Rates rates :
       {Rates{7999, 8000}, Rates{8000, 48001}, Rates{0, 8000}, Rates{8000, 0}}) {
    const auto resampler = Resampler::create(rates.from, rates.to);
    REQUIRE_FALSE(resampler);
    CHECK(resampler.error().code == Errc::invalid_argument);
    CHECK(resampler.error().field == "sample_rate");
  }
}

TEST_CASE("a 1 kHz sine keeps its level and stays clean") {
  for (const Rates rates : all_rates()) {
    CAPTURE(rates.from, rates.to);
    const Samples out = resampled(rates, test::sine(1000, rates.from, rates.from));
    const SampleView middle = SampleView(out).subview(rates.to / 10, rates.to / 2);
    CHECK(test::sine_snr_db(middle, 1000, rates.to) > 70);
    CHECK(std::abs(test::fit_sine(middle, 1000, rates.to)) == Approx(16000).epsilon(0.002));
  }
}

TEST_CASE("what the lower rate cannot carry is removed, not folded back") {
  for (const Rates rates : {Rates{24000, 8000}, Rates{16000, 8000}, Rates{24000, 16000}}) {
    CAPTURE(rates.from, rates.to);
    const double hertz = rates.to * 0.55;
    const Samples out = resampled(rates, test::sine(hertz, rates.from, rates.from));
    double loudest = 0;
    for (std::size_t i = rates.to / 10; i < rates.to / 2; ++i) {
      loudest = std::max(loudest, std::abs(static_cast<double>(out[i])));
    }
    CHECK(loudest < 16000 * 0.001);
  }
}

TEST_CASE("the delay is the one reported") {
  for (const Rates rates : all_rates()) {
    CAPTURE(rates.from, rates.to);
    const std::size_t delay = resampler_for(rates).delay();
    const Samples out = resampled(rates, test::sine(400, rates.from, rates.from));
    // Without the delay's samples the sine starts at phase 0.
    const SampleView aligned = SampleView(out).subview(delay, rates.to / 2);
    const double phase = std::arg(test::fit_sine(aligned, 400, rates.to));
    const double samples_off = phase / (2 * test::kPi) * rates.to / 400;
    const bool whole_ratio = rates.from != 22050;
    CHECK(std::abs(samples_off) < (whole_ratio ? 0.02 : 0.51));
    CHECK(delay * 1000 <= 5 * rates.to);
  }
}

TEST_CASE("so many samples go in, so many come out") {
  for (const Rates rates : all_rates()) {
    CAPTURE(rates.from, rates.to);
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{161}, std::size_t{4800}}) {
      Resampler resampler = resampler_for(rates);
      Samples out;
      resampler.process(Samples(count, 0), out);
      CHECK(out.size() == (count * rates.to + rates.from - 1) / rates.from);
      const std::size_t before = out.size();
      resampler.flush(out);
      const auto tail = static_cast<double>(out.size() - before);
      CHECK(tail == Approx(static_cast<double>(resampler.delay())).margin(1));
    }
  }
}

TEST_CASE("a stream cut anywhere gives the same samples") {
  const Samples noise = test::white_noise(-12, 30000, 4);
  for (const Rates rates : all_rates()) {
    CAPTURE(rates.from, rates.to);
    const Samples whole = resampled(rates, noise);
    for (unsigned seed = 0; seed < 10; ++seed) {
      Resampler resampler = resampler_for(rates);
      Samples pieces;
      test::in_random_cuts(SampleView(noise), seed, seed < 3 ? 7 : 1500,
                           [&](SampleView part) { resampler.process(part, pieces); });
      resampler.flush(pieces);
      REQUIRE(pieces == whole);
    }
  }
}

TEST_CASE("input longer than a slice gives the same samples") {
  const Samples noise = test::white_noise(-12, 150000, 5);
  const Samples whole = resampled({8000, 24000}, noise);
  Resampler resampler = resampler_for({8000, 24000});
  Samples pieces;
  resampler.process(SampleView(noise).subview(0, 70000), pieces);
  resampler.process(SampleView(noise).subview(70000), pieces);
  resampler.flush(pieces);
  CHECK(pieces == whole);
}

TEST_CASE("after flush and after reset a resampler is as new") {
  const Samples noise = test::white_noise(-12, 1000, 6);
  const Rates rates{24000, 8000};
  const Samples whole = resampled(rates, noise);
  Resampler resampler = resampler_for(rates);
  Samples first;
  resampler.process(noise, first);
  resampler.flush(first);
  Samples second;
  resampler.process(SampleView(noise).subview(0, 333), second);
  resampler.reset();
  second.clear();
  resampler.process(noise, second);
  resampler.flush(second);
  CHECK(first == whole);
  CHECK(second == whole);
}

TEST_CASE("full-scale input is clipped, not wrapped") {
  Samples square(8000);
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = i / 20 % 2 == 0 ? 32767 : -32768;
  const Samples out = resampled({8000, 24000}, square);
  for (std::size_t i = 400; i + 400 < out.size(); ++i) {
    REQUIRE(std::abs(int{out[i]} - int{out[i - 1]}) < 40000);
  }
}

TEST_CASE("a running resampler does not allocate") {
  Resampler resampler = resampler_for({24000, 8000});
  const Samples chunk = test::sine(500, 24000, 480);
  Samples out;
  resampler.process(chunk, out);
  out.clear();
  const std::size_t before = test::allocation_count();
  for (int i = 0; i < 100; ++i) {
    out.clear();
    resampler.process(chunk, out);
  }
  CHECK(test::allocation_count() == before);
}
