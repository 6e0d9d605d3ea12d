#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "net/http_request_reader.hpp"
#include "voicebridge/core/metrics.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// What all HTTP connections of a runtime count together.
struct HttpCounters {
  explicit HttpCounters(MetricsRegistry& metrics);
  Counter& connections;
  Counter& connections_refused;  ///< Beyond `max_connections`.
  Counter& requests;
  Counter& faults;    ///< Requests answered here because they were malformed or too large.
  Counter& timeouts;  ///< Slow clients and slow handlers.
};

/// The server's side of one HTTP/1.x connection, without a socket: requests one at a time, in
/// order, with keep-alive, pipelining, `100 Continue`, time-outs and an orderly end.
///
/// The owner feeds `receive`, hands each request to a handler, brings the answer back with
/// `respond`, sends what `take_output` gives, and after every call looks at `stage()` and
/// `next_deadline()`.
class HttpSession {
 public:
  /// How long a peer may take to close its side after it was told that the connection ends.
  static constexpr Millis kLingerTimeout{2000};

  enum class Stage {
    reading,    ///< Wants input.
    offering,   ///< A request waits for `take_request`.
    handling,   ///< Waits for `respond`.
    sending,    ///< The answer is on its way.
    lingering,  ///< The last answer is out. Shut down writing; input is dropped until the peer
                ///< closes too, since closing with unread input would make TCP discard the answer
                ///< (RFC 9112 section 9.6).
    closed,     ///< Close the socket.
  };

  HttpSession(const HttpServerOptions& options, HttpCounters& counters, TimePoint now);

  Stage stage() const { return stage_; }

  void receive(std::string_view bytes, TimePoint now);
  /// The peer will send no more. It still gets the answers to what it has sent.
  void receive_end();

  HttpServerRequest take_request(TimePoint now);
  /// Names the request that was taken last.
  std::uint64_t request_number() const { return request_number_; }
  /// The taken request's head as it came.
  const std::string& raw_head() const { return reader_.raw_head(); }
  /// Nothing happens if the request has been answered already, by an earlier call or a time-out.
  void respond(std::uint64_t request_number, const HttpResponse& response, TimePoint now);

  /// The bytes to send now. Ask again after `output_sent`.
  std::string take_output() { return std::move(output_); }
  bool has_output() const { return !output_.empty(); }
  /// Some of the output went out.
  void output_progress(TimePoint now);
  /// All of it did.
  void output_sent(TimePoint now);

  /// No further request is begun: an idle connection closes, a running request is answered first.
  void drain();
  /// Gives up the connection for a WebSocket: what came behind the head.
  std::string detach();

  Deadline next_deadline() const { return deadline_; }
  void on_deadline(TimePoint now);

 private:
  void read(TimePoint now);
  void reject(const HttpFault& fault, TimePoint now);
  void send(const HttpResponse& response, bool keep_alive, TimePoint now);
  void next_request(TimePoint now);
  void wait_for_input(HttpRequestReader::State before, TimePoint now);
  void close();

  const HttpServerOptions& options_;
  HttpCounters& counters_;
  HttpRequestReader reader_;
  Stage stage_ = Stage::reading;
  Deadline deadline_;
  std::string pending_;  ///< Input behind the request that runs.
  std::string output_;
  std::uint64_t request_number_ = 0;
  bool keep_alive_ = true;  ///< After the answer that is being sent.
  bool draining_ = false;
  bool peer_done_ = false;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
