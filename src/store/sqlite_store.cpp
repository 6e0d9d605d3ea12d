#include "voicebridge/store/sqlite_store.hpp"

#include "store/call_cursor.hpp"
#include "store/sqlite_database.hpp"
#include "store/sqlite_lead_store.hpp"
#include "store/sqlite_rows.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using detail::as_sql_limit;
using detail::read_all;
using detail::SqliteDatabase;
using detail::SqliteQuery;
using detail::SqliteTransaction;
using DatabasePtr = std::shared_ptr<SqliteDatabase>;

#define VOICEBRIDGE_CALL_COLUMNS                                                         \
  "id, lead_id, leg_id, carrier, direction, from_number, to_number, state, end_reason, " \
  "end_detail, created_at, "                                                             \
  "answered_at, ended_at, recording, cost_usd, usage_json, contact_name, "               \
  "business_name, user_id, metadata_json, recording_id, recording_url, expires_at, "     \
  "profile, attempt, retry_at"

StoredCall read_call(const SqliteQuery& row) {
  StoredCall call;
  call.id = row.text(0);
  call.lead_id = row.text(1);
  call.leg_id = row.text(2);
  call.carrier = row.text(3);
  call.direction = row.text(4);
  call.from = row.text(5);
  call.to = row.text(6);
  call.state = row.text(7);
  call.end_reason = row.text(8);
  call.end_detail = row.text(9);
  call.created_at = row.integer(10);
  call.answered_at = row.integer(11);
  call.ended_at = row.integer(12);
  call.recording = row.text(13);
  call.cost_usd = row.number(14);
  call.usage_json = row.text(15);
  call.notes.contact_name = row.text(16);
  call.notes.business_name = row.text(17);
  call.notes.user_id = row.text(18);
  call.notes.metadata_json = row.text(19);
  call.recording_id = row.text(20);
  call.recording_url = row.text(21);
  call.expires_at = row.integer(22);
  call.profile = row.text(23);
  call.attempt = row.integer(24);
  call.retry_at = row.integer(25);
  return call;
}

StoredTimelineEntry read_timeline_entry(const SqliteQuery& row) {
  return {row.integer(0), row.text(1), row.text(2), row.text(3)};
}

StoredTranscriptEntry read_transcript_entry(const SqliteQuery& row) {
  return {row.integer(0), row.text(1),    row.text(2),   row.integer(3) != 0,
          row.text(4),    row.integer(5), row.integer(6)};
}

class SqliteCallStore : public CallStore {
 public:
  explicit SqliteCallStore(DatabasePtr database) : database_(std::move(database)) {}

  Result<> save(const StoredCall& call) override {
    const std::lock_guard<std::mutex> lock(database_->mutex());
    return write(call);
  }

  Result<> save_record(const StoredCallRecord& record) override {
    const std::lock_guard<std::mutex> lock(database_->mutex());
    SqliteTransaction transaction(*database_);
    if (!transaction.begun()) return transaction.begun();
    if (auto done = write(record.call); !done) return done;
    if (auto done = write_timeline(record); !done) return done;
    if (auto done = write_transcript(record); !done) return done;
    return transaction.commit();
  }

  Result<StoredCallRecord> find(const std::string& id) override {
    const std::lock_guard<std::mutex> lock(database_->mutex());
    StoredCallRecord record;
    {
      SqliteQuery query =
          database_->query("SELECT " VOICEBRIDGE_CALL_COLUMNS " FROM calls WHERE id = ?");
      const auto row = query.bind(id).step();
      if (!row) return fail(row.error());
      if (!*row) return fail(Errc::not_found, "no call has this id", "call_id");
      record.call = read_call(query);
    }
    auto timeline = read_timeline(id);
    if (!timeline) return fail(timeline.error());
    auto transcript = read_transcript(id);
    if (!transcript) return fail(transcript.error());
    record.timeline = std::move(*timeline);
    record.transcript = std::move(*transcript);
    return record;
  }

  Result<std::vector<StoredCall>> list(std::size_t limit) override {
    const std::lock_guard<std::mutex> lock(database_->mutex());
    SqliteQuery query =
        database_->query("SELECT " VOICEBRIDGE_CALL_COLUMNS
                         " FROM calls ORDER BY created_at DESC, rowid DESC LIMIT ?");
    query.bind(as_sql_limit(limit));
    return read_all(query, read_call);
  }

  Result<CallPage> search(const CallFilter& filter) override {
    const auto cursor = detail::CallCursor::parse(filter.cursor);
    if (!cursor) return fail(cursor.error());
    const std::lock_guard<std::mutex> lock(database_->mutex());
    SqliteQuery query = database_->query(
        "SELECT " VOICEBRIDGE_CALL_COLUMNS
        " FROM calls WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR to_number = ?2) AND "
        "(?3 = '' OR user_id = ?3) AND created_at >= ?4 AND created_at < ?5 AND "
        "(created_at, id) < (?6, ?7) AND (?8 = 0 OR (expires_at != 0 AND expires_at <= ?8)) AND "
        "(?9 = 0 OR retry_at != 0) AND ((?10 = '' AND ?11 = '') OR "
        "(?10 != '' AND lead_id = ?10) OR "
        "(?11 != '' AND (from_number = ?11 OR to_number = ?11))) "
        "ORDER BY created_at DESC, id DESC LIMIT ?12");
    // One more than the page: whether there is another one.
    query.bind(filter.state)
        .bind(filter.to)
        .bind(filter.user_id)
        .bind(filter.created_from)
        .bind(detail::created_before(filter))
        .bind(cursor->created_at)
        .bind(cursor->id)
        .bind(filter.expired_at)
        .bind(std::int64_t{filter.retry_pending})
        .bind(filter.lead_id)
        .bind(filter.number)
        .bind(as_sql_limit(detail::page_size(filter) + 1));
    auto calls = read_all(query, read_call);
    if (!calls) return fail(calls.error());
    return detail::page_of(std::move(*calls), detail::page_size(filter));
  }

