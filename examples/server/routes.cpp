#include "app.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/core/json.hpp"

namespace server {

using namespace voicebridge;

namespace {

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return 422;
    case Errc::not_found:
      return 404;
    case Errc::conflict:
      return 409;
    case Errc::unauthenticated:
      return 401;
    case Errc::permission_denied:
      return 403;
    case Errc::resource_exhausted:
      return 429;
    case Errc::payload_too_large:
      return 413;
    case Errc::unavailable:
    case Errc::cancelled:
      return 503;
    case Errc::deadline_exceeded:
      return 504;
    case Errc::unsupported:
      return 501;
    case Errc::protocol_error:
    case Errc::internal:
      return 500;
  }
  return 500;
}

void refuse(const HttpResponder& responder, int status, const Error& error) {
  responder.send(status, tool_error_json(error));
}

void refuse(const HttpResponder& responder, const Error& error) {
  refuse(responder, status_of(error.code), error);
}

/// The body as JSON, or the refusal that says what is wrong with it.
std::optional<Json> json_body(const HttpServerRequest& request, const HttpResponder& responder) {
  const auto type = request.headers.find("content-type");
  if (type && type->find("json") == std::string_view::npos) {
    refuse(responder, 415, fail(Errc::unsupported, "send the body as application/json").value());
    return std::nullopt;
  }
  auto body = Json::parse(request.body);
  if (!body) {
    refuse(responder, body.error().code == Errc::payload_too_large ? 413 : 400, body.error());
    return std::nullopt;
  }
  return std::move(*body);
}

}  // namespace

void App::add_routes() {
  const auto to = [this](void (App::*handler)(const HttpServerRequest&, HttpResponder)) {
    return [this, handler](HttpServerRequest request, HttpResponder responder) {
      (this->*handler)(request, std::move(responder));
    };
  };
  server_->route("POST", "/tools/save_lead", to(&App::save_lead));
  server_->route("POST", "/tools/trigger_call", to(&App::trigger_call));
  server_->route("POST", "/admin/reload", to(&App::reload));
  if (sip_) sip_->add_route(*server_);
  if (webhooks_) {
    for (const char* path : {"/telnyx/webhooks", "/api/telnyx/webhooks"}) {
      telnyx::add_webhook_route(
          *server_, path, webhooks_,
          [this](const CarrierEvent& event) { agent_->on_carrier_event(event); }, log_);
    }
  }
  server_->route("GET", "/health", [this](HttpServerRequest, HttpResponder responder) {
    health(std::move(responder));
  });
  streams_->add_route(*server_);
}

/// On a loopback address the token may be left out; a wrong one is never let pass.
bool App::authorized(const HttpServerRequest& request, const HttpResponder& responder) const {
  const auto given = request.headers.find("authorization");
  if (!given && config_.on_loopback()) return true;
  constexpr std::string_view kBearer = "Bearer ";
  if (given && given->substr(0, kBearer.size()) == kBearer && !config_.api_token.empty() &&
      config_.api_token.equals(given->substr(kBearer.size()))) {
    return true;
  }
  HttpResponse response;
  response.status = 401;
  response.headers = {{"Content-Type", "application/json"}, {"WWW-Authenticate", "Bearer"}};
  response.body = tool_error_json(
      fail(Errc::unauthenticated, "the bearer token of VOICEBRIDGE_API_TOKEN is needed").value());
  responder.send(std::move(response));
  return false;
}

void App::save_lead(const HttpServerRequest& request, HttpResponder responder) {
  if (!authorized(request, responder)) return;
  const auto body = json_body(request, responder);
  if (!body) return;
  auto input = parse_lead(*body, config_.region, "api", "api");
  if (!input) return refuse(responder, input.error());
  const bool taken = request.shard->offload([this, input = std::move(*input), responder] {
    const auto lead = stores_.leads->save(input);
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
  if (!taken) refuse(responder, fail(Errc::unavailable, "too much work is waiting").value());
}

void App::trigger_call(const HttpServerRequest& request, HttpResponder responder) {
  if (!authorized(request, responder)) return;
  const auto body = json_body(request, responder);
  if (!body) return;
  CallLeadRequest wanted;
  wanted.lead_id = (*body)["lead_id"].string_or("");
  wanted.summary = (*body)["summary"].string_or("");
  wanted.profile = (*body)["agent"].string_or("");
  if (wanted.lead_id.empty()) {
    return refuse(responder, fail(Errc::invalid_argument, "must name a lead", "lead_id").value());
  }
  agent_->call_lead(std::move(wanted), [responder](Result<CallStatus> status) {
    if (!status) return refuse(responder, status.error());
    responder.send(status->existed ? 200 : 202, JsonWriter()
                                                    .object()
                                                    .field("call_id", status->call_id)
                                                    .field("lead_id", status->lead_id)
                                                    .field("status", status->state)
                                                    .end()
                                                    .take());
  });
}

void App::reload(const HttpServerRequest& request, HttpResponder responder) {
  if (!authorized(request, responder)) return;
  if (!agents_->from_files()) {
    return refuse(responder, fail(Errc::not_found, "VOICEBRIDGE_AGENTS is not set").value());
  }
  const bool taken = request.shard->offload([this, responder] {
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
  if (!taken) refuse(responder, fail(Errc::unavailable, "too much work is waiting").value());
}

void App::health(HttpResponder responder) const {
  responder.send(200, JsonWriter()
                          .object()
                          .field("status", "ok")
                          .field("calls", agent_->live_calls())
                          .field("agents", agents_->count())
                          .end()
                          .take());
}

}  // namespace server
