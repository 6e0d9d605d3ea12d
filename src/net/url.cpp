#include <array>
#include <charconv>

#include "net/ascii.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using net::ascii_lower;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = ascii_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array<Scheme, 4> kSchemes{{{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}}};

std::uint16_t default_port(std::string_view scheme) {
  for (const Scheme& known : kSchemes) {
    if (known.name == scheme) return known.port;
  }
  return 0;
}

bool is_host_name(std::string_view host) {
  for (const char c : host) {
    if (!is_unreserved(c) || c == '~') return false;
  }
  return !host.empty();
}

bool is_ipv6_text(std::string_view host) {
  for (const char c : host) {
    if (hex_value(c) < 0 && c != ':' && c != '.') return false;
  }
  return host.find(':') != std::string_view::npos;
}

auto bad_url(std::string message) {
  return fail(Errc::invalid_argument, std::move(message), "url");
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return bad_url("the port of a URL must be a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

/// Splits `host`, `host:port`, `[v6]` and `[v6]:port` into `url`.
Result<> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return bad_url("a URL must not hold a user name or password");
  }
  const bool bracketed = !authority.empty() && authority.front() == '[';
  const std::size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == std::string_view::npos) return bad_url("']' is missing in a URL");
  const std::string_view host =
      bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  if (!(bracketed ? is_ipv6_text(host) : is_host_name(host))) {
    return bad_url("the URL has no valid host");
  }
  url.host = ascii_lower(host);

  std::string_view rest =
      host_end == std::string_view::npos ? "" : authority.substr(host_end + (bracketed ? 1 : 0));
  if (rest.empty()) return {};
  if (rest.front() != ':') return bad_url("the URL has no valid host");
  const auto port = parse_port(rest.substr(1));
  if (!port) return fail(port.error());
  url.port = *port;
  return {};
}

}  // namespace

std::string url_encode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

std::string url_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += form && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(scheme) ? name : name + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
      return bad_url("a URL must not hold spaces or control characters");
    }
  }
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return bad_url("expected an absolute URL");
  Url url;
  url.scheme = ascii_lower(text.substr(0, scheme_end));
  url.port = default_port(url.scheme);
  if (url.port == 0) return bad_url("expected a URL of http, https, ws or wss");

  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t target = text.find_first_of("/?");
  if (auto read = read_authority(text.substr(0, target), url); !read) return fail(read.error());
  if (target != std::string_view::npos) url.target = text.substr(target);
  if (url.target.empty() || url.target.front() == '?') url.target.insert(0, "/");
  return url;
}

std::optional<std::string> query_parameter(std::string_view target, std::string_view name) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  std::string_view query = target.substr(question + 1);
  query = query.substr(0, query.find('#'));

  std::optional<std::string> found;
  net::any_part(query, '&', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (url_decode(pair.substr(0, equals), true) != name) return false;
    found = equals == std::string_view::npos ? "" : url_decode(pair.substr(equals + 1), true);
    return true;
  });
  return found;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
