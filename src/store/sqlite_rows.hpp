#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "store/sqlite_database.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

inline std::int64_t as_sql_limit(std::size_t limit) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(limit, kMost));
}

/// All rows of a query, each read by `read`.
template <class T>
Result<std::vector<T>> read_all(SqliteQuery& query, T (*read)(const SqliteQuery&)) {
  std::vector<T> rows;
  while (true) {
    const auto row = query.step();
    if (!row) return fail(row.error());
    if (!*row) return rows;
    rows.push_back(read(query));
  }
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
