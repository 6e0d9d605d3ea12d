#include "openai/api_request.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {
namespace {

constexpr std::string_view kBetaHeader = "OpenAI-Beta";  // The service refuses whoever sends it.

}  // namespace

bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void set_key(HttpHeaders& headers, const ApiOptions& options, const Secret& key) {
  const std::string value(key.reveal());
  headers.set(options.auth_header,
              options.auth_header == "Authorization" ? "Bearer " + value : value);
}

Result<HttpHeaders> api_headers(const ApiOptions& options) {
  if (options.api_key.empty() || !is_header_text(options.api_key.reveal())) {
    return fail(Errc::invalid_argument, "expected an API key of printable characters", "api_key");
  }
  for (const auto& [name, value] : options.headers.fields()) {
    if (!is_header_text(name) || !is_header_text(value)) {
      return fail(Errc::invalid_argument, "expected headers of printable characters", "headers");
    }
  }
  if (options.headers.find(kBetaHeader)) {
    return fail(Errc::invalid_argument, "the service refuses the header OpenAI-Beta", "headers");
  }
  HttpHeaders headers = options.headers;
  struct Named {
    std::string_view header;
    const std::string& value;
    const char* field;
  };
  for (const Named& named :
       {Named{"OpenAI-Organization", options.organization, "organization"},
        Named{"OpenAI-Project", options.project, "project"},
        Named{"OpenAI-Safety-Identifier", options.safety_identifier, "safety_identifier"}}) {
    if (!is_header_text(named.value)) {
      return fail(Errc::invalid_argument, "expected printable characters", named.field);
    }
    if (!named.value.empty()) headers.set(named.header, named.value);
  }
  set_key(headers, options, options.api_key);
  return headers;
}

Result<std::string> with_scheme(std::string_view url, std::string_view scheme,
                                const std::string& field) {
  const auto parts = parse_url(url);
  const bool known = parts && (parts->scheme == "http" || parts->scheme == "https" ||
                               parts->scheme == "ws" || parts->scheme == "wss");
  if (!known) {
    return fail(Errc::invalid_argument, "expected an absolute http(s) or ws(s) address", field);
  }
  return std::string(scheme) + (parts->secure() ? "s" : "") +
         std::string(url.substr(parts->scheme.size()));
}

Result<std::string> api_address(const ApiOptions& options, std::string_view scheme) {
  auto url = with_scheme(options.base_url, scheme, "base_url");
  if (!url) return url;
  if (url->find_first_of("?#") != std::string::npos) {
    return fail(Errc::invalid_argument, "the base address has no query", "base_url");
  }
  const auto without_slash = [](std::string& text) {
    while (!text.empty() && text.back() == '/') text.pop_back();
  };
  without_slash(*url);
  if (!options.path.empty() && options.path.front() != '/') *url += '/';
  *url += options.path;
  without_slash(*url);
  return url;
}

std::string with_query(std::string url, std::string_view query) {
  if (query.empty()) return url;
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url.append(query);
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
