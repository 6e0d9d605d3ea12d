#include "voicebridge/store/sqlite_store.hpp"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

namespace voicebridge {
namespace {

LeadInput lead_with_phone(const std::string& phone) {
  LeadInput input;
  input.first_name = "Ann";
  input.last_name = "Lee";
  input.phone = phone;
  input.consent = true;
  return input;
}

Error not_opened(const std::string& path) {
  const auto stores = open_sqlite_stores(path);
  REQUIRE_FALSE(stores);
  CHECK(stores.error().code == Errc::unavailable);
  CHECK(stores.error().message.find(path) != std::string::npos);
  return stores.error();
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &connection) == SQLITE_OK);
  CHECK(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(connection);
}

std::string phone_of(int number) { return "+336" + std::to_string(10'000'000 + number); }

/// Saves leads for ever and writes a byte for each one the store has answered for.
[[noreturn]] void save_until_killed(const std::string& path, int pipe) {
  const auto stores = open_sqlite_stores(path);
  if (!stores) _exit(1);
  for (int number = 0;; ++number) {
    if (!stores->leads->save(lead_with_phone(phone_of(number)))) _exit(2);
    if (write(pipe, "x", 1) != 1) _exit(3);
  }
}

/// Runs the child until it has answered for `kill_after` leads; returns how many it answered for in
/// all.
int save_and_kill(const std::string& path, int kill_after) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(pipe_ends[0]);
    save_until_killed(path, pipe_ends[1]);
  }
  close(pipe_ends[1]);
  int answered = 0;
  char byte;
  while (answered < kill_after && read(pipe_ends[0], &byte, 1) == 1) ++answered;
  kill(child, SIGKILL);
  while (read(pipe_ends[0], &byte, 1) == 1) ++answered;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return answered;
}

}  // namespace

TEST_CASE("leads and calls survive the end of the process that saved them", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  std::string id;
  {
    const auto stores = open_sqlite_stores(path).value();
    id = stores.leads->save(lead_with_phone("+33612345678"))->id;
    StoredCall call;
    call.id = "c1";
    call.lead_id = id;
    REQUIRE(stores.calls->save(call));
  }
  const auto stores = open_sqlite_stores(path).value();
  CHECK(stores.leads->find(id)->phone_e164 == "+33612345678");
  CHECK(stores.leads->find(id)->consent);
  CHECK(stores.calls->find("c1")->call.lead_id == id);
}

TEST_CASE("every lead that was answered for survives kill -9", "[sqlite_store]") {
  std::mt19937 random(31);
  for (int round = 0; round < 5; ++round) {
    const test::TempDirectory dir;
    const std::string path = (dir / "voicebridge.db").string();
    const int answered = save_and_kill(path, 1 + static_cast<int>(random() % 40));
    const auto stores = open_sqlite_stores(path).value();
    for (int number = 0; number < answered; ++number) {
      REQUIRE(stores.leads->find_by_phone(phone_of(number)));
    }
    const std::size_t kept = stores.leads->list(100'000)->size();
    CHECK(kept >= static_cast<std::size_t>(answered));
    CHECK(kept <= static_cast<std::size_t>(answered) + 1);
  }
}

TEST_CASE("two processes may use one file", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  const auto first = open_sqlite_stores(path).value();
  const auto second = open_sqlite_stores(path).value();
  const std::string id = first.leads->save(lead_with_phone("+33612345678"))->id;
  CHECK(second.leads->save(lead_with_phone("+33612345678"))->id == id);
  CHECK(second.leads->list(10)->size() == 1);
}

TEST_CASE("a file that is no database is refused and left alone", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "notes.txt").string();
  const std::string text(5000, 'n');
  std::ofstream(path) << text;
  const Error error = not_opened(path);
  CHECK(error.message.find("not a database") != std::string::npos);
  CHECK(error.origin == "sqlite");
  CHECK_FALSE(error.retryable);
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == text);
}

