#include "voicebridge/net/webhook.hpp"

#include <set>

#include "net/recent_set.hpp"
#include "net/unix_seconds.hpp"
#include "support/catch.hpp"

using namespace voicebridge;

TEST_CASE("what to answer to a webhook follows from the fault") {
  CHECK(http_status(WebhookFault::missing) == 401);
  CHECK(http_status(WebhookFault::malformed) == 401);
  CHECK(http_status(WebhookFault::wrong_signature) == 401);
  CHECK(http_status(WebhookFault::stale) == 403);
  CHECK(http_status(WebhookFault::replayed) == 403);
  CHECK(http_status(WebhookFault::malformed_event) == 400);
  CHECK(http_status(WebhookFault::repeated) == 200);
  CHECK(http_status(WebhookFault::late) == 200);
  CHECK(to_string(WebhookFault::wrong_signature) == "wrong_signature");
}

TEST_CASE("every fault of a webhook has a name of its own") {
  std::set<std::string_view> names;
  for (int fault = 0; fault <= static_cast<int>(WebhookFault::late); ++fault) {
    names.insert(to_string(static_cast<WebhookFault>(fault)));
  }
  CHECK(names.size() == 8);
  CHECK(names.count("unknown") == 0);
}

TEST_CASE("seconds of a header are digits and nothing else") {
  CHECK(net::parse_unix_seconds("1750287078") == 1750287078);
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "1234567890123"}) {
    CHECK_FALSE(net::parse_unix_seconds(text));
  }
  const std::chrono::seconds tolerance(300);
  CHECK(net::is_near(1000, 1300'999, tolerance));
  CHECK(net::is_near(1000, 700'000, tolerance));
  CHECK_FALSE(net::is_near(1000, 1301'000, tolerance));
  CHECK_FALSE(net::is_near(1000, 699'999, tolerance));
}

TEST_CASE("the memory for repeats is bounded in time and number") {
  net::RecentSet set(Millis(1000), 3);
  CHECK(set.insert("a", 0));
  CHECK_FALSE(set.insert("a", 1000));
  CHECK(set.insert("a", 1001));
  CHECK(set.insert("b", 1001));
  CHECK(set.insert("c", 1001));
  CHECK(set.forgotten_early() == 0);
  CHECK(set.insert("d", 1001));
  CHECK(set.size() == 3);
  CHECK(set.forgotten_early() == 1);
  CHECK_FALSE(set.insert("d", 1001));
  CHECK(set.insert("a", 1001));
}
