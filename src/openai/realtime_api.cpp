#include "voicebridge/openai/realtime_api.hpp"

#include <fmt/format.h>

#include <utility>

#include "openai/api_error.hpp"
#include "openai/api_request.hpp"
#include "openai/multipart.hpp"
#include "openai/service_error.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using detail::make_error;

namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kSdp = "application/sdp";
constexpr std::chrono::seconds kShortestKey{10}, kLongestKey{7200};
constexpr int kFirstRefusal = 400, kLastRefusal = 699;

bool is_success(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

/// An answer of success, or what is wrong.
Result<HttpResponse> accepted(Result<HttpResponse> answer) {
  if (!answer) answer.error().origin = "openai";
  if (answer && !is_success(*answer)) return fail(detail::api_error(*answer));
  return answer;
}

Error bad_answer(const HttpResponse& answer, std::string what) {
  Error error = make_error(Errc::protocol_error, std::move(what));
  error.http_status = answer.status;
  return error;
}

Result<ClientSecret> read_secret(Result<HttpResponse> answer) {
  answer = accepted(std::move(answer));
  if (!answer) return fail(answer.error());
  const auto body = Json::parse(answer->body);
  const std::string value = body ? (*body)["value"].string_or("") : "";
  if (value.empty()) return fail(bad_answer(*answer, "the answer names no client secret"));
  ClientSecret secret;
  secret.value = Secret(value);
  secret.expires_at = (*body)["expires_at"].integer_or(0);
  secret.session_id = (*body)["session"]["id"].string_or("");
  return secret;
}

/// The last segment of `/v1/realtime/calls/rtc_…`, relative or not.
std::string id_in_location(std::string_view location) {
  location = location.substr(0, location.find_first_of("?#"));
  while (!location.empty() && location.back() == '/') location.remove_suffix(1);
  const std::size_t slash = location.rfind('/');
  return slash == std::string_view::npos ? "" : url_decode(location.substr(slash + 1));
}

Result<CreatedCall> read_created(Result<HttpResponse> answer) {
  answer = accepted(std::move(answer));
  if (!answer) return fail(answer.error());
  CreatedCall call;
  call.call_id = id_in_location(answer->headers.find("location").value_or(""));
  call.answer = std::move(answer->body);
  if (call.call_id.empty()) return fail(bad_answer(*answer, "the answer names no call"));
  if (call.answer.empty()) return fail(bad_answer(*answer, "the answer has no SDP"));
  return call;
}

Result<> check_offer(std::string_view offer) {
  if (offer.empty()) return fail(Errc::invalid_argument, "an SDP offer was expected", "offer_sdp");
  return {};
}

bool is_transfer_target(std::string_view uri) {
  for (const std::string_view scheme : {"tel:", "sip:", "sips:"}) {
    if (uri.substr(0, scheme.size()) == scheme) {
      return uri.size() > scheme.size() && detail::is_header_text(uri);
    }
  }
  return false;
}

/// Refuses a request that was not sent.
template <class Done>
void refuse(Scheduler& on, Done done, Error error) {
  on.post([done = std::move(done), error = std::move(error)] { done(fail(error)); });
}

}  // namespace

/// What is asked of a call that exists.
struct RealtimeApi::Command {
  Result<std::string> body = std::string();  ///< JSON; empty: none.
  bool ends_call = false;                    ///< Safe to repeat, and done when there is no call.
};

RealtimeApi::RealtimeApi(HttpClient& client, RealtimeApiOptions options, HttpHeaders headers,
                         std::string address)
    : client_(&client),
      options_(std::move(options)),
      headers_(std::move(headers)),
      address_(std::move(address)) {}

Result<RealtimeApi> RealtimeApi::create(HttpClient& client, RealtimeApiOptions options) {
  auto headers = detail::api_headers(options);
  if (!headers) return fail(headers.error());
  auto address = detail::api_address(options, "http");
  if (!address) return fail(address.error());
  return RealtimeApi(client, std::move(options), std::move(*headers), std::move(*address));
}

HttpRequest RealtimeApi::post(std::string_view what, std::string content_type,
                              std::string body) const {
  HttpRequest request;
  request.method = "POST";
  request.url = detail::with_query(fmt::format("{}/{}", address_, what), options_.query);
  request.headers = headers_;
  if (!content_type.empty()) request.headers.set("content-type", std::move(content_type));
  request.body = std::move(body);
  request.timeout = options_.timeout;
  return request;
}

void RealtimeApi::send(HttpRequest request, bool repeatable, Scheduler& on,
                       HttpClient::Done done) const {
  if (!repeatable) return client_->send(std::move(request), on, std::move(done));
  send_with_retry(*client_, std::move(request), RetryPolicy(options_.retry), on, std::move(done));
}

