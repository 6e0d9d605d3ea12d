#include "testing/xml.hpp"

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("XML as TwiML has it: attributes, entities, comments, CDATA", "[xml]") {
  const auto root = parse_xml(
      "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hi -->\n"
      "<Response><Say voice='a&quot;b'>A &amp; B &lt;ok&gt; &#233;&#x1F600;</Say>"
      "<!-- x --><Dial><![CDATA[<raw>&]]></Dial><Hangup />\n</Response>\n");
  REQUIRE(root);
  REQUIRE(root->children.size() == 3);
  CHECK(root->children[0].text == "A & B <ok> \xC3\xA9\xF0\x9F\x98\x80");
  CHECK(root->children[0].get("voice") == "a\"b");
  CHECK(root->children[0].find("loop") == nullptr);
  CHECK(root->children[1].text == "<raw>&");
  CHECK(root->children[2].name == "Hangup");
  CHECK(trimmed_xml(" \n a b \t") == "a b");
}

TEST_CASE("what is no XML is refused, whatever is missing", "[xml]") {
  for (const char* text :
       {"", "x", "<", "<a", "<a>", "<a></b>", "<a b></a>", "<a b=c></a>", "<a b=\"c></a>",
        "<a>&nope;</a>", "<a>&amp</a>", "<a>&#0;</a>", "<a b=\"1\" b=\"2\"/>", "<a/><b/>",
        "<!-- never", "<a><![CDATA[x</a>", "<?xml <a/>", "<a>&#x110000;</a>", "< a/>"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_xml(text));
  }
}

TEST_CASE("XML beyond its limits is refused", "[xml]") {
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "<a>";
  for (int i = 0; i < 17; ++i) deep += "</a>";
  CHECK_FALSE(parse_xml(deep));
  CHECK(parse_xml(deep, {1000, 17}));
  CHECK(parse_xml("<a>" + std::string(70000, 'x') + "</a>").error().code ==
        Errc::payload_too_large);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
