#include "web_sessions.hpp"

#include "sip_calls.hpp"
#include "voicebridge/agent/handoff.hpp"
#include "web_consent.hpp"
#include "web_told.hpp"

namespace server {

using namespace voicebridge;

namespace {

constexpr Millis kTick{500};

WebBookOptions book_options(const Config& config) {
  WebBookOptions options;
  options.lifetime = std::chrono::seconds(config.web.token_seconds);
  return options;
}

std::string bearer_of(const HttpHeaders& headers) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto given = headers.find("authorization");
  if (!given || given->substr(0, kBearer.size()) != kBearer) return {};
  return std::string(given->substr(kBearer.size()));
}

}  // namespace

Result<std::shared_ptr<WebSessions>> WebSessions::create(const Config& config, Parts parts) {
  openai::RealtimeApiOptions options;
  static_cast<openai::ApiOptions&>(options) = api_options(config);
  auto api = openai::RealtimeApi::create(parts.http, std::move(options));
  if (!api) return fail(api.error());
  std::shared_ptr<WebSessions> sessions(new WebSessions(config, std::move(parts), std::move(*api)));
  if (auto opened = sessions->open_door(); !opened) return fail(opened.error());
  sessions->listen();
  return sessions;
}

WebSessions::WebSessions(const Config& config, Parts parts, openai::RealtimeApi api)
    : config_(config),
      parts_(std::move(parts)),
      api_(std::move(api)),
      tokens_(std::chrono::seconds(config.web.token_seconds)),
      limits_(config.web),
      book_(book_options(config),
            {[this](const std::string& talk) { (void)parts_.agent.hang_up(talk); },
             [this](const WebVisit& visit) { limits_.leave(visit.address); },
             [this](const WebVisit& visit) { over(visit); },
             [this](const std::string& session_id) { tokens_.revoke(session_id); }}) {}

void WebSessions::listen() {
  PhoneAgent& agent = parts_.agent;
  agent.on_timeline([this](const std::string& call_id, const TimelineEntry& entry) {
    book_.on_timeline(call_id, entry);
  });
  agent.on_transcript([this](const TranscriptUpdate& update) { book_.on_transcript(update); });
  agent.on_agent_speaking([this](const std::string& call_id, bool speaking) {
    book_.on_agent_speaking(call_id, speaking);
  });
  agent.on_lead_saved(
      [this](const std::string& call_id, const Lead& lead) { book_.on_lead_saved(call_id, lead); });
  agent.on_lead_called([this](const std::string& talk, const CallStatus& status) {
    book_.on_lead_called(talk, status);
    // It may have ended before it was known whose it is.
    const auto latest = parts_.agent.status(status.call_id);
    if (latest && latest->state == "ended") book_.on_lead_called(talk, *latest);
  });
  agent.on_ended([this](const CallRecord& record, const std::string&) {
    book_.on_ended(record, parts_.clock.now());
  });
}

