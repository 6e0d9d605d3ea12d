#pragma once

#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/store/lead_sink.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where the project is, and how long it may take.
struct SupabaseOptions {
  std::string url;  ///< `https://<project>.supabase.co`; http for this machine only.
  /// A legacy `service_role` JWT or an `sb_secret_…` key. Passes row-level security: of servers
  /// only.
  Secret service_key;
  std::string table = "leads";  ///< As docs/stores.md has it.
  Millis timeout{5000};         ///< Of a request, answer included.
};

/// Leads in a table of Supabase, by its REST interface (PostgREST). Each call is one request, which
/// may be repeated: a lead is found again by its phone. Nothing is repeated here; `OutboxLeadStore`
/// does. Ids are UUIDs made here.
///
/// Errors have the origin "supabase", the status and the code of PostgREST or PostgreSQL, and no
/// value of a row: 401 `unauthenticated`, 403 `permission_denied`, 404 `not_found`, 409 `conflict`,
/// 413 `payload_too_large`, other 4xx `invalid_argument` for refused values (SQLSTATE 22, 23) and
/// `unsupported` for the rest; 408, 429, 5xx and what has no answer are retryable.
/// @par Threads Any but the shards: blocks for `timeout` and a second at the most.
class VOICEBRIDGE_API SupabaseLeadStore : public LeadStore, public LeadSink {
 public:
  /// `client` and `on`, on which answers come, must outlive the store.
  /// @return `Errc::invalid_argument` naming `url`, `service_key`, `table` or `timeout`.
  static Result<std::shared_ptr<SupabaseLeadStore>> create(HttpClient& client, Scheduler& on,
                                                           SupabaseOptions options);

  Result<Lead> save(const LeadInput& input) override;
  Result<Lead> find(const std::string& id) override;
  Result<Lead> find_by_phone(const std::string& phone_e164) override;
  Result<> set_summary(const std::string& id, const std::string& summary) override;
  Result<std::vector<Lead>> list(std::size_t limit) override;  ///< 1000 at the most.
  Result<> remove(const std::string& id) override;
  Result<> put(const Lead& lead) override;

 private:
  SupabaseLeadStore(HttpClient& client, Scheduler& on, SupabaseOptions options)
      : client_(client), on_(on), options_(std::move(options)) {}
  Result<HttpResponse> exchange(HttpRequest request);
  Result<std::vector<Lead>> rows_of(HttpRequest request);

  HttpClient& client_;
  Scheduler& on_;
  const SupabaseOptions options_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
