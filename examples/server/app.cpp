#include "app.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include "agent_script.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/store/supabase_store.hpp"

namespace server {

using namespace voicebridge;

Result<std::unique_ptr<App>> App::create(Config config, AddTools add_tools) {
  std::unique_ptr<App> app(new App(std::move(config)));
  app->log_ = Logger(app->config_.log_options());
  RuntimeOptions runtime;
  runtime.threads = static_cast<unsigned>(app->config_.threads);
  runtime.tick = app->config_.tick;
  runtime.log = app->log_;
  auto created = Runtime::create(runtime);
  if (!created) return fail(created.error());
  app->runtime_ = std::move(*created);
  app->http_ = make_http_client(*app->runtime_);
  app->websockets_ = make_websocket_client(*app->runtime_);
  for (const auto step :
       {&App::open_stores, &App::make_server, &App::make_telnyx, &App::make_twilio}) {
    if (auto done = (app.get()->*step)(); !done) return fail(done.error());
  }
  if (auto done = app->make_agent(add_tools); !done) return fail(done.error());
  for (const auto step : {&App::open_agents, &App::open_sip, &App::open_web}) {
    if (auto done = (app.get()->*step)(); !done) return fail(done.error());
  }
  if (auto done = app->add_routes(); !done) return fail(done.error());
  return app;
}

App::~App() {
  // First nothing new comes in, then the loops end, then what they used may go.
  if (server_) server_->stop(Millis(0));
  if (web_) web_->stop();
  if (outbox_) outbox_->stop();  // It waits for answers that come on a loop.
  if (runtime_) {
    runtime_->stop();
    runtime_->join();
  }
  server_.reset();
}

Result<> App::open_stores() {
  if (config_.stores.leads == "supabase") {
    if (auto done = open_supabase(); !done) return done;
  } else {
    auto opened = open_sqlite_stores(config_.database);
    if (!opened) return fail(opened.error());
    stores_ = std::move(*opened);
    if (config_.stores.leads == "memory") stores_.leads = make_memory_lead_store();
  }
  if (config_.record_dir.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(config_.record_dir, error);
  if (error) {
    return fail(Errc::unavailable, "VOICEBRIDGE_RECORD_DIR: cannot make " + config_.record_dir +
                                       ": " + error.message());
  }
  return {};
}

Result<> App::open_supabase() {
  SupabaseOptions supabase;
  supabase.url = config_.stores.supabase_url;
  supabase.service_key = config_.stores.supabase_key;
  auto remote = SupabaseLeadStore::create(*http_, runtime_->next_shard(), std::move(supabase));
  if (!remote) return fail(remote.error());
  OutboxOptions outbox;
  outbox.log = log_;
  outbox.metrics = &runtime_->metrics();
  auto opened = open_outbox_stores(config_.database, *remote, std::move(outbox));
  if (!opened) return fail(opened.error());
  outbox_ = opened->leads;
  stores_ = {opened->leads, opened->calls};
  return {};
}

Result<> App::make_server() {
  HttpServerOptions options;
  options.address = config_.host == "localhost" ? "127.0.0.1" : config_.host;
  options.port = config_.port;
  options.tls_certificate_file = config_.tls_certificate_file;
  options.tls_key_file = config_.tls_key_file;
  auto server = HttpServer::create(*runtime_, options);
  if (!server) return fail(server.error());
  server_ = std::move(*server);
  return {};
}

Result<> App::make_telnyx() {
  TelnyxStreamServerOptions streams;
  streams.stream_url = config_.telnyx_stream_url;
  streams.public_app_url = config_.public_app_url;
  streams.accept_unknown_streams = config_.accept_unknown_streams;
  streams.max_streams = static_cast<std::size_t>(config_.max_calls) + 16;
  streams.media.l16 = config_.telnyx_l16;
  streams.log = log_;
  auto door = TelnyxStreamServer::create(
      streams, [this](const TelnyxStreamRequest& request) { return seat(request); });
  if (!door) return fail(door.error());
  streams_ = std::move(*door);

  if (!config_.has_telnyx()) return {};  // Streams only, as for a load tool.
  TelnyxCallControlOptions control;
  control.api_base = config_.telnyx_api_base;
  control.api_key = config_.telnyx_api_key;
  auto made = TelnyxCallControl::create(*http_, control);
  if (!made) return fail(made.error());
  TelnyxCarrierOptions carrier;
  carrier.connection_id = config_.telnyx_app_id;
  carrier.caller_id = config_.telnyx_caller_id;
  carrier.format = config_.stream_format();
  carrier.stream_at_dial = config_.telnyx_stream_at_dial;
  carrier.voice = config_.telnyx_voice;
  carrier.webhook_url = !config_.telnyx_webhook_url.empty() ? config_.telnyx_webhook_url
                        : config_.public_app_url.empty()
                            ? std::string()
                            : config_.public_app_url + "/telnyx/webhooks";
  auto adapter = TelnyxCarrier::create(*made, *streams_, carrier);
  if (!adapter) return fail(adapter.error());
  TelnyxConferenceOptions joining;
  joining.format = config_.telnyx_codec;
  telnyx_conference_ = std::make_unique<TelnyxConference>(std::move(*made), *streams_, joining);
  telnyx_ = std::move(*adapter);

  telnyx::WebhookVerifierOptions keys;
  keys.public_keys = {config_.telnyx_public_key};
  auto verifier = telnyx::WebhookVerifier::create(keys);
  if (!verifier) return fail(verifier.error());
  webhooks_ = std::make_shared<const telnyx::WebhookVerifier>(std::move(*verifier));
  return {};
}

Result<> App::make_twilio() {
  if (!config_.has_twilio()) return {};
  auto line =
      TwilioLine::create(config_, {*http_, [this]() -> PhoneAgent& { return *agent_; }, log_},
                         agent_options(config_, config_.language).phone.apology);
  if (!line) return fail(line.error());
  twilio_ = std::move(*line);
  return {};
}

Result<> App::make_agent(AddTools add_tools) {
  PhoneAgentParts parts;
  parts.next_scheduler = [this]() -> Scheduler& { return runtime_->next_shard(); };
  open_speech_ = openai::speech_factory(client_options(config_), *websockets_, log_);
  parts.open_speech = open_speech_;
  if (telnyx_) parts.more_carriers["telnyx"] = telnyx_.get();
  if (twilio_) parts.more_carriers["twilio"] = &twilio_->carrier();
  if (telnyx_) parts.more_conferences["telnyx"] = telnyx_conference_.get();
  if (twilio_) parts.more_conferences["twilio"] = &twilio_->conference();
  if (const auto usual = parts.more_carriers.find(config_.carrier);
      usual != parts.more_carriers.end()) {
    parts.carrier = usual->second;
    const auto joining = parts.more_conferences.find(config_.carrier);
    if (joining != parts.more_conferences.end()) parts.conference = joining->second;
  }
  parts.tools = &tools_;
  parts.leads = stores_.leads;
  parts.calls = stores_.calls;
  parts.log = log_;
  parts.metrics = &runtime_->metrics();
  PhoneAgentOptions options = agent_options(config_, config_.language);
  if (!config_.carrier.empty()) options.carrier_name = config_.carrier;
  options.dial = config_.dial;
  options.profile_for = [this](const CallFacts& facts) { return profile_for(facts); };
  agent_ = std::make_unique<PhoneAgent>(std::move(parts), std::move(options));
  if (auto added = add_builtin_tools(tools_, *agent_, config_.region); !added) return added;
  agent_->start_upkeep();
  return add_tools ? add_tools(tools_) : Result<>();
}

Result<> App::open_agents() {
  // After the tools, which the agents name.
  auto agents = Agents::open(config_, tools_);
  if (!agents) return fail(Errc::invalid_argument, describe_faults(agents.error()));
  agents_ = std::move(*agents);
  return {};
}

Result<> App::open_sip() {
  if (config_.openai_webhook_secrets.empty()) return {};
  auto sip =
      SipCalls::create(config_, {*agent_, *agents_, *http_, *websockets_, log_, twilio_.get()});
  if (!sip) return fail(sip.error());
  sip_ = std::move(*sip);
  return {};
}

Result<> App::open_web() {
  if (!config_.web.on) return {};
  site_ = std::make_unique<WebSite>(config_);
  auto web = WebSessions::create(config_, {*agent_, *agents_, *http_, *websockets_,
                                           runtime_->next_shard(), log_, stores_.calls});
  if (!web) return fail(web.error());
  web_ = std::move(*web);
  return {};
}

Result<CallProfile> App::profile_for(const CallFacts& facts) {
  auto chosen = agents_->choose(facts);
  if (!chosen) return fail(chosen.error());
  CallProfile profile;
  profile.options = std::move(chosen->options);
  profile.tools = std::move(chosen->tools);
  auto open = open_speech_;
  openai::SessionConfig usual;
  usual.model = config_.openai_model;
  if (chosen->session != usual) {
    openai::RealtimeClientOptions client = client_options(config_);
    client.model = chosen->session.model.value_or(config_.openai_model);
    client.session.session = std::move(chosen->session);
    open = openai::speech_factory(std::move(client), *websockets_, log_);
  }
  profile.open_speech = [open = std::move(open), place = std::move(chosen->place)](Scheduler& on) {
    return open(on);
  };
  return profile;
}

tl::expected<std::size_t, Agents::Faults> App::reload_agents() {
  auto reloaded = agents_->reload();
  if (reloaded)
    log_.info("server", "agents read anew", {{"agents", *reloaded}});
  else
    log_.error("server", "agents not read anew", {{"faults", describe_faults(reloaded.error())}});
  return reloaded;
}

/// Whose call a media socket is. One that names a known call must have had that call's token.
Result<TelnyxStreamTarget> App::seat(const TelnyxStreamRequest& request) {
  Result<StreamSeat> seat = fail(Errc::permission_denied, "a token is needed");
  if (request.authenticated) {
    seat = agent_->seat(request.call);
  } else if (request.call_control_id.empty() || !agent_->seat(request.call_control_id)) {
    seat = agent_->seat_unknown(request.shard);
  }
  if (!seat) return fail(seat.error());
  TelnyxStreamTarget target;
  // A load tool without a token was asked for nothing.
  if (request.authenticated) target.outbound = config_.stream_format();
  target.attach = seat->attach;
  target.shard = seat->scheduler;
  return target;
}

Result<> App::start() {
  auto started = server_->start();
  if (started && web_) web_->start();
  if (started) {
    log_.info("server", "listening",
              {{"address", config_.host},
               {"port", static_cast<int>(port())},
               {"loops", config_.threads}});
  }
  return started;
}

std::uint16_t App::port() const { return server_->port(); }

void App::stop(Millis grace) {
  agent_->stop(grace);
  const auto until = std::chrono::steady_clock::now() + grace + Millis(2000);
  while (agent_->live_calls() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(Millis(20));
  }
}

}  // namespace server
