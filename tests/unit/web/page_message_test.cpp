#include "voicebridge/web/page_message.hpp"

#include <random>

#include "support/catch.hpp"
#include "support/tries.hpp"

using namespace voicebridge;
using namespace voicebridge::web;

namespace {

template <class T>
T read(std::string_view text) {
  const auto message = parse_page_message(text);
  REQUIRE(message);
  REQUIRE(std::holds_alternative<T>(*message));
  return std::get<T>(*message);
}

Error fault(std::string_view text) {
  const auto message = parse_page_message(text);
  REQUIRE_FALSE(message);
  return message.error();
}

}  // namespace

TEST_CASE("Each message of a page becomes a value") {
  const auto hello = read<PageHello>(
      R"({"type":"hello","session_id":"ws_1","token":"secret","after":17,"new":[1]})");
  CHECK(hello.session_id == "ws_1");
  CHECK(hello.token.reveal() == "secret");
  CHECK(hello.after == 17);
  CHECK(read<PageText>(R"({"type":"text","text":"Bonjour"})").text == "Bonjour");
  const auto lead = read<PageLead>(
      R"({"type":"lead","first_name":"Ada","last_name":"L","phone":"+33612345678","consent":true})");
  CHECK(lead.first_name == "Ada");
  CHECK(lead.phone == "+33612345678");
  CHECK(lead.consent);
  const auto said = read<PageTranscript>(
      R"({"type":"transcript","who":"agent","turn":"t2","text":"Hi","final":true,"cut":true})");
  CHECK(said.who == PageTranscript::Who::agent);
  CHECK(said.turn == "t2");
  CHECK(said.final);
  CHECK(said.cut);
  const auto played =
      read<PagePlayed>(R"({"type":"played","name":"12","dropped":true,"played_samples":480})");
  CHECK(played.name == "12");
  CHECK(played.dropped);
  CHECK(played.played_samples == 480);
  CHECK_FALSE(read<PagePlayed>(R"({"type":"played","name":"1"})").played_samples);
  CHECK(read<PagePosition>(R"({"type":"position","played_samples":4800})").played_samples == 4800);
  read<PageCall>(R"({"type":"call"})");
  read<PageEnd>(R"({"type":"end"})");
  read<PagePing>(R"({"type":"ping"})");
}

TEST_CASE("A message that is none says which member is wrong") {
  CHECK(fault(R"({"type":"dance"})").code == Errc::unsupported);
  CHECK(fault(R"({"text":"x"})").field == "type");
  CHECK(fault(R"({"type":"hello","token":"x"})").field == "session_id");
  CHECK(fault(R"({"type":"hello","session_id":"x","token":7})").field == "token");
  CHECK(fault(R"({"type":"hello","session_id":"x","token":"y","after":-1})").field == "after");
  CHECK(fault(R"({"type":"hello","session_id":"x","token":"y","after":1.5})").field == "after");
  CHECK(fault(R"({"type":"text","text":""})").field == "text");
  CHECK(fault(R"({"type":"lead","consent":"yes"})").field == "consent");
  CHECK(fault(R"({"type":"transcript","who":"me","turn":"t"})").field == "who");
  CHECK(fault(R"({"type":"position","played_samples":1e300})").field == "played_samples");
  CHECK(fault(R"({"type":"position"})").field == "played_samples");
  CHECK(fault("").code == Errc::invalid_argument);
  CHECK(fault("[]").field == "type");
}

TEST_CASE("A message that is too long or too deep is refused") {
  const std::string name(201, 'x');
  CHECK(fault(R"({"type":"lead","first_name":")" + name + "\"}").code == Errc::payload_too_large);
  const std::string huge(64 * 1024, 'x');
  CHECK(fault(R"({"type":"text","text":")" + huge + "\"}").code == Errc::payload_too_large);
  CHECK_FALSE(parse_page_message(R"({"type":"ping","a":)" + std::string(1000, '[')));
}

TEST_CASE("Whatever a page says is read or refused") {
  const std::string seeds[] = {
      R"({"type":"hello","session_id":"ws_1","token":"secret","after":17})",
      R"({"type":"played","name":"12","dropped":true,"played_samples":480})",
      R"({"type":"transcript","who":"agent","turn":"t2","text":"Hi","final":true})"};
  std::mt19937 random(7);
  std::size_t read_well = 0;
  for (std::uint64_t i = 0; i < test::tries(20000); ++i) {
    std::string text = seeds[random() % 3];
    for (unsigned edits = random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      if (random() % 2 == 0) text[at] = static_cast<char>(random());
      if (random() % 3 == 0) text.erase(at, random() % 5);
      if (text.empty()) text = "{";
    }
    const auto message = parse_page_message(text);
    if (message) ++read_well;
    if (message && std::holds_alternative<PageHello>(*message)) {
      CHECK_FALSE(std::get<PageHello>(*message).session_id.empty());
    }
  }
  CHECK(read_well > 0);
}
