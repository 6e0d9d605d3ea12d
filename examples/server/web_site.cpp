#include "web_site.hpp"

#include <fmt/format.h>

#include "api_answers.hpp"
#include "voicebridge/core/crypto.hpp"

namespace server {

using namespace voicebridge;

namespace {

std::string content_type_of(std::string_view path) {
  static const std::map<std::string_view, const char*> kTypes = {
      {"html", "text/html; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"json", "application/json"},
      {"webmanifest", "application/manifest+json"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"ico", "image/x-icon"},
      {"jpg", "image/jpeg"},
      {"webp", "image/webp"},
      {"woff2", "font/woff2"},
      {"wav", "audio/wav"},
      {"mp3", "audio/mpeg"},
      {"txt", "text/plain; charset=utf-8"}};
  const auto dot = path.rfind('.');
  const auto found = kTypes.find(dot == std::string_view::npos ? path : path.substr(dot + 1));
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

std::string etag_of(std::string_view bytes) {
  std::string tag = "\"";
  const auto digest = sha256(ByteView(bytes));
  for (std::size_t i = 0; i < 12; ++i) tag += fmt::format("{:02x}", digest[i]);
  return tag + '"';
}

/// `If-None-Match` may list several, each perhaps marked as weak.
bool has_tag(std::string_view list, std::string_view tag) {
  return list == "*" || list.find(tag) != std::string_view::npos;
}

/// Nothing but what a host and a port are written with: it comes from whoever asks.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 &&
         host.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-"
             "[]") == std::string_view::npos;
}

}  // namespace

std::string content_security_policy(const std::string& openai_base_url, std::string_view host) {
  std::string connect = "'self'";
  if (const auto url = parse_url(openai_base_url)) {
    connect += fmt::format(" {}://{}", url->scheme, url->host);
    if (url->port != (url->secure() ? 443 : 80)) connect += fmt::format(":{}", url->port);
  }
  if (is_host(host)) connect += fmt::format(" ws://{0} wss://{0}", host);
  return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "font-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; "
         "connect-src " +
         connect + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

WebSite::WebSite(const Config& config, const std::vector<WebFile>& files)
    : openai_base_url_(config.openai_base_url) {
  for (const WebFile& file : files) {
    pages_[std::string(file.path)] = {file.bytes, content_type_of(file.path), etag_of(file.bytes)};
  }
  const auto alias = [this](const char* name, const char* of) {
    if (const auto page = pages_.find(of); page != pages_.end()) pages_.emplace(name, page->second);
  };
  alias("/", "/index.html");
  alias("/favicon.ico", "/favicon.svg");
  alias("/favicon.ico", "/icon.svg");
}

void WebSite::add_routes(HttpServer& server) const {
  std::map<std::string, Page> served = pages_;
  // Browsers ask for it whether there is one or not.
  served.emplace("/favicon.ico", Page());
  for (const auto& [path, page] : served) {
    server.route("GET", path, [this](const HttpServerRequest& request, const HttpResponder& to) {
      to.send(answer(request.path, request.headers));
    });
  }
}

HttpResponse WebSite::answer(const std::string& path, const HttpHeaders& request) const {
  const auto found = pages_.find(path);
  if (found == pages_.end()) {
    HttpResponse none = path == "/favicon.ico"
                            ? HttpResponse{204, {}, {}}
                            : refusal(404, fail(Errc::not_found, "there is no such page").value());
    return none;
  }
  const Page& page = found->second;
  HttpResponse response;
  response.headers = {{"ETag", page.etag},
                      {"Cache-Control", "no-cache"},
                      {"Content-Security-Policy",
                       content_security_policy(openai_base_url_,
                                               request.find("host").value_or(std::string_view()))},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Permissions-Policy", "microphone=(self), camera=(), geolocation=()"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  const auto known = request.find("if-none-match");
  if (known && has_tag(*known, page.etag)) {
    response.status = 304;
    return response;
  }
  response.status = 200;
  response.headers.add("Content-Type", page.type);
  response.body = page.bytes;
  return response;
}

}  // namespace server
