#pragma once

#include <memory>
#include <string>

#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/app/environment.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/openai/realtime_client.hpp"
#include "voicebridge/telnyx/call_control_options.hpp"
#include "voicebridge/telnyx/carrier_options.hpp"
#include "voicebridge/tools/tool_registry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a `TelnyxPhone` is made of: the options of its parts, and the stores.
struct TelnyxPhoneOptions {
  RuntimeOptions runtime;               ///< Its loops.
  HttpServerOptions http;               ///< Where it listens.
  std::string public_app_url;           ///< The address under which Telnyx reaches `http`.
  TelnyxCallControlOptions account;     ///< The key, and where Telnyx' API is.
  std::string public_key;               ///< Of the account: verifies webhooks.
  TelnyxCarrierOptions line;            ///< An empty `webhook_url` is made from `public_app_url`.
  openai::RealtimeClientOptions model;  ///< Where the model is, and how its sessions are set up.
  PhoneAgentOptions agent;              ///< What the agent says and how it behaves.
  std::shared_ptr<LeadStore> leads;     ///< Null: in memory; so the next.
  std::shared_ptr<CallStore> calls;     ///< Where calls and transcripts are kept.
  std::string region;                   ///< ISO 3166 country of phone numbers in national form.
  Logger log;                           ///< Of all parts.
};

/// The options as the environment has them, under the names that voicebridge-server reads: those of
/// `realtime_options`, PUBLIC_APP_URL, TELNYX_API_KEY, TELNYX_PUBLIC_KEY,
/// TELNYX_CALL_CONTROL_APP_ID, TELNYX_OUTBOUND_CALLER_ID, and, where they are set, HOST, PORT
/// (8080), TELNYX_API_BASE, TELNYX_STREAM_CODEC, OPENAI_REALTIME_VOICE,
/// OPENAI_TRANSCRIPTION_MODEL, VOICEBRIDGE_REGION.
/// @return `Errc::invalid_argument`; `field` is the variable at fault.
VOICEBRIDGE_API Result<TelnyxPhoneOptions> telnyx_phone_options(
    const Variables& variables = environment_variable);

/// A phone number of Telnyx's with an agent at it: loops, server, webhooks, media sockets, the
/// model and a `PhoneAgent`, put together as most programs need them. Calls that come are answered;
/// `PhoneAgent::call_lead` makes others. Who needs them put together otherwise takes the parts: the
/// program of the README does.
///
/// The server has `POST /telnyx/webhooks` and the media sockets' route; more can be added.
/// @par Threads Tools, hooks and routes are added before `start`; after it see the parts.
class VOICEBRIDGE_API TelnyxPhone {
 public:
  /// The built-in tools are there. @return `Errc::invalid_argument` naming what a part refuses.
  static Result<std::unique_ptr<TelnyxPhone>> create(TelnyxPhoneOptions options);
  /// Hangs up what still talks, unheard: `stop` comes first. Not on one of its own threads.
  ~TelnyxPhone();
  TelnyxPhone(const TelnyxPhone&) = delete;
  TelnyxPhone& operator=(const TelnyxPhone&) = delete;

  /// The loops that it runs on.
  Runtime& runtime();
  /// The server, for routes of one's own.
  HttpServer& http();
  /// The tools of the agent, for more of them.
  ToolRegistry& tools();
  /// The agent: calls, leads, hooks.
  PhoneAgent& agent();

  /// Listens. `Errc::conflict` when the port is taken.
  Result<> start();
  /// No new calls; those that talk say goodbye, and are hung up after `grace`. Returns at once.
  void stop(Millis grace);

 private:
  struct Impl;
  explicit TelnyxPhone(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