TEST_CASE("a damaged database is an error, not a crash", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  REQUIRE(open_sqlite_stores(path)->leads->save(lead_with_phone("+33612345678")));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(16'000, '\xA5');
  file.close();
  const auto stores = open_sqlite_stores(path);
  const auto lead =
      stores ? stores->leads->find_by_phone("+33612345678") : tl::unexpected<Error>(stores.error());
  REQUIRE_FALSE(lead);
  CHECK(lead.error().code == Errc::unavailable);
  CHECK(lead.error().message.find("malformed") != std::string::npos);
}

TEST_CASE("places that cannot be written are refused with the path", "[sqlite_store]") {
  const test::TempDirectory dir;
  CHECK(
      not_opened((dir / "no/such/folder/voicebridge.db").string()).message.find("unable to open") !=
      std::string::npos);
  not_opened((dir / "").string());
  not_opened("/proc/voicebridge.db");
}

TEST_CASE("a file that may only be read is refused", "[sqlite_store]") {
  if (geteuid() == 0) return;  // Root may write everything.
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  REQUIRE(open_sqlite_stores(path));
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  CHECK(not_opened(path).message.find("cannot be written") != std::string::npos);
}

TEST_CASE("a file of version 1 is brought up to date and keeps its calls", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  StoredCall call;
  call.id = "c1";
  call.state = "ended";
  REQUIRE(open_sqlite_stores(path)->calls->save(call));
  run_sql(
      path,
      "DROP INDEX calls_by_time; CREATE INDEX calls_by_time ON calls (created_at); "
      "DROP TABLE outbox; DROP INDEX calls_by_expiry; DROP INDEX calls_by_retry; "
      "ALTER TABLE calls DROP COLUMN recording_id; ALTER TABLE calls DROP COLUMN recording_url; "
      "ALTER TABLE calls DROP COLUMN expires_at; ALTER TABLE calls DROP COLUMN profile; "
      "ALTER TABLE calls DROP COLUMN attempt; ALTER TABLE calls DROP COLUMN retry_at; "
      "ALTER TABLE calls DROP COLUMN contact_name; ALTER TABLE calls DROP COLUMN business_name; "
      "ALTER TABLE calls DROP COLUMN user_id; ALTER TABLE calls DROP COLUMN metadata_json; "
      "ALTER TABLE calls DROP COLUMN cost_usd; ALTER TABLE calls DROP COLUMN usage_json; "
      "PRAGMA user_version=1");
  const auto stores = open_sqlite_stores(path);
  REQUIRE(stores);
  const auto old = stores->calls->find("c1");
  REQUIRE(old);
  CHECK(old->call.state == "ended");
  CHECK(old->call.cost_usd == 0);
  CHECK(old->call.usage_json == "{}");
  CHECK(old->call.notes.contact_name.empty());
  CHECK(old->call.notes.metadata_json == "{}");
  call.cost_usd = 1.5;
  REQUIRE(stores->calls->save(call));
  CHECK(stores->calls->find("c1")->call.cost_usd == 1.5);
}

TEST_CASE("a file of a newer library is refused", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  REQUIRE(open_sqlite_stores(path));
  run_sql(path, "PRAGMA user_version=99");
  const Error error = not_opened(path);
  CHECK(error.message.find("version 99") != std::string::npos);
  CHECK_FALSE(error.retryable);
}

TEST_CASE("writes go through a write-ahead log", "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  const auto stores = open_sqlite_stores(path).value();
  REQUIRE(stores.leads->save(lead_with_phone("+33612345678")));
  CHECK(std::filesystem::exists(path + "-wal"));
  CHECK(std::filesystem::file_size(path + "-wal") > 0);
}

TEST_CASE("a write that fails in the middle of a record leaves the record of before",
          "[sqlite_store]") {
  const test::TempDirectory dir;
  const std::string path = (dir / "voicebridge.db").string();
  const auto stores = open_sqlite_stores(path).value();
  StoredCallRecord record;
  record.call.id = "c1";
  record.call.state = "ringing";
  record.timeline = {{0, "state", "created", "{}"}};
  REQUIRE(stores.calls->save_record(record));
  run_sql(path,
          "CREATE TRIGGER fail BEFORE INSERT ON transcript BEGIN SELECT RAISE(ABORT, 'disk on "
          "fire'); END");
  record.call.state = "ended";
  record.timeline.clear();
  record.transcript = {{0, "agent", "Hello", false, "", 0, 0}};
  const auto saved = stores.calls->save_record(record);
  REQUIRE_FALSE(saved);
  CHECK(saved.error().message.find("disk on fire") != std::string::npos);
  CHECK(stores.calls->find("c1")->call.state == "ringing");
  CHECK(stores.calls->find("c1")->timeline.size() == 1);
  run_sql(path, "DROP TRIGGER fail");
  CHECK(stores.calls->save_record(record));
}

}  // namespace voicebridge
