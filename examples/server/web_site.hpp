#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config.hpp"
#include "voicebridge/net/http_server.hpp"

namespace server {

/// A file of the page, built in.
struct WebFile {
  std::string_view path;  ///< "/app.js"
  std::string_view bytes;
};
const std::vector<WebFile>& web_files();

/// The page and what it loads, with the headers that keep browsers from loading anything else.
/// @par Threads Any.
class WebSite {
 public:
  explicit WebSite(const Config& config, const std::vector<WebFile>& files = web_files());

  /// Before the server is started. The page is at `/`, the icon at `/favicon.ico` too.
  void add_routes(voicebridge::HttpServer& server) const;
  /// 200 with the file, or 304 when the browser has it; 404.
  voicebridge::HttpResponse answer(const std::string& path,
                                   const voicebridge::HttpHeaders& request) const;

 private:
  struct Page {
    std::string_view bytes;
    std::string type;
    std::string etag;
  };
  std::map<std::string, Page> pages_;
  std::string openai_base_url_;
};

/// What the page may load and connect to.
/// @param openai_base_url  For WebRTC without this server.
/// @param host  The server's own, as the browser knows it, for browsers to which 'self' means no
/// WebSocket. One that is not in the form of a host is left out.
std::string content_security_policy(const std::string& openai_base_url, std::string_view host);

}  // namespace server
