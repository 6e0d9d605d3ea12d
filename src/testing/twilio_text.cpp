#include "testing/twilio_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <initializer_list>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

struct UrlPieces {
  std::string_view scheme;  ///< With "://".
  std::string_view user;    ///< Without the "@".
  std::string_view host;    ///< With the port.
  std::string_view target;  ///< Path and query, may be empty.
};

UrlPieces split_url(std::string_view url) {
  UrlPieces out;
  url = url.substr(0, url.find('#'));
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return out;
  out.scheme = url.substr(0, scheme + 3);
  url.remove_prefix(scheme + 3);
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  out.host = url.substr(0, end);
  out.target = url.substr(end);
  const std::size_t at = out.host.rfind('@');
  if (at == std::string_view::npos) return out;
  out.user = out.host.substr(0, at);
  out.host.remove_prefix(at + 1);
  return out;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all.append(part);
  return all;
}

}  // namespace

std::string rfc2822(UnixMillis at) {
  const std::time_t seconds = static_cast<std::time_t>(at / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 32> rest{};
  std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S +0000", &utc);
  const std::string day = std::to_string(100 + utc.tm_mday).substr(1);
  return joined({kDays[utc.tm_wday], ", ", day, " ", kMonths[utc.tm_mon], rest.data()});
}

std::string resolve_url(std::string_view base, std::string_view reference) {
  if (reference.find("://") != std::string_view::npos) return std::string(reference);
  const UrlPieces at = split_url(base);
  if (at.scheme.empty()) return {};
  const std::string user = at.user.empty() ? std::string() : std::string(at.user) + "@";
  const std::string_view path = at.target.substr(0, at.target.find('?'));
  if (reference.empty()) return joined({at.scheme, user, at.host, at.target});
  if (reference.front() == '/') return joined({at.scheme, user, at.host, reference});
  if (reference.front() == '?') return joined({at.scheme, user, at.host, path, reference});
  const std::size_t slash = path.rfind('/');
  const std::string_view folder =
      slash == std::string_view::npos ? std::string_view("/") : path.substr(0, slash + 1);
  return joined({at.scheme, user, at.host, folder, reference});
}

std::string plain_url(std::string_view url) {
  const UrlPieces at = split_url(url);
  return joined({at.scheme, at.host, at.target});
}

std::string credentials_of(std::string_view url) { return std::string(split_url(url).user); }

std::string signed_webhook_url(std::string_view url) {
  UrlPieces at = split_url(url);
  const std::size_t colon = at.host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && at.host.find(']', colon) == std::string_view::npos;
  if (at.scheme == "https://" && has_port) at.host = at.host.substr(0, colon);
  return joined({at.scheme, at.host, at.target});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
