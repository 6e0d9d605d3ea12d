#include "api_error.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_errors.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/retry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

struct CodeMeaning {
  std::string_view code;
  Errc meaning;
};

/// Codes that say more than their HTTP status. What the state of the call forbids is a conflict.
constexpr CodeMeaning kMeanings[] = {
    {"10009", Errc::unauthenticated},    {"20002", Errc::unauthenticated},
    {"20012", Errc::unauthenticated},    {"10010", Errc::permission_denied},
    {"10038", Errc::permission_denied},  {"90041", Errc::resource_exhausted},
    {"90042", Errc::resource_exhausted}, {"90043", Errc::resource_exhausted},
    {"90018", Errc::conflict},           {"90019", Errc::conflict},
    {"90020", Errc::conflict},           {"90031", Errc::conflict},
    {"90032", Errc::conflict},           {"90033", Errc::conflict},
    {"90034", Errc::conflict},           {"90035", Errc::conflict},
    {"90036", Errc::conflict},           {"90038", Errc::conflict},
    {"90044", Errc::conflict},           {"90045", Errc::conflict},
    {"90046", Errc::conflict},           {"90048", Errc::conflict},
    {"90050", Errc::conflict},           {"90053", Errc::conflict},
    {"90054", Errc::conflict},           {"90055", Errc::conflict},
    {"90061", Errc::conflict},           {"90102", Errc::conflict},
};

Errc meaning(int status, std::string_view code) {
  for (const auto& known : kMeanings) {
    if (known.code == code) return known.meaning;
  }
  return net::meaning_of_status(status);
}

/// "/a/0/b" → "a.0.b"
std::string dotted_path(std::string pointer) {
  if (!pointer.empty() && pointer.front() == '/') pointer.erase(0, 1);
  std::replace(pointer.begin(), pointer.end(), '/', '.');
  return pointer;
}

}  // namespace

Error api_error(const HttpResponse& response) {
  const auto body = Json::parse(response.body);
  const JsonView first = body ? (*body)["errors"].at(0) : JsonView();
  Error error;
  error.origin = "telnyx";
  error.http_status = response.status;
  error.provider_code = first["code"].string_or("");
  error.code = meaning(response.status, error.provider_code);
  error.retryable = error.code == Errc::unavailable || error.code == Errc::deadline_exceeded ||
                    error.code == Errc::resource_exhausted;
  error.retry_after = retry_after(response.headers);
  error.field =
      dotted_path(first["source"]["pointer"].string_or(first["source"]["parameter"].string_or("")));
  const std::string title =
      first["title"].string_or(fmt::format("HTTP status {}", response.status));
  const std::string detail = first["detail"].string_or("");
  error.message = net::short_message(detail.empty() ? title : title + ": " + detail);
  return error;
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
