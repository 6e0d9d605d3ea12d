#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/store/lead_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where it listens, and which keys count.
struct SupabaseSimulatorOptions {
  std::string address = "127.0.0.1";                             ///< To listen on.
  std::uint16_t port = 0;                                        ///< 0: a free one.
  std::string secret_key = "sb_secret_simulated";                ///< The server's.
  std::string publishable_key = "sb_publishable_simulated";      ///< Its role may nothing.
  std::string service_jwt = "eyJhbGciOiJIUzI1NiJ9.e30.service";  ///< The legacy key.
  std::size_t max_rows = 100000;  ///< Of the table; more are answered 500 with 53100.
};

/// A failure made to order.
struct SupabaseFault {
  unsigned times = 1;      ///< How many requests meet it.
  int status = 500;        ///< 0: no answer at all. 401 and 503 as the gateway has them.
  Millis delay{0};         ///< Before the answer.
  bool effective = false;  ///< The request is carried out and only its answer is replaced.
  bool html = false;       ///< The body is a page, as of a gateway.
};

/// Supabase on a port of this machine: the gateway's keys and, in memory, PostgREST with the table
/// `leads` of docs/stores.md: insert, upsert, filters (eq, neq, gt, gte, lt, lte, is, in), order,
/// limit, PATCH, DELETE, its error bodies. Anything else is 400 with PGRST100.
/// @par Threads `create`, the destructor, `go_down` and `come_back` not on a shard of the runtime
/// and one at a time; everything else from any thread. The runtime must outlive the simulator.
class VOICEBRIDGE_API SupabaseSimulator {
 public:
  /// Listens when it returns.
  static Result<std::unique_ptr<SupabaseSimulator>> create(Runtime& runtime,
                                                           SupabaseSimulatorOptions options = {});
  ~SupabaseSimulator();
  SupabaseSimulator(const SupabaseSimulator&) = delete;
  SupabaseSimulator& operator=(const SupabaseSimulator&) = delete;

  /// The port that it listens on.
  std::uint16_t port() const noexcept;
  std::string base_url() const;  ///< `http://127.0.0.1:4713`, for SUPABASE_URL.

  void inject(SupabaseFault fault);  ///< Faults queue up; the next requests meet them.
  /// Of 100 requests so many fail, each in a way drawn by `seed`. 0: none.
  void set_trouble(unsigned percent, std::uint32_t seed);
  void go_down();        ///< Cuts the connections; new ones are refused.
  Result<> come_back();  ///< On the same port, with the same rows.

  std::vector<Lead> leads() const;  ///< In the order they were inserted.
  /// That have come.
  std::uint64_t requests() const;
  std::uint64_t faults() const;  ///< Requests that met one.

 private:
  SupabaseSimulator();
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
