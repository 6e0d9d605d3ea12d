// POST /session: who may start one, and the three ways to.
#include <fmt/format.h>

#include <algorithm>

#include "api_answers.hpp"
#include "sip_calls.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/openai/speech_factory.hpp"
#include "voicebridge/openai/webrtc_leg.hpp"
#include "web_sessions.hpp"

namespace server {

using namespace voicebridge;

/// A session that is being started.
struct WebSessions::Start {
  WebVisit visit;
  std::string offer;
  HttpResponder responder;
  Scheduler* shard = nullptr;
};

namespace {

constexpr std::size_t kMaxOffer = 64 * 1024;
constexpr std::chrono::seconds kClientSecretLifetime{60};

std::string transport_of(WebMode mode) {
  if (mode == WebMode::sdp) return "webrtc";
  return mode == WebMode::ephemeral ? "ephemeral" : "websocket";
}

bool is_sdp(const HttpHeaders& headers) {
  return headers.find("content-type").value_or("").rfind("application/sdp", 0) == 0;
}

/// What the page is told when the service refuses: nothing of what it has said, which may name
/// keys.
Error plain(const Error& error) {
  std::string message = "the voice service cannot be reached right now: try again in a minute";
  if (error.code == Errc::unauthenticated || error.code == Errc::permission_denied) {
    message = "the voice service does not accept this server's key";
  } else if (error.code == Errc::invalid_argument && error.field == "offer_sdp") {
    return fail(Errc::invalid_argument, "an SDP offer was expected", "body").value();
  } else if (error.http_status == 400) {
    message = "the voice service does not take this session";
  }
  Error told = fail(Errc::unavailable, message).value();
  told.retry_after = error.retry_after;
  return told;
}

std::int64_t expiry(Millis lifetime) { return (unix_now() + lifetime.count()) / 1000; }

/// Of a secret: nobody on the way may keep it.
void send_private(const HttpResponder& responder, int status, std::string json) {
  HttpResponse answer;
  answer.status = status;
  answer.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  answer.body = std::move(json);
  responder.send(std::move(answer));
}

}  // namespace

Result<WebSessions::Start> WebSessions::read_start(const HttpServerRequest& request) {
  Start start{{}, {}, HttpResponder(nullptr), request.shard};
  start.visit.id = random_id("web_");
  start.visit.began = unix_now();
  std::string agent, language;
  if (is_sdp(request.headers)) {
    start.visit.mode = WebMode::sdp;
    start.offer = request.body;
    agent = query_parameter(request.target, "agent").value_or("");
    language = query_parameter(request.target, "language").value_or("");
    if (start.offer.size() > kMaxOffer) {
      return fail(Errc::payload_too_large, "the SDP offer is too large", "body");
    }
    if (start.offer.rfind("v=0", 0) != 0) {
      return fail(Errc::invalid_argument, "an SDP offer was expected", "body");
    }
  } else {
    const auto body = Json::parse(request.body);
    if (!body) return fail(body.error());
    const std::string mode = (*body)["mode"].string_or("");
    if (mode != "ephemeral" && mode != "websocket") {
      return fail(Errc::invalid_argument, "must be ephemeral or websocket", "mode");
    }
    start.visit.mode = mode == "ephemeral" ? WebMode::ephemeral : WebMode::websocket;
    agent = (*body)["agent"].string_or("");
    language = (*body)["language"].string_or("");
  }
  if (agent.size() > 100) return fail(Errc::invalid_argument, "is too long", "agent");
  start.visit.agent = std::move(agent);
  // A browser's language may come whole: "fr-CA".
  start.visit.language = language.substr(0, 2);
  if (start.visit.language != "fr" && start.visit.language != "en") {
    start.visit.language = config_.language;
  }
  start.visit.address = visitor_address(config_.web, request.headers, request.remote_address);
  return start;
}

/// Takes a place, which `refuse_start` gives back.
Result<> WebSessions::admit(Start& start, const HttpServerRequest& request) {
  const auto& offered = config_.web.transports;
  if (std::find(offered.begin(), offered.end(), transport_of(start.visit.mode)) == offered.end()) {
    return fail(Errc::unsupported, "this transport is switched off here", "mode");
  }
  return limits_.admit(start.visit.address, request.shard->now());
}

void WebSessions::start_session(const HttpServerRequest& request, HttpResponder responder) {
  if (!is_allowed_origin(config_, request.headers)) {
    return refuse(
        responder,
        fail(Errc::permission_denied, "pages of this origin may not start sessions").value());
  }
  auto start = read_start(request);
  if (!start) {
    const bool form = start.error().field.empty();  // No JSON at all.
    return form ? refuse(responder, 400, start.error()) : refuse(responder, start.error());
  }
  if (const auto admitted = admit(*start, request); !admitted) {
    return refuse(responder, admitted.error());
  }
  start->responder = std::move(responder);
  if (start->visit.mode == WebMode::sdp) return start_sdp(std::move(*start));
  if (start->visit.mode == WebMode::ephemeral) return start_ephemeral(std::move(*start));
  start_websocket(*start);
}

void WebSessions::refuse_start(const Start& start, const Error& error) {
  limits_.leave(start.visit.address);
  refuse(start.responder, error);
}

Result<ChosenAgent> WebSessions::choose(const Start& start) {
  CallFacts facts;
  facts.way = CallFacts::Way::web;
  facts.profile = start.visit.agent;
  facts.language = start.visit.language;
  return parts_.agents.choose(facts);
}

Secret WebSessions::open(const Start& start) {
  book_.open(start.visit, start.shard->now());
  return tokens_.issue(start.visit.id, start.shard->now());
}

namespace {

/// What the service is asked to do, as if the call had begun: it carries the audio, and without it
/// nobody but the service can find the end of a turn.
Result<openai::SessionConfig> service_session(ChosenAgent& chosen) {
  SpeechSpec& speech = chosen.options.speech;
  speech.media = MediaOwner::service;
  if (speech.turns.mode == TurnDetection::Mode::manual) {
    speech.turns.mode = TurnDetection::Mode::server_vad;
    chosen.options.local_vad = false;
  }
  SpeechSpec asked = speech;
  asked.tools = chosen.tools.specs.value_or(std::vector<ToolSpec>());
  return openai::session_config(asked, chosen.session);
}

}  // namespace

void WebSessions::start_sdp(Start start) {
  auto chosen = choose(start);
  if (!chosen) return refuse_start(start, chosen.error());
  auto session = service_session(*chosen);
  if (!session) return refuse_start(start, session.error());
  const std::string offer = start.offer;
  Scheduler& on = *start.shard;
  api_.create_call(offer, *session, on,
                   [self = shared_from_this(), start = std::move(start),
                    chosen = std::move(*chosen)](const Result<openai::CreatedCall>& created) {
                     if (created) return self->serve_sdp(start, *created, chosen);
                     self->parts_.log.warn("web", "the service has not taken a session",
                                           {{"error", to_string(created.error())}});
                     self->refuse_start(start, plain(created.error()));
                   });
}

void WebSessions::serve_sdp(const Start& start, const openai::CreatedCall& created,
                            ChosenAgent chosen) {
  ServiceCall wanted;
  wanted.leg_id = created.call_id;
  wanted.web = true;
  wanted.language = start.visit.language;
  wanted.options = std::move(chosen.options);
  wanted.options.call_id = created.call_id;  // One name for it, here and in the service's logs.
  wanted.tools = std::move(chosen.tools);
  wanted.carrier_name = "openai";
  wanted.carrier = std::make_shared<openai::WebrtcLeg>(api_, created.call_id);
  openai::RealtimeClientOptions client = client_options(config_);
  client.call_id = created.call_id;
  client.session.session = std::move(chosen.session);
  wanted.open_speech =
      [open = openai::speech_factory(std::move(client), parts_.websockets, parts_.log),
       place = std::move(chosen.place)](Scheduler& on) { return open(on); };
  // Before the call begins, of which it is to hear everything.
  const Secret token = open(start);
  book_.talk_began(start.visit.id, created.call_id);
  const auto served = parts_.agent.serve(std::move(wanted));
  if (!served) {
    api_.hangup(created.call_id, *start.shard, [](const Result<>&) {});
    book_.discard(start.visit.id);
    tokens_.revoke(start.visit.id);
    return refuse_start(start, served.error());
  }
  HttpResponse answer;
  answer.status = 201;
  answer.headers = {{"Content-Type", "application/sdp"},
                    {"Location", "/session/" + start.visit.id},
                    {"X-Voicebridge-Session", start.visit.id},
                    {"X-Voicebridge-Token", std::string(token.reveal())},
                    {"X-Voicebridge-Expires", std::to_string(expiry(tokens_.lifetime()))},
                    {"Cache-Control", "no-store"}};
  answer.body = created.answer;
  start.responder.send(std::move(answer));
}

void WebSessions::start_ephemeral(Start start) {
  auto chosen = choose(start);
  if (!chosen) return refuse_start(start, chosen.error());
  auto session = service_session(*chosen);
  if (!session) return refuse_start(start, session.error());
  openai::ClientSecretRequest wanted;
  wanted.lifetime = kClientSecretLifetime;
  wanted.session = std::move(*session);
  const std::string model = chosen->session.model.value_or(config_.openai_model);
  start.visit.retention = chosen->options.recording.retention;
  Scheduler& on = *start.shard;
  api_.create_client_secret(
      std::move(wanted), on,
      [self = shared_from_this(), start = std::move(start), model,
       greeting = chosen->options.greeting](const Result<openai::ClientSecret>& made) {
        if (!made) {
          self->parts_.log.warn("web", "the service has made no key",
                                {{"error", to_string(made.error())}});
          return self->refuse_start(start, plain(made.error()));
        }
        const Secret token = self->open(start);
        JsonWriter json;
        json.object().field("session_id", start.visit.id).field("token", token.reveal());
        json.field("expires_at", expiry(self->tokens_.lifetime())).field("mode", "ephemeral");
        json.key("client_secret").object().field("value", made->value.reveal());
        json.field("expires_at", made->expires_at).end();
        json.field("calls_url", self->config_.openai_base_url + "/realtime/calls");
        json.field("model", model).field("greeting", greeting);
        send_private(start.responder, 201, json.end().take());
      });
}

void WebSessions::start_websocket(const Start& start) {
  // The agent is chosen again when the audio comes; here it is seen whether there is one.
  if (const auto chosen = choose(start); !chosen) return refuse_start(start, chosen.error());
  const Secret token = open(start);
  send_private(start.responder, 201,
               JsonWriter()
                   .object()
                   .field("session_id", start.visit.id)
                   .field("token", token.reveal())
                   .field("expires_at", expiry(tokens_.lifetime()))
                   .field("mode", "websocket")
                   .field("stream_url", "/api/web/stream")
                   .end()
                   .take());
}

}  // namespace server