void WebSessions::start() {
  parts_.clock.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

/// Of a talk that the agent had no part in, what was told is kept.
void WebSessions::over(const WebVisit& visit) {
  const auto seen = book_.find(visit.id);
  if (!parts_.calls || !seen || visit.mode != WebMode::ephemeral || seen->transcript.empty()) {
    return;
  }
  auto work = [calls = parts_.calls, log = parts_.log, record = told_record(*seen, unix_now())] {
    if (const auto saved = calls->save_record(record); !saved) {
      log.error("web", "transcript not stored", {{"error", to_string(saved.error())}});
    }
  };
  // A full pool must not lose it: late rather than never.
  if (!parts_.clock.offload(work)) work();
}

void WebSessions::stop() {
  stopped_ = true;
  book_.shut_down();
}

void WebSessions::tick() {
  if (stopped_) return;
  book_.tick(parts_.clock.now());
  parts_.clock.run_at(parts_.clock.now() + kTick, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

std::optional<std::string> WebSessions::session_of(const HttpServerRequest& request) {
  std::string token = bearer_of(request.headers);
  if (token.empty() && !request.body.empty()) {
    if (const auto body = Json::parse(request.body)) token = (*body)["token"].string_or("");
  }
  if (token.empty()) return std::nullopt;
  const TimePoint now = request.shard->now();
  auto session = tokens_.check(token, {}, now);
  if (!session) return std::nullopt;
  book_.used(*session, now);
  return std::move(*session);
}

Result<Lead> WebSessions::save_lead(const std::string& session_id, LeadInput input) {
  const auto seen = book_.find(session_id);
  if (!seen) return fail(Errc::not_found, "the session is over");
  input.source = "web";
  input.consent_source = input.consent ? session_id : std::string();
  // Before the talk there is no name for it yet: then it is told here.
  auto lead = parts_.agent.save_lead(input, seen->talk);
  if (lead && seen->talk.empty()) book_.on_lead_saved(session_id, *lead);
  return lead;
}

std::string WebSessions::consent_words(const std::string& session_id) const {
  const auto seen = book_.find(session_id);
  return consent_text(seen ? seen->visit.language : config_.language, config_.business);
}

void WebSessions::call_lead(const std::string& session_id, const std::string& lead_id,
                            PhoneAgent::Called done) {
  const auto seen = book_.find(session_id);
  if (!seen || !seen->lead) {
    return done(fail(Errc::conflict, "no name and number were left in this session yet"));
  }
  if (!lead_id.empty() && lead_id != seen->lead->id) {
    return done(fail(Errc::permission_denied, "this is not the session's lead", "lead_id"));
  }
  CallLeadRequest request;
  request.lead_id = seen->lead->id;
  request.session_id = seen->talk;
  request.language = seen->visit.language;
  if (seen->visit.mode == WebMode::ephemeral) request.summary = summarize_talk(seen->transcript);
  parts_.agent.call_lead(std::move(request), std::move(done));
}

/// The rules for sockets, which have no other answer than to be refused.
Result<> WebSessions::open_door() {
  WebStreamServerOptions options;
  options.log = parts_.log;
  options.max_sockets = static_cast<std::size_t>(config_.web.sessions) * 4;
  if (!config_.web.origins.empty()) {
    auto allowed = config_.web.origins;
    for (const char* host : {"127.0.0.1", "localhost"}) {
      allowed.push_back("http://" + std::string(host) + ':' + std::to_string(config_.port));
    }
    if (const auto url = parse_url(config_.public_app_url)) {
      allowed.push_back(url->scheme + "://" + url->authority());
    }
    auto rules = OriginRules::create(allowed);
    if (!rules) return fail(rules.error());
    options.origins = std::move(*rules);
  }
  auto door = WebStreamServer::create(
      std::move(options),
      [weak = weak_from_this()](const WebStreamRequest& request) -> Result<WebStreamTarget> {
        if (const auto self = weak.lock()) return self->admit_socket(request);
        return fail(Errc::unavailable, "the server is being stopped");
      });
  if (!door) return fail(door.error());
  door_ = std::move(*door);
  return {};
}

Result<WebStreamTarget> WebSessions::admit_socket(const WebStreamRequest& request) {
  Scheduler& on = *request.shard;
  const auto session = tokens_.check(request.token.reveal(), request.session_id, on.now());
  if (!session) return fail(session.error());
  const auto seen = book_.find(*session);
  if (!seen) return fail(Errc::unauthenticated, "the session token is not valid");
  WebStreamTarget target;
  target.events = seen->feed;
  target.agent = seen->visit.agent;
  target.language = seen->visit.language;
  if (request.audio) {
    auto seat = take_seat(*seen, on);
    if (!seat) return fail(seat.error());
    target.attach = seat->attach;
    target.scheduler = seat->scheduler;
  }
  book_.socket_opened(*session, on.now());
  // Goes with the socket, whichever way that goes.
  std::shared_ptr<void> there(nullptr, [weak = weak_from_this(), id = *session](std::nullptr_t) {
    if (const auto self = weak.lock()) self->book_.socket_closed(id, self->parts_.clock.now());
  });
  target.on_message = [weak = weak_from_this(), id = *session, &on,
                       there = std::move(there)](const web::PageMessage& message) {
    if (const auto self = weak.lock()) self->on_message(id, message, on);
  };
  return target;
}

Result<StreamSeat> WebSessions::take_seat(const WebBook::Seen& seen, Scheduler& on) {
  if (seen.talk_over) return fail(Errc::not_found, "the session is over");
  if (seen.visit.mode != WebMode::websocket) {
    return fail(Errc::conflict, "the audio of this session does not pass here");
  }
  if (!seen.talk.empty()) return fail(Errc::conflict, "the session has its stream already");
  auto seat = parts_.agent.seat_web(seen.visit.agent, &on, seen.visit.language);
  if (!seat) return fail(seat.error());
  book_.talk_began(seen.visit.id, seat->call_id);
  return seat;
}

}  // namespace server