  Result<> remove(const std::string& id) override {
    const std::lock_guard<std::mutex> lock(database_->mutex());
    // The other tables follow (ON DELETE CASCADE).
    return database_->query("DELETE FROM calls WHERE id = ?").bind(id).run();
  }

 private:
  Result<> write(const StoredCall& call) {
    return database_
        ->query(
            "INSERT INTO calls (" VOICEBRIDGE_CALL_COLUMNS
            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?) "
            "ON CONFLICT (id) DO UPDATE SET "
            "lead_id = excluded.lead_id, leg_id = excluded.leg_id, carrier = excluded.carrier, "
            "direction = excluded.direction, from_number = excluded.from_number, "
            "to_number = excluded.to_number, state = excluded.state, end_reason = "
            "excluded.end_reason, "
            "end_detail = excluded.end_detail, created_at = excluded.created_at, "
            "answered_at = excluded.answered_at, ended_at = excluded.ended_at, recording = "
            "excluded.recording, cost_usd = excluded.cost_usd, usage_json = excluded.usage_json, "
            "contact_name = excluded.contact_name, business_name = excluded.business_name, "
            "user_id = excluded.user_id, metadata_json = excluded.metadata_json, "
            "recording_id = excluded.recording_id, recording_url = excluded.recording_url, "
            "expires_at = excluded.expires_at, profile = excluded.profile, "
            "attempt = excluded.attempt, retry_at = excluded.retry_at")
        .bind(call.id)
        .bind(call.lead_id)
        .bind(call.leg_id)
        .bind(call.carrier)
        .bind(call.direction)
        .bind(call.from)
        .bind(call.to)
        .bind(call.state)
        .bind(call.end_reason)
        .bind(call.end_detail)
        .bind(call.created_at)
        .bind(call.answered_at)
        .bind(call.ended_at)
        .bind(call.recording)
        .bind(call.cost_usd)
        .bind(call.usage_json)
        .bind(call.notes.contact_name)
        .bind(call.notes.business_name)
        .bind(call.notes.user_id)
        .bind(call.notes.metadata_json)
        .bind(call.recording_id)
        .bind(call.recording_url)
        .bind(call.expires_at)
        .bind(call.profile)
        .bind(call.attempt)
        .bind(call.retry_at)
        .run();
  }

  Result<> write_timeline(const StoredCallRecord& record) {
    const std::string& id = record.call.id;
    if (auto done = database_->query("DELETE FROM timeline WHERE call_id = ?").bind(id).run();
        !done)
      return done;
    std::int64_t position = 0;
    for (const StoredTimelineEntry& entry : record.timeline) {
      auto done = database_->query("INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?)")
                      .bind(id)
                      .bind(position++)
                      .bind(entry.at_ms)
                      .bind(entry.kind)
                      .bind(entry.detail)
                      .bind(entry.fields_json)
                      .run();
      if (!done) return done;
    }
    return {};
  }

  Result<> write_transcript(const StoredCallRecord& record) {
    const std::string& id = record.call.id;
    if (auto done = database_->query("DELETE FROM transcript WHERE call_id = ?").bind(id).run();
        !done)
      return done;
    std::int64_t position = 0;
    for (const StoredTranscriptEntry& entry : record.transcript) {
      auto done = database_->query("INSERT INTO transcript VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                      .bind(id)
                      .bind(position++)
                      .bind(entry.at_ms)
                      .bind(entry.speaker)
                      .bind(entry.text)
                      .bind(std::int64_t{entry.interrupted})
                      .bind(entry.heard_text)
                      .bind(entry.heard_ms)
                      .bind(entry.sent_ms)
                      .run();
      if (!done) return done;
    }
    return {};
  }

  Result<std::vector<StoredTimelineEntry>> read_timeline(const std::string& id) {
    SqliteQuery query = database_->query(
        "SELECT at_ms, kind, detail, fields_json FROM timeline WHERE call_id = ? ORDER BY "
        "position");
    query.bind(id);
    return read_all(query, read_timeline_entry);
  }

  Result<std::vector<StoredTranscriptEntry>> read_transcript(const std::string& id) {
    SqliteQuery query = database_->query(
        "SELECT at_ms, speaker, text, interrupted, heard_text, heard_ms, sent_ms FROM transcript "
        "WHERE call_id = ? ORDER BY position");
    query.bind(id);
    return read_all(query, read_transcript_entry);
  }

  const DatabasePtr database_;
};

}  // namespace

std::shared_ptr<CallStore> detail::make_sqlite_call_store(
    std::shared_ptr<SqliteDatabase> database) {
  return std::make_shared<SqliteCallStore>(std::move(database));
}

Result<SqliteStores> open_sqlite_stores(const std::string& path) {
  const auto database = SqliteDatabase::open(path);
  if (!database) return fail(database.error());
  return SqliteStores{std::make_shared<detail::SqliteLeadStore>(*database),
                      detail::make_sqlite_call_store(*database)};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
