#include "testing/twilio_api_error.hpp"

#include <utility>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// What the codes mean; the code is what clients go by.
std::string text_of(int code, const std::string& value) {
  switch (code) {
    case 21201:
      return "No 'To' number specified";
    case 21205:
      return "Url is not a valid URL: " + value;
    case 21210:
      return "'From' phone number not verified: " + value;
    case 21211:
      return "The phone number you are attempting to call, " + value + ", is not valid.";
    case 21212:
      return "The source phone number provided, " + value + ", is not valid.";
    case 21213:
      return "No 'From' number specified";
    case 21218:
      return "Invalid ApplicationSid: " + value;
    case 16025:
      return "Participant label already in use: " + value;
    case 13240:
      return "Call to coach is not in progress: " + value;
    default:
      return "Invalid parameter: " + value;
  }
}

}  // namespace

HttpResponse to_response(const TwilioApiError& error) {
  JsonWriter json;
  json.object()
      .field("code", error.code)
      .field("message", error.message)
      .field("more_info", "https://www.twilio.com/docs/errors/" + std::to_string(error.code))
      .field("status", error.status);
  HttpResponse response;
  response.status = error.status;
  response.headers.add("content-type", "application/json");
  if (error.status == 401) {
    response.headers.add("www-authenticate", "Basic realm=\"Twilio API\"");
  }
  response.body = json.end().take();
  return response;
}

TwilioApiError twilio_not_authenticated() { return {401, 20003, "Authenticate"}; }

TwilioApiError twilio_not_found(std::string_view path) {
  return {404, 20404, "The requested resource " + std::string(path) + " was not found"};
}

TwilioApiError twilio_too_many() { return {429, 20429, "Too Many Requests"}; }

TwilioApiError twilio_not_in_progress() {
  return {400, 21220, "Call is not in-progress. Cannot redirect."};
}

TwilioApiError twilio_bad(int code, std::string_view value) {
  return {400, code, text_of(code, std::string(value))};
}

TwilioApiError twilio_failure(int status) {
  if (status == 401) return twilio_not_authenticated();
  if (status == 404 || status == 422) return {404, 20404, "The requested resource was not found"};
  if (status == 429) return twilio_too_many();
  if (status == 400) return twilio_not_in_progress();
  return {status, 20500, "An internal server error has occurred"};
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
