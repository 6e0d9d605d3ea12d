#include "voicebridge/openai/webhook_event.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

TEST_CASE("an address in a SIP header") {
  struct Case {
    const char *header, *uri, *user, *host, *number, *name;
  };
  for (const Case& c : {
           Case{"<sip:+15550100@pstn.twilio.com>;tag=48_c3", "sip:+15550100@pstn.twilio.com",
                "+15550100", "pstn.twilio.com", "+15550100", ""},
           Case{"sip:+15550100@example.com", "sip:+15550100@example.com", "+15550100",
                "example.com", "+15550100", ""},
           Case{"sip:ada@Example.COM:5061;tag=1", "sip:ada@Example.COM:5061", "ada", "example.com",
                "", ""},
           Case{R"("Ada \"L\" <x>" <sips:ada@example.com;transport=tls>;tag=1)",
                "sips:ada@example.com;transport=tls", "ada", "example.com", "", "Ada \"L\" <x>"},
           Case{"  Ada Lovelace  <tel:+1-555-0100.22>", "tel:+1-555-0100.22", "+1-555-0100.22", "",
                "+1555010022", "Ada Lovelace"},
           Case{"<tel:7042;phone-context=example.com>", "tel:7042;phone-context=example.com",
                "7042", "", "", ""},
           Case{"<sip:+15550100;npdi:secret@example.com>", "sip:+15550100;npdi:secret@example.com",
                "+15550100", "example.com", "+15550100", ""},
           Case{"<sip:%2B15550100@[2001:DB8::1]:5060>", "sip:%2B15550100@[2001:DB8::1]:5060",
                "+15550100", "[2001:db8::1]", "+15550100", ""},
           Case{"<sip:sip.example.com>", "sip:sip.example.com", "", "sip.example.com", "", ""},
           Case{"anonymous", "", "", "", "", ""},
           Case{"", "", "", "", "", ""},
           Case{"\"", "", "", "", "", ""},
           Case{"<", "", "", "", "", ""},
           Case{"<sip:", "sip:", "", "", "", ""},
       }) {
    INFO(c.header);
    const SipAddress address = parse_sip_address(c.header);
    CHECK(address.uri == c.uri);
    CHECK(address.user == c.user);
    CHECK(address.host == c.host);
    CHECK(address.number == c.number);
    CHECK(address.display_name == c.name);
    CHECK(address.text() == (*c.number != '\0' ? c.number : c.uri));
  }
}

namespace {

std::string event(std::string_view data, std::string_view type = "realtime.call.incoming") {
  return fmt::format(R"({{"id":"evt_1","type":"{}","created_at":1750287018,"new":1,"data":{}}})",
                     type, data);
}

}  // namespace

TEST_CASE("an incoming call, its headers in order and with repeats") {
  const auto read = parse_webhook(event(
      R"({"call_id":"rtc_1","sip_media_security":"srtp","sip_headers":[)"
      R"({"name":"from","value":"\"A\" <sip:+15550100@a.example>"},{"name":"t","value":"<sip:x@b>"},)"
      R"({"name":"X-A","value":"1"},{"name":"x-a","value":"2"},{"value":"nameless"},{"name":"Empty"}]})"));
  REQUIRE(read);
  CHECK(read->id == "evt_1");
  CHECK(read->created_at == 1750287018);
  REQUIRE(read->call);
  const IncomingSipCall& call = *read->call;
  CHECK(call.event_id == "evt_1");
  CHECK(call.call_id == "rtc_1");
  CHECK(call.created_at == 1750287018);
  CHECK(call.media_security == "srtp");
  CHECK(call.from.text() == "+15550100");
  CHECK(call.from.display_name == "A");
  CHECK(call.to.text() == "sip:x@b");  // by its short name
  CHECK(call.headers.count("X-A") == 2);
  CHECK(call.headers.find("X-a") == "1");
  CHECK(call.headers.find("EMPTY") == "");
  CHECK(call.headers.fields().size() == 5);
}

TEST_CASE("what is missing in an incoming call") {
  const auto bare = parse_webhook(event(R"({"call_id":"rtc_1"})"));
  REQUIRE(bare);
  CHECK(bare->call->from.text().empty());
  CHECK(bare->call->media_security.empty());
  for (const char* data : {"{}", R"({"call_id":""})", R"({"call_id":7})", "null", "[]"}) {
    INFO(data);
    const auto read = parse_webhook(event(data));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::protocol_error);
    CHECK(read.error().field == "data.call_id");
  }
}

TEST_CASE("an event of another type is an event all the same") {
  const auto read = parse_webhook(event(R"({"session_id":"live_1"})", "live.transport.incoming"));
  REQUIRE(read);
  CHECK(read->type == "live.transport.incoming");
  CHECK_FALSE(read->call);
  CHECK(read->json["data"]["session_id"].string() == "live_1");
}

TEST_CASE("what is no event") {
  for (const char* body :
       {"", "null", "[]", "{", "{}", R"({"id":"e","type":"t"})", R"({"id":"e","created_at":1})",
        R"({"type":"t","created_at":1})", R"({"id":"e","type":"t","created_at":"1"})",
        R"({"id":1,"type":"t","created_at":1})"}) {
    INFO(body);
    CHECK_FALSE(parse_webhook(body));
  }
}
