#include <algorithm>

#include "openai_calls_impl.hpp"
#include "openai_mcp.hpp"
#include "openai_sdp.hpp"
#include "openai_session_shape.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using namespace detail;

constexpr std::string_view kRealtimeCallsPath = "/v1/realtime/calls";
constexpr std::string_view kSecretsPath = "/v1/realtime/client_secrets";
constexpr std::size_t kKeptBody = 16000;
constexpr int kDeclined = 603;

HttpResponse ok() {
  HttpResponse response;
  response.status = 200;
  return response;
}

HttpResponse no_such_call(int status) {
  return error_response(
      status, {"call_id_not_found", "No session found for the provided call_id", "call_id"});
}

HttpResponse bad_json() {
  return error_response(400, {"", "We could not parse the JSON body of your request.", ""});
}

std::optional<ApiError> check_session(JsonView session, shapes::SessionUse use) {
  static const Shape for_update = shapes::session(shapes::SessionUse::update);
  static const Shape for_accept = shapes::session(shapes::SessionUse::accept);
  const bool accept = use == shapes::SessionUse::accept;
  if (auto error = (accept ? for_accept : for_update).check(session, "session")) return error;
  return check_mcp_tools(session["tools"], {});
}

/// The body of a `reject`, `refer` or `hangup`; the two latter ones have no optional part.
std::optional<ApiError> check_command(std::string_view verb, JsonView body) {
  static const Shape reject = Shape::object({{"status_code", Shape::integer(300, 699)}});
  static const Shape refer = Shape::object({{"target_uri", Shape::text(), true}});
  if (verb == "reject") return reject.check(body, "");
  if (verb == "refer") {
    if (auto error = refer.check(body, "")) return error;
    const std::string target = body["target_uri"].string_or("");
    if (target.rfind("tel:", 0) != 0 && target.rfind("sip:", 0) != 0 &&
        target.rfind("sips:", 0) != 0) {
      return ApiError{"invalid_value", "Invalid 'target_uri': expected a tel: or sip: URI.",
                      "target_uri"};
    }
  }
  return std::nullopt;
}

/// The answer that a plan wants in place of the real one.
HttpResponse failure(const SipApiFault& fault) {
  const char* type = fault.status >= 500 ? "server_error" : "invalid_request_error";
  HttpResponse response = error_response(
      fault.status,
      {fault.code, "The server had an error while processing your request.", "", type});
  if (fault.status == 429 || fault.status == 503) response.headers.add("Retry-After", "1");
  return response;
}

std::string error_code(const HttpResponse& response) {
  const auto body = Json::parse(response.body);
  return body ? (*body)["error"]["code"].string_or("") : std::string();
}

}  // namespace

SimApiReply OpenAiCalls::Impl::serve(const SimApiRequest& request, TimePoint now) {
  const auto key = bearer_key(request.headers);
  if (!key) return {error_response(401, {"", "Missing bearer authentication in header", ""})};
  const std::int64_t seconds = stage.wall.millis(now) / 1000;
  const bool standard = options.api_key.equals(*key);
  if (!standard && !secrets.session_of(*key, seconds)) {
    return {error_response(401, {"invalid_api_key", "Incorrect API key provided.", ""})};
  }
  if (request.headers.find("OpenAI-Beta")) return {error_response(400, beta_disabled())};
  if (request.method == "POST" && request.path == kRealtimeCallsPath) {
    return {create_call(request, *key, now)};
  }
  if (!standard) {
    return {error_response(401, {"invalid_api_key", "Incorrect API key provided.", ""})};
  }
  if (request.method == "POST" && request.path == kSecretsPath) {
    return {secrets.issue(request.body, ids, seconds)};
  }
  const std::string_view path = request.path;
  if (request.method == "POST" && path.substr(0, kRealtimeCallsPath.size()) == kRealtimeCallsPath) {
    return command(request, path.substr(std::min(kRealtimeCallsPath.size() + 1, path.size())), now);
  }
  return {error_response(404, {"unknown_url", "Unknown request URL.", ""})};
}

