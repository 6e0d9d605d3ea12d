#include "signed_url.hpp"

#include <algorithm>

#include "net/ascii.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

/// A URL in pieces that put together give the very text.
struct Pieces {
  std::string scheme;  ///< In lower case.
  std::string_view host;
  std::string_view port;    ///< Without its colon; empty without one.
  std::string_view target;  ///< Path and query.
};

void split_port(std::string_view authority, Pieces& out) {
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) out.port = authority.substr(colon + 1);
}

bool split(std::string_view url, Pieces& out) {
  url = url.substr(0, url.find('#'));
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return false;
  out.scheme = net::ascii_lower(url.substr(0, scheme_end));
  url.remove_prefix(scheme_end + 3);
  const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, authority_end);
  out.target = url.substr(authority_end);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  split_port(authority, out);
  return !out.host.empty();
}

/// The vendor's own validator takes 80 for the default of wss.
std::vector<std::string_view> default_ports(std::string_view scheme) {
  if (scheme == "https") return {"443"};
  if (scheme == "wss") return {"443", "80"};
  return {"80"};
}

void add_new(std::vector<std::string>& urls, std::string url) {
  if (std::find(urls.begin(), urls.end(), url) == urls.end()) urls.push_back(std::move(url));
}

void add_with_ports(std::vector<std::string>& urls, const Pieces& pieces, std::string_view host,
                    std::string_view target) {
  const auto join = [&](std::string_view port) {
    std::string url = pieces.scheme + "://";
    url.append(host);
    if (!port.empty()) url.append(1, ':').append(port);
    return url.append(target);
  };
  add_new(urls, join({}));
  if (!pieces.port.empty()) return add_new(urls, join(pieces.port));
  for (const std::string_view port : default_ports(pieces.scheme)) add_new(urls, join(port));
}

}  // namespace

std::vector<std::string> signed_urls(std::string_view url) {
  Pieces pieces;
  if (!split(url, pieces)) return {};
  std::vector<std::string> targets = {std::string(pieces.target)};
  if (pieces.scheme == "wss" || pieces.scheme == "ws") {
    std::string& target = targets.front();
    const bool slash = !target.empty() && target.back() == '/';
    targets.push_back(slash ? target.substr(0, target.size() - 1) : target + '/');
  } else if (pieces.target.empty() || pieces.target.front() == '?') {
    targets.push_back("/" + targets.front());
  }
  const std::string lower_host = net::ascii_lower(pieces.host);
  std::vector<std::string> urls;
  for (const std::string& target : targets) {
    add_with_ports(urls, pieces, pieces.host, target);
    add_with_ports(urls, pieces, lower_host, target);
  }
  return urls;
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
