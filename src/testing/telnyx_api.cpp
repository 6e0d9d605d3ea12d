#include <algorithm>
#include <chrono>
#include <utility>

#include "testing/telnyx_carrier_impl.hpp"
#include "testing/telnyx_parameters.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kCommandMemory{60000};
constexpr std::chrono::minutes kEndedCallMemory{10};
constexpr std::size_t kMaxCommandRecords = 100'000;
constexpr std::size_t kMaxRecordedBody = 16'000;

/// The next part of a path; empty at its end.
std::string take_part(std::string_view& path) {
  if (path.empty() || path.front() != '/') return {};
  path.remove_prefix(1);
  const std::size_t slash = std::min(path.find('/'), path.size());
  std::string part(path.substr(0, slash));
  path.remove_prefix(slash);
  return part;
}

/// `/{id}/actions/{command}`; the id may be empty, for `/v2/calls` itself.
TelnyxRoute call_route(const std::string& method, std::string_view rest) {
  TelnyxRoute route;
  route.method = method;
  route.of_call = true;
  if (rest.empty()) {
    if (method == "POST") route.command = "dial";
    return route;
  }
  route.id = take_part(rest);
  if (route.id.empty()) return route;
  if (rest.empty()) {
    if (method == "GET") route.command = "get";
    return route;
  }
  if (take_part(rest) != "actions") return route;
  const std::string action = take_part(rest);
  const std::string_view expected = action == "client_state_update" ? "PUT" : "POST";
  if (rest.empty() && action != "dial" && method == expected) route.command = action;
  return route;
}

TelnyxRoute conference_route(const std::string& method, std::string_view rest) {
  TelnyxRoute route;
  route.method = method;
  const auto name = [&](std::string_view wanted, const std::string& command) {
    if (method == wanted) route.command = "conference." + command;
    return route;
  };
  if (rest.empty()) return method == "GET" ? name("GET", "list") : name("POST", "create");
  route.id = take_part(rest);
  if (rest.empty()) return name("GET", "get");
  const std::string kind = take_part(rest);
  if (kind == "participants" && rest.empty()) return name("GET", "participants");
  route.part = take_part(rest);
  if (!rest.empty() || route.part.empty()) return route;
  if (kind == "participants") return name("PATCH", "update_participant");
  if (kind == "actions" && TelnyxConferenceDesk::knows(route.part)) return name("POST", route.part);
  return route;
}

TelnyxRoute route_of(const SimApiRequest& request) {
  std::string_view path(request.path);
  path = path.substr(0, path.find('?'));
  if (take_part(path) != "v2") return {};
  const std::string collection = take_part(path);
  if (collection == "calls") return call_route(request.method, path);
  if (collection == "conferences") return conference_route(request.method, path);
  return {};
}

}  // namespace

