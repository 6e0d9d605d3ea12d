#include "doctor.hpp"

#include <fmt/format.h>

#include <future>

#include "sip_calls.hpp"
#include "voicebridge/agent/agent_book.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/store/sqlite_store.hpp"
#include "voicebridge/store/supabase_store.hpp"

namespace server {
namespace {

using namespace voicebridge;

/// Prints one line a check and remembers whether all were well.
class Report {
 public:
  void good(std::string_view what, std::string_view detail) {
    fmt::print("  ok    {:<28}{}\n", what, detail);
  }
  void bad(std::string_view what, std::string_view what_to_do) {
    fmt::print("  FAIL  {:<28}{}\n", what, what_to_do);
    ++failures_;
  }
  int failures() const { return failures_; }

 private:
  int failures_ = 0;
};

class Doctor {
 public:
  Doctor(const Config& config, Report& report) : config_(config), report_(report) {}

  void check_database() {
    const auto opened = open_sqlite_stores(config_.database);
    if (opened)
      report_.good("database", config_.database);
    else
      report_.bad("database", opened.error().message);
  }

  void check_agents() {
    if (config_.agents.empty()) return report_.good("agents", "the sample agent");
    // What tools there are is known to the server alone.
    const auto book = AgentBook::load(config_.agents, agent_checks(nullptr));
    if (book) {
      return report_.good("agents",
                          fmt::format("{} in {}", (*book)->agents().size(), config_.agents));
    }
    for (const ProfileFault& fault : book.error()) report_.bad("agents", to_string(fault));
  }

  void check_api() {
    if (!config_.api_token.empty()) return report_.good("api", "for whoever has the token");
    report_.good("api",
                 config_.is_private()
                     ? "for this machine, without a token"
                     : "closed, so nobody can start calls by it: VOICEBRIDGE_API_TOKEN is not set");
  }

  /// Browsers give a microphone to pages that came by https, or from this machine.
  void check_web() {
    if (!config_.web.on) return report_.good("web page", "is off (VOICEBRIDGE_WEB)");
    std::string ways;
    for (const std::string& way : config_.web.transports) ways += (ways.empty() ? "" : ", ") + way;
    const auto url = parse_url(config_.public_app_url);
    const bool here = !url || url->host == "127.0.0.1" || url->host == "localhost";
    if (url && !url->secure() && !here) {
      return report_.bad("web page",
                         "needs https: browsers give no microphone to " + config_.public_app_url);
    }
    report_.good("web page", fmt::format("by {}; {} sessions at once, {} of one address", ways,
                                         config_.web.sessions, config_.web.per_address));
  }

  Result<> connect() {
    auto runtime = Runtime::create({});
    if (!runtime) return fail(runtime.error());
    runtime_ = std::move(*runtime);
    http_ = make_http_client(*runtime_);
    return {};
  }

  void check_openai() {
    const auto answer =
        get(with_query(config_.openai_base_url + "/models/" + url_encode(config_.openai_model)),
            openai_headers());
    if (!answer)
      return report_.bad("OpenAI", "cannot be reached (" + answer.error().message +
                                       "): check OPENAI_BASE_URL and the network");
    if (answer->status == 200)
      return report_.good("OpenAI", "the key works and the model is there");
    if (answer->status == 401)
      return report_.bad("OpenAI", "the key is refused: check OPENAI_API_KEY");
    if (answer->status == 404)
      return report_.bad("OpenAI", "no model " + config_.openai_model +
                                       " for this key: check OPENAI_REALTIME_MODEL");
    report_.bad("OpenAI", fmt::format("answers {}", answer->status));
  }

  /// Reads one row: what the key may not, the server cannot either.
  void check_supabase() {
    SupabaseOptions options;
    options.url = config_.stores.supabase_url;
    options.service_key = config_.stores.supabase_key;
    const auto store = SupabaseLeadStore::create(*http_, runtime_->shard(0), std::move(options));
    if (!store) return report_.bad("Supabase", store.error().message);
    const auto rows = (*store)->list(1);
    if (rows) return report_.good("Supabase", "the key works and the table is there");
    switch (rows.error().code) {
      case Errc::unauthenticated:
      case Errc::permission_denied:
        return report_.bad("Supabase", "the key is refused: check SUPABASE_SERVICE_ROLE_KEY");
      case Errc::not_found:
        return report_.bad("Supabase",
                           "no table leads: check SUPABASE_URL, and run the migrations of "
                           "examples/server/supabase");
      default:
        report_.bad("Supabase", "gives no leads (" + rows.error().message +
                                    "): check SUPABASE_URL and the network");
    }
  }

