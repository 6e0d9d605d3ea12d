#include "api_answers.hpp"
#include "app.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/core/json.hpp"

namespace server {

using namespace voicebridge;

Result<> App::add_routes() {
  auto api = Api::create(*server_, kOpenApi);
  if (!api) return fail(api.error());
  api_.emplace(std::move(*api));
  api_->guard("bearer", [this](const HttpServerRequest& request, const HttpResponder& responder) {
    return authorized(request, responder);
  });
  const auto to = [this](void (App::*handler)(const ApiRequest&, HttpResponder)) {
    return [this, handler](const ApiRequest& request, HttpResponder responder) {
      (this->*handler)(request, std::move(responder));
    };
  };
  api_->route("POST", "/tools/save_lead", to(&App::save_lead));
  api_->route("POST", "/tools/trigger_call", to(&App::trigger_call));
  api_->route("POST", "/admin/reload", to(&App::reload));
  api_->route("GET", "/health", to(&App::health));
  api_->route("GET", "/openapi.json", [this](const ApiRequest&, const HttpResponder& responder) {
    responder.send(200, api_->document());
  });
  // Before the calls, of which its path could be one.
  TwilioLine::add_routes(*api_, twilio_.get());
  voice_calls_ = std::make_unique<VoiceCalls>(config_, *agent_, stores_.calls);
  voice_calls_->add_routes(*api_);
  add_telnyx_routes();
  SipCalls::add_route(*api_, *server_, sip_.get());
  add_web_routes();
  return api_->complete();
}

void App::add_web_routes() {
  if (site_) {
    api_->declare("GET", "/");
    site_->add_routes(*server_);
    return web_->add_routes(*api_, *server_);
  }
  const auto off = [](const HttpServerRequest&, const HttpResponder& responder) {
    refuse(responder, fail(Errc::not_found, "VOICEBRIDGE_WEB is off").value());
  };
  const std::pair<const char*, const char*> routes[] = {{"GET", "/"},
                                                        {"POST", "/session"},
                                                        {"POST", "/session/{id}/end"},
                                                        {"POST", "/session/{id}/transcript"},
                                                        {"GET", "/api/web/config"},
                                                        {"GET", "/api/web/diagnostics"},
                                                        {"GET", "/api/web/events"},
                                                        {"GET", "/api/web/stream"}};
  for (const auto& [method, path] : routes) {
    api_->declare(method, path);
    server_->route(method, path, off);
  }
}

void App::add_telnyx_routes() {
  if (!webhooks_) {
    api_->turn_off("telnyxSignature", "Telnyx is not configured here: set TELNYX_API_KEY");
  }
  for (const char* path : {"/telnyx/webhooks", "/api/telnyx/webhooks"}) {
    if (!webhooks_) {
      api_->route("POST", path, [](const ApiRequest&, const HttpResponder&) {});
      continue;
    }
    api_->declare("POST", path);
    telnyx::add_webhook_route(
        *server_, path, webhooks_,
        [this](const CarrierEvent& event) { agent_->on_carrier_event(event, "telnyx"); }, log_);
  }
  api_->declare("GET", std::string(telnyx::StreamUrl::kDefaultPath));
  streams_->add_route(*server_);
}

/// Where nobody but this machine can ask, the token may be left out; a wrong one is never let pass.
bool App::authorized(const HttpServerRequest& request, const HttpResponder& responder) const {
  const auto given = request.headers.find("authorization");
  if (!given && config_.is_private()) return true;
  constexpr std::string_view kBearer = "Bearer ";
  if (given && given->substr(0, kBearer.size()) == kBearer && !config_.api_token.empty() &&
      config_.api_token.equals(given->substr(kBearer.size()))) {
    return true;
  }
  // The page's tools: what they may touch the routes look at.
  if (given && web_ && request.path.rfind("/tools/", 0) == 0 && web_->session_of(request)) {
    return true;
  }
  refuse(responder, fail(Errc::unauthenticated,
                         config_.api_token.empty()
                             ? "set VOICEBRIDGE_API_TOKEN and send it as the bearer token: others "
                               "than this machine reach the server"
                             : "the bearer token of VOICEBRIDGE_API_TOKEN is needed")
                        .value());
  return false;
}

void App::save_lead(const ApiRequest& request, HttpResponder responder) {
  auto input = parse_lead(request.body, config_.region, "api", "api");
  if (!input) return refuse(responder, input.error());
  const auto session = web_session_of(request.http);
  if (session && input->consent.value_or(false)) {
    input->consent_text = web_->consent_words(*session);
  }
  const bool taken =
      request.http.shard->offload([this, session, input = std::move(*input), responder] {
        const auto lead = session ? web_->save_lead(*session, input) : stores_.leads->save(input);
        if (!lead) return refuse(responder, lead.error());
        responder.send(200, JsonWriter()
                                .object()
                                .field("lead_id", lead->id)
                                .field("first_name", lead->first_name)
                                .field("last_name", lead->last_name)
                                .field("phone", lead->phone_e164)
                                .field("consent", lead->consent)
                                .end()
                                .take());
      });
  if (!taken) refuse(responder, too_busy());
}

void App::trigger_call(const ApiRequest& request, HttpResponder responder) {
  const JsonView body = request.body;
  const auto answer = [responder](const Result<CallStatus>& status) {
    if (!status) return refuse(responder, status.error());
    responder.send(status->existed ? 200 : 202, JsonWriter()
                                                    .object()
                                                    .field("call_id", status->call_id)
                                                    .field("lead_id", status->lead_id)
                                                    .field("status", status->state)
                                                    .end()
                                                    .take());
  };
  if (const auto session = web_session_of(request.http)) {
    return web_->call_lead(*session, body["lead_id"].string_or(""), answer);
  }
  CallLeadRequest wanted;
  wanted.lead_id = body["lead_id"].string_or("");
  wanted.summary = body["summary"].string_or("");
  wanted.profile = body["agent"].string_or("");
  wanted.carrier = body["carrier"].string_or("");
  agent_->call_lead(std::move(wanted), answer);
}

/// The web session that a request comes from; nothing: from an application.
std::optional<std::string> App::web_session_of(const HttpServerRequest& request) const {
  if (!web_ || !request.headers.find("authorization")) return std::nullopt;
  return web_->session_of(request);
}

void App::reload(const ApiRequest& request, HttpResponder responder) {
  if (!agents_->from_files()) {
    return refuse(responder, fail(Errc::not_found, "VOICEBRIDGE_AGENTS is not set").value());
  }
  const bool taken = request.http.shard->offload([this, responder] {
    const auto reloaded = reload_agents();
    JsonWriter json;
    json.object();
    if (reloaded) return responder.send(200, json.field("agents", *reloaded).end().take());
    json.key("error").object().field("code", to_string(Errc::invalid_argument));
    json.field("message", "the agents stay as they were").key("faults").array();
    for (const ProfileFault& fault : reloaded.error()) {
      json.object().field("file", fault.file).field("pointer", fault.pointer);
      json.field("message", fault.message).end();
    }
    responder.send(422, json.end().end().end().take());
  });
  if (!taken) refuse(responder, too_busy());
}

void App::health(const ApiRequest&, HttpResponder responder) {
  responder.send(200, JsonWriter()
                          .object()
                          .field("status", "ok")
                          .field("calls", agent_->live_calls())
                          .field("agents", agents_->count())
                          .end()
                          .take());
}

}  // namespace server
