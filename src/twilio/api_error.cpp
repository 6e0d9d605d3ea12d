#include "api_error.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_errors.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/retry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

constexpr std::string_view kNotFound = "20404";
constexpr std::string_view kWrongCallState = "21220";

struct CodeMeaning {
  std::string_view code;
  Errc meaning;
  std::string_view field = {};
};

/// Codes that say more than their HTTP status.
constexpr CodeMeaning kMeanings[] = {
    {"20003", Errc::unauthenticated},           {kNotFound, Errc::not_found},
    {"20429", Errc::resource_exhausted},        {"21201", Errc::invalid_argument, "To"},
    {"21203", Errc::permission_denied, "To"},   {"21205", Errc::invalid_argument, "Url"},
    {"21210", Errc::permission_denied, "From"}, {"21211", Errc::invalid_argument, "To"},
    {"21212", Errc::invalid_argument, "From"},  {"21213", Errc::invalid_argument, "From"},
    {"21215", Errc::permission_denied, "To"},   {"21216", Errc::permission_denied, "To"},
    {"21219", Errc::permission_denied, "To"},   {kWrongCallState, Errc::conflict},
};

}  // namespace

Error api_error(const HttpResponse& response) {
  const auto body = Json::parse(response.body);
  const JsonView json = body ? body->root() : JsonView();
  Error error;
  error.origin = "twilio";
  error.http_status = response.status;
  error.code = net::meaning_of_status(response.status);
  if (const auto code = json["code"].integer()) error.provider_code = std::to_string(*code);
  const auto known =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [&](const CodeMeaning& meaning) { return meaning.code == error.provider_code; });
  if (known != std::end(kMeanings)) {
    error.code = known->meaning;
    error.field = known->field;
  }
  error.retryable = error.code == Errc::unavailable || error.code == Errc::deadline_exceeded ||
                    error.code == Errc::resource_exhausted;
  error.retry_after = retry_after(response.headers);
  const std::string text =
      json["message"].string_or(fmt::format("HTTP status {}", response.status));
  const std::string page = json["more_info"].string_or("");
  error.message = net::short_message(page.empty() ? text : fmt::format("{} ({})", text, page));
  return error;
}

bool is_over(const Error& error) {
  return error.provider_code == kWrongCallState || error.code == Errc::not_found;
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