void RealtimeApi::create_client_secret(ClientSecretRequest request, Scheduler& on,
                                       std::function<void(Result<ClientSecret>)> done) const {
  const auto bad = [&](const char* message, const char* field) {
    refuse(on, std::move(done), fail(Errc::invalid_argument, message, field).value());
  };
  JsonWriter body;
  body.object();
  if (request.lifetime) {
    if (*request.lifetime < kShortestKey || *request.lifetime > kLongestKey) {
      return bad("a client secret lives for 10 to 7200 seconds", "lifetime");
    }
    body.key("expires_after").object().field("anchor", "created_at");
    body.field("seconds", request.lifetime->count()).end();
  }
  if (request.session) {
    const auto session = to_json(*request.session, SessionUse::create);
    if (!session) return refuse(on, std::move(done), session.error());
    body.key("session").raw(*session);
  }
  HttpRequest http = post("client_secrets", kJson, body.end().take());
  if (!detail::is_header_text(request.safety_identifier)) {
    return bad("expected printable characters", "safety_identifier");
  }
  if (!request.safety_identifier.empty()) {
    http.headers.set("OpenAI-Safety-Identifier", request.safety_identifier);
  }
  send(std::move(http), true, on, [done = std::move(done)](Result<HttpResponse> answer) {
    done(read_secret(std::move(answer)));
  });
}

void RealtimeApi::create_call(std::string_view offer_sdp, const SessionConfig& session,
                              Scheduler& on, Created done) const {
  const auto json = to_json(session, SessionUse::create);
  if (!json) return refuse(on, std::move(done), json.error());
  if (const auto good = check_offer(offer_sdp); !good) {
    return refuse(on, std::move(done), good.error());
  }
  auto form =
      detail::write_multipart({{"sdp", kSdp, std::string(offer_sdp)}, {"session", kJson, *json}},
                              [] { return random_id("voicebridge-"); });
  HttpRequest http = post("calls", std::move(form.content_type), std::move(form.body));
  http.timeout = options_.call_timeout;
  send(std::move(http), false, on, [done = std::move(done)](Result<HttpResponse> answer) {
    done(read_created(std::move(answer)));
  });
}

void RealtimeApi::create_call_with(const Secret& client_secret, std::string_view offer_sdp,
                                   Scheduler& on, Created done) const {
  if (client_secret.empty() || !detail::is_header_text(client_secret.reveal())) {
    return refuse(
        on, std::move(done),
        fail(Errc::invalid_argument, "a client secret was expected", "client_secret").value());
  }
  if (const auto good = check_offer(offer_sdp); !good) {
    return refuse(on, std::move(done), good.error());
  }
  HttpRequest http = post("calls", kSdp, std::string(offer_sdp));
  detail::set_key(http.headers, options_, client_secret);
  http.timeout = options_.call_timeout;
  send(std::move(http), false, on, [done = std::move(done)](Result<HttpResponse> answer) {
    done(read_created(std::move(answer)));
  });
}

void RealtimeApi::command(std::string_view call_id, std::string_view action, Command command,
                          Scheduler& on, Done done) const {
  if (call_id.empty()) {
    command.body = fail(Errc::invalid_argument, "the id of a call was expected", "call_id");
  }
  if (!command.body) return refuse(on, std::move(done), command.body.error());
  const char* type = command.body->empty() ? "" : kJson;
  HttpRequest http =
      post(fmt::format("calls/{}/{}", url_encode(call_id), action), type, std::move(*command.body));
  send(std::move(http), command.ends_call, on,
       [done = std::move(done), ends_call = command.ends_call](Result<HttpResponse> answer) {
         const auto result = accepted(std::move(answer));
         const bool gone = !result && result.error().provider_code == detail::kCallNotFound;
         if (result || (gone && ends_call)) return done({});
         done(fail(result.error()));
       });
}

void RealtimeApi::accept(std::string_view call_id, const SessionConfig& session, Scheduler& on,
                         Done done) const {
  command(call_id, "accept", {to_json(session, SessionUse::accept), false}, on, std::move(done));
}

void RealtimeApi::reject(std::string_view call_id, int sip_status, Scheduler& on, Done done) const {
  Command reject{JsonWriter().object().field("status_code", sip_status).end().take(), true};
  if (sip_status < kFirstRefusal || sip_status > kLastRefusal) {
    reject.body = fail(Errc::invalid_argument, "a refusal is 400 to 699", "sip_status");
  }
  command(call_id, "reject", std::move(reject), on, std::move(done));
}

void RealtimeApi::refer(std::string_view call_id, std::string_view target_uri, Scheduler& on,
                        Done done) const {
  Command refer{JsonWriter().object().field("target_uri", target_uri).end().take(), false};
  if (!is_transfer_target(target_uri)) {
    refer.body = fail(Errc::invalid_argument, "expected a tel: or sip: address", "target_uri");
  }
  command(call_id, "refer", std::move(refer), on, std::move(done));
}

void RealtimeApi::hangup(std::string_view call_id, Scheduler& on, Done done) const {
  command(call_id, "hangup", {std::string(), true}, on, std::move(done));
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
