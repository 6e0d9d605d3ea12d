// Leads over real sockets: `SupabaseLeadStore` and the outbox on one side, the simulator on the
// other.
#include "voicebridge/store/supabase_store.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/temp_directory.hpp"
#include "support/tries.hpp"
#include "voicebridge/store/outbox_store.hpp"
#include "voicebridge/testing/supabase_simulator.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

LeadInput guest(int number) {
  LeadInput input;
  input.first_name = "Ann";
  input.last_name = "No " + std::to_string(number);
  input.phone = "+336" + std::to_string(10'000'000 + number);
  return input;
}

struct Cloud {
  std::unique_ptr<Runtime> runtime = Runtime::create().value();
  std::unique_ptr<SupabaseSimulator> supabase = SupabaseSimulator::create(*runtime).value();
  std::unique_ptr<HttpClient> client = make_http_client(*runtime);
  test::TempDirectory dir;
  std::string path = (dir / "voicebridge.db").string();

  std::shared_ptr<SupabaseLeadStore> store(const std::string& key = "sb_secret_simulated",
                                           Millis timeout = Millis(10000)) {
    SupabaseOptions options;
    options.url = supabase->base_url();
    options.service_key = Secret(key);
    options.timeout = timeout;
    return SupabaseLeadStore::create(*client, runtime->shard(0), options).value();
  }
  OutboxStores outbox(Millis timeout = Millis(10000)) {
    OutboxOptions options;
    options.first_delay = Millis(1);
    options.max_delay = Millis(4);
    return open_outbox_stores(path, store("sb_secret_simulated", timeout), options).value();
  }
  std::vector<std::string> phones() const {
    std::vector<std::string> phones;
    for (const Lead& lead : supabase->leads()) phones.push_back(lead.phone_e164);
    return phones;
  }
};

std::vector<std::string> phones_up_to(int count) {
  std::vector<std::string> phones;
  for (int number = 0; number < count; ++number) phones.push_back(guest(number).phone);
  return phones;
}

}  // namespace

TEST_CASE("leads are kept in Supabase as in every store", "[supabase]") {
  Cloud cloud;
  const std::string jwt = SupabaseSimulatorOptions().service_jwt;
  for (const std::string& key : {std::string("sb_secret_simulated"), jwt}) {
    INFO(key);
    const auto store = cloud.store(key);
    LeadInput input = guest(1);
    input.consent = true;
    input.consent_text = "yes";
    input.source = "web";
    const auto saved = store->save(input);
    REQUIRE(saved);
    CHECK(saved->consent);
    CHECK(saved->created_at > 0);
    input.consent.reset();
    input.source.clear();
    input.first_name = "Zoe";
    const auto again = store->save(input);
    REQUIRE(again);
    CHECK(again->id == saved->id);
    CHECK(again->created_at == saved->created_at);
    CHECK(again->first_name == "Zoe");
    CHECK(again->consent);
    CHECK(again->consent_text == "yes");
    CHECK(again->source == "web");
    REQUIRE(store->set_summary(saved->id, "wants a call"));
    CHECK(store->find(saved->id)->summary == "wants a call");
    CHECK(store->find_by_phone(guest(1).phone)->id == saved->id);
    CHECK(store->find("nobody").error().code == Errc::not_found);
    CHECK(store->set_summary("nobody", "").error().code == Errc::not_found);
    CHECK(store->list(10)->size() == 1);
  }
  CHECK(cloud.store("sb_secret_wrong")->save(guest(2)).error().code == Errc::unauthenticated);
}

