#include "testing/openai_reply_plan.hpp"

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

using Kind = ReplyStep::Kind;

Item spoken(std::size_t millis, const std::string& words) {
  Item item;
  item.role = "assistant";
  ContentPart part;
  part.type = "output_audio";
  part.transcript = words;
  part.format = AudioFormat::pcmu();
  part.audio = std::make_shared<const Bytes>(millis * 8);
  part.audio_bytes = millis * 8;
  item.content.push_back(part);
  return item;
}

Item call(const std::string& arguments) {
  Item item;
  item.type = "function_call";
  item.arguments = arguments;
  return item;
}

TEST_CASE("the pieces of a reply are its audio and its words, whole and in order",
          "[openai_reply_plan]") {
  const std::string words = "Some words that are said, one after another, until they are all said.";
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    const auto plan = plan_reply({spoken(4001, words)}, {}, {}, random);
    REQUIRE(plan.front().kind == Kind::open);
    REQUIRE(plan.front().at == Millis(250));
    REQUIRE(plan.back().kind == Kind::finish);
    std::size_t sent = 0;
    std::string said;
    for (std::size_t i = 1; i + 2 < plan.size(); ++i) {
      REQUIRE(plan[i].kind == Kind::audio);
      REQUIRE(plan[i].begin == sent);
      // Due when the audio before it has been made at eight times real time.
      const Micros made = AudioFormat::pcmu().duration(sent) / 8;
      REQUIRE(plan[i].at >= Millis(250) + made - Micros(50));
      REQUIRE(plan[i].at <= Millis(250) + made);
      sent = plan[i].end;
      said += plan[i].text;
      const std::size_t millis = (plan[i].end - plan[i].begin) / 8;
      if (i + 3 < plan.size()) {
        REQUIRE(millis >= 100);
        REQUIRE(millis <= 407);
        REQUIRE(millis % 20 != 0);
      }
      // The words never lag behind the audio.
      REQUIRE(said.size() * 4001 * 8 >= words.size() * sent);
    }
    REQUIRE(sent == 4001 * 8);
    REQUIRE(said == words);
  }
}

TEST_CASE("the same seed gives the same plan", "[openai_reply_plan]") {
  SeededRandom a(5), b(5), c(6);
  const auto ends = [](SeededRandom& random) {
    std::vector<std::size_t> result;
    for (const auto& step : plan_reply({spoken(3000, "x y z")}, {}, {}, random))
      result.push_back(step.end);
    return result;
  };
  const auto first = ends(a);
  CHECK(first == ends(b));
  CHECK(first != ends(c));
}

TEST_CASE("the arguments of a call are not cut inside a character", "[openai_reply_plan]") {
  std::string arguments;
  for (int i = 0; i < 40; ++i) arguments += "é€";
  SeededRandom random(1);
  std::string joined;
  for (const auto& step : plan_reply({call(arguments)}, {}, {}, random)) {
    if (step.kind != Kind::arguments) continue;
    REQUIRE((static_cast<unsigned char>(step.text[0]) & 0xC0) != 0x80);
    joined += step.text;
  }
  CHECK(joined == arguments);
}

TEST_CASE("a fault comes after the pieces that it names", "[openai_reply_plan]") {
  SeededRandom random(1);
  ReplyFault fault;
  fault.kind = ReplyFault::Kind::cut;
  fault.after = 3;
  const auto plan = plan_reply({spoken(4000, "a b c d")}, {}, fault, random);
  REQUIRE(plan.size() > 5);
  CHECK(plan[3].kind == Kind::audio);
  CHECK(plan[4].kind == Kind::cut);

  fault.kind = ReplyFault::Kind::silent;
  CHECK(plan_reply({spoken(4000, "a")}, {}, fault, random).empty());
}

}  // namespace
}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
