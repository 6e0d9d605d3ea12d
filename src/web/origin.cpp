#include "voicebridge/web/origin.hpp"

#include <algorithm>
#include <optional>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Scheme, host and port as a browser writes them; nothing for what is no origin of a web page.
std::optional<Url> origin_url(std::string_view text) {
  auto url = parse_url(text);
  if (!url || (url->scheme != "http" && url->scheme != "https")) return std::nullopt;
  const std::size_t scheme = url->scheme.size() + 3;
  const bool bare = text.find_first_of("/?#@", scheme) == std::string_view::npos;
  if (!bare) return std::nullopt;
  return std::move(*url);
}

std::string written(const Url& url) { return url.scheme + "://" + url.authority(); }

}  // namespace

Result<OriginRules> OriginRules::create(const std::vector<std::string>& allowed) {
  OriginRules rules;
  for (std::string origin : allowed) {
    if (origin == "*") {
      rules.everybody_ = true;
      continue;
    }
    while (!origin.empty() && origin.back() == '/') origin.pop_back();
    const auto url = origin_url(origin);
    if (!url) return fail(Errc::invalid_argument, "must be like https://example.com", "origins");
    rules.allowed_.push_back(written(*url));
  }
  return rules;
}

bool OriginRules::allows(const HttpHeaders& headers) const {
  if (everybody_) return true;
  return headers.count("origin") == 1 && allows(*headers.find("origin"), headers);
}

bool OriginRules::allows(std::string_view origin, const HttpHeaders& headers) const {
  const auto url = origin_url(origin);
  if (!url) return false;
  if (!allowed_.empty()) {
    return std::find(allowed_.begin(), allowed_.end(), written(*url)) != allowed_.end();
  }
  if (headers.count("host") != 1) return false;
  // Behind a proxy the scheme is not known here: the host is what counts, with its port.
  const auto host = origin_url(url->scheme + "://" + std::string(*headers.find("host")));
  return host && host->authority() == url->authority();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