TEST_CASE("each kind of trouble is told apart", "[supabase]") {
  Cloud cloud;
  const auto store = cloud.store("sb_secret_simulated", Millis(200));
  const auto meets = [&](SupabaseFault fault) {
    cloud.supabase->inject(fault);
    const auto saved = store->save(guest(1));
    return saved ? Errc() : saved.error().code;
  };
  SupabaseFault fault;
  CHECK(meets(fault) == Errc::unavailable);
  fault.status = 401;
  CHECK(meets(fault) == Errc::unauthenticated);
  fault.status = 0;
  CHECK(meets(fault) == Errc::deadline_exceeded);
  fault = {};
  fault.status = 503;
  fault.html = true;
  CHECK(meets(fault) == Errc::unavailable);
  CHECK(cloud.supabase->leads().empty());
  cloud.supabase->go_down();
  const auto nobody = store->save(guest(1));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().retryable);
  REQUIRE(cloud.supabase->come_back());
  CHECK(test::eventually([&] { return store->save(guest(1)).has_value(); }));
}

TEST_CASE("500 leads reach a service that fails at random, each once", "[supabase]") {
  Cloud cloud;
  const int count = static_cast<int>(test::tries(500));
  cloud.supabase->set_trouble(30, 11);
  const auto stores = cloud.outbox(Millis(100));
  for (int number = 0; number < count; ++number) REQUIRE(stores.leads->save(guest(number)));
  REQUIRE(test::eventually([&] { return stores.leads->counts().pending == 0; }));
  CHECK(cloud.phones() == phones_up_to(count));
  // The last is counted when it is no longer pending.
  const auto all = static_cast<std::uint64_t>(count);
  CHECK(test::eventually([&] { return stores.leads->counts().delivered >= all; }));
  CHECK(stores.leads->counts().delivered == all);
  CHECK(cloud.supabase->faults() > 0);
  CHECK(stores.leads->counts().failed > 0);
  for (const Lead& lead : cloud.supabase->leads()) {
    CHECK(stores.leads->find_by_phone(lead.phone_e164)->id == lead.id);
  }
}

TEST_CASE("leads wait while the service is gone, and visitors see no difference", "[supabase]") {
  Cloud cloud;
  const auto stores = cloud.outbox();
  cloud.supabase->go_down();
  for (int number = 0; number < 20; ++number) REQUIRE(stores.leads->save(guest(number)));
  REQUIRE(test::eventually([&] { return stores.leads->counts().failed > 2; }));
  CHECK(stores.leads->counts().pending == 20);
  REQUIRE(cloud.supabase->come_back());
  REQUIRE(test::eventually([&] { return stores.leads->counts().pending == 0; }));
  CHECK(cloud.phones() == phones_up_to(20));
}

// Run by the test below, as a process of its own: threads do not survive a fork.
TEST_CASE("saves until it is killed", "[.child]") {
  const auto runtime = Runtime::create().value();
  const auto client = make_http_client(*runtime);
  SupabaseOptions options;
  options.url = std::getenv("CHILD_SUPABASE_URL");
  options.service_key = Secret("sb_secret_simulated");
  const auto sink = SupabaseLeadStore::create(*client, runtime->shard(0), options).value();
  const auto stores = open_outbox_stores(std::getenv("CHILD_DATABASE"), sink).value();
  for (int number = 0; stores.leads->save(guest(number)); ++number) {
    std::puts("saved");
    std::fflush(stdout);
  }
}

TEST_CASE("a process that is killed while it copies loses and doubles nothing", "[supabase]") {
  Cloud cloud;
  test::ChildProcess child(
      "/proc/self/exe", {"saves until it is killed"},
      {{"CHILD_SUPABASE_URL", cloud.supabase->base_url()}, {"CHILD_DATABASE", cloud.path}});
  REQUIRE(child.read_line().find("Filters") == 0);  // Catch2 says what it runs.
  std::size_t answered = 0;
  while (answered < 30 || cloud.supabase->leads().empty()) {
    REQUIRE(child.read_line() == "saved");
    ++answered;
  }
  child.kill();
  while (child.read_line() == "saved") ++answered;
  const auto stores = cloud.outbox();
  REQUIRE(test::eventually([&] { return stores.leads->counts().pending == 0; }));
  const std::vector<std::string> phones = cloud.phones();
  CHECK(phones.size() >= answered);
  CHECK(phones == phones_up_to(static_cast<int>(phones.size())));
  CHECK(stores.leads->list(100'000)->size() == phones.size());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
