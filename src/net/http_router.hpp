#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/net/http_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// What the route table says about a request: one of the two pointers, or why there is none.
struct RouteMatch {
  const HttpRouteHandler* handler = nullptr;
  const WebSocketRouteHandler* websocket = nullptr;
  std::map<std::string, std::string> parameters;
  bool needs_upgrade = false;  ///< The path is a WebSocket's, but the request does not ask for one.
  std::string allow;           ///< The methods that the path knows, as an Allow header lists them.
};

/// The route table. The first pattern added that fits wins.
class HttpRouter {
 public:
  /// `pattern`: "/", or segments of plain text or `{name}`, such as "/calls/{id}/audio".
  Result<> add(std::string method, std::string_view pattern, HttpRouteHandler handler);
  Result<> add_websocket(std::string_view pattern, WebSocketRouteHandler handler);

  /// @param path  Not decoded, without the query: "%2F" is part of a segment. A HEAD goes to the
  /// GET route.
  /// @param upgrade  Whether the request asks for a WebSocket; a WebSocket route of the path goes
  /// first then.
  RouteMatch find(std::string_view method, std::string_view path, bool upgrade) const;

 private:
  struct Segment {
    std::string text;
    bool is_parameter = false;
  };
  using Pattern = std::vector<Segment>;
  struct Route {
    Pattern pattern;
    std::string method;
    HttpRouteHandler handler;
    WebSocketRouteHandler websocket;
  };
  using Parameters = std::map<std::string, std::string>;

  static Result<Pattern> parse(std::string_view pattern);
  static bool fits(const Pattern& pattern, const std::vector<std::string>& path, Parameters& found);

  std::vector<Route> routes_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
