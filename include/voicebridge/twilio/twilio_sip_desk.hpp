#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/twilio/call_control.hpp"
#include "voicebridge/twilio/twilio_conference.hpp"
#include "voicebridge/twilio/webhook_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where the service is, and what the caller hears when it is not there.
struct TwilioSipDeskOptions {
  std::string sip_address;  ///< Required: `sip:proj_1@sip.api.openai.com;transport=tls`.
  /// Absolute, without a query: progress of the agent's leg; give what comes to `on_status`. Empty:
  /// a service that does not answer is found out by the ring timeout only.
  std::string status_url;
  Millis ring_timeout{20000};  ///< For the service to accept the call.
  Millis max_length{3600000};  ///< Of the agent's leg.
  /// What the caller hears when the service does not answer.
  std::string apology = "I am sorry, there is a technical problem. Please call again later.";
  std::string voice;             ///< Of the apology; empty: Twilio's own choice.
  std::size_t max_calls = 1000;  ///< Callers at once; more are told that it is busy.
  Millis forget_after{7200000};  ///< A caller whose end is not told.
};

/// A caller in the conference with their agent.
struct TwilioSipCaller {
  std::string call_sid;  ///< The caller's leg.
  std::string from;      ///< The caller.
  std::string to;        ///< The number called.
  TwilioSipTalk talk;    ///< Conference and legs, for `TwilioSipConference`.
};

/// Callers of Programmable Voice for agents at OpenAI's SIP connector: each gets a conference of
/// their own, where the service is rung as the other participant. That way somebody else can join,
/// and the agent can leave.
///
/// The service tells of the call by its own webhook, with `X-conferenceName` of ours, which comes
/// by the network and counts only when this desk has made it.
/// @par Threads Any.
class VOICEBRIDGE_API TwilioSipDesk {
 public:
  /// The header by which the service's webhook tells the conference …
  static constexpr std::string_view kConferenceHeader = "X-conferenceName";
  /// … and Twilio the agent's leg.
  static constexpr std::string_view kCallHeader = "X-Twilio-CallSid";

  /// `Errc::invalid_argument` naming an option.
  static Result<TwilioSipDesk> create(TwilioCallControl control, TwilioSipDeskOptions options);

  /// Somebody calls: the answer of the voice URL. Rings the service beside it; should it not come,
  /// the caller hears the apology. @param event  Of `VoiceRequest`.
  std::string welcome(const twilio::WebhookEvent& event, Scheduler& on) const;
  /// Of any leg: the agent's that failed, the caller's that ended.
  void on_status(const twilio::WebhookEvent& event, Scheduler& on) const;
  /// The caller whom the service was rung for, by the headers of its webhook. Nothing: not ours,
  /// or over. @param agent_call  CA…, as far as it is told.
  std::optional<TwilioSipCaller> find(const std::string& conference, const std::string& agent_call,
                                      TimePoint now) const;
  /// Callers who are with their agents.
  std::size_t callers() const;

 private:
  struct State;
  explicit TwilioSipDesk(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
