#include "voicebridge/telnyx/stream_url.hpp"

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::string_view kPlaceholder = "{call_control_id}";

bool is_template(std::string_view url) { return url.find(kPlaceholder) != std::string_view::npos; }

std::string filled(std::string url, std::string_view value) {
  for (std::size_t at = url.find(kPlaceholder); at != std::string::npos;
       at = url.find(kPlaceholder, at + value.size())) {
    url.replace(at, kPlaceholder.size(), value);
  }
  return url;
}

std::string with_query(std::string url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url.append(name).append(1, '=').append(value);
  return url;
}

bool has_scheme(std::string_view url, std::string_view plain, std::string_view secure) {
  const auto parsed = parse_url(url);
  return parsed && (parsed->scheme == plain || parsed->scheme == secure) &&
         url.find('#') == std::string_view::npos;
}

}  // namespace

Result<StreamUrl> StreamUrl::create(std::string_view stream_url, std::string_view public_app_url,
                                    std::string_view path) {
  if (!stream_url.empty()) {
    if (!has_scheme(filled(std::string(stream_url), "x"), "ws", "wss")) {
      return fail(Errc::invalid_argument, "the stream URL must be a ws:// or wss:// URL",
                  "stream_url");
    }
    return StreamUrl(std::string(stream_url));
  }
  if (!has_scheme(public_app_url, "http", "https")) {
    return fail(Errc::invalid_argument,
                "without a stream URL the public URL of the server is needed, http:// or https://",
                "public_app_url");
  }
  std::string base(public_app_url);
  base.replace(0, 4, "ws");
  while (base.back() == '/') base.pop_back();
  return StreamUrl(base.append(path));
}

std::string StreamUrl::for_leg(std::string_view call_control_id) const {
  const std::string id = url_encode(call_control_id);
  return is_template(base_) ? filled(base_, id) : with_query(base_, "call_control_id", id);
}

std::string StreamUrl::for_dial(std::string_view call_id) const {
  const std::string id = url_encode(call_id);
  return with_query(filled(base_, id), "call_id", id);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
