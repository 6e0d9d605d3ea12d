#pragma once

#include <functional>
#include <memory>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/core/metrics.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/websocket.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// When the sockets of a shard are served: at once, or all that are ready together at each tick.
/// A tick saves CPU and costs up to one tick of latency (docs/performance.md). It needs epoll: on
/// other systems than Linux the sockets are always served at once.
struct TickPolicy {
  /// Whether there is a tick.
  enum class Mode { off, fixed, by_load };
  Mode mode = Mode::off;                  ///< Whether there is one.
  Micros interval{2000};                  ///< Between two ticks.
  unsigned frames_per_second_on = 2000;   ///< by_load: the tick starts above this rate …
  unsigned frames_per_second_off = 1000;  ///< … and stops below this one.
  bool portable = false;  ///< Never ticks: sockets as they are served where there is no epoll.
};

/// Threads, and what they may queue.
struct RuntimeOptions {
  unsigned threads =
      1;  ///< Shards, each an own thread. 0: one shard, driven by `run()` or `poll()`.
  unsigned offload_threads = 4;      ///< For tools and blocking stores.
  std::size_t offload_queue = 1024;  ///< Work that may wait for the pool; more is refused.
  TickPolicy tick;                   ///< When ready sockets are served.
  Logger log;                        ///< Where it reports; by default nowhere.
};

/// The event loops. A shard is a `Scheduler`; sockets, calls and timers live on one and never move.
/// @par Threads Everything but `run` and `poll` from any thread.
class VOICEBRIDGE_API Runtime {
 public:
  /// Starts the threads. `Errc::invalid_argument` for options that make no sense.
  static Result<std::unique_ptr<Runtime>> create(RuntimeOptions options = {});
  ~Runtime();  ///< Stops and joins. Not on one of its own threads.
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// At least 1.
  unsigned shard_count() const noexcept;
  /// By number, from 0; out of range is a defect.
  Scheduler& shard(unsigned index);
  /// The next shard in turn: where to put a new call.
  Scheduler& next_shard();
  /// Counters of the runtime and all that lives on it.
  MetricsRegistry& metrics();
  /// As given by the options.
  const Logger& log() const;

  void run();  ///< threads = 0: drives the shard on this thread until `stop()`.
  std::size_t
  poll();  ///< threads = 0: does what is ready, without waiting; the number of things done.
  /// Open sockets close with 1001 and have a second to end; tasks posted before, and what was
  /// accepted by `offload`, still run; timers set for later do not. Returns at once.
  void stop();
  /// Waits until the loops have ended after `stop`: no handler runs any more, and what they used
  /// may go. The destructor does both. Not on one of its own threads.
  void join();

  struct Impl;
  Impl& impl() { return *impl_; }  ///< For the adapters of net/.

 private:
  Runtime();
  std::unique_ptr<Impl> impl_;
};

/// Whom a client trusts.
struct TlsClientOptions {
  bool verify_peer = true;  ///< False: anybody may be the server. For tests alone.
  std::string ca_file;      ///< PEM; empty: the system's.
};

/// REST over cpprestsdk: bounded answers, verified TLS, no redirects followed, connections kept per
/// host. 1000 requests may be under way, one more fails with `resource_exhausted`. When the runtime
/// stops or the client is destroyed, what is pending gets `cancelled`. Must go before its runtime.
VOICEBRIDGE_API std::unique_ptr<HttpClient> make_http_client(Runtime& runtime,
                                                             TlsClientOptions tls = {});
/// WebSockets to anywhere, verified TLS. Must go before its runtime.
VOICEBRIDGE_API std::unique_ptr<WebSocketClient> make_websocket_client(Runtime& runtime,
                                                                       TlsClientOptions tls = {});

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
