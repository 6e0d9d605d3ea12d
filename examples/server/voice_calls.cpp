#include "voice_calls.hpp"

#include <algorithm>

#include "api_answers.hpp"
#include "voice_calls_json.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace server {

using namespace voicebridge;

namespace {

constexpr std::size_t kMaxMetadata = 8192;

bool is_named(const std::string& field, std::string_view name) {
  return std::equal(field.begin(), field.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

/// What a carrier says, said to whoever asked for the call. That it refuses the server's own
/// credentials or number is no fault of theirs: 502.
std::pair<int, Error> for_client(Error error) {
  const bool about_number = is_named(error.field, "to");
  if (about_number) error.field = "toNumber";
  if (error.origin.empty()) return {http_status_of(error), std::move(error)};
  if (!about_number) error.field.clear();
  const bool theirs = about_number && (error.code == Errc::invalid_argument ||
                                       error.code == Errc::permission_denied);
  const bool passing = error.code == Errc::resource_exhausted || error.code == Errc::unavailable ||
                       error.code == Errc::deadline_exceeded;
  const int status = theirs || passing ? http_status_of(error) : 502;
  error.message = error.origin + ": " + error.message;
  return {status, std::move(error)};
}

void refuse_call(const HttpResponder& responder, const Error& error) {
  const auto [status, said] = for_client(error);
  refuse(responder, status, said);
}

bool is_over(const CallStatus& status) { return status.state == to_string(CallState::ended); }

}  // namespace

void VoiceCalls::add_routes(Api& api) {
  const auto to = [this](void (VoiceCalls::*handler)(const ApiRequest&, HttpResponder)) {
    return [this, handler](const ApiRequest& request, HttpResponder responder) {
      (this->*handler)(request, std::move(responder));
    };
  };
  api.route("POST", "/api/voice-calls/realtime", to(&VoiceCalls::start));
  api.route("GET", "/api/voice-calls", to(&VoiceCalls::list));
  api.route("GET", "/api/voice-calls/{id}", to(&VoiceCalls::find));
  api.route("POST", "/api/voice-calls/{id}/hangup", to(&VoiceCalls::hang_up));
}

Result<std::string> VoiceCalls::number(std::string text, const char* field) const {
  // A plus sign that was not encoded in a query is a space.
  if (!text.empty() && text.front() == ' ') text.front() = '+';
  auto normal = normalize_phone(text, config_.region);
  if (normal) return normal;
  return fail(Errc::invalid_argument, normal.error().message, field);
}

Result<CallNumberRequest> VoiceCalls::wish(const ApiRequest& request) const {
  const JsonView body = request.body;
  auto to = number(body["toNumber"].string_or(""), "toNumber");
  if (!to) return fail(to.error());
  CallNumberRequest wish;
  wish.to = std::move(*to);
  wish.carrier = body["carrier"].string_or(config_.carrier);
  wish.profile = body["agent"].string_or("");
  wish.from = wish.carrier == "twilio" ? config_.twilio_caller_id : config_.telnyx_caller_id;
  wish.notes.contact_name = body["contactName"].string_or("");
  wish.notes.business_name = body["businessName"].string_or("");
  wish.notes.user_id = body["userId"].string_or("");
  if (body["metadata"].exists()) wish.notes.metadata_json = body["metadata"].dump();
  if (wish.notes.metadata_json.size() > kMaxMetadata) {
    return fail(Errc::invalid_argument, "\"metadata\" must have at most 8192 bytes", "metadata");
  }
  wish.key = request.parameters["Idempotency-Key"].string_or("");
  return wish;
}

void VoiceCalls::start(const ApiRequest& request, HttpResponder responder) {
  auto wish = this->wish(request);
  if (!wish) return refuse(responder, wish.error());
  CallNotes notes = wish->notes;
  agent_.call_number(std::move(*wish),
                     [this, notes = std::move(notes), responder,
                      shard = request.http.shard](const Result<CallStatus>& status) {
                       if (!status) return refuse_call(responder, status.error());
                       if (!status->existed) return started(*status, notes, responder);
                       // What is known of that call is with it.
                       const bool taken = shard->offload([this, status = *status, responder] {
                         const auto record = calls_->find(status.call_id);
                         started(status, record ? record->call.notes : CallNotes(), responder);
                       });
                       if (!taken) refuse(responder, too_busy());
                     });
}

void VoiceCalls::started(const CallStatus& status, CallNotes notes,
                         const HttpResponder& responder) const {
  JsonWriter json;
  json.object().field("success", true).field("mode", "realtime");
  json.field("existing", status.existed).key("data");
  write_stored_call(json, stored_call(status, std::move(notes)));
  responder.send(status.existed ? 200 : 201, json.end().take());
}

void VoiceCalls::find(const ApiRequest& request, HttpResponder responder) {
  const std::string id = request.parameters["id"].string_or("");
  const bool taken = request.http.shard->offload([this, id, responder] {
    auto record = calls_->find(id);
    if (!record) {
      Error error = record.error();
      if (error.code == Errc::not_found) error.field = "id";
      return refuse(responder, error);
    }
    // The store is a moment behind a call that is up.
    if (const auto live = agent_.status(id); live && !is_over(*live)) {
      record->call.state = live->state;
      record->call.leg_id = live->leg_id;
    }
    JsonWriter json;
    json.object().field("success", true).key("data");
    write_stored_record(json, *record);
    responder.send(200, json.end().take());
  });
  if (!taken) refuse(responder, too_busy());
}

Result<CallFilter> VoiceCalls::filter(JsonView parameters) const {
  CallFilter filter;
  filter.state = parameters["status"].string_or("");
  filter.user_id = parameters["userId"].string_or("");
  filter.cursor = parameters["cursor"].string_or("");
  filter.limit = static_cast<std::size_t>(parameters["limit"].integer_or(50));
  if (const auto to = parameters["toNumber"].string()) {
    auto normal = number(std::string(*to), "toNumber");
    if (!normal) return fail(normal.error());
    filter.to = std::move(*normal);
  }
  const std::pair<const char*, UnixMillis&> moments[] = {{"from", filter.created_from},
                                                         {"to", filter.created_before}};
  for (const auto& [name, at] : moments) {
    const auto text = parameters[name].string();
    if (!text) continue;
    const auto moment = parse_moment(*text, std::string_view(name) == "to");
    if (!moment) return fail(Errc::invalid_argument, "there is no such time", name);
    at = *moment;
  }
  return filter;
}

void VoiceCalls::list(const ApiRequest& request, HttpResponder responder) {
  auto wanted = filter(request.parameters);
  if (!wanted) return refuse(responder, wanted.error());
  const bool taken = request.http.shard->offload([this, wanted = std::move(*wanted), responder] {
    const auto page = calls_->search(wanted);
    if (!page) return refuse(responder, page.error());
    JsonWriter json;
    json.object().field("success", true).key("data").array();
    for (const StoredCall& call : page->calls) write_stored_call(json, call);
    json.end().key("nextCursor");
    if (page->next.empty())
      json.null();
    else
      json.string(page->next);
    responder.send(200, json.end().take());
  });
  if (!taken) refuse(responder, too_busy());
}

void VoiceCalls::hang_up(const ApiRequest& request, HttpResponder responder) {
  const std::string id = request.parameters["id"].string_or("");
  const auto answer = [id, responder](int status, std::string_view state) {
    JsonWriter json;
    json.object().field("success", true).key("data").object();
    json.field("id", id).field("status", state).end().end();
    responder.send(status, json.take());
  };
  const auto status = agent_.hang_up(id);
  if (status) {
    return is_over(*status) ? answer(200, status->state)
                            : answer(202, to_string(CallState::ending));
  }
  // One that is long over is known to the store alone.
  const bool taken = request.http.shard->offload([this, id, answer, responder] {
    const auto record = calls_->find(id);
    if (record) return answer(200, to_string(CallState::ended));
    Error error = record.error();
    if (error.code == Errc::not_found) error.field = "id";
    refuse(responder, error);
  });
  if (!taken) refuse(responder, too_busy());
}

}  // namespace server
