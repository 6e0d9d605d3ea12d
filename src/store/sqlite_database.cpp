#include "store/sqlite_database.hpp"

#include <fmt/format.h>

#include <iterator>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// The n-th script brings a file of version n to n + 1. Scripts are never changed once released.
constexpr const char* kMigrations[] = {R"sql(
  CREATE TABLE leads (
    id TEXT PRIMARY KEY,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    phone_e164 TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    consent INTEGER NOT NULL,
    consent_text TEXT NOT NULL,
    consent_at INTEGER NOT NULL,
    consent_source TEXT NOT NULL,
    summary TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  );
  CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    lead_id TEXT NOT NULL,
    leg_id TEXT NOT NULL,
    carrier TEXT NOT NULL,
    direction TEXT NOT NULL,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    state TEXT NOT NULL,
    end_reason TEXT NOT NULL,
    end_detail TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    answered_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    recording TEXT NOT NULL
  );
  CREATE INDEX calls_by_time ON calls (created_at);
  CREATE TABLE timeline (
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    fields_json TEXT NOT NULL,
    PRIMARY KEY (call_id, position)
  ) WITHOUT ROWID;
  CREATE TABLE transcript (
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    interrupted INTEGER NOT NULL,
    heard_text TEXT NOT NULL,
    heard_ms INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    PRIMARY KEY (call_id, position)
  ) WITHOUT ROWID;
)sql",
                                       R"sql(
  ALTER TABLE calls ADD COLUMN cost_usd REAL NOT NULL DEFAULT 0;
  ALTER TABLE calls ADD COLUMN usage_json TEXT NOT NULL DEFAULT '{}';
)sql",
                                       R"sql(
  ALTER TABLE calls ADD COLUMN contact_name TEXT NOT NULL DEFAULT '';
  ALTER TABLE calls ADD COLUMN business_name TEXT NOT NULL DEFAULT '';
  ALTER TABLE calls ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
  ALTER TABLE calls ADD COLUMN metadata_json TEXT NOT NULL DEFAULT '{}';
  DROP INDEX calls_by_time;
  CREATE INDEX calls_by_time ON calls (created_at, id);
)sql",
                                       R"sql(
  ALTER TABLE calls ADD COLUMN recording_id TEXT NOT NULL DEFAULT '';
  ALTER TABLE calls ADD COLUMN recording_url TEXT NOT NULL DEFAULT '';
  ALTER TABLE calls ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE calls ADD COLUMN profile TEXT NOT NULL DEFAULT '';
  ALTER TABLE calls ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE calls ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX calls_by_expiry ON calls (expires_at) WHERE expires_at != 0;
  CREATE INDEX calls_by_retry ON calls (retry_at) WHERE retry_at != 0;
)sql",
                                       R"sql(
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id TEXT NOT NULL UNIQUE REFERENCES leads (id) ON DELETE CASCADE,
    change INTEGER NOT NULL
  );
)sql"};
constexpr std::int64_t kSchemaVersion = std::size(kMigrations);

Error sqlite_error(sqlite3* connection, std::string_view doing) {
  const int code = sqlite3_extended_errcode(connection);
  Error error =
      fail(Errc::unavailable, fmt::format("{}: {}", doing, sqlite3_errmsg(connection))).value();
  error.origin = "sqlite";
  error.provider_code = std::to_string(code);
  const int primary = code & 0xFF;
  error.retryable = primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_FULL;
  return error;
}

Error about_file(const std::string& path, Error error) {
  error.message = fmt::format("cannot use \"{}\" as the database: {}", path, error.message);
  return error;
}

}  // namespace

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteQuery& SqliteQuery::bind(std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(statement_, ++parameter_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

SqliteQuery& SqliteQuery::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_, ++parameter_, number);
  return *this;
}

SqliteQuery& SqliteQuery::bind(double number) {
  sqlite3_bind_double(statement_, ++parameter_, number);
  return *this;
}

Result<bool> SqliteQuery::step() {
  const int code = statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(sqlite_error(connection_, "the database refused"));
}

Result<> SqliteQuery::run() {
  auto stepped = step();
  if (!stepped) return fail(stepped.error());
  return {};
}

std::string SqliteQuery::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::int64_t SqliteQuery::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double SqliteQuery::number(int column) const { return sqlite3_column_double(statement_, column); }

Result<std::shared_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string& path) {
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &connection,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::shared_ptr<SqliteDatabase> database(new SqliteDatabase(connection));
  if (code != SQLITE_OK)
    return fail(about_file(path, sqlite_error(connection, "it cannot be opened")));
  if (auto done = database->configure(); !done) return fail(about_file(path, done.error()));
  if (auto done = database->migrate(); !done) return fail(about_file(path, done.error()));
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

Result<> SqliteDatabase::configure() {
  sqlite3_busy_timeout(connection_, kBusyTimeoutMs);
  // SQLite opens what it may not write for reading only, and says so at the first write.
  if (sqlite3_db_readonly(connection_, "main") == 1)
    return fail(Errc::unavailable, "it cannot be written");
  // FULL: a commit is on the disk when it returns, not only in the page cache.
  return execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
}

Result<> SqliteDatabase::migrate() {
  SqliteTransaction transaction(*this);
  if (!transaction.begun()) return transaction.begun();
  std::int64_t version = 0;
  {
    SqliteQuery query = this->query("PRAGMA user_version");
    if (auto row = query.step(); !row) return fail(row.error());
    version = query.integer(0);
  }
  if (version > kSchemaVersion) {
    Error error = fail(Errc::unavailable,
                       fmt::format("its schema is of version {}, this library knows up to {}",
                                   version, kSchemaVersion))
                      .value();
    error.retryable = false;
    return fail(std::move(error));
  }
  for (std::int64_t at = version; at < kSchemaVersion; ++at) {
    if (auto done = execute(kMigrations[at]); !done) return done;
  }
  if (auto done = execute(fmt::format("PRAGMA user_version={}", kSchemaVersion).c_str()); !done)
    return done;
  return transaction.commit();
}

Result<> SqliteDatabase::execute(const char* sql) {
  if (sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return fail(sqlite_error(connection_, "the database refused"));
}

SqliteQuery SqliteDatabase::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr)
    sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  return {connection_, statement};
}

SqliteTransaction::~SqliteTransaction() {
  // When the rollback fails too, SQLite has rolled back by itself.
  if (begun_ && !committed_) static_cast<void>(database_.execute("ROLLBACK"));
}

Result<> SqliteTransaction::commit() {
  auto done = database_.execute("COMMIT");
  committed_ = done.has_value();
  return done;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
