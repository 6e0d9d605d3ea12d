#pragma once

#include <memory>
#include <string>

#include "voicebridge/store/call_store.hpp"
#include "voicebridge/store/lead_store.hpp"
#include "voicebridge/version.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Leads and calls in one SQLite file: WAL, synchronous, one writing connection. What `save`
/// returned survives a kill and a power cut.
struct SqliteStores {
  std::shared_ptr<LeadStore> leads;  ///< In the file.
  std::shared_ptr<CallStore> calls;  ///< In the same file.
};

/// Opens or creates the file and brings its schema up to date.
/// @return `Errc::unavailable` with the path and SQLite's words when it cannot be written, is no
/// database, or is newer than this library.
#if VOICEBRIDGE_WITH_SQLITE || defined(DOXYGEN)
VOICEBRIDGE_API Result<SqliteStores> open_sqlite_stores(const std::string& path);
#else
template <class Path>
Result<SqliteStores> open_sqlite_stores(const Path&) {
  static_assert(sizeof(Path) == 0,
                "SQLite is switched off in this build of voicebridge: configure it with "
                "-DVOICEBRIDGE_WITH_SQLITE=ON, or use make_memory_lead_store()");
  return SqliteStores{};
}
#endif

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
