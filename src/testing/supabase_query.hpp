#pragma once

#include <string>
#include <utility>
#include <vector>

#include "testing/supabase_table.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {

/// A query string of PostgREST, read. No I/O.
struct Query {
  static constexpr std::size_t kMaxRowsAnswered = 1000;  ///< Of a hosted project.

  std::vector<Condition> where;
  std::vector<std::string> select;
  std::vector<std::string> body_columns;            ///< Of a body, those to take; empty: all.
  std::vector<std::pair<std::string, bool>> order;  ///< Column, and whether from the greatest.
  std::size_t limit = kMaxRowsAnswered;
  std::size_t offset = 0;
  std::string on_conflict = "id";

  static PgResult<Query> parse(const std::string& text);

 private:
  std::optional<PgError> take(const std::string& name, const std::string& value);
  std::optional<PgError> take_select(const std::string& value);
  std::optional<PgError> take_columns(const std::string& value);
  std::optional<PgError> take_order(const std::string& value);
};

std::vector<std::string> split(std::string_view text, char separator);
/// A column that a body or `columns` names and the table has not.
PgError unknown_in_body(std::string_view name);

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
