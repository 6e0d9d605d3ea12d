#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/call_plan.hpp"
#include "voicebridge/testing/sim_leg.hpp"
#include "voicebridge/testing/sim_network.hpp"
#include "voicebridge/testing/webhook_outbox.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A failure of the API made to order.
struct SimApiFault {
  std::string command;  ///< "dial", "hangup", "speak" …; empty: any request.
  unsigned times = 1;   ///< How many requests meet it.
  /// 0: no answer at all. 422 says that the call has already ended. 200 with `effective`: what it
  /// is without a fault, but late.
  int status = 500;
  Millis delay{0};         ///< Before the answer.
  bool effective = false;  ///< The command is carried out and only its answer is replaced.
  unsigned skip = 0;       ///< So many of these requests are served before.
};

/// A request as it came, for assertions.
struct SimApiRecord {
  TimePoint at{};                    ///< When it came.
  std::string command;               ///< In the words of `SimApiFault::command`.
  std::string call_id;               ///< The carrier's id of the leg; empty: of none.
  std::string body;                  ///< The first 16,000 bytes.
  int status = 0;                    ///< 0: not answered.
  bool repeated = false;             ///< Its `command_id` was known: nothing was done.
  std::vector<std::string> ignored;  ///< Parameters that the carrier does not know for it.
};

/// A phone carrier without the network, as a test drives it and looks at it, whichever carrier it
/// is: its REST interface, calls, webhooks and media. No I/O and no clock: requests, answers and
/// time come as arguments, the rest goes out through a `SimNetwork`. The same options and inputs
/// give the same run. Bring your own to run its calls under the same suite.
/// @par Threads One at a time.
class VOICEBRIDGE_API SimCarrier {
 public:
  virtual ~SimCarrier() = default;

  /// A request of the REST interface.
  virtual SimApiReply on_request(const SimApiRequest& request, TimePoint now) = 0;
  /// Somebody calls the application. Returns the carrier's id of the leg.
  virtual std::string call_in(const std::string& from, const std::string& to, const CallPlan& plan,
                              TimePoint now) = 0;
  /// The next call dialled to `to` follows this plan; "" is the next call to anybody. Plans queue
  /// up.
  virtual void plan_next(const std::string& to, CallPlan plan) = 0;
  /// The next requests that fit meet it.
  virtual void inject(SimApiFault fault) = 0;
  /// For the events to come.
  virtual void set_webhook_faults(WebhookFaults faults) = 0;

  /// Status 0: no answer in time.
  virtual void on_post_answer(std::uint64_t post_id, const HttpResponse& answer, TimePoint now) = 0;
  /// `sink` must live until `on_stream_closed`, or until the carrier has closed it.
  virtual void on_stream_open(const std::string& stream_id, WireSink& sink, TimePoint now) = 0;
  /// A text message of the application.
  virtual void on_stream_text(const std::string& stream_id, std::string_view text,
                              TimePoint now) = 0;
  /// A binary message of the application: no carrier wants one.
  virtual void on_stream_binary(const std::string& stream_id, TimePoint now) = 0;
  /// The socket is gone, whoever closed it.
  virtual void on_stream_closed(const std::string& stream_id, TimePoint now) = 0;
  /// `http_status` of the answer that was not 101; 0: there was no connection.
  virtual void on_stream_refused(const std::string& stream_id, int http_status, TimePoint now) = 0;

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  virtual Deadline next_deadline() const = 0;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  virtual void on_deadline(TimePoint now) = 0;

  virtual std::vector<std::string> calls() const = 0;  ///< Ids in the order made.
  /// Calls that are not over.
  virtual std::size_t active_calls() const = 0;
  /// Null for a call that is unknown or forgotten; valid until the next call is made.
  virtual const SimLeg* leg(const std::string& call_id) const = 0;
  /// The latest requests, in order.
  virtual const std::vector<SimApiRecord>& requests() const = 0;
  /// The latest events, in order.
  virtual const std::vector<WebhookRecord>& webhooks() const = 0;
  /// The whole state as JSON, `{"calls":[…],"requests":[…],"webhooks":[…]}` at least.
  virtual std::string state_json(TimePoint now) const = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
