#include "voicebridge/testing/webhook_outbox.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("webhooks are signed over timestamp and raw body with the carrier's key") {
  Network net;
  net.dial();
  net.run(Millis(500));
  REQUIRE(net.posts.size() == 1);
  const SimPost& post = net.posts[0];
  const auto key = Ed25519PublicKey::parse(net.carrier.public_key_base64()).value();
  const std::string timestamp(*post.headers.find("telnyx-timestamp"));
  const Bytes signature = base64_decode(*post.headers.find("telnyx-signature-ed25519")).value();
  CHECK(signature.size() == 64);
  CHECK(timestamp == "1763717400");
  CHECK(key.verify(ByteView(timestamp + "|" + post.body), signature));
  CHECK_FALSE(key.verify(ByteView(timestamp + "|" + post.body + " "), signature));
}

TEST_CASE(
    "webhooks come twice, in another order, stale, forged or not at all as they are told to") {
  auto options = Network::default_options();
  WebhookFaults::Rule late{"call.initiated"};
  late.delay = Millis(3000);
  WebhookFaults::Rule twice{"call.answered"};
  twice.copies = 2;
  twice.stale = Millis(301000);
  WebhookFaults::Rule never{"call.hangup"};
  never.copies = 0;
  WebhookFaults::Rule forged{"call.machine.premium.detection.ended"};
  forged.bad_signature = true;
  options.webhooks.rules = {late, twice, never, forged};
  Network net(options);
  const std::string id = net.dial(R"(,"answering_machine_detection":"premium")");
  net.run(Millis(5000));
  net.act(id, "hangup");
  net.run(Millis(5000));
  CHECK(net.types() == std::vector<std::string>{"call.answered", "call.answered",
                                                "call.machine.premium.detection.ended",
                                                "call.initiated"});
  const auto event_id = [&](std::size_t i) {
    return Json::parse(net.posts[i].body).value()["data"]["id"].string_or("");
  };
  CHECK(event_id(0) == event_id(1));
  const auto sent = std::stoll(std::string(*net.posts[0].headers.find("telnyx-timestamp")));
  CHECK(sent == 1763717400 + 1 - 301);
  const auto key = Ed25519PublicKey::parse(net.carrier.public_key_base64()).value();
  const auto verified = [&](const SimPost& post) {
    return key.verify(
        ByteView(std::string(*post.headers.find("telnyx-timestamp")) + "|" + post.body),
        base64_decode(*post.headers.find("telnyx-signature-ed25519")).value());
  };
  CHECK(verified(net.posts[0]));
  CHECK_FALSE(verified(net.posts[2]));
  const auto& records = net.carrier.webhooks();
  const auto hangup =
      std::find_if(records.begin(), records.end(), [](auto& r) { return r.type == "call.hangup"; });
  REQUIRE(hangup != records.end());
  CHECK(hangup->copies == 0);
  CHECK(hangup->attempts == 0);
}

TEST_CASE("a webhook that is not taken is tried again, with a new signature and a higher attempt") {
  Network net;
  net.status = 500;
  net.dial();
  net.run(Millis(1000));
  REQUIRE(net.posts.size() == 1);
  net.run(Millis(1000));
  net.status = 200;
  net.run(Millis(20000));
  std::vector<std::int64_t> attempts;
  for (const auto& post : net.posts) {
    const Json json = Json::parse(post.body).value();
    if (json["data"]["event_type"].string_or("") != "call.initiated") continue;
    attempts.push_back(json["meta"]["attempt"].integer_or(0));
  }
  CHECK(attempts == std::vector<std::int64_t>{1, 2, 3});
  CHECK(net.carrier.webhooks()[0].answers == std::vector<int>{500, 500, 200});
  CHECK(net.carrier.webhooks()[0].delivered);
  CHECK(net.posts[0].headers.find("telnyx-timestamp") !=
        net.posts[2].headers.find("telnyx-timestamp"));
}

TEST_CASE("retries end, follow the call's policy and go to the failover URL") {
  auto options = Network::default_options();
  options.webhook_failover_url = "http://backup.test/";
  Network net(options);
  net.status = 0;
  net.dial(
      R"(,"webhook_url":"http://other.test/","webhook_retries_policies":{"call.initiated":{"retries_ms":[100]}})");
  net.run(Millis(900));
  REQUIRE(net.posts.size() == 2);
  CHECK(net.posts[0].url == "http://other.test/");
  CHECK(net.posts[1].url == "http://backup.test/");
  CHECK_FALSE(net.carrier.webhooks()[0].delivered);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
