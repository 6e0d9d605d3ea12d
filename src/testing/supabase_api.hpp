#pragma once

#include <string>
#include <vector>

#include "testing/supabase_query.hpp"
#include "voicebridge/testing/supabase_simulator.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {

/// A request behind the network.
struct ApiRequest {
  std::string method;
  std::string table;
  std::string query;  ///< As it came, without the question mark.
  HttpHeaders headers;
  std::string body;
};

/// The gateway and PostgREST: what is answered to what. No I/O, no clock.
class Api {
 public:
  explicit Api(SupabaseSimulatorOptions options)
      : options_(std::move(options)), table_(options_.max_rows) {}

  HttpResponse on_request(const ApiRequest& request, UnixMillis now);
  const Table& table() const { return table_; }

 private:
  std::optional<HttpResponse> refused_by_gateway(const ApiRequest& request) const;
  std::optional<PgError> refused_by_role(const ApiRequest& request) const;
  PgResult<HttpResponse> serve(const ApiRequest& request, UnixMillis now);
  PgResult<HttpResponse> post(const ApiRequest& request, const Query& query, UnixMillis now);
  PgResult<HttpResponse> get(const ApiRequest& request, const Query& query) const;
  PgResult<HttpResponse> change(const ApiRequest& request, const Query& query);

  const SupabaseSimulatorOptions options_;
  Table table_;
};

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
