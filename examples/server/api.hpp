#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "api_document.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/net/http_server.hpp"

namespace server {

/// The OpenAPI document of every route, built in.
extern const char* const kOpenApi;

/// A request that is as the document wants it.
struct ApiRequest {
  voicebridge::HttpServerRequest http;
  voicebridge::Json body;        ///< JSON, or the fields of a form; null without a body.
  voicebridge::FormFields form;  ///< The fields of a form, all of them and in order.
  voicebridge::Json parameters;  ///< Of path, query and headers, by name.
};

/// The routes of the server. Each has its entry in the OpenAPI document, which lets its requests
/// through or says what is wrong with them: who may ask (401, 403), the media type (415), the form
/// of the body (400, 413), then parameters and body by their schemas (422 with the field).
class Api {
 public:
  using Handler = std::function<void(ApiRequest request, voicebridge::HttpResponder responder)>;
  /// Lets a request pass, or answers it.
  using Gate = std::function<bool(const voicebridge::HttpServerRequest& request,
                                  const voicebridge::HttpResponder& responder)>;

  /// `server` must outlive it. An error tells what of the document cannot be used.
  static voicebridge::Result<Api> create(voicebridge::HttpServer& server,
                                         std::string_view document);

  /// Who guards a security scheme. Before the routes that have it; without a guard they check by
  /// themselves.
  void guard(const std::string& scheme, Gate gate) { gates_[scheme] = std::move(gate); }
  /// Requests of the scheme are refused with 404: what they are for is not configured.
  void turn_off(const std::string& scheme, const std::string& why);
  void route(const std::string& method, const std::string& path, Handler handler);
  void websocket(const std::string& path, voicebridge::WebSocketRouteHandler handler);
  /// A route that is added to the server by others, which check its requests.
  void declare(const std::string& method, const std::string& path);

  /// Whether every route has its entry and every entry its route.
  voicebridge::Result<> complete() const;
  const std::string& document() const { return text_; }
  /// Null: there is no such entry.
  const ApiOperation* operation(const std::string& method, const std::string& path) const;

 private:
  using Key = std::pair<std::string, std::string>;  ///< Method and path.

  explicit Api(voicebridge::HttpServer& server) : server_(server) {}

  voicebridge::HttpServer& server_;
  std::string text_;
  std::map<Key, std::shared_ptr<const ApiOperation>> operations_;
  std::map<std::string, Gate> gates_;
  std::set<Key> routes_;
};

}  // namespace server
