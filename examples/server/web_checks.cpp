#include "web_checks.hpp"

#include <algorithm>

#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// In the order they are told.
constexpr const char* kChecks[] = {"config", "openai", "carrier", "store"};
constexpr Millis kCarrierTimeout{5000};
constexpr std::chrono::seconds kShortLived{10};

int order_of(const std::string& id) {
  const auto found = std::find(std::begin(kChecks), std::end(kChecks), id);
  return static_cast<int>(found - std::begin(kChecks));
}

/// A request by which the carrier shows whether it knows the credentials.
HttpRequest carrier_request(const Config& config) {
  HttpRequest request;
  request.timeout = kCarrierTimeout;
  if (config.has_telnyx()) {
    request.url =
        config.telnyx_api_base + "/call_control_applications/" + url_encode(config.telnyx_app_id);
    request.headers = {{"Authorization", "Bearer " + std::string(config.telnyx_api_key.reveal())}};
    return request;
  }
  const bool by_key = !config.twilio_api_key.empty();
  const Secret& secret = by_key ? config.twilio_api_secret : config.twilio_auth_token;
  const std::string pair = (by_key ? config.twilio_api_key : config.twilio_account_sid) + ':' +
                           std::string(secret.reveal());
  request.url = config.twilio_api_base + "/2010-04-01/Accounts/" +
                url_encode(config.twilio_account_sid) + "/Calls.json?PageSize=1";
  request.headers = {{"Authorization", "Basic " + base64_encode(ByteView(pair))}};
  return request;
}

}  // namespace

void WebChecks::run(std::function<void(std::string)> done) {
  done_ = std::move(done);
  const bool callable = config_.has_telnyx() || config_.has_twilio();
  found({"config",
         callable,
         {},
         callable ? "The server is configured for talks and calls."
                  : "The server is configured for talks, but not for calls.",
         callable ? "" : "Set the variables of a carrier: voicebridge-server doctor names them."},
        on_.now());
  check_openai();
  check_carrier();
  check_store();
}

void WebChecks::check_openai() {
  openai::ClientSecretRequest probe;
  probe.lifetime = kShortLived;
  openai::SessionConfig session;
  session.model = config_.openai_model;
  probe.session = std::move(session);
  api_.create_client_secret(
      std::move(probe), on_,
      [self = shared_from_this(), began = on_.now()](const Result<openai::ClientSecret>& made) {
        if (made) return self->found({"openai", true, {}, "The voice service answers.", ""}, began);
        const Errc code = made.error().code;
        if (code == Errc::unauthenticated || code == Errc::permission_denied) {
          return self->found({"openai",
                              false,
                              {},
                              "The voice service refuses the server's key.",
                              "Check OPENAI_API_KEY."},
                             began);
        }
        if (code == Errc::resource_exhausted) {
          return self->found({"openai",
                              false,
                              {},
                              "The voice service has reached a limit.",
                              "Check the credit and the limits of the account."},
                             began);
        }
        self->found({"openai",
                     false,
                     {},
                     "The voice service does not answer.",
                     "Check OPENAI_BASE_URL and the server's network."},
                    began);
      });
}

void WebChecks::check_carrier() {
  const TimePoint began = on_.now();
  if (!config_.has_telnyx() && !config_.has_twilio()) {
    return found({"carrier",
                  false,
                  {},
                  "No carrier is configured: nobody can be called.",
                  "Set the variables of Telnyx or Twilio."},
                 began);
  }
  http_.send(carrier_request(config_), on_,
             [self = shared_from_this(), began](const Result<HttpResponse>& answer) {
               if (!answer || answer->status >= 500) {
                 return self->found({"carrier",
                                     false,
                                     {},
                                     "The phone carrier does not answer.",
                                     "Check the carrier's address and the server's network."},
                                    began);
               }
               if (answer->status == 401 || answer->status == 403) {
                 return self->found({"carrier",
                                     false,
                                     {},
                                     "The phone carrier refuses the server's credentials.",
                                     "Check the carrier's variables: voicebridge-server doctor."},
                                    began);
               }
               // Whether the application is right the doctor tells; that calls can be asked for is
               // what matters here.
               self->found({"carrier", true, {}, "The phone carrier answers.", ""}, began);
             });
}

void WebChecks::check_store() {
  const TimePoint began = on_.now();
  const bool taken = on_.offload([self = shared_from_this(), began] {
    const auto listed = self->leads_.list(1);
    self->on_.post([self, began, good = listed.has_value()] {
      self->found({"store",
                   good,
                   {},
                   good ? "Leads can be kept." : "Leads cannot be kept.",
                   good ? "" : "Check VOICEBRIDGE_DATABASE and the disk."},
                  began);
    });
  });
  if (!taken) {
    found({"store", false, {}, "The server has too much to do.", "Try again in a moment."}, began);
  }
}

void WebChecks::found(Check check, TimePoint began) {
  check.took = std::chrono::duration_cast<Millis>(on_.now() - began);
  checks_.push_back(std::move(check));
  if (checks_.size() < std::size(kChecks)) return;
  std::sort(checks_.begin(), checks_.end(),
            [](const Check& a, const Check& b) { return order_of(a.id) < order_of(b.id); });
  JsonWriter json;
  json.object().key("checks").array();
  for (const Check& each : checks_) {
    json.object().field("id", each.id).field("ok", each.ok).field("ms", each.took.count());
    json.field("message", each.message);
    if (!each.todo.empty()) json.field("todo", each.todo);
    json.end();
  }
  done_(json.end().end().take());
}

}  // namespace server
