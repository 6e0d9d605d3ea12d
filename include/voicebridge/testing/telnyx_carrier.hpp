#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/net/http.hpp"
#include "voicebridge/testing/telnyx_plan.hpp"
#include "voicebridge/testing/telnyx_webhooks.hpp"

namespace voicebridge::testing {

struct TelnyxCarrierOptions {
  std::string api_key = "KEY_SIMULATED";
  std::string connection_id;  ///< The only one accepted by dial; empty: any.
  std::string webhook_url;    ///< Of the application; a call's `webhook_url` goes before it.
  std::string webhook_failover_url;
  TelnyxWebhookFaults webhooks;
  TelnyxCallPlan plan;               ///< For calls without a plan of their own.
  std::size_t channel_limit = 1000;  ///< Calls at one time; a dial beyond it gets 403 90041.
  std::size_t kept_calls =
      1000;  ///< Ended calls that can still be asked for; older ones are forgotten.
  unsigned rate_limit = 1000;  ///< Requests a second; beyond it 429 10011.
  Millis speak_per_character{
      65};  ///< How long `speak` takes; real voices read about 15 characters a second.
  Millis playback_length{2000};          ///< Of any file given to `playback_start`.
  std::uint64_t seed = 1;                ///< Of ids, plans and the signing key.
  UnixMillis wall_time = 1763717400000;  ///< What the wall clock shows when the carrier is made.
};

struct TelnyxApiRequest {
  std::string method;
  std::string path;  ///< Decoded, such as "/v2/calls/v3:abc/actions/hangup".
  HttpHeaders headers;
  std::string body;
};

struct TelnyxApiReply {
  HttpResponse response;
  Millis delay{0};
  bool answered = true;  ///< False: the client shall wait in vain.
};

/// A failure of the API made to order.
struct TelnyxApiFault {
  std::string command;  ///< "dial", "hangup", "speak" …; empty: any request.
  unsigned times = 1;
  int status = 500;        ///< 0: no answer at all. 422 says that the call has already ended.
  Millis delay{0};         ///< Before the answer.
  bool effective = false;  ///< The command is carried out and only its answer is replaced.
};

/// A media WebSocket the carrier wants: connect, then `on_stream_open`, or `on_stream_refused`.
struct TelnyxStreamOpen {
  std::string call_control_id;
  std::string url;
  HttpHeaders headers;
};

/// A request as it came, for assertions.
struct TelnyxApiRecord {
  TimePoint at{};
  std::string command;
  std::string call_control_id;
  std::string body;                  ///< The first 16,000 bytes.
  int status = 0;                    ///< 0: not answered.
  bool repeated = false;             ///< Its `command_id` was known: nothing was done.
  std::vector<std::string> ignored;  ///< Parameters that Telnyx does not know for this command.
};

/// The way out of the carrier. Called inside the carrier's functions; must not call back into it.
class VOICEBRIDGE_API TelnyxCarrierNetwork {
 public:
  virtual ~TelnyxCarrierNetwork() = default;
  virtual void post_webhook(const TelnyxWebhookPost& post) = 0;
  virtual void open_stream(const TelnyxStreamOpen& open) = 0;
};

/// Telnyx without the network: the Call Control API, its calls, webhooks and media, as strict as
/// the real service. No I/O and no clock: requests, answers and time come as arguments, the rest
/// goes out through `TelnyxCarrierNetwork`. The same options and inputs give the same run. One
/// thread at a time.
class VOICEBRIDGE_API TelnyxCarrier {
 public:
  TelnyxCarrier(TelnyxCarrierOptions options, TelnyxCarrierNetwork& network, TimePoint now);
  ~TelnyxCarrier();

  TelnyxApiReply on_request(const TelnyxApiRequest& request, TimePoint now);

  /// Somebody calls the application. Returns the call_control_id.
  std::string call_in(const std::string& from, const std::string& to, const TelnyxCallPlan& plan,
                      TimePoint now);
  /// The next call dialled to `to` follows this plan; "" is the next call to anybody. Plans queue
  /// up.
  void plan_next(const std::string& to, TelnyxCallPlan plan);
  void inject(TelnyxApiFault fault);
  void set_webhook_url(std::string url);
  void set_webhook_faults(TelnyxWebhookFaults faults);

  /// `status` 0: no answer in time.
  void on_webhook_answer(std::uint64_t post_id, int status, TimePoint now);
  void on_stream_open(const std::string& call_control_id, WireSink& sink, TimePoint now);
  void on_stream_text(const std::string& call_control_id, std::string_view text, TimePoint now);
  void on_stream_closed(const std::string& call_control_id, TimePoint now);
  void on_stream_refused(const std::string& call_control_id, TimePoint now);

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  std::string public_key_base64() const;
  /// Null for a call that is unknown or forgotten; valid until the next call is made.
  const TelnyxSimMedia* media(const std::string& call_control_id) const;
  std::vector<std::string> calls() const;  ///< Ids in the order made.
  std::size_t active_calls() const;
  const std::vector<TelnyxApiRecord>& requests() const;
  const std::vector<TelnyxWebhookRecord>& webhooks() const;
  /// `{"calls":[…],"requests":[…],"webhooks":[…]}`: states, what was really played and dropped in
  /// bytes and milliseconds, what was said, what was asked, what was told and how the application
  /// answered.
  std::string state_json(TimePoint now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voicebridge::testing
