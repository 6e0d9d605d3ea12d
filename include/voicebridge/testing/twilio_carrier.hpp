#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/testing/sim_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// An INVITE to a SIP address, such as OpenAI's connector.
struct SimSipInvite {
  std::string call_sid;  ///< Of the leg; names it in the functions below.
  std::string to;        ///< "sip:proj_1@sip.api.openai.com;transport=tls"
  std::string from;      ///< Number, or the user part of an address.
  /// In order: X-Twilio-CallSid, X-Twilio-AccountSid, then those of the address' `?X-a=b`.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Where calls to SIP addresses go. Called inside the carrier's functions; must not call back into
/// it: `TwilioCarrier::on_sip_answered` and `on_sip_ended` come later.
class VOICEBRIDGE_API SimSipConnector {
 public:
  virtual ~SimSipConnector() = default;
  /// Rings there.
  virtual void invite(const SimSipInvite& invite) = 0;
  /// The carrier ends the leg: CANCEL before the answer, BYE after it.
  virtual void bye(const std::string& call_sid) = 0;
};

/// Faults of media sockets that a plan of a call does not know.
struct TwilioMediaChaos {
  bool withhold_start = false;  ///< The socket is connected and nothing follows `connected`.
  bool withhold_stop = false;   ///< The socket closes without `stop`.
  Millis mark_delay{0};         ///< From the moment a mark is due to its echo.
};

/// What Twilio would write into its debugger, counted.
struct TwilioWarnings {
  std::uint64_t malformed = 0;         ///< 31950: a binary frame.
  std::uint64_t invalid = 0;           ///< 31951: no JSON, another stream, an unknown event.
  std::uint64_t overflow = 0;          ///< 31930: frames that a slow reader did not get.
  std::uint64_t closed_by_server = 0;  ///< 31921
  std::uint64_t handshake = 0;         ///< 31920: an answer that is not 101.
  std::uint64_t connect = 0;           ///< 31901, 31902: nobody there.
  std::uint64_t bad_twiml = 0;         ///< 12100: no XML.
  std::uint64_t unknown_twiml = 0;     ///< 12200: an element that is ignored.
  std::uint64_t http_failure = 0;      ///< 11200, 11205: no TwiML to be had.
  std::uint64_t slow_twiml = 0;        ///< More than 5 s: the caller heard silence.
};

/// Whose account it is, and how the service behaves.
struct TwilioCarrierOptions {
  std::string account_sid = "AC00000000000000000000000000000001";  ///< The account's.
  /// What requests have to carry, and what signs.
  std::string auth_token = "00000000000000000000000000000002";
  std::string api_key_sid = "SK00000000000000000000000000000003";  ///< The other way to be let in.
  std::string api_key_secret = "simulated";                        ///< Its secret.
  /// What requests are signed with; empty: the token. Another one while tokens are rotated.
  std::string signing_token;

  // Of the account's numbers.
  std::string voice_url;              ///< Of incoming calls; without one they are not answered.
  std::string voice_method = "POST";  ///< Of `voice_url`.
  std::string voice_fallback_url;     ///< Asked when that gives no TwiML.
  std::string status_callback;        ///< Of incoming calls, told at their end.
  std::vector<std::string> numbers;   ///< The account's; empty: any `From` is, and none as a `To`.

  WebhookFaults webhooks;          ///< What happens to callbacks on their way.
  CallPlan plan;                   ///< For calls without a plan of their own.
  TwilioMediaChaos media;          ///< What goes wrong with media sockets.
  std::size_t call_limit = 1000;   ///< Calls at one time; a dial beyond it gets 429 20429.
  std::size_t kept_calls = 1000;   ///< Ended calls that can still be asked for.
  unsigned rate_limit = 1000;      ///< Requests a second; beyond it 429 20429.
  Millis create_spacing{0};        ///< Calls are created one after the other, as the CPS says.
  Millis speak_per_character{65};  ///< How long `<Say>` takes.
  Millis playback_length{2000};    ///< Of any file given to `<Play>`.
  Millis twiml_timeout{15000};     ///< Then the fallback is asked.
  std::uint64_t seed = 1;          ///< Of ids and plans.
  UnixMillis wall_time = 1763717400000;  ///< What the wall clock shows when the carrier is made.
  SimSipConnector* sip = nullptr;        ///< Null: SIP addresses are called like numbers.
};

/// Twilio without the network: the REST interface of calls, conferences, recordings and streams,
/// the TwiML interpreter, status callbacks and media, as strict as the real service.
///
/// An incoming call asks its voice URL, an outbound one its `Url` at the answer; verbs are done in
/// order. `SimStreamOpen::id` is the stream's SID. Callbacks are signed and told at the same time,
/// so that `WebhookFaults` put them in any order; their types are "call.ringing", "amd",
/// "stream-started", "conference.participant-join", "recording.completed"; a rule for "twiml" says
/// how often a request for TwiML comes.
class VOICEBRIDGE_API TwilioCarrier final : public SimCarrier {
 public:
  /// What it does goes out by `network`, which must outlive it.
  TwilioCarrier(TwilioCarrierOptions options, SimNetwork& network, TimePoint now);
  ~TwilioCarrier() override;

  SimApiReply on_request(const SimApiRequest& request, TimePoint now) override;
  std::string call_in(const std::string& from, const std::string& to, const CallPlan& plan,
                      TimePoint now) override;
  void plan_next(const std::string& to, CallPlan plan) override;
  void inject(SimApiFault fault) override;
  void set_webhook_faults(WebhookFaults faults) override;
  /// For the calls to come.
  void set_voice_url(std::string url);
  void set_media_chaos(TwilioMediaChaos chaos);  ///< Of streams that open from now on.
  /// See `TwilioCarrierOptions::signing_token`.
  void set_signing_token(std::string token);

  void on_post_answer(std::uint64_t post_id, const HttpResponse& answer, TimePoint now) override;
  void on_stream_open(const std::string& stream_sid, WireSink& sink, TimePoint now) override;
  void on_stream_text(const std::string& stream_sid, std::string_view text, TimePoint now) override;
  void on_stream_binary(const std::string& stream_sid, TimePoint now) override;
  void on_stream_closed(const std::string& stream_sid, TimePoint now) override;
  void on_stream_refused(const std::string& stream_sid, int http_status, TimePoint now) override;
  /// The far end of `SimSipConnector::invite` has picked up.
  void on_sip_answered(const std::string& call_sid, TimePoint now);
  /// `sip_status` of a refusal before the answer, else 200.
  void on_sip_ended(const std::string& call_sid, int sip_status, TimePoint now);

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const override;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now) override;

  std::vector<std::string> calls() const override;
  std::size_t active_calls() const override;
  const SimLeg* leg(const std::string& call_sid) const override;
  const std::vector<SimApiRecord>& requests() const override;
  const std::vector<WebhookRecord>& webhooks() const override;
  /// As they stand.
  const TwilioWarnings& warnings() const;
  /// Status of a call in Twilio's words; empty for an unknown one.
  std::string status(const std::string& call_sid) const;
  /// For how long what the callee of `speaker` said was heard by the callee of `listener`.
  Millis heard_from(const std::string& listener, const std::string& speaker) const;
  /// Calls, conferences, warnings, and what `SimCarrier` says.
  std::string state_json(TimePoint now) const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
