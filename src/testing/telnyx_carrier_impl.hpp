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
#include "testing/telnyx_conference_desk.hpp"
#include "testing/telnyx_queues.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where a request goes: what it is called in records and faults, and the ids in its path.
struct TelnyxRoute {
  std::string method;
  std::string command;  ///< "dial", "speak", "conference.join" …; empty: no such path.
  std::string id;       ///< call_control_id, or of the conference.
  std::string part;     ///< Of the participant.
  bool of_call = false;
};

struct TelnyxCarrier::Impl final : TelnyxCallHost, TelnyxConferenceHost {
  Impl(TelnyxCarrierOptions options, SimNetwork& network, TimePoint now);

  // Of the calls.
  void emit(TelnyxCall& call, std::string_view event_type, std::string payload,
            TimePoint now) override;
  void open_stream(TelnyxCall& call, const TelnyxStreamParams& params) override;
  void on_answered(TelnyxCall& call, TimePoint now) override;
  void on_ended(TelnyxCall& call, TimePoint now) override;
  void on_said(TelnyxCall& call, TimePoint now) override;

  // Of the conferences, and of the calls where they ask for the same.
  TelnyxCall* find(const std::string& call_control_id) const override;
  void emit_to(const WebhookTarget& target, std::string_view event_type, std::string payload,
               TimePoint now) override;
  std::string new_uuid() override { return ids.uuid(); }
  std::string iso(TimePoint now) const override { return wall.iso(now); }
  void detach(TelnyxCall& call, TimePoint now) override;
  void refresh(TelnyxCall& call) override;
  Millis speech_length(JsonView request) const override;
  Millis playback_length(JsonView request) const override;

  TelnyxCall& add_call(TelnyxCallSetup setup, CallPlan plan, TimePoint now);
  TelnyxCallSetup new_setup();
  CallPlan plan_for(const std::string& to);
  std::size_t active_calls() const;
  void forget_old_calls();
  void bridge(TelnyxCall& a, TelnyxCall& b, bool park_a, TimePoint now);
  void unbridge(TelnyxCall& call, TimePoint now);
  bool hears(const TelnyxCall& listener, const TelnyxCall& speaker) const;
  bool leave_queue_because(std::string_view reason, TelnyxCall& call, TimePoint now);
  void post_due_webhooks(TimePoint now);

  // The API, in the order a request passes.
  SimApiReply handle(const SimApiRequest& request, TimePoint now);
  bool over_rate_limit(TimePoint now);
  void add_rate_headers(HttpResponse& response) const;
  bool authorized(const HttpHeaders& headers) const;
  const SimApiFault* take_fault(std::string_view command);
  HttpResponse route(const SimApiRequest& request, const TelnyxRoute& path, SimApiRecord& record,
                     TimePoint now);
  HttpResponse look_up(const TelnyxRoute& path, TimePoint now);
  HttpResponse command(const TelnyxRoute& path, JsonView body, SimApiRecord& record, TimePoint now);
  HttpResponse run(const TelnyxRoute& path, JsonView body, TimePoint now);
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
  HttpResponse record_pause(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse record_resume(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse record_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse gather(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse gather_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse gather_using_speak(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse gather_using_audio(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse accept(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse enqueue(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse leave_queue(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse fork_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse fork_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse refer(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse siprec_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse siprec_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse switch_supervisor_role(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse transcription_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse transcription_stop(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse assistant_start(TelnyxCall& call, JsonView body, TimePoint now);
  HttpResponse assistant_stop(TelnyxCall& call, JsonView body, TimePoint now);

  struct CallCommand {
    std::string_view name;
    Handler handler;
    bool before_answer = false;
  };
  static const CallCommand* find_command(std::string_view name);
  bool blocked_by_stream(std::string_view command, TelnyxCall* call) const;

  TelnyxCarrierOptions options;
  SimNetwork& network;
  WallClock wall;
  IdGenerator ids;
  std::uint64_t last_call_seed;
  Ed25519KeyPair signing_key;
  WebhookOutbox outbox;
  TelnyxConferenceDesk conferences{*this};
  TelnyxQueues queues;
  std::vector<std::string> supervisors;  ///< Legs that listen in on another, by call_control_id.
  std::vector<std::unique_ptr<TelnyxCall>>
      calls;  ///< In the order made; kept after the end, for assertions.
  std::map<std::string, TelnyxCall*, std::less<>> by_id;
  std::map<std::string, std::deque<CallPlan>> plans;  ///< By called number; "" for anybody.
  std::map<std::string, CallPlan> standing_plans;     ///< By called number.
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

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
