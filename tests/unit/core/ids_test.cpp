#include "voicebridge/core/ids.hpp"

#include <set>

#include "support/catch.hpp"

namespace voicebridge {
namespace {

constexpr std::string_view kIdAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_uuid_v4(const std::string& text) {
  if (text.size() != 36 || text[14] != '4' ||
      std::string("89ab").find(text[19]) == std::string::npos)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::string("0123456789abcdef").find(text[i]) == std::string::npos)
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("an id is its prefix and 22 characters that a URL can hold", "[ids]") {
  const std::string id = random_id("call_");
  REQUIRE(id.size() == 27);
  CHECK(id.substr(0, 5) == "call_");
  CHECK(id.find_first_not_of(kIdAlphabet, 5) == std::string::npos);
  CHECK(random_id().size() == 22);
}

TEST_CASE("unpredictable ids do not repeat and use the whole alphabet", "[ids]") {
  std::set<std::string> ids;
  std::set<char> characters;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = random_id();
    ids.insert(id);
    characters.insert(id.begin(), id.end());
  }
  CHECK(ids.size() == 1000);
  CHECK(characters.size() == 64);
  CHECK(IdGenerator().make() != IdGenerator().make());
}

TEST_CASE("a seed makes ids repeatable", "[ids]") {
  IdGenerator first(7);
  IdGenerator second(7);
  IdGenerator other(8);
  const std::string id = first.make("a");
  CHECK(id == second.make("a"));
  CHECK(id != other.make("a"));
  CHECK(first.uuid() == second.uuid());
  CHECK(first.make("a") != id);
}

TEST_CASE("a uuid is of version 4", "[ids]") {
  IdGenerator seeded(1);
  for (int i = 0; i < 100; ++i) {
    CHECK(is_uuid_v4(seeded.uuid()));
    CHECK(is_uuid_v4(random_uuid()));
  }
  CHECK(random_uuid() != random_uuid());
}

}  // namespace voicebridge
