#include <algorithm>
#include <array>

#include "voicebridge/openai/realtime_client.hpp"

namespace voicebridge::openai {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// http and https become ws and wss.
std::string as_websocket(std::string_view url) {
  constexpr std::string_view kHttp = "http";
  return starts_with(url, kHttp) ? "ws" + std::string(url.substr(kHttp.size())) : std::string(url);
}

/// The service takes exactly one of these.
bool names_its_session(std::string_view target) {
  constexpr std::array<std::string_view, 3> kSelectors = {"model", "call_id", "intent"};
  return std::any_of(kSelectors.begin(), kSelectors.end(), [&](std::string_view name) {
    return query_parameter(target, name).has_value();
  });
}

}  // namespace

Result<std::string> realtime_url(const RealtimeClientOptions& options) {
  const bool whole = !options.url.empty();
  const std::string field = whole ? "url" : "base_url";
  std::string url = as_websocket(whole ? options.url : options.base_url);
  const auto parts = parse_url(url);
  if (!parts || (parts->scheme != "ws" && parts->scheme != "wss")) {
    return fail(Errc::invalid_argument, "expected an absolute http(s) or ws(s) address", field);
  }
  if (!whole) {
    while (url.back() == '/') url.pop_back();
    url += "/realtime";
  }
  if (whole && names_its_session(parts->target)) return url;
  if (options.model.empty())
    return fail(Errc::invalid_argument, "expected the name of a model", "model");
  url += url.find('?') == std::string::npos ? "?model=" : "&model=";
  return url + url_encode(options.model);
}

}  // namespace voicebridge::openai
