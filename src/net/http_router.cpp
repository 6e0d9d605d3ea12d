#include "net/http_router.hpp"

#include <algorithm>

#include "net/ascii.hpp"
#include "net/http_syntax.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

/// "/a/b" → {"a", "b"}; "/" → {""}. The text begins with a slash.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

std::string with_method(std::string list, std::string_view method) {
  const bool known =
      any_part(list, ',', [method](std::string_view word) { return word == method; });
  if (known) return list;
  if (!list.empty()) list += ", ";
  list += method;
  return method == "GET" ? with_method(std::move(list), "HEAD") : list;
}

}  // namespace

Result<HttpRouter::Pattern> HttpRouter::parse(std::string_view pattern) {
  if (pattern.empty() || pattern.front() != '/') {
    return fail(Errc::invalid_argument, "a route must begin with '/'", "pattern");
  }
  Pattern segments;
  for (const std::string_view text : split(pattern)) {
    const bool is_parameter = text.size() > 2 && text.front() == '{' && text.back() == '}';
    const std::string_view name = is_parameter ? text.substr(1, text.size() - 2) : text;
    if (name.find_first_of("{}") != std::string_view::npos) {
      return fail(Errc::invalid_argument, "a parameter must fill a whole segment: '{name}'",
                  "pattern");
    }
    segments.push_back({std::string(name), is_parameter});
  }
  return segments;
}

Result<> HttpRouter::add(std::string method, std::string_view pattern, HttpRouteHandler handler) {
  if (!is_token(method)) return fail(Errc::invalid_argument, "not an HTTP method", "method");
  auto parsed = parse(pattern);
  if (!parsed) return fail(parsed.error());
  routes_.push_back({std::move(*parsed), std::move(method), std::move(handler), nullptr});
  return {};
}

Result<> HttpRouter::add_websocket(std::string_view pattern, WebSocketRouteHandler handler) {
  auto parsed = parse(pattern);
  if (!parsed) return fail(parsed.error());
  routes_.push_back({std::move(*parsed), "GET", nullptr, std::move(handler)});
  return {};
}

bool HttpRouter::fits(const Pattern& pattern, const std::vector<std::string>& path,
                      Parameters& found) {
  if (pattern.size() != path.size()) return false;
  found.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].is_parameter) {
      if (pattern[i].text != path[i]) return false;
    } else if (path[i].empty()) {
      return false;
    } else {
      found[pattern[i].text] = path[i];
    }
  }
  return true;
}

RouteMatch HttpRouter::find(std::string_view method, std::string_view path, bool upgrade) const {
  RouteMatch match;
  if (path.empty() || path.front() != '/') return match;
  std::vector<std::string> segments;
  for (const std::string_view segment : split(path)) segments.push_back(url_decode(segment));

  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Parameters parameters;
  for (const Route& route : routes_) {
    if (!fits(route.pattern, segments, parameters)) continue;
    if (route.websocket && upgrade) {
      return {nullptr, &route.websocket, std::move(parameters), false, {}};
    }
    if (route.websocket) {
      match.needs_upgrade = true;
    } else if (route.method != wanted) {
      match.allow = with_method(std::move(match.allow), route.method);
    } else if (match.handler == nullptr) {
      match.handler = &route.handler;
      match.parameters = parameters;
    }
  }
  return match;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