  void check_telnyx() {
    const auto answer = get(
        config_.telnyx_api_base + "/call_control_applications/" + url_encode(config_.telnyx_app_id),
        bearer(config_.telnyx_api_key));
    if (!answer)
      return report_.bad("Telnyx", "cannot be reached (" + answer.error().message +
                                       "): check TELNYX_API_BASE and the network");
    if (answer->status == 401)
      return report_.bad("Telnyx", "the key is refused: check TELNYX_API_KEY");
    if (answer->status == 404)
      return report_.bad("Telnyx", "no such application: check TELNYX_CALL_CONTROL_APP_ID");
    if (answer->status != 200)
      return report_.bad("Telnyx", fmt::format("answers {}", answer->status));
    report_.good("Telnyx", "the key works and the application is there");
    const auto body = Json::parse(answer->body);
    const JsonView app = body ? (*body)["data"] : JsonView();
    if (app["webhook_api_version"].string_or("2") != "2") {
      report_.bad("Telnyx webhooks",
                  "the application sends version 1: set its webhook API version to 2");
    }
    if (!app["active"].bool_or(true))
      report_.bad("Telnyx application", "is switched off in the portal");
  }

  /// What can be told without asking Twilio.
  void check_twilio_shape() {
    const std::string_view token = config_.twilio_auth_token.reveal();
    if (token.size() == 32 && token.find_first_not_of("0123456789abcdef") == std::string_view::npos)
      report_.good("Twilio credentials", "have the form of an account SID and its auth token");
    else if (token.substr(0, 2) == "SK")
      report_.bad("TWILIO_AUTH_TOKEN",
                  "is an API key: the auth token is under Account Info; a key is TWILIO_API_KEY");
    else
      report_.bad("TWILIO_AUTH_TOKEN",
                  "has not 32 digits or letters from a to f: copy it from Account Info, whole");
    const auto url = parse_url(config_.public_app_url);
    if (url && url->secure() && url->port != 443) {
      report_.bad(
          "PUBLIC_APP_URL",
          "has a port: Twilio signs webhooks without it and media streams with it; port 443 "
          "spares you the trouble");
    } else if (url && url->secure()) {
      report_.good("Twilio webhooks", config_.public_app_url + "/twilio/voice is the voice URL");
    } else {
      report_.bad("PUBLIC_APP_URL", "is on this machine: only a simulator can reach it");
    }
  }

  void check_twilio() {
    const std::string account =
        config_.twilio_api_base + "/2010-04-01/Accounts/" + url_encode(config_.twilio_account_sid);
    const auto calls = get(account + "/Calls.json?PageSize=1", twilio_headers());
    if (!calls)
      return report_.bad("Twilio", "cannot be reached (" + calls.error().message +
                                       "): check TWILIO_API_BASE and the network");
    if (calls->status == 401) {
      return report_.bad("Twilio",
                         config_.twilio_api_key.empty()
                             ? "the credentials are refused: check TWILIO_ACCOUNT_SID and "
                               "TWILIO_AUTH_TOKEN"
                             : "the API key is refused: check TWILIO_API_KEY, "
                               "TWILIO_API_SECRET and that it is of this account");
    }
    if (calls->status != 200)
      return report_.bad("Twilio", fmt::format("answers {}", calls->status));
    report_.good("Twilio", "the credentials work");
    check_twilio_number(account);
  }

  void check_twilio_number(const std::string& account) {
    const auto answer = get(
        account + "/IncomingPhoneNumbers.json?PhoneNumber=" + url_encode(config_.twilio_caller_id),
        twilio_headers());
    const auto body = answer ? Json::parse(answer->body) : Result<Json>(fail(answer.error()));
    if (!body || answer->status != 200) {
      return report_.bad("Twilio number", "could not be looked up; calls may work nevertheless");
    }
    const JsonView number = (*body)["incoming_phone_numbers"].at(0);
    if (!number.exists()) {
      return report_.bad("TWILIO_CALLER_ID",
                         "is no number of this account: buy it, or verify it as a caller ID for "
                         "outgoing calls only");
    }
    const std::string wanted = config_.public_app_url + "/twilio/voice";
    if (number["trunk_sid"].is_string()) {
      report_.bad("Twilio number", "is on a SIP trunk, which takes its calls from this server");
    } else if (number["voice_url"].string_or("") != wanted) {
      report_.bad("Twilio number",
                  "its calls do not come here: set \"A call comes in\" to " + wanted);
    } else {
      report_.good("Twilio number", "its calls come to " + wanted);
    }
  }

