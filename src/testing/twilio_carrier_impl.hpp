#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/twilio_api_error.hpp"
#include "testing/twilio_call.hpp"
#include "testing/twilio_conference.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

struct TwilioCarrier::Impl final : TwilioCallHost, TwilioConferenceHost {
  Impl(TwilioCarrierOptions options, SimNetwork& network, TimePoint now);

  // Of the calls.
  const TwilioCarrierOptions& options() const override { return options_; }
  const WallClock& wall() const override { return wall_; }
  TwilioWarnings& warnings() override { return warnings_; }
  const TwilioMediaChaos& media_chaos() const override { return options_.media; }
  std::string new_sid(std::string_view prefix) override;
  TwilioCall* find(std::string_view sid) override;
  void tell(const std::string& type, const TwilioCallback& where, FormFields fields,
            TimePoint now) override;
  void fetch(TwilioCall& call, TwilioFetch fetch, TimePoint now) override;
  void open_stream(const TwilioStream& stream) override;
  bool ring_elsewhere(TwilioCall& call, TimePoint now) override;
  void hang_up_elsewhere(TwilioCall& call, TimePoint now) override;
  TwilioCall& dial(TwilioCallSetup child, TimePoint now) override;
  void enter_conference(TwilioCall& call, const std::string& name, TwilioParticipant participant,
                        const TwilioCallback& callback, TimePoint now) override;
  void leave_conference(TwilioCall& call, const std::string& reason, TimePoint now) override;
  void on_answered(TwilioCall& call, TimePoint now) override;
  void on_ended(TwilioCall& call, TimePoint now) override;

  // Of the conferences.
  void tell(TwilioConference& conference, const std::string& event, FormFields fields,
            TimePoint now) override;
  void on_left(const std::string& call_sid, TimePoint now) override;
  std::string call_status(const std::string& call_sid) const override;

  // Calls.
  TwilioCallSetup new_setup();
  CallPlan plan_for(const std::string& to);
  TwilioCall& add_call(TwilioCallSetup setup, CallPlan plan, TimePoint now);
  void forget_old_calls();
  std::size_t active_calls() const;
  const TwilioCall* look(std::string_view sid) const;
  TwilioCall* call_of_stream(const std::string& stream_sid);
  TwilioCall* peer_of(const TwilioCall& call);
  TwilioConference* conference(std::string_view sid_or_name);
  TwilioConference& conference_named(const std::string& name, TimePoint now);
  TwilioConference* conference_of(const TwilioCall& call);

  // Time.
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);
  void step(TimePoint due, TimePoint now);
  void mix(TwilioCall& call, TimePoint due, TimePoint now);
  void mix_conference(TwilioCall& call, TwilioConference& conference, TwilioFrame& out);
  void hear_from(TwilioCall& listener, const TwilioCall& speaker, TwilioFrame& out);
  void send_posts(TimePoint now);

  // Requests to the application.
  SimPost sign(SimPost post, const FormFields& fields, bool bad_signature) const;
  SimPost write_callback(const WebhookAttempt& attempt) const;
  void give_up_fetches(TimePoint now);
  void on_post_answer(std::uint64_t post_id, const HttpResponse& answer, TimePoint now);

  // The REST interface, in the order a request passes.
  struct Route {
    std::string resource;  ///< "Calls", "Conferences", "Recordings"
    std::string id;
    std::string sub;  ///< "Streams", "Participants", "Recordings"
    std::string sub_id;
    bool valid = false;
  };
  struct Ask {
    const SimApiRequest& request;
    Route route;
    FormFields form;
    TimePoint now;
    SimApiRecord& record;
  };
  using Answer = HttpResponse;

  SimApiReply handle(const SimApiRequest& request, TimePoint now);
  std::optional<SimApiFault> take_fault(std::string_view command);
  bool authorized(const SimApiRequest& request) const;
  Answer route(Ask& ask);
  static Route parse_route(std::string_view path);
  std::string command_of(const SimApiRequest& request, const Route& route,
                         const FormFields& form) const;
  Answer calls_resource(Ask& ask);
  Answer create_call(Ask& ask);
  Answer list_calls(Ask& ask);
  Answer update_call(Ask& ask, TwilioCall& call);
  Answer recordings_resource(Ask& ask, TwilioCall& call);
  Answer streams_resource(Ask& ask, TwilioCall& call);
  Answer conferences_resource(Ask& ask);
  Answer participants_resource(Ask& ask);
  Answer create_participant(Ask& ask, TwilioConference* conference);
  Answer update_participant(Ask& ask, TwilioConference& conference, TwilioParticipant& participant);
  std::optional<TwilioApiError> read_leg(const FormFields& form, TwilioCallSetup& setup) const;
  std::string base_path() const;
  void write_call(JsonWriter& json, const TwilioCall& call, TimePoint now) const;
  void write_conference(JsonWriter& json, const TwilioConference& conference) const;
  void write_participant(JsonWriter& json, const TwilioConference& conference,
                         const TwilioParticipant& participant) const;
  void write_recording(JsonWriter& json, const TwilioCall& call,
                       const TwilioRecording& recording) const;
  void write_stream(JsonWriter& json, const TwilioStream& stream, TimePoint now) const;
  std::string state(TimePoint now) const;

  TwilioCarrierOptions options_;
  SimNetwork& network_;
  const WallClock wall_;
  IdGenerator ids_;
  std::uint64_t last_call_seed_;
  TwilioWarnings warnings_;
  WebhookOutbox outbox_;
  Deadline next_step_;

  std::vector<std::unique_ptr<TwilioCall>> calls_;  ///< In the order made.
  std::map<std::string, TwilioCall*, std::less<>> by_sid_;
  std::map<std::string, std::string> streams_;  ///< SID of a stream and of its call.
  /// Legs whose far end is a leg of ours, both ways; and those at the SIP connector.
  std::map<std::string, std::string> peers_;
  std::map<std::string, bool> at_sip_;
  std::vector<std::unique_ptr<TwilioConference>> conferences_;
  std::map<std::string, std::string> conference_by_call_;
  std::map<std::pair<std::string, std::string>, Millis> heard_from_;
  std::map<std::string, std::deque<CallPlan>> plans_;

  struct Fetching {
    std::string call_sid;
    std::uint64_t number = 0;
    TimePoint until{};
  };
  std::map<std::uint64_t, Fetching> fetches_;
  std::uint64_t last_fetch_ = std::uint64_t{1} << 62;  ///< Apart from the outbox' ids.
  std::vector<SimPost> posts_;                         ///< To be sent.

  std::deque<SimApiFault> faults_;
  TimePoint rate_window_{};
  unsigned requests_in_window_ = 0;
  TimePoint next_create_{};
  std::vector<SimApiRecord> requests_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
