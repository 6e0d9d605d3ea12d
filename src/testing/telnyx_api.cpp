#include <algorithm>
#include <chrono>
#include <utility>

#include "testing/telnyx_carrier_impl.hpp"
#include "testing/telnyx_parameters.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge::testing {
namespace {

constexpr std::string_view kTelnyxCallsPath = "/v2/calls";
constexpr Millis kCommandMemory{60000};
constexpr std::chrono::minutes kEndedCallMemory{10};
constexpr std::size_t kMaxCommandRecords = 100'000;
constexpr std::size_t kMaxRecordedBody = 16'000;

/// The parts of `/v2/calls/{id}/actions/{command}`; empty where the path is shorter.
struct CallPath {
  bool valid = false;
  std::string id;
  std::string action;
};

CallPath parse_path(std::string_view path) {
  CallPath parts;
  path = path.substr(0, path.find('?'));
  if (path.substr(0, kTelnyxCallsPath.size()) != kTelnyxCallsPath) return parts;
  path.remove_prefix(kTelnyxCallsPath.size());
  if (path.empty()) return {true, "", ""};
  if (path[0] != '/') return parts;
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  parts.id = path.substr(0, slash);
  if (slash == std::string_view::npos) return {!parts.id.empty(), parts.id, ""};
  constexpr std::string_view kActions = "/actions/";
  path.remove_prefix(slash);
  if (path.substr(0, kActions.size()) != kActions) return parts;
  parts.action = path.substr(kActions.size());
  parts.valid = !parts.id.empty() && !parts.action.empty();
  return parts;
}

std::string command_name(const SimApiRequest& request, const CallPath& path) {
  if (request.method == "GET") return "get";
  return path.id.empty() ? "dial" : path.action;
}

bool allowed_before_answer(std::string_view command) {
  return command == "answer" || command == "reject" || command == "hangup";
}

}  // namespace

