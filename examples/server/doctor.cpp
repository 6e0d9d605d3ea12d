#include "doctor.hpp"

#include <fmt/format.h>

#include <future>

#include "sip_calls.hpp"
#include "voicebridge/agent/agent_book.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/store/sqlite_store.hpp"

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
  if (!offline) {
    fmt::print("Accounts\n");
    if (const auto connected = doctor.connect(); !connected) {
      report.bad("network", connected.error().message);
    } else {
      doctor.check_openai();
      if (!config->telnyx_api_key.empty()) doctor.check_telnyx();
      doctor.check_public_url();
      if (!config->openai_webhook_secrets.empty()) doctor.check_sip();
    }
  }
  fmt::print("\n{}\n", report.failures() == 0 ? "All is well: voicebridge-server serve"
                                              : fmt::format("{} to mend.", report.failures()));
  return report.failures() == 0 ? 0 : 1;
}

}  // namespace server
