#include "voicebridge/core/secret.hpp"

#include <utility>

#include "support/catch.hpp"

namespace voicebridge {

TEST_CASE("a secret shows itself only on request", "[secret]") {
  const Secret key("sk-live-12345678901234567890");
  CHECK(key.reveal() == "sk-live-12345678901234567890");
  CHECK(key.redacted() == "***");
  CHECK_FALSE(key.empty());
  CHECK(Secret().empty());
  CHECK(Secret().redacted().empty());
}

TEST_CASE("a secret equals its value and nothing else", "[secret]") {
  const Secret key("token");
  CHECK(key.equals("token"));
  CHECK_FALSE(key.equals("tokem"));
  CHECK_FALSE(key.equals("toke"));
  CHECK_FALSE(key.equals("token1"));
  CHECK_FALSE(key.equals(""));
  CHECK(Secret().equals(""));
}

TEST_CASE("a moved secret leaves nothing behind, short or long", "[secret]") {
  for (const std::string value :
       {"short", "a value that does not fit into the string object itself"}) {
    Secret from{value};
    const Secret to(std::move(from));
    CHECK(to.reveal() == value);
    CHECK(from.empty());  // NOLINT: what is left of it is the point
    CHECK(std::string_view(from.reveal().data(), 0).empty());
  }
}

TEST_CASE("secrets copy and assign by value", "[secret]") {
  Secret first("one");
  const Secret copy(first);
  first = Secret("two");
  CHECK(copy.reveal() == "one");
  CHECK(first.reveal() == "two");
  first = copy;
  CHECK(first.reveal() == "one");
}

}  // namespace voicebridge
