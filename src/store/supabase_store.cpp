#include "voicebridge/store/supabase_store.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "store/supabase_rest.hpp"
#include "voicebridge/core/ids.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

namespace rest = detail::supabase;

// The client keeps the timeout; this is for a runtime that has ended and answers nobody.
constexpr Millis kGrace{1000};

/// Where the answer is waited for; it may come when nobody waits any more.
struct Slot {
  std::mutex mutex;
  std::condition_variable filled;
  std::optional<Result<HttpResponse>> answer;
};

Result<Lead> only(Result<std::vector<Lead>> rows, const char* missing, const char* field) {
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(Errc::not_found, missing, field);
  return std::move(rows->front());
}

/// An upsert that is taken gives the row back.
Result<Lead> written(Result<std::vector<Lead>> rows) {
  if (!rows) return fail(rows.error());
  if (rows->size() == 1) return std::move(rows->front());
  Error error = fail(Errc::protocol_error, "the row that was written did not come back").value();
  error.origin = "supabase";
  error.retryable = true;
  return fail(std::move(error));
}

}  // namespace

Result<std::shared_ptr<SupabaseLeadStore>> SupabaseLeadStore::create(HttpClient& client,
                                                                     Scheduler& on,
                                                                     SupabaseOptions options) {
  if (auto checked = rest::check(options); !checked) return fail(checked.error());
  return std::shared_ptr<SupabaseLeadStore>(new SupabaseLeadStore(client, on, std::move(options)));
}

Result<Lead> SupabaseLeadStore::save(const LeadInput& raw) {
  const auto input = normalize_lead(raw);
  if (!input) return fail(input.error());
  return written(rows_of(rest::save_request(options_, *input, random_uuid(), unix_now())));
}

Result<> SupabaseLeadStore::put(const Lead& lead) {
  const auto row = written(rows_of(rest::put_request(options_, lead)));
  if (!row) return fail(row.error());
  return {};
}

Result<Lead> SupabaseLeadStore::find(const std::string& id) {
  return only(rows_of(rest::find_request(options_, "id", id)), "no lead has this id", "lead_id");
}

Result<Lead> SupabaseLeadStore::find_by_phone(const std::string& phone) {
  return only(rows_of(rest::find_request(options_, "phone_e164", phone)), "no lead has this phone",
              "phone");
}

Result<> SupabaseLeadStore::set_summary(const std::string& id, const std::string& summary) {
  const auto row = only(rows_of(rest::summary_request(options_, id, summary, unix_now())),
                        "no lead has this id", "lead_id");
  if (!row) return fail(row.error());
  return {};
}

Result<std::vector<Lead>> SupabaseLeadStore::list(std::size_t limit) {
  if (limit == 0) return std::vector<Lead>();
  return rows_of(rest::list_request(options_, limit));
}

Result<> SupabaseLeadStore::remove(const std::string& id) {
  const auto rows = rows_of(rest::remove_request(options_, id));
  if (!rows) return fail(rows.error());
  return {};
}

Result<std::vector<Lead>> SupabaseLeadStore::rows_of(HttpRequest request) {
  return rest::read_rows(exchange(std::move(request)));
}

Result<HttpResponse> SupabaseLeadStore::exchange(HttpRequest request) {
  const auto slot = std::make_shared<Slot>();
  client_.send(std::move(request), on_, [slot](Result<HttpResponse> answer) {
    {
      const std::lock_guard<std::mutex> lock(slot->mutex);
      slot->answer = std::move(answer);
    }
    slot->filled.notify_all();
  });
  std::unique_lock<std::mutex> lock(slot->mutex);
  if (!slot->filled.wait_for(lock, options_.timeout + kGrace,
                             [&] { return slot->answer.has_value(); })) {
    return fail(Errc::deadline_exceeded, "no answer came in time");
  }
  return std::move(*slot->answer);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
