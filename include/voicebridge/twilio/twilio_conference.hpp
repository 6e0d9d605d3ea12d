#pragma once

#include <string>

#include "voicebridge/call/conference_control.hpp"
#include "voicebridge/twilio/call_control.hpp"
#include "voicebridge/twilio/stream_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Joins legs of `TwilioCarrier`, whose agents hear and speak by media streams: both legs get
/// TwiML with a `<Conference>` in place of their stream, first the person's, then the caller's.
/// Whoever of both leaves ends it, and the other's leg with it.
class VOICEBRIDGE_API TwilioConference final : public ConferenceControl {
 public:
  /// Conferences of the account that `control` commands, for callers on media streams.
  TwilioConference(TwilioCallControl control, TwilioStreamServer streams);

  bool can_hold() const override { return false; }
  void hold(const ConferenceParties& parties, bool on, Scheduler& scheduler, Done done) override;
  void join(const ConferenceParties& parties, Scheduler& on, Done done) override;
  /// By TwiML with a new stream and a new one-time token.
  void take_back(const ConferenceParties& parties, Scheduler& on, Done done) override;
  void end(const ConferenceParties& parties, Scheduler& on, Done done) override;

 private:
  TwilioCallControl control_;
  TwilioStreamServer streams_;
};

/// A conference that a caller of Programmable Voice is in already, with an agent at OpenAI's SIP
/// connector as the other participant.
struct TwilioSipTalk {
  std::string conference;  ///< Its friendly name.
  std::string agent_call;  ///< CA… of the leg to the service, of the webhook's X-Twilio-CallSid.
};

/// Joins a person with a caller whose agent is at OpenAI's SIP connector, in the conference where
/// the caller and the agent are: the person's leg comes in, the agent's goes. One for each call.
class VOICEBRIDGE_API TwilioSipConference final : public ConferenceControl {
 public:
  /// The same for callers whom a `TwilioSipDesk` has put into a conference.
  TwilioSipConference(TwilioCallControl control, TwilioSipTalk talk);

  bool can_hold() const override { return true; }
  /// Of the caller: they hear Twilio's music, and the agent does not hear them.
  void hold(const ConferenceParties& parties, bool on, Scheduler& scheduler, Done done) override;
  void join(const ConferenceParties& parties, Scheduler& on, Done done) override;
  void take_back(const ConferenceParties& parties, Scheduler& on, Done done) override;
  void end(const ConferenceParties& parties, Scheduler& on, Done done) override;

 private:
  class Joining;
  TwilioCallControl control_;
  TwilioSipTalk talk_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
