#pragma once

#include <memory>
#include <optional>

#include "store/sqlite_database.hpp"
#include "voicebridge/store/call_store.hpp"
#include "voicebridge/store/lead_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// A lead that waits to be copied.
struct OutboxRow {
  std::int64_t position = 0;  ///< Never used twice.
  std::int64_t change = 0;    ///< Which of the lead's changes since it began to wait.
  Lead lead;
};

/// Leads in a file and, with an outbox, the notes of those that are to be copied elsewhere.
class SqliteLeadStore : public LeadStore {
 public:
  explicit SqliteLeadStore(std::shared_ptr<SqliteDatabase> database, bool outbox = false)
      : database_(std::move(database)), outbox_(outbox) {}

  Result<Lead> save(const LeadInput& raw) override;
  Result<Lead> find(const std::string& id) override;
  Result<Lead> find_by_phone(const std::string& phone) override;
  Result<> set_summary(const std::string& id, const std::string& summary) override;
  Result<std::vector<Lead>> list(std::size_t limit) override;
  Result<> remove(const std::string& id) override;

  /// The first in the outbox, as it is now; nothing when it is empty.
  Result<std::optional<OutboxRow>> first_waiting();
  /// It has arrived. When it has changed meanwhile, it stays.
  Result<> arrived(const OutboxRow& row);
  /// To the end of the outbox. When it has changed meanwhile, it stays where it is.
  Result<> to_the_end(const OutboxRow& row);
  Result<std::size_t> waiting();

 private:
  Result<std::optional<Lead>> with_phone(const std::string& phone);
  Result<> write(const Lead& lead);
  Result<> note(const std::string& id);

  const std::shared_ptr<SqliteDatabase> database_;
  const bool outbox_;
};

// sqlite_store.cpp
std::shared_ptr<CallStore> make_sqlite_call_store(std::shared_ptr<SqliteDatabase> database);

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
