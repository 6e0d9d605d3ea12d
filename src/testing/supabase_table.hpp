#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {

/// An error of PostgreSQL or PostgREST.
struct PgError {
  int status = 400;
  std::string code;
  std::string message;
  std::string details;  ///< Empty: null.
};
HttpResponse to_response(const PgError& error);

template <class T>
using PgResult = tl::expected<T, PgError>;

/// Values as text; null: nothing. Columns as in the table below.
using Row = std::map<std::string, std::optional<std::string>>;

enum class ColumnType { text, boolean, time };
struct Column {
  const char* name;
  ColumnType type;
  bool nullable;
};
/// Of the table `leads`; null for a name that is none.
const Column* find_column(std::string_view name);
const std::vector<Column>& columns();

enum class Conflict { fail, merge, ignore };

/// What is asked of rows: all conditions must hold.
struct Condition {
  std::string column;
  std::string op;                   ///< eq, neq, gt, gte, lt, lte, is, in
  std::vector<std::string> values;  ///< Several of `in` only.
  bool holds(const Row& row) const;
};

/// The table `leads` with its rules, as the migration in examples/server makes it. No I/O.
class Table {
 public:
  explicit Table(std::size_t max_rows) : max_rows_(max_rows) {}

  struct Written {
    std::vector<Row> rows;
    std::size_t inserted = 0;
  };
  /// All or none.
  PgResult<Written> insert(const std::vector<Row>& given, Conflict conflict,
                           std::string_view conflict_column, UnixMillis now);
  PgResult<std::vector<Row>> update(const std::vector<Condition>& where, const Row& given);
  std::vector<Row> remove(const std::vector<Condition>& where);
  std::vector<Row> select(const std::vector<Condition>& where) const;
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::size_t max_rows_;
  std::vector<Row> rows_;
  std::uint64_t ids_ = 0;
};

/// A value of a body as the column takes it.
PgResult<std::optional<std::string>> column_value(const Column& column, JsonView value);
void write_row(JsonWriter& json, const Row& row, const std::vector<std::string>& names);

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
