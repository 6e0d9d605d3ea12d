#include "resources.hpp"

#include <charconv>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

struct StatusName {
  std::string_view text;
  CallStatus status;
};
constexpr StatusName kStatuses[] = {
    {"queued", CallStatus::queued},       {"initiated", CallStatus::initiated},
    {"ringing", CallStatus::ringing},     {"in-progress", CallStatus::in_progress},
    {"completed", CallStatus::completed}, {"busy", CallStatus::busy},
    {"failed", CallStatus::failed},       {"no-answer", CallStatus::no_answer},
    {"canceled", CallStatus::canceled},
};

Error unreadable(int http_status) {
  Error error;
  error.code = Errc::protocol_error;
  error.message = "the answer of the API cannot be read";
  error.origin = "twilio";
  error.http_status = http_status;
  return error;
}

/// Numbers come as text, and may come as numbers one day.
std::optional<std::int64_t> whole_number(JsonView value) {
  if (const auto number = value.integer()) return number;
  const auto text = value.string();
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

/// The list's elements become documents of their own.
Json document_of(JsonView view) { return *Json::parse(view.dump()); }

Call call_of(Json json) {
  Call call;
  call.sid = json["sid"].string_or("");
  call.parent_sid = json["parent_call_sid"].string_or("");
  call.status = call_status(json["status"].string().value_or(""));
  call.direction = json["direction"].string_or("");
  call.from = json["from"].string_or("");
  call.to = json["to"].string_or("");
  call.answered_by = json["answered_by"].string_or("");
  if (const auto seconds = whole_number(json["duration"])) {
    call.duration = std::chrono::seconds(*seconds);
  }
  call.price = json["price"].string_or("");
  call.price_unit = json["price_unit"].string_or("");
  call.document = std::move(json);
  return call;
}

Conference conference_of(Json json) {
  Conference conference;
  conference.sid = json["sid"].string_or("");
  conference.friendly_name = json["friendly_name"].string_or("");
  conference.status = json["status"].string_or("");
  conference.reason_ended = json["reason_conference_ended"].string_or("");
  conference.call_sid_ending_conference = json["call_sid_ending_conference"].string_or("");
  conference.document = std::move(json);
  return conference;
}

Participant participant_of(Json json) {
  Participant participant;
  participant.call_sid = json["call_sid"].string_or("");
  participant.conference_sid = json["conference_sid"].string_or("");
  participant.label = json["label"].string_or("");
  participant.status = json["status"].string_or("");
  participant.muted = json["muted"].bool_or(false);
  participant.hold = json["hold"].bool_or(false);
  participant.coaching = json["coaching"].bool_or(false);
  participant.call_sid_to_coach = json["call_sid_to_coach"].string_or("");
  participant.end_conference_on_exit = json["end_conference_on_exit"].bool_or(false);
  if (const auto wait = whole_number(json["queue_time"])) participant.queue_time = Millis(*wait);
  participant.document = std::move(json);
  return participant;
}

template <class T>
Result<T> read(const HttpResponse& response, T (*make)(Json), std::string T::*sid) {
  auto json = Json::parse(response.body);
  if (!json) return fail(unreadable(response.status));
  T thing = make(std::move(*json));
  if ((thing.*sid).empty()) return fail(unreadable(response.status));
  return thing;
}

template <class T>
Result<std::vector<T>> read_list(const HttpResponse& response, std::string_view name,
                                 T (*make)(Json)) {
  const auto json = Json::parse(response.body);
  if (!json || !(*json)[name].is_array()) return fail(unreadable(response.status));
  std::vector<T> things;
  for (const JsonView element : (*json)[name].elements()) {
    things.push_back(make(document_of(element)));
  }
  return things;
}

}  // namespace

std::string_view to_string(CallStatus status) noexcept {
  for (const StatusName& name : kStatuses) {
    if (name.status == status) return name.text;
  }
  return "unknown";
}

CallStatus call_status(std::string_view text) noexcept {
  for (const StatusName& name : kStatuses) {
    if (name.text == text) return name.status;
  }
  return CallStatus::unknown;
}

bool is_final(CallStatus status) noexcept {
  switch (status) {
    case CallStatus::completed:
    case CallStatus::busy:
    case CallStatus::failed:
    case CallStatus::no_answer:
    case CallStatus::canceled:
      return true;
    default:
      return false;
  }
}

Result<Call> read_call(const HttpResponse& response) { return read(response, call_of, &Call::sid); }

Result<Conference> read_conference(const HttpResponse& response) {
  return read(response, conference_of, &Conference::sid);
}

Result<std::vector<Conference>> read_conferences(const HttpResponse& response) {
  return read_list(response, "conferences", conference_of);
}

Result<Participant> read_participant(const HttpResponse& response) {
  return read(response, participant_of, &Participant::call_sid);
}

Result<std::vector<Participant>> read_participants(const HttpResponse& response) {
  return read_list(response, "participants", participant_of);
}

Result<Recording> read_recording(const HttpResponse& response) {
  const auto make = [](Json json) {
    return Recording{json["sid"].string_or(""), json["call_sid"].string_or(""),
                     json["status"].string_or(""), json};
  };
  return read<Recording>(response, make, &Recording::sid);
}

Result<Stream> read_stream(const HttpResponse& response) {
  const auto make = [](Json json) {
    return Stream{json["sid"].string_or(""), json["call_sid"].string_or(""),
                  json["name"].string_or(""), json["status"].string_or(""), json};
  };
  return read<Stream>(response, make, &Stream::sid);
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
