#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// One run of a prepared statement; the statement is reset when it goes.
class SqliteQuery {
 public:
  SqliteQuery(sqlite3* connection, sqlite3_stmt* statement)
      : connection_(connection), statement_(statement) {}
  ~SqliteQuery();
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  /// Binds the next parameter. The text must live until the query has run.
  SqliteQuery& bind(std::string_view text);
  SqliteQuery& bind(std::int64_t number);
  SqliteQuery& bind(double number);

  /// True when there is a row, false at the end.
  Result<bool> step();
  /// For a statement without rows.
  Result<> run();

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;

 private:
  sqlite3* connection_;
  sqlite3_stmt* statement_;  ///< Null when preparing it failed: `step` says why.
  int parameter_ = 0;
};

/// A connection to one file with its prepared statements. Who uses it holds `mutex()`.
class SqliteDatabase {
 public:
  /// @return `Errc::unavailable` with the path and SQLite's words.
  static Result<std::shared_ptr<SqliteDatabase>> open(const std::string& path);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  std::mutex& mutex() { return mutex_; }
  /// Statements without parameters or rows.
  Result<> execute(const char* sql);
  /// @param sql  A literal: it is the key under which the prepared statement is kept.
  SqliteQuery query(const char* sql);

 private:
  explicit SqliteDatabase(sqlite3* connection) : connection_(connection) {}
  Result<> configure();
  Result<> migrate();

  std::mutex mutex_;
  sqlite3* connection_;
  std::map<const char*, sqlite3_stmt*> statements_;
};

/// Writes of which all are kept or none: rolled back unless committed.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database)
      : database_(database), begun_(database.execute("BEGIN IMMEDIATE")) {}
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  /// Whether it could begin: another process may hold the file.
  const Result<>& begun() const { return begun_; }
  Result<> commit();

 private:
  SqliteDatabase& database_;
  const Result<> begun_;
  bool committed_ = false;
};

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