HttpResponse json_response(std::string body) {
  HttpResponse response;
  response.status = 200;
  response.headers.add("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

HttpResponse ok_response() { return json_response(R"({"data":{"result":"ok"}})"); }

SimApiReply TelnyxCarrier::Impl::handle(const SimApiRequest& request, TimePoint now) {
  const CallPath path = parse_path(request.path);
  SimApiRecord record;
  record.at = now;
  record.command = path.valid ? command_name(request, path) : request.path;
  record.call_id = path.id;
  record.body = request.body.substr(0, kMaxRecordedBody);

  const SimApiFault* fault = take_fault(record.command);
  SimApiReply reply;
  if (fault == nullptr || fault->effective) reply.response = route(request, record, now);
  if (fault != nullptr) {
    reply.delay = fault->delay;
    reply.answered = fault->status != 0;
    reply.response = to_response(failure_with(fault->status));
  }
  add_rate_headers(reply.response);
  record.status = reply.answered ? reply.response.status : 0;
  if (requests.size() < kMaxCommandRecords) requests.push_back(std::move(record));
  return reply;
}

const SimApiFault* TelnyxCarrier::Impl::take_fault(std::string_view command) {
  const auto found = std::find_if(faults.begin(), faults.end(), [&](const SimApiFault& fault) {
    return fault.command.empty() || fault.command == command;
  });
  if (found == faults.end()) return nullptr;
  current_fault = *found;
  if (found->times <= 1) {
    faults.erase(found);
  } else {
    --found->times;
  }
  return &current_fault;
}

bool TelnyxCarrier::Impl::over_rate_limit(TimePoint now) {
  if (now - rate_window >= std::chrono::seconds(1)) {
    rate_window = now;
    requests_in_window = 0;
  }
  return ++requests_in_window > options.rate_limit;
}

void TelnyxCarrier::Impl::add_rate_headers(HttpResponse& response) const {
  const unsigned left = options.rate_limit - std::min(options.rate_limit, requests_in_window);
  response.headers.add("x-ratelimit-limit", std::to_string(options.rate_limit));
  response.headers.add("x-ratelimit-remaining", std::to_string(left));
  response.headers.add("x-ratelimit-reset", "1");
}

bool TelnyxCarrier::Impl::authorized(const HttpHeaders& headers) const {
  const auto value = headers.find("authorization");
  return value && constant_time_equal(*value, std::string_view("Bearer " + options.api_key));
}

HttpResponse TelnyxCarrier::Impl::route(const SimApiRequest& request, SimApiRecord& record,
                                        TimePoint now) {
  if (over_rate_limit(now)) return to_response(too_many_requests());
  if (!authorized(request.headers)) return to_response(authentication_failed());
  const CallPath path = parse_path(request.path);
  if (!path.valid) return to_response(not_found());
  if (request.method == "GET" && !path.id.empty() && path.action.empty())
    return get_call(path.id, now);
  const bool is_dial = path.id.empty();
  const TelnyxParameters* parameters = parameters_of(is_dial ? "dial" : path.action);
  const bool shape_fits = request.method == "POST" && (is_dial || path.action != "dial");
  if (!shape_fits || parameters == nullptr) return to_response(not_found());

  const auto body = Json::parse(request.body.empty() ? "{}" : request.body);
  if (!body || !body->root().is_object()) return to_response(invalid_json());
  record.ignored = unknown_names(*parameters, *body);
  if (auto error = check(*parameters, *body)) return to_response(*error);
  return command(is_dial ? "dial" : path.action, path.id, *body, record, now);
}

HttpResponse TelnyxCarrier::Impl::command(std::string_view name, const std::string& call_id,
                                          JsonView body, SimApiRecord& record, TimePoint now) {
  for (auto it = commands.begin(); it != commands.end();) {
    it = it->second.until <= now ? commands.erase(it) : std::next(it);
  }
  const std::pair<std::string, std::string> key{call_id, body["command_id"].string_or("")};
  if (const auto known = commands.find(key); known != commands.end()) {
    record.repeated = true;
    return known->second.response;
  }
  HttpResponse response = name == "dial" ? dial(body, now) : on_call(name, call_id, body, now);
  if (response.status == 200 && !key.second.empty())
    commands[key] = {now + kCommandMemory, response};
  return response;
}

HttpResponse TelnyxCarrier::Impl::on_call(std::string_view name, const std::string& call_id,
                                          JsonView body, TimePoint now) {
  static const std::map<std::string_view, Handler> handlers = {
      {"answer", &Impl::answer},
      {"reject", &Impl::reject},
      {"hangup", &Impl::hangup},
      {"speak", &Impl::speak},
      {"playback_start", &Impl::playback_start},
      {"playback_stop", &Impl::playback_stop},
      {"send_dtmf", &Impl::send_dtmf},
      {"streaming_start", &Impl::streaming_start},
      {"streaming_stop", &Impl::streaming_stop},
      {"transfer", &Impl::transfer},
      {"bridge", &Impl::bridge_command},
      {"record_start", &Impl::record_start},
      {"record_stop", &Impl::record_stop},
      {"gather", &Impl::gather},
      {"gather_stop", &Impl::gather_stop},
  };
  TelnyxCall* call = find(call_id);
  if (call == nullptr) return to_response(invalid_call_control_id("call_control_id"));
  if (call->state() == TelnyxCall::State::ended) return to_response(call_has_ended());
  if (call->state() != TelnyxCall::State::answered && !allowed_before_answer(name)) {
    return to_response(name == "record_start" ? record_before_audio() : call_not_answered());
  }
  const auto handler = handlers.find(name);
  if (handler == handlers.end()) return to_response(not_found());
  if (const auto state = body["client_state"].string()) call->set_client_state(std::string(*state));
  return (this->*handler->second)(*call, body, now);
}

HttpResponse TelnyxCarrier::Impl::get_call(const std::string& call_id, TimePoint now) {
  const TelnyxCall* call = find(call_id);
  const bool ended = call != nullptr && call->state() == TelnyxCall::State::ended;
  if (call == nullptr || (ended && now - call->ended_at() > kEndedCallMemory))
    return to_response(not_found());
  return json_response(call->describe(now));
}

}  // namespace voicebridge::testing
