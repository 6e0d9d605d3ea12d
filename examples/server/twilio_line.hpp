#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "api.hpp"
#include "config.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/twilio/stream_server.hpp"
#include "voicebridge/twilio/twilio_carrier.hpp"
#include "voicebridge/twilio/twilio_conference.hpp"
#include "voicebridge/twilio/twilio_sip_desk.hpp"

namespace server {

/// What has been seen lately. Forgets the oldest.
/// @par Threads Any.
class SeenLately {
 public:
  explicit SeenLately(std::size_t max = 10000) : max_(max) {}
  /// Whether it is seen for the first time.
  bool note(const std::string& what);

 private:
  std::size_t max_;
  std::mutex mutex_;
  std::set<std::string> seen_;
  std::deque<std::string> order_;
};

/// The calls that Twilio carries: its requests, media streams and commands.
/// Threads: any.
class TwilioLine {
 public:
  struct Parts {
    voicebridge::HttpClient& http;
    /// The agent, which is made behind its carriers.
    std::function<voicebridge::PhoneAgent&()> agent;
    voicebridge::Logger log;
  };
  /// @param apology  Said by Twilio when a media stream is lost.
  static voicebridge::Result<std::unique_ptr<TwilioLine>> create(const Config& config, Parts parts,
                                                                 const std::string& apology);

  voicebridge::Carrier& carrier() { return *carrier_; }
  voicebridge::ConferenceControl& conference() { return *conference_; }
  /// Callers whose agent is at OpenAI's SIP connector; null: they have media streams.
  const voicebridge::TwilioSipDesk* desk() const { return desk_ ? &*desk_ : nullptr; }
  /// For the call of such a caller.
  void join_by_conference(voicebridge::ServiceCall& call,
                          const voicebridge::TwilioSipCaller& caller) const;
  const voicebridge::TwilioStreamServer& streams() const { return *streams_; }

  /// Without Twilio the routes are there too, and say so.
  static void add_routes(Api& api, TwilioLine* line);

 private:
  TwilioLine(const Config& config, Parts parts) : config_(config), parts_(std::move(parts)) {}
  voicebridge::Result<> open_streams(
      std::shared_ptr<const voicebridge::twilio::WebhookVerifier> verifier);
  voicebridge::Result<> open_carrier(const std::string& apology);
  voicebridge::Result<> open_desk(const std::string& apology);
  bool is_signed(const voicebridge::HttpServerRequest& request,
                 const voicebridge::HttpResponder& responder) const;

  using Event = voicebridge::twilio::WebhookEvent;
  /// Nothing: it is answered, as it is not for this account or is no event.
  std::optional<Event> read(ApiRequest& request, const voicebridge::HttpResponder& responder) const;
  void voice(ApiRequest request, voicebridge::HttpResponder responder);
  void answered(ApiRequest request, voicebridge::HttpResponder responder);
  void spoken(ApiRequest request, voicebridge::HttpResponder responder);
  void keys(ApiRequest request, voicebridge::HttpResponder responder);
  void dialled(ApiRequest request, voicebridge::HttpResponder responder);
  void tell(ApiRequest request, voicebridge::HttpResponder responder);
  void send_stream(const std::string& call_id, const std::string& leg_id, const ApiRequest& request,
                   const voicebridge::HttpResponder& responder) const;
  void apologize(const voicebridge::HttpResponder& responder) const;

  const Config& config_;
  Parts parts_;
  std::shared_ptr<const voicebridge::twilio::WebhookVerifier> verifier_;
  std::optional<voicebridge::TwilioStreamServer> streams_;
  std::optional<voicebridge::TwilioCallControl> control_;
  std::optional<voicebridge::TwilioSipDesk> desk_;
  std::shared_ptr<voicebridge::TwilioCarrier> carrier_;
  std::unique_ptr<voicebridge::TwilioConference> conference_;
  SeenLately seen_;
};

}  // namespace server
