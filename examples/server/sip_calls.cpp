#include "sip_calls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "voicebridge/agent/handoff.hpp"
#include "voicebridge/core/phone_number.hpp"
#include "voicebridge/openai/sip_leg.hpp"
#include "voicebridge/openai/speech_factory.hpp"

namespace server {

using namespace voicebridge;

namespace {

// What the caller's side is told of a refusal (RFC 3261, 21.4 and 21.5).
constexpr int kNotFound = 404;
constexpr int kBusyHere = 486;
constexpr int kUnavailable = 503;

int sip_status_of(Errc code) {
  if (code == Errc::not_found) return kNotFound;
  if (code == Errc::resource_exhausted) return kBusyHere;
  return kUnavailable;
}

/// The number in a header, also in national form; empty when there is none.
std::string number_in(const openai::SipAddress& address, const std::string& region) {
  if (!address.number.empty()) return address.number;
  if (address.user.empty()) return {};
  return normalize_phone(address.user, region).value_or(std::string());
}

/// Whom the caller dialed. A trunk's own address often stands in To; the number is in the headers
/// that tell of a call sent on.
CalledParty called_party(const openai::IncomingSipCall& call, const std::string& region) {
  CalledParty called;
  called.sip_headers = call.headers.fields();
  std::vector<openai::SipAddress> addresses = {call.to};
  for (const char* name : {"P-Called-Party-ID", "Diversion"}) {
    if (const auto value = call.headers.find(name)) {
      addresses.push_back(openai::parse_sip_address(*value));
    }
  }
  for (const openai::SipAddress& address : addresses) {
    if (std::string number = number_in(address, region); !number.empty()) {
      called.numbers.push_back(std::move(number));
    }
    if (!address.host.empty()) called.sip_hosts.push_back(address.host);
  }
  return called;
}

/// What the model is told of before the call has its session: a tool that cannot be used is none.
void drop_idle_tools(CallOptions& options) {
  auto& tools = options.speech.tools;
  if (!options.transfer_targets.empty()) return;
  tools.erase(std::remove_if(tools.begin(), tools.end(),
                             [](const ToolSpec& t) { return t.name == "transfer_to_human"; }),
              tools.end());
}

}  // namespace

openai::ApiOptions api_options(const Config& config) {
  openai::ApiOptions api;
  api.base_url = config.openai_base_url;
  api.path = config.openai_path;
  api.query = config.openai_query;
  api.api_key = config.openai_api_key;
  api.auth_header = config.openai_auth_header;
  api.project = config.openai_project_id;
  api.headers = config.openai_headers;
  return api;
}

openai::RealtimeClientOptions client_options(const Config& config) {
  openai::RealtimeClientOptions client;
  static_cast<openai::ApiOptions&>(client) = api_options(config);
  client.url = config.openai_realtime_url;
  client.model = config.openai_model;
  return client;
}

std::string sip_address(const Config& config) {
  if (config.openai_project_id.empty()) return {};
  // A call that came by one of the two is not known to the other.
  const bool in_europe = config.openai_base_url.find("//eu.") != std::string::npos;
  return fmt::format("sip:{}@sip{}.api.openai.com;transport=tls", config.openai_project_id,
                     in_europe ? "-eu" : "");
}

Result<std::unique_ptr<SipCalls>> SipCalls::create(const Config& config, Parts parts) {
  openai::WebhookVerifierOptions webhooks;
  webhooks.secrets = config.openai_webhook_secrets;
  auto verifier = openai::WebhookVerifier::create(webhooks);
  if (!verifier) return fail(verifier.error());
  openai::RealtimeApiOptions options;
  static_cast<openai::ApiOptions&>(options) = api_options(config);
  auto api = openai::RealtimeApi::create(parts.http, std::move(options));
  if (!api) return fail(api.error());
  return std::unique_ptr<SipCalls>(
      new SipCalls(config, std::move(parts), std::move(*api),
                   std::make_shared<const openai::WebhookVerifier>(std::move(*verifier))));
}

SipCalls::SipCalls(const Config& config, Parts parts, openai::RealtimeApi api,
                   std::shared_ptr<const openai::WebhookVerifier> webhooks)
    : config_(config),
      parts_(std::move(parts)),
      api_(std::move(api)),
      webhooks_(std::move(webhooks)) {}

void SipCalls::add_route(Api& api, HttpServer& server, SipCalls* calls) {
  constexpr const char* kPath = "/openai/webhook";
  if (calls == nullptr) {
    api.turn_off("openaiSignature",
                 "calls by SIP are not configured here: set OPENAI_WEBHOOK_SECRET");
    return api.route("POST", kPath, [](const ApiRequest&, const HttpResponder&) {});
  }
  api.declare("POST", kPath);
  openai::add_webhook_route(
      server, kPath, calls->webhooks_,
      [calls](const openai::IncomingSipCall& call, Scheduler& on) { calls->take(call, on); },
      calls->parts_.log);
}

void SipCalls::take(const openai::IncomingSipCall& call, Scheduler& on) {
  const DeskCaller from_desk = desk_caller(call, on);
  CalledParty called = called_party(call, config_.region);
  // The number that was dialed, which the conference's own leg to the service does not name.
  if (from_desk) called.numbers.insert(called.numbers.begin(), from_desk->to);
  auto chosen = parts_.agents.choose(called);
  if (!chosen) return refuse(call, chosen.error(), on);
  const auto served = serve(call, from_desk, std::move(*chosen));
  if (!served) refuse(call, served.error(), on);
}

/// A caller of Twilio's who waits in a conference for the agent: the headers name it, and count
/// only where the desk has made it.
SipCalls::DeskCaller SipCalls::desk_caller(const openai::IncomingSipCall& call,
                                           const Scheduler& on) const {
  const TwilioSipDesk* const desk = parts_.twilio != nullptr ? parts_.twilio->desk() : nullptr;
  if (desk == nullptr) return std::nullopt;
  const auto conference = call.headers.find(std::string(TwilioSipDesk::kConferenceHeader));
  if (!conference) return std::nullopt;
  const auto leg = call.headers.find(std::string(TwilioSipDesk::kCallHeader));
  return desk->find(std::string(*conference), leg ? std::string(*leg) : std::string(), on.now());
}

Result<CallStatus> SipCalls::serve(const openai::IncomingSipCall& call, const DeskCaller& from_desk,
                                   ChosenAgent chosen) {
  ServiceCall wanted;
  wanted.leg_id = call.call_id;
  wanted.from = call.from.text();
  wanted.to = call.to.text();
  wanted.options = std::move(chosen.options);
  wanted.options.call_id = call.call_id;  // One name for it, here and in the service's logs.
  wanted.tools = std::move(chosen.tools);
  wanted.carrier_name = "openai";
  if (from_desk) parts_.twilio->join_by_conference(wanted, *from_desk);

  SpeechSpec& speech = wanted.options.speech;
  speech.media = MediaOwner::service;
  // Without the audio nobody but the service can find the end of a turn.
  if (speech.turns.mode == TurnDetection::Mode::manual) {
    speech.turns.mode = TurnDetection::Mode::server_vad;
    wanted.options.local_vad = false;
  }
  speech.instructions = fill_placeholders(speech.instructions, {});
  CallOptions answered = wanted.options;
  answered.speech.tools = *wanted.tools.specs;
  drop_idle_tools(answered);
  auto session = openai::session_config(answered.speech, chosen.session);
  if (!session) return fail(session.error());
  wanted.carrier = std::make_shared<openai::SipLeg>(api_, call.call_id, std::move(*session));

  openai::RealtimeClientOptions client = client_options(config_);
  client.call_id = call.call_id;
  client.session.session = std::move(chosen.session);
  wanted.open_speech =
      [open = openai::speech_factory(std::move(client), parts_.websockets, parts_.log),
       place = std::move(chosen.place)](Scheduler& on) { return open(on); };
  return parts_.agent.serve(std::move(wanted));
}

void SipCalls::refuse(const openai::IncomingSipCall& call, const Error& why, Scheduler& on) {
  const int status = sip_status_of(why.code);
  parts_.log.warn("sip", "call refused",
                  {{"call", call.call_id}, {"status", status}, {"why", why.message}});
  api_.reject(call.call_id, status, on, [log = parts_.log, id = call.call_id](Result<> done) {
    if (!done)
      log.warn("sip", "refusal failed", {{"call", id}, {"error", to_string(done.error())}});
  });
}

}  // namespace server
