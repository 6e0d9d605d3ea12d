#include "voicebridge/store/outbox_store.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <utility>

#include "store/outbox_delivery.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/tries.hpp"
#include "voicebridge/store/sqlite_store.hpp"

namespace voicebridge {
namespace {

using detail::Delivery;
using What = detail::Delivery::What;

LeadInput person(int number) {
  LeadInput input;
  input.first_name = "Ann";
  input.last_name = "Lee";
  input.phone = "+336" + std::to_string(10'000'000 + number);
  return input;
}

Error error_of(Errc code) { return fail(code, "no").value(); }

/// Keeps leads by phone, in the order of their first arrival.
class FakeSink : public LeadSink {
 public:
  Result<> put(const Lead& lead) override {
    ++puts;
    if (before) before(lead);
    if (error) return fail(*error);
    if (rows.count(lead.phone_e164) == 0) order.push_back(lead.phone_e164);
    rows[lead.phone_e164] = lead;
    if (lose_answer) return fail(Errc::deadline_exceeded, "the answer was lost");
    return {};
  }
  int puts = 0;
  std::optional<Error> error;
  bool lose_answer = false;
  std::function<void(const Lead&)> before;
  std::map<std::string, Lead> rows;
  std::vector<std::string> order;
};

struct OutboxFile {
  test::TempDirectory dir;
  std::string path = (dir / "voicebridge.db").string();
  std::shared_ptr<detail::SqliteLeadStore> open() const {
    return std::make_shared<detail::SqliteLeadStore>(detail::SqliteDatabase::open(path).value(),
                                                     true);
  }
};

OutboxOptions quick() {
  OutboxOptions options;
  options.first_delay = Millis(1);
  options.max_delay = Millis(2);
  return options;
}

/// Saves leads for ever and writes a byte for each; the sink is down.
[[noreturn]] void save_to_outbox_until_killed(const OutboxFile& file, int pipe) {
  const auto leads = file.open();
  for (int number = 0;; ++number) {
    if (!leads->save(person(number))) _exit(2);
    if (write(pipe, "x", 1) != 1) _exit(3);
  }
}

}  // namespace

TEST_CASE("what is saved waits until it has arrived", "[outbox]") {
  const OutboxFile file;
  FakeSink sink;
  const auto leads = file.open();
  CHECK(deliver_first(*leads, sink).what == What::nothing_waits);
  const Lead ann = leads->save(person(1)).value();
  CHECK(leads->waiting() == 1u);
  sink.error = error_of(Errc::unavailable);
  CHECK(deliver_first(*leads, sink).what == What::failed);
  CHECK(leads->waiting() == 1u);
  sink.error.reset();
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(leads->waiting() == 0u);
  CHECK(deliver_first(*leads, sink).what == What::nothing_waits);
  CHECK(sink.rows.at(ann.phone_e164).id == ann.id);
  CHECK(sink.rows.at(ann.phone_e164).created_at == ann.created_at);
}

TEST_CASE("a lead that changes while it waits is copied once, as it is", "[outbox]") {
  const OutboxFile file;
  FakeSink sink;
  const auto leads = file.open();
  const Lead ann = leads->save(person(1)).value();
  REQUIRE(leads->save(person(2)));
  REQUIRE(leads->set_summary(ann.id, "wants a call"));
  CHECK(leads->waiting() == 2u);
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(sink.rows.at(ann.phone_e164).summary == "wants a call");
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(sink.puts == 2);
}

TEST_CASE("a lead that changes while it is copied is copied again", "[outbox]") {
  const OutboxFile file;
  FakeSink sink;
  const auto leads = file.open();
  const Lead ann = leads->save(person(1)).value();
  sink.before = [&, changed = false](const Lead&) mutable {
    if (!std::exchange(changed, true)) REQUIRE(leads->set_summary(ann.id, "new"));
  };
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(sink.rows.at(ann.phone_e164).summary.empty());
  CHECK(leads->waiting() == 1u);
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(sink.rows.at(ann.phone_e164).summary == "new");
  CHECK(leads->waiting() == 0u);
}

TEST_CASE("a lead that is refused lets the others pass and is kept", "[outbox]") {
  const OutboxFile file;
  FakeSink sink;
  const auto leads = file.open();
  const Lead bad = leads->save(person(1)).value();
  REQUIRE(leads->save(person(2)));
  sink.error = error_of(Errc::invalid_argument);
  CHECK(deliver_first(*leads, sink).what == What::refused);
  CHECK(leads->waiting() == 2u);
  sink.error.reset();
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(sink.order == std::vector<std::string>{person(2).phone});
  CHECK(deliver_first(*leads, sink).what == What::delivered);
  CHECK(sink.order.back() == bad.phone_e164);
}

TEST_CASE("a wrong key or table holds everything back, in order", "[outbox]") {
  const OutboxFile file;
  FakeSink sink;
  const auto leads = file.open();
  REQUIRE(leads->save(person(1)));
  REQUIRE(leads->save(person(2)));
  for (const Errc code : {Errc::unauthenticated, Errc::permission_denied, Errc::not_found,
                          Errc::unsupported, Errc::cancelled, Errc::protocol_error}) {
    sink.error = error_of(code);
    CHECK(deliver_first(*leads, sink).what == What::failed);
  }
  sink.error.reset();
  while (deliver_first(*leads, sink).what == What::delivered) continue;
  CHECK(sink.order == std::vector<std::string>{person(1).phone, person(2).phone});
}

TEST_CASE("the wait doubles up to its limit and begins anew", "[outbox]") {
  OutboxOptions options;
  options.first_delay = Millis(100);
  options.max_delay = Millis(1000);
  options.seed = 7;
  detail::DeliveryPace pace(options);
  Delivery failed{What::failed, error_of(Errc::unavailable)};
  for (int round = 0; round < 2; ++round) {
    for (const int most : {100, 200, 400, 800, 1000, 1000}) {
      const auto wait = pace.after(failed);
      REQUIRE(wait);
      CHECK(*wait >= Millis(most / 2));
      CHECK(*wait <= Millis(most));
    }
    CHECK(pace.after({What::delivered, {}}) == Millis(0));
  }
  CHECK_FALSE(pace.after({}));
  failed.error.retry_after = Millis(900);
  CHECK(pace.after(failed) == Millis(900));
  failed.error.retry_after = Millis(3'600'000);
  CHECK(pace.after(failed) == Millis(1000));
}

TEST_CASE("whatever fails, every lead arrives once and in order", "[outbox]") {
  for (std::uint64_t seed = 1; seed <= test::tries(20); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    const OutboxFile file;
    FakeSink sink;
    auto leads = file.open();
    int saved = 0;
    const int all = 30;
    while (saved < all || leads->waiting().value() > 0) {
      const auto dice = random() % 10;
      if (dice < 3 && saved < all) REQUIRE(leads->save(person(saved++)));
      if (dice == 3) leads = file.open();  // As after a crash: nothing is said of the last one.
      sink.lose_answer = random() % 4 == 0;
      sink.error.reset();
      if (random() % 3 == 0) sink.error = error_of(Errc::unavailable);
      deliver_first(*leads, sink);
    }
    std::vector<std::string> expected;
    for (int number = 0; number < all; ++number) expected.push_back(person(number).phone);
    CHECK(sink.order == expected);
    for (const auto& [phone, lead] : sink.rows) {
      CHECK(leads->find_by_phone(phone)->id == lead.id);
    }
  }
}

TEST_CASE("what waits survives kill -9", "[outbox]") {
  const OutboxFile file;
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) save_to_outbox_until_killed(file, pipe_ends[1]);
  close(pipe_ends[1]);
  int answered = 0;
  char byte;
  while (answered < 25 && read(pipe_ends[0], &byte, 1) == 1) ++answered;
  kill(child, SIGKILL);
  while (read(pipe_ends[0], &byte, 1) == 1) ++answered;
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  const auto leads = file.open();
  FakeSink sink;
  while (deliver_first(*leads, sink).what == What::delivered) continue;
  REQUIRE(sink.order.size() >= static_cast<std::size_t>(answered));
  CHECK(sink.order.size() == leads->list(100'000)->size());
  for (int number = 0; number < answered; ++number) {
    CHECK(sink.order[static_cast<std::size_t>(number)] == person(number).phone);
  }
}

TEST_CASE("a store without an outbox notes nothing", "[outbox]") {
  const OutboxFile file;
  REQUIRE(open_sqlite_stores(file.path)->leads->save(person(1)));
  CHECK(file.open()->waiting() == 0u);
}

TEST_CASE("the outbox thread stops while the sink is down, and another goes on", "[outbox]") {
  const OutboxFile file;
  const auto sink = std::make_shared<FakeSink>();
  sink->error = error_of(Errc::unavailable);
  {
    OutboxOptions patient = quick();
    patient.first_delay = patient.max_delay = Millis(3'600'000);
    const auto stores = open_outbox_stores(file.path, sink, patient).value();
    for (int number = 0; number < 5; ++number) REQUIRE(stores.leads->save(person(number)));
    CHECK(stores.leads->find_by_phone(person(4).phone));
    CHECK(stores.leads->list(10)->size() == 5);
    stores.leads->stop();
    stores.leads->stop();
    CHECK(stores.leads->counts().pending == 5);
    CHECK(stores.leads->counts().delivered == 0);
    REQUIRE(stores.leads->save(person(5)));
  }
  sink->error.reset();
  MetricsRegistry metrics;
  OutboxOptions counted = quick();
  counted.metrics = &metrics;
  const auto stores = open_outbox_stores(file.path, sink, counted).value();
  while (stores.leads->counts().pending > 0) std::this_thread::yield();
  stores.leads->stop();
  CHECK(stores.leads->counts().delivered == 6);
  CHECK(metrics.counter("store.outbox.delivered").value() == 6);
  CHECK(metrics.counter("store.outbox.failed").value() == stores.leads->counts().failed);
  CHECK(sink->order.size() == 6);
  CHECK(open_outbox_stores(file.path, nullptr).error().field == "sink");
}

}  // namespace voicebridge
