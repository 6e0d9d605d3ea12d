// What the page asks beside its sockets.
#include <fmt/format.h>

#include "api_answers.hpp"
#include "sip_calls.hpp"
#include "web_checks.hpp"
#include "web_consent.hpp"
#include "web_sessions.hpp"

namespace server {

using namespace voicebridge;

std::string consent_text(const std::string& language, const std::string& business) {
  if (language == "fr") {
    return fmt::format(
        "J'accepte que {} m'appelle à ce numéro, par un agent vocal automatique, au sujet de ma "
        "demande.",
        business);
  }
  return fmt::format(
      "I agree that {} calls me at this number, by an automatic voice agent, about my request.",
      business);
}

void WebSessions::add_routes(Api& api, HttpServer& server) {
  using Handler = void (WebSessions::*)(const HttpServerRequest&, HttpResponder);
  // Their bodies are not what the document's checks can read: SDP, and what sendBeacon sends.
  const auto add = [&](const char* method, const char* path, Handler handler) {
    api.declare(method, path);
    server.route(method, path,
                 [self = shared_from_this(), handler](const HttpServerRequest& request,
                                                      HttpResponder responder) {
                   ((*self).*handler)(request, std::move(responder));
                 });
  };
  door_->add_routes(server);
  api.declare("GET", "/api/web/stream");
  api.declare("GET", "/api/web/events");
  add("POST", "/session", &WebSessions::start_session);
  add("POST", "/session/{id}/end", &WebSessions::end);
  add("POST", "/session/{id}/transcript", &WebSessions::transcript);
  add("GET", "/api/web/config", &WebSessions::settings);
  add("GET", "/api/web/diagnostics", &WebSessions::diagnose);
}

Result<std::string> WebSessions::session_in_path(const HttpServerRequest& request) {
  const auto session = session_of(request);
  const auto named = request.parameters.find("id");
  if (!session || named == request.parameters.end() || *session != named->second) {
    return fail(Errc::unauthenticated, "the session's token is needed");
  }
  return *session;
}

void WebSessions::end(const HttpServerRequest& request, HttpResponder responder) {
  const auto session = session_in_path(request);
  if (!session) return refuse(responder, session.error());
  std::string reason = "hangup";
  if (const auto body = Json::parse(request.body)) {
    if ((*body)["reason"].string_or("") == "page_gone") reason = "page_gone";
  }
  book_.end(*session, reason, request.shard->now());
  responder.send(200, R"({"ended":true})");
}

void WebSessions::transcript(const HttpServerRequest& request, HttpResponder responder) {
  const auto session = session_in_path(request);
  if (!session) return refuse(responder, session.error());
  const auto body = Json::parse(request.body);
  if (!body) return refuse(responder, 400, body.error());
  const JsonView entries = (*body)["entries"];
  if (!entries.is_array() || entries.size() > 500) {
    return refuse(
        responder,
        fail(Errc::invalid_argument, "must be a list of 500 turns at most", "entries").value());
  }
  std::size_t kept = 0;
  for (const JsonView entry : entries.elements()) {
    web::PageTranscript turn;
    turn.turn = entry["turn"].string_or("");
    turn.text = entry["text"].string_or("");
    const std::string who = entry["who"].string_or("");
    if (turn.turn.empty() || turn.turn.size() > 200 || turn.text.size() > 16384 ||
        (who != "visitor" && who != "agent")) {
      return refuse(
          responder,
          fail(Errc::invalid_argument, "is not a turn", fmt::format("entries.{}", kept)).value());
    }
    turn.who =
        who == "visitor" ? web::PageTranscript::Who::visitor : web::PageTranscript::Who::agent;
    turn.final = entry["final"].bool_or(true);
    turn.cut = entry["cut"].bool_or(false);
    book_.told(*session, turn, request.shard->now());
    ++kept;
  }
  responder.send(200, JsonWriter().object().field("kept", kept).end().take());
}

void WebSessions::settings(const HttpServerRequest&, HttpResponder responder) {
  JsonWriter json;
  json.object().field("name", config_.business);
  json.key("languages").array().string("en").string("fr").end();
  json.key("transports").array();
  for (const std::string& transport : config_.web.transports) json.string(transport);
  json.end().field("default_country", config_.region);
  json.key("countries").array();
  for (const std::string& country : config_.dial.countries) json.string(country);
  json.end().field("can_call", config_.has_telnyx() || config_.has_twilio());
  json.key("consent").object();
  for (const char* language : {"en", "fr"}) {
    json.field(language, consent_text(language, config_.business));
  }
  responder.send(200, json.end().end().take());
}

void WebSessions::diagnose(const HttpServerRequest& request, HttpResponder responder) {
  const std::string address = visitor_address(config_.web, request.headers, request.remote_address);
  if (const auto admitted = limits_.admit_check(address, request.shard->now()); !admitted) {
    return refuse(responder, admitted.error());
  }
  std::make_shared<WebChecks>(config_, api_, parts_.http, parts_.agent.leads(), *request.shard)
      ->run([responder](std::string json) { responder.send(200, std::move(json)); });
}

}  // namespace server