HttpResponse OpenAiCalls::Impl::create_call(const SimApiRequest& request, std::string_view key,
                                            TimePoint now) {
  CallOffer offer;
  const auto type = request.headers.find("Content-Type").value_or("");
  if (auto error = read_offer(type, request.body, offer)) return error_response(400, *error);
  if (!offer.session_json) {
    const auto of_key = secrets.session_of(key, stage.wall.millis(now) / 1000);
    offer.session_json = of_key.value_or(R"({"type":"realtime"})");
  }
  const auto session = Json::parse(*offer.session_json);
  if (!session) return bad_json();
  if (auto error = check_session(*session, shapes::SessionUse::update)) {
    return error_response(400, *error);
  }
  if (active() >= options.max_calls) {
    return error_response(429, {"rate_limit_exceeded", "Too many calls at one time.", ""});
  }
  SipCallPlan plan;
  plan.from.clear();
  plan.caller = options.webrtc_caller;
  Call& call = add("webrtc", std::move(plan), now);
  call.connect(*session, now);
  HttpResponse response;
  response.status = 201;
  response.headers.add("Content-Type", "application/sdp");
  response.headers.add("Location", std::string(kRealtimeCallsPath) + "/" + call.id());
  response.body = sdp_answer(offer.sdp, ids);
  return response;
}

/// `rest` is `{call_id}/{verb}`.
SimApiReply OpenAiCalls::Impl::command(const SimApiRequest& request, std::string_view rest,
                                       TimePoint now) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string id(rest.substr(0, slash));
  const std::string verb(rest.substr(std::min(slash + 1, rest.size())));
  if (verb != "accept" && verb != "reject" && verb != "refer" && verb != "hangup") {
    return {error_response(404, {"unknown_url", "Unknown request URL.", ""})};
  }
  Call* call = find(id);
  if (call == nullptr) return {no_such_call(404)};
  SimApiReply reply;
  const SipApiFault* fault = call->take_fault(verb);
  const bool refused = fault != nullptr && fault->status != 200;
  if (!refused || fault->effective) reply.response = carry_out(*call, verb, request.body, now);
  if (refused) reply.response = failure(*fault);
  if (fault != nullptr) {
    reply.delay = fault->delay;
    reply.answered = fault->status != 0;
  }
  call->note_request({verb, call->since(now), reply.answered ? reply.response.status : 0,
                      error_code(reply.response), request.body.substr(0, kKeptBody)});
  return reply;
}

HttpResponse OpenAiCalls::Impl::carry_out(Call& call, std::string_view verb, std::string_view body,
                                          TimePoint now) {
  if (call.ended()) return no_such_call(options.ended_call_status);
  const auto json = Json::parse(body.empty() ? "{}" : body);
  if (!json) return bad_json();
  if (verb == "accept") return accept(call, *json, now);
  if (auto error = check_command(verb, *json)) return error_response(400, *error);
  if (verb == "reject") {
    if (!call.ringing()) {
      return error_response(400, {"", "The call has already been accepted.", ""});
    }
    call.reject(static_cast<int>((*json)["status_code"].integer_or(kDeclined)), now);
  } else if (verb == "refer") {
    if (!call.connected()) {
      return error_response(400, {"", "The call has not been accepted.", ""});
    }
    call.refer((*json)["target_uri"].string_or(""), now);
  } else {
    call.hang_up(now);
  }
  return ok();
}

HttpResponse OpenAiCalls::Impl::accept(Call& call, JsonView session, TimePoint now) {
  if (!call.ringing()) {
    return error_response(400, {"", "The call has already been accepted.", ""});
  }
  if (auto error = check_session(session, shapes::SessionUse::accept)) {
    return error_response(400, *error);
  }
  call.connect(session, now);
  return ok();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