SimApiReply TelnyxCarrier::Impl::handle(const SimApiRequest& request, TimePoint now) {
  const TelnyxRoute path = route_of(request);
  SimApiRecord record;
  record.at = now;
  record.command = path.command.empty() ? request.path : path.command;
  record.call_id = path.id;
  record.body = request.body.substr(0, kMaxRecordedBody);

  const SimApiFault* fault = take_fault(record.command);
  SimApiReply reply;
  if (fault == nullptr || fault->effective) reply.response = route(request, path, record, now);
  if (fault != nullptr) {
    reply.delay = fault->delay;
    reply.answered = fault->status != 0;
    if (fault->status != 200) reply.response = to_response(failure_with(fault->status));
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
  if (found->skip > 0) {
    --found->skip;
    return nullptr;
  }
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

HttpResponse TelnyxCarrier::Impl::route(const SimApiRequest& request, const TelnyxRoute& path,
                                        SimApiRecord& record, TimePoint now) {
  if (over_rate_limit(now)) return to_response(too_many_requests());
  if (!authorized(request.headers)) return to_response(authentication_failed());
  if (path.command.empty()) return to_response(not_found());
  if (path.method == "GET") return look_up(path, now);
  const TelnyxParameters* parameters = parameters_of(path.command);
  if (parameters == nullptr) return to_response(not_found());

  const auto body = Json::parse(request.body.empty() ? "{}" : request.body);
  if (!body || !body->root().is_object()) return to_response(invalid_json());
  record.ignored = unknown_names(*parameters, *body);
  if (auto error = check(*parameters, *body)) return to_response(*error);
  return command(path, *body, record, now);
}

HttpResponse TelnyxCarrier::Impl::look_up(const TelnyxRoute& path, TimePoint now) {
  if (path.of_call) return get_call(path.id, now);
  if (path.command == "conference.list") return conferences.list();
  if (path.command == "conference.participants") return conferences.participants(path.id);
  return conferences.get(path.id);
}

HttpResponse TelnyxCarrier::Impl::command(const TelnyxRoute& path, JsonView body,
                                          SimApiRecord& record, TimePoint now) {
  for (auto it = commands.begin(); it != commands.end();) {
    it = it->second.until <= now ? commands.erase(it) : std::next(it);
  }
  const std::pair<std::string, std::string> key{path.id, body["command_id"].string_or("")};
  if (const auto known = commands.find(key); known != commands.end()) {
    record.repeated = true;
    return known->second.response;
  }
  HttpResponse response = run(path, body, now);
  if (response.status == 200 && !key.second.empty())
    commands[key] = {now + kCommandMemory, response};
  return response;
}

HttpResponse TelnyxCarrier::Impl::run(const TelnyxRoute& path, JsonView body, TimePoint now) {
  if (path.command == "dial") return dial(body, now);
  if (path.of_call) return on_call(path.command, path.id, body, now);
  if (path.command == "conference.create") return conferences.create(body, now);
  if (path.command == "conference.update_participant")
    return conferences.update_participant(path.id, path.part, body, now);
  if (path.part == "join" &&
      blocked_by_stream("conference.join", find(body["call_control_id"].string_or(""))))
    return to_response(streaming_in_use());
  return conferences.act(path.part, path.id, body, now);
}

HttpResponse TelnyxCarrier::Impl::on_call(std::string_view name, const std::string& call_id,
                                          JsonView body, TimePoint now) {
  TelnyxCall* call = find(call_id);
  if (call == nullptr) return to_response(invalid_call_control_id("call_control_id"));
  if (call->state() == TelnyxCall::State::ended) return to_response(call_has_ended());
  const CallCommand* command = find_command(name);
  if (command == nullptr) return to_response(not_found());
  if (call->state() != TelnyxCall::State::answered && !command->before_answer) {
    return to_response(name == "record_start" ? record_before_audio() : call_not_answered());
  }
  if (blocked_by_stream(name, call)) return to_response(streaming_in_use());
  if (const auto state = body["client_state"].string()) call->set_client_state(std::string(*state));
  return (this->*command->handler)(*call, body, now);
}

bool TelnyxCarrier::Impl::blocked_by_stream(std::string_view command, TelnyxCall* call) const {
  const auto& names = options.refused_while_streaming;
  return call != nullptr && call->stream_in_use() &&
         std::find(names.begin(), names.end(), command) != names.end();
}

const TelnyxCarrier::Impl::CallCommand* TelnyxCarrier::Impl::find_command(std::string_view name) {
  static constexpr CallCommand kCommands[] = {
      {"answer", &Impl::answer, true},
      {"reject", &Impl::reject, true},
      {"hangup", &Impl::hangup, true},
      {"client_state_update", &Impl::accept, true},
      {"speak", &Impl::speak},
      {"playback_start", &Impl::playback_start},
      {"playback_stop", &Impl::playback_stop},
      {"send_dtmf", &Impl::send_dtmf},
      {"send_sip_info", &Impl::accept},
      {"streaming_start", &Impl::streaming_start},
      {"streaming_stop", &Impl::streaming_stop},
      {"transfer", &Impl::transfer},
      {"bridge", &Impl::bridge_command},
      {"record_start", &Impl::record_start},
      {"record_stop", &Impl::record_stop},
      {"record_pause", &Impl::record_pause},
      {"record_resume", &Impl::record_resume},
      {"gather", &Impl::gather},
      {"gather_stop", &Impl::gather_stop},
      {"gather_using_speak", &Impl::gather_using_speak},
      {"gather_using_audio", &Impl::gather_using_audio},
      {"enqueue", &Impl::enqueue},
      {"leave_queue", &Impl::leave_queue},
      {"fork_start", &Impl::fork_start},
      {"fork_stop", &Impl::fork_stop},
      {"refer", &Impl::refer},
      {"siprec_start", &Impl::siprec_start},
      {"siprec_stop", &Impl::siprec_stop},
      {"suppression_start", &Impl::accept},
      {"suppression_stop", &Impl::accept},
      {"switch_supervisor_role", &Impl::switch_supervisor_role},
      {"transcription_start", &Impl::transcription_start},
      {"transcription_stop", &Impl::transcription_stop},
      {"ai_assistant_start", &Impl::assistant_start},
      {"ai_assistant_stop", &Impl::assistant_stop},
      {"ai_assistant_join", &Impl::accept},
      {"ai_assistant_add_messages", &Impl::accept},
      {"gather_using_ai", &Impl::accept},
      {"conversation_relay_start", &Impl::assistant_start},
      {"conversation_relay_stop", &Impl::assistant_stop},
      {"pay", &Impl::accept},
  };
  for (const CallCommand& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

HttpResponse TelnyxCarrier::Impl::get_call(const std::string& call_id, TimePoint now) {
  const TelnyxCall* call = find(call_id);
  const bool ended = call != nullptr && call->state() == TelnyxCall::State::ended;
  if (call == nullptr || (ended && now - call->ended_at() > kEndedCallMemory))
    return to_response(not_found());
  return json_response(call->describe(now));
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
