#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/telnyx_api_error.hpp"
#include "testing/telnyx_call.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace voicebridge::testing {

struct TelnyxCarrier::Impl final : TelnyxCallHost {
  Impl(TelnyxCarrierOptions options, SimNetwork& network, TimePoint now);

  // Of the calls.
  void emit(TelnyxCall& call, std::string_view event_type, std::string payload,
            TimePoint now) override;
  void open_stream(TelnyxCall& call, const TelnyxStreamParams& params) override;
  void on_answered(TelnyxCall& call, TimePoint now) override;
  void on_ended(TelnyxCall& call, TimePoint now) override;

  TelnyxCall* find(const std::string& call_control_id) const;
  TelnyxCall& add_call(TelnyxCallSetup setup, CallPlan plan, TimePoint now);
  TelnyxCallSetup new_setup();
  CallPlan plan_for(const std::string& to);
  std::size_t active_calls() const;
  void forget_old_calls();
  void bridge(TelnyxCall& a, TelnyxCall& b, bool park_a, TimePoint now);
  void post_due_webhooks(TimePoint now);

  // The API, in the order a request passes.
  SimApiReply handle(const SimApiRequest& request, TimePoint now);
  bool over_rate_limit(TimePoint now);
  void add_rate_headers(HttpResponse& response) const;
  bool authorized(const HttpHeaders& headers) const;
  const SimApiFault* take_fault(std::string_view command);
  HttpResponse route(const SimApiRequest& request, SimApiRecord& record, TimePoint now);
  HttpResponse command(std::string_view name, const std::string& call_id, JsonView body,
                       SimApiRecord& record, TimePoint now);
  HttpResponse on_call(std::string_view name, const std::string& call_id, JsonView body,
                       TimePoint now);
  HttpResponse get_call(const std::string& call_id, TimePoint now);

  // The commands; the body has been checked against the schema, the call's state against the
  // command.
  using Handler = HttpResponse (Impl::*)(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse dial(JsonView body, TimePoint now);
  HttpResponse answer(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse reject(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse hangup(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse speak(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse playback_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse playback_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse send_dtmf(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse streaming_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse streaming_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse transfer(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse bridge_command(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse record_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse record_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse gather(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse gather_stop(TelnyxCall& call, JsonView body, TimePoint now);

  TelnyxCarrierOptions options;
  SimNetwork& network;
  WallClock wall;
  IdGenerator ids;
  std::uint64_t last_call_seed;
  Ed25519KeyPair signing_key;
  WebhookOutbox outbox;
  std::vector<std::unique_ptr<TelnyxCall>>
      calls;  ///< In the order made; kept after the end, for assertions.
  std::map<std::string, TelnyxCall*, std::less<>> by_id;
  std::map<std::string, std::deque<CallPlan>> plans;  ///< By called number; "" for anybody.
  std::deque<SimApiFault> faults;
  SimApiFault current_fault;

  struct Remembered {
    TimePoint until{};
    HttpResponse response;
  };
  /// By call and `command_id`. 60 s, as the vendor's documentation says.
  std::map<std::pair<std::string, std::string>, Remembered> commands;

  TimePoint rate_window{};
  unsigned requests_in_window = 0;
  std::vector<SimApiRecord> requests;
};

/// `{"data":{"result":"ok"}}`
HttpResponse ok_response();
HttpResponse json_response(std::string body);

}  // namespace voicebridge::testing
