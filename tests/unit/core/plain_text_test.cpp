#include "core/plain_text.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using voicebridge::detail::is_plain;
using voicebridge::detail::skip_plain;

TEST_CASE("skipping finds the first character that is not plain, wherever it stands", "[plain]") {
  for (int value = 0; value < 256; ++value) {
    for (std::size_t size = 1; size <= 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(value);
        const auto expected = std::find_if_not(text.begin(), text.end(), is_plain) - text.begin();
        const char* const found = skip_plain(text.data(), text.data() + text.size());
        REQUIRE(found - text.data() == expected);
      }
    }
  }
}

TEST_CASE("neighbours of a character that is not plain do not move where it is found", "[plain]") {
  // Bytes whose subtractions borrow, beside each other in every order.
  const std::string odd = "\"\\\x01\x1f\x20\x21\x23\x5b\x5d\x7f\x80\xff";
  for (const char a : odd) {
    for (const char b : odd) {
      for (const char c : odd) {
        const std::string text = std::string("xy") + a + b + c + "abcdefgh";
        const auto expected = std::find_if_not(text.begin(), text.end(), is_plain) - text.begin();
        REQUIRE(skip_plain(text.data(), text.data() + text.size()) - text.data() == expected);
      }
    }
  }
}