  /// An unsigned request that is refused is one that arrives.
  void check_twilio_webhook() {
    HttpRequest request;
    request.method = "POST";
    request.url = config_.public_app_url + "/twilio/voice";
    const auto answer = send(std::move(request));
    if (answer && answer->status == 403)
      return report_.good("Twilio webhooks", "this server answers them, and refuses unsigned ones");
    report_.bad("Twilio webhooks", config_.public_app_url +
                                       "/twilio/voice does not answer: is the server running with "
                                       "Twilio's variables, and does the proxy lead to it?");
  }

  /// An unsigned webhook that is refused is one that arrives.
  void check_sip() {
    const std::string address = sip_address(config_);
    if (address.empty()) {
      report_.bad("SIP address", "is not known: set OPENAI_PROJECT_ID (proj_…) to have it printed");
    } else {
      report_.good("SIP address", address + " is where the trunk sends calls");
    }
    if (config_.public_app_url.empty()) return;
    HttpRequest request;
    request.method = "POST";
    request.url = config_.public_app_url + "/openai/webhook";
    const auto answer = send(std::move(request));
    if (answer && answer->status == 401)
      return report_.good("OpenAI webhook", config_.public_app_url + "/openai/webhook answers");
    report_.bad("OpenAI webhook", config_.public_app_url +
                                      "/openai/webhook does not answer: is the server running with "
                                      "OPENAI_WEBHOOK_SECRET, and does the proxy lead to it?");
  }

  void check_public_url() {
    if (config_.public_app_url.empty()) return;
    const auto answer = get(config_.public_app_url + "/health", {});
    if (answer && answer->status == 200)
      return report_.good("PUBLIC_APP_URL", "this server answers there");
    report_.bad("PUBLIC_APP_URL",
                "this server does not answer there: is it running, and does the proxy lead to it?");
  }

 private:
  static HttpHeaders bearer(const Secret& key) {
    return {{"Authorization", "Bearer " + std::string(key.reveal())}};
  }
  HttpHeaders twilio_headers() const {
    const bool by_key = !config_.twilio_api_key.empty();
    const Secret& secret = by_key ? config_.twilio_api_secret : config_.twilio_auth_token;
    const std::string pair = (by_key ? config_.twilio_api_key : config_.twilio_account_sid) + ':' +
                             std::string(secret.reveal());
    return {{"Authorization", "Basic " + base64_encode(ByteView(pair))}};
  }
  HttpHeaders openai_headers() const {
    HttpHeaders headers = config_.openai_headers;
    const std::string key(config_.openai_api_key.reveal());
    const bool bearing = config_.openai_auth_header == "Authorization";
    headers.add(config_.openai_auth_header, bearing ? "Bearer " + key : key);
    return headers;
  }
  std::string with_query(std::string url) const {
    return config_.openai_query.empty() ? url : url + "?" + config_.openai_query;
  }

  Result<HttpResponse> get(std::string url, HttpHeaders headers) {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = std::move(headers);
    return send(std::move(request));
  }

  Result<HttpResponse> send(HttpRequest request) {
    request.timeout = Millis(5000);
    std::promise<Result<HttpResponse>> answer;
    http_->send(std::move(request), runtime_->shard(0),
                [&](Result<HttpResponse> r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }

  const Config& config_;
  Report& report_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<HttpClient> http_;
};

}  // namespace

int run_doctor(const Environment& environment, bool offline) {
  Report report;
  fmt::print("Configuration\n");
  const auto config = load_config(environment);
  if (!config) {
    for (const Fault& fault : config.error()) report.bad(fault.variable, fault.message);
    fmt::print("\n{} to mend. Meanings and defaults: voicebridge-server --help\n",
               report.failures());
    return 1;
  }
  report.good("environment", "every variable is well formed");
  Doctor doctor(*config, report);
  doctor.check_database();
  doctor.check_agents();
  doctor.check_api();
  doctor.check_web();
  if (config->has_twilio()) doctor.check_twilio_shape();
  if (!offline) {
    fmt::print("Accounts\n");
    if (const auto connected = doctor.connect(); !connected) {
      report.bad("network", connected.error().message);
    } else {
      doctor.check_openai();
      if (config->stores.leads == "supabase") doctor.check_supabase();
      if (config->has_telnyx()) doctor.check_telnyx();
      if (config->has_twilio()) doctor.check_twilio();
      doctor.check_public_url();
      if (config->has_twilio()) doctor.check_twilio_webhook();
      if (!config->openai_webhook_secrets.empty()) doctor.check_sip();
    }
  }
  fmt::print("\n{}\n", report.failures() == 0 ? "All is well: voicebridge-server serve"
                                              : fmt::format("{} to mend.", report.failures()));
  return report.failures() == 0 ? 0 : 1;
}

}  // namespace server
