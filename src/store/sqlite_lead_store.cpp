#include "store/sqlite_lead_store.hpp"

#include "store/sqlite_rows.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

// The order of the columns in every statement on leads.
#define VOICEBRIDGE_LEAD_COLUMNS                                                                   \
  "id, first_name, last_name, phone_e164, created_at, source, consent, consent_text, consent_at, " \
  "consent_source, "                                                                               \
  "summary, updated_at"

Lead read_lead(const SqliteQuery& row) {
  Lead lead;
  lead.id = row.text(0);
  lead.first_name = row.text(1);
  lead.last_name = row.text(2);
  lead.phone_e164 = row.text(3);
  lead.created_at = row.integer(4);
  lead.source = row.text(5);
  lead.consent = row.integer(6) != 0;
  lead.consent_text = row.text(7);
  lead.consent_at = row.integer(8);
  lead.consent_source = row.text(9);
  lead.summary = row.text(10);
  lead.updated_at = row.integer(11);
  return lead;
}

}  // namespace

Result<Lead> SqliteLeadStore::save(const LeadInput& raw) {
  const auto input = normalize_lead(raw);
  if (!input) return fail(input.error());
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteTransaction transaction(*database_);
  if (!transaction.begun()) return fail(transaction.begun().error());
  const auto known = with_phone(input->phone);
  if (!known) return fail(known.error());
  const Lead lead = merge_lead(*known, *input, unix_now());
  if (auto written = write(lead); !written) return fail(written.error());
  if (auto noted = note(lead.id); !noted) return fail(noted.error());
  if (auto done = transaction.commit(); !done) return fail(done.error());
  return lead;
}

Result<Lead> SqliteLeadStore::find(const std::string& id) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteQuery query =
      database_->query("SELECT " VOICEBRIDGE_LEAD_COLUMNS " FROM leads WHERE id = ?");
  const auto row = query.bind(id).step();
  if (!row) return fail(row.error());
  if (!*row) return fail(Errc::not_found, "no lead has this id", "lead_id");
  return read_lead(query);
}

Result<Lead> SqliteLeadStore::find_by_phone(const std::string& phone) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  auto lead = with_phone(phone);
  if (!lead) return fail(lead.error());
  if (!*lead) return fail(Errc::not_found, "no lead has this phone", "phone");
  return std::move(**lead);
}

Result<> SqliteLeadStore::set_summary(const std::string& id, const std::string& summary) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteTransaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  {
    SqliteQuery query =
        database_->query("UPDATE leads SET summary = ?, updated_at = ? WHERE id = ? RETURNING id");
    const auto row = query.bind(summary).bind(unix_now()).bind(id).step();
    if (!row) return fail(row.error());
    if (!*row) return fail(Errc::not_found, "no lead has this id", "lead_id");
    if (auto done = query.run(); !done) return done;  // To the end: it must not be open at COMMIT.
  }
  if (auto noted = note(id); !noted) return noted;
  return transaction.commit();
}

Result<std::vector<Lead>> SqliteLeadStore::list(std::size_t limit) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteQuery query = database_->query("SELECT " VOICEBRIDGE_LEAD_COLUMNS
                                       " FROM leads ORDER BY created_at DESC, rowid DESC LIMIT ?");
  query.bind(as_sql_limit(limit));
  return read_all(query, read_lead);
}

Result<> SqliteLeadStore::remove(const std::string& id) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  // Its note in the outbox goes with it, by the foreign key.
  return database_->query("DELETE FROM leads WHERE id = ?").bind(id).run();
}

Result<std::optional<OutboxRow>> SqliteLeadStore::first_waiting() {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteQuery query = database_->query("SELECT " VOICEBRIDGE_LEAD_COLUMNS
                                       ", position, change FROM leads JOIN outbox ON lead_id = id "
                                       "ORDER BY position LIMIT 1");
  const auto row = query.step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  return OutboxRow{query.integer(12), query.integer(13), read_lead(query)};
}

Result<> SqliteLeadStore::arrived(const OutboxRow& row) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  return database_->query("DELETE FROM outbox WHERE position = ? AND change = ?")
      .bind(row.position)
      .bind(row.change)
      .run();
}

Result<> SqliteLeadStore::to_the_end(const OutboxRow& row) {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteTransaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  bool there = false;
  {
    SqliteQuery query =
        database_->query("DELETE FROM outbox WHERE position = ? AND change = ? RETURNING position");
    const auto deleted = query.bind(row.position).bind(row.change).step();
    if (!deleted) return fail(deleted.error());
    there = *deleted;
    if (there) {
      if (auto done = query.run(); !done) return done;
    }
  }
  if (there) {
    if (auto noted = note(row.lead.id); !noted) return noted;
  }
  return transaction.commit();
}

Result<std::size_t> SqliteLeadStore::waiting() {
  const std::lock_guard<std::mutex> lock(database_->mutex());
  SqliteQuery query = database_->query("SELECT count(*) FROM outbox");
  const auto row = query.step();
  if (!row) return fail(row.error());
  return static_cast<std::size_t>(query.integer(0));
}

Result<std::optional<Lead>> SqliteLeadStore::with_phone(const std::string& phone) {
  SqliteQuery query =
      database_->query("SELECT " VOICEBRIDGE_LEAD_COLUMNS " FROM leads WHERE phone_e164 = ?");
  const auto row = query.bind(phone).step();
  if (!row) return fail(row.error());
  return *row ? std::optional<Lead>(read_lead(query)) : std::nullopt;
}

Result<> SqliteLeadStore::write(const Lead& lead) {
  return database_
      ->query("INSERT INTO leads (" VOICEBRIDGE_LEAD_COLUMNS
              ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
              "first_name = excluded.first_name, last_name = excluded.last_name, source = "
              "excluded.source, "
              "consent = excluded.consent, consent_text = excluded.consent_text, "
              "consent_at = excluded.consent_at, consent_source = excluded.consent_source, "
              "summary = excluded.summary, updated_at = excluded.updated_at")
      .bind(lead.id)
      .bind(lead.first_name)
      .bind(lead.last_name)
      .bind(lead.phone_e164)
      .bind(lead.created_at)
      .bind(lead.source)
      .bind(std::int64_t{lead.consent})
      .bind(lead.consent_text)
      .bind(lead.consent_at)
      .bind(lead.consent_source)
      .bind(lead.summary)
      .bind(lead.updated_at)
      .run();
}

Result<> SqliteLeadStore::note(const std::string& id) {
  if (!outbox_) return {};
  return database_
      ->query(
          "INSERT INTO outbox (lead_id, change) VALUES (?, 1) "
          "ON CONFLICT (lead_id) DO UPDATE SET change = change + 1")
      .bind(id)
      .run();
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
