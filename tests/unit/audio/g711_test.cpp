#include "audio/g711.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

using namespace voicebridge;
using namespace voicebridge::detail;

namespace {

/// A half of a law as the standard prints it: decision values from 0 up, in 16 bit units.
struct Law {
  std::vector<int> decisions;  ///< Where interval n begins; the virtual decision value stands last.
  std::vector<int> outputs;

  int interval_of(int magnitude) const {
    const auto above = std::upper_bound(decisions.begin(), decisions.end() - 1, magnitude);
    return static_cast<int>(above - decisions.begin()) - 1;
  }
};

/// ITU-T G.711 table 2a: end points of the segments, the first interval half as wide and its output
/// 0.
Law table_2a() {
  Law law;
  law.decisions = {0, 1};
  int step = 2;
  for (const int end : {31, 95, 223, 479, 991, 2015, 4063, 8159}) {
    while (law.decisions.back() < end) law.decisions.push_back(law.decisions.back() + step);
    step *= 2;
  }
  law.outputs = {0};
  for (std::size_t n = 1; n + 1 < law.decisions.size(); ++n) {
    law.outputs.push_back((law.decisions[n] + law.decisions[n + 1]) / 2);
  }
  for (auto& value : law.decisions) value *= 4;
  for (auto& value : law.outputs) value *= 4;
  return law;
}

/// ITU-T G.711 table 1a: every output lies in the middle of its interval.
Law table_1a() {
  Law law;
  law.decisions = {0};
  int step = 2;
  for (const int end : {64, 128, 256, 512, 1024, 2048, 4096}) {
    while (law.decisions.back() < end) law.decisions.push_back(law.decisions.back() + step);
    step *= 2;
  }
  for (std::size_t n = 0; n + 1 < law.decisions.size(); ++n) {
    law.outputs.push_back(8 * (law.decisions[n] + law.decisions[n + 1]) / 2);
  }
  for (auto& value : law.decisions) value *= 8;
  return law;
}

std::uint8_t ulaw_by_definition(const Law& law, int sample) {
  const int interval = law.interval_of(std::abs(sample));
  return static_cast<std::uint8_t>(sample < 0 ? 0x7F - interval : 0xFF - interval);
}

std::uint8_t alaw_by_definition(const Law& law, int sample) {
  // A decision value belongs to the interval above it on the number line, on both sides of 0.
  const int interval = law.interval_of(sample < 0 ? -sample - 1 : sample);
  return static_cast<std::uint8_t>((interval | (sample < 0 ? 0 : 0x80)) ^ 0x55);
}

std::vector<char> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
void write_file(const std::filesystem::path& path, const std::vector<T>& values) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
}

bool run(const std::string& command) {
  return std::system((command + " 2>/dev/null").c_str()) == 0;
}

}  // namespace

TEST_CASE("the definition has 128 intervals in each half") {
  REQUIRE(table_2a().outputs.size() == 128);
  REQUIRE(table_1a().outputs.size() == 128);
  CHECK(table_2a().outputs.back() == 4 * 8031);
  CHECK(table_1a().outputs.back() == 8 * 4032);
}

TEST_CASE("every u-law code decodes to the output value of G.711") {
  const Law law = table_2a();
  for (int n = 0; n < 128; ++n) {
    CAPTURE(n);
    CHECK(kUlawDecode[static_cast<std::size_t>(0xFF - n)] ==
          law.outputs[static_cast<std::size_t>(n)]);
    CHECK(kUlawDecode[static_cast<std::size_t>(0x7F - n)] ==
          -law.outputs[static_cast<std::size_t>(n)]);
  }
}

TEST_CASE("every A-law code decodes to the output value of G.711") {
  const Law law = table_1a();
  for (int n = 0; n < 128; ++n) {
    CAPTURE(n);
    CHECK(kAlawDecode[static_cast<std::size_t>((n | 0x80) ^ 0x55)] ==
          law.outputs[static_cast<std::size_t>(n)]);
    CHECK(kAlawDecode[static_cast<std::size_t>(n ^ 0x55)] ==
          -law.outputs[static_cast<std::size_t>(n)]);
  }
}

TEST_CASE("every 16 bit sample gets the code of its G.711 interval") {
  const Law ulaw = table_2a();
  const Law alaw = table_1a();
  int wrong_ulaw = 0;
  int wrong_alaw = 0;
  for (int sample = -32768; sample <= 32767; ++sample) {
    wrong_ulaw +=
        ulaw_encode(static_cast<std::int16_t>(sample)) != ulaw_by_definition(ulaw, sample);
    wrong_alaw +=
        alaw_encode(static_cast<std::int16_t>(sample)) != alaw_by_definition(alaw, sample);
  }
  CHECK(wrong_ulaw == 0);
  CHECK(wrong_alaw == 0);
}

TEST_CASE("decoded codes encode to themselves, but for the negative zero of u-law") {
  for (int code = 0; code < 256; ++code) {
    CAPTURE(code);
    const auto index = static_cast<std::size_t>(code);
    CHECK(int{ulaw_encode(kUlawDecode[index])} == (code == 0x7F ? 0xFF : code));
    CHECK(int{alaw_encode(kAlawDecode[index])} == code);
  }
}

// sox rounds 16 bit to 14 (u-law) and 13 (A-law) before it encodes, so only samples that need no
// rounding can be compared: the multiples of 4 and of 8.
TEST_CASE("G.711 agrees with sox") {
  if (!run("command -v sox >/dev/null")) {
    WARN("sox is not installed: not compared");
    return;
  }
  const test::TempDirectory folder;
  std::vector<std::int16_t> samples;
  for (int sample = -32768; sample <= 32767; ++sample)
    samples.push_back(static_cast<std::int16_t>(sample));
  std::vector<std::uint8_t> codes;
  for (int code = 0; code < 256; ++code) codes.push_back(static_cast<std::uint8_t>(code));
  write_file(folder / "samples", samples);
  write_file(folder / "codes", codes);

  const bool ulaw = GENERATE(true, false);
  CAPTURE(ulaw);
  const std::string law = ulaw ? " -e u-law -b 8" : " -e a-law -b 8";
  const std::string raw = " -t raw -r 8000 -c 1";
  const std::string linear = " -e signed-integer -b 16 -L ";
  const std::string prefix = folder.path().string() + "/";
  REQUIRE(run("sox -D" + raw + linear + prefix + "samples" + raw + law + " " + prefix + "encoded"));
  REQUIRE(run("sox -D" + raw + law + " " + prefix + "codes" + raw + linear + prefix + "decoded"));

  const auto encoded = read_file(folder / "encoded");
  REQUIRE(encoded.size() == samples.size());
  int compared = 0;
  int different = 0;
  for (std::size_t i = 0; i < samples.size(); i += ulaw ? 4 : 8) {
    const std::uint8_t ours = ulaw ? ulaw_encode(samples[i]) : alaw_encode(samples[i]);
    different += ours != static_cast<std::uint8_t>(encoded[i]);
    ++compared;
  }
  CHECK(compared == (ulaw ? 16384 : 8192));
  CHECK(different == 0);

  const auto decoded = read_file(folder / "decoded");
  REQUIRE(decoded.size() == 512);
  for (std::size_t code = 0; code < 256; ++code) {
    CAPTURE(code);
    const int theirs =
        static_cast<std::int16_t>(static_cast<std::uint8_t>(decoded[2 * code]) |
                                  static_cast<std::uint8_t>(decoded[2 * code + 1]) << 8);
    CHECK(theirs == (ulaw ? kUlawDecode[code] : kAlawDecode[code]));
  }
}
