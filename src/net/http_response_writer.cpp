#include "net/http_response_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "net/ascii.hpp"
#include "net/http_date.hpp"
#include "net/http_syntax.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge::net {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";  // the phrase may be empty (RFC 9112 section 4)
  }
}

/// Fields that frame the message or belong to the connection: the handler has no say in them.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs{"content-length", "transfer-encoding",
                                                  "connection", "keep-alive", "date"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [name](std::string_view ours) { return equals_ignore_case(name, ours); });
}

bool is_valid(const HttpResponse& response) {
  const auto& fields = response.headers.fields();
  return response.status >= 200 && response.status <= 599 &&
         std::all_of(fields.begin(), fields.end(), [](const auto& field) {
           return is_token(field.first) && is_field_value(field.second);
         });
}

}  // namespace

HttpResponse http_error(int status, std::string_view reason) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = JsonWriter().object().field("error", reason).end().take();
  return response;
}

std::string write_http_response(const HttpResponse& response, const HttpResponseContext& context) {
  if (!is_valid(response)) return write_http_response(http_error(500, "internal error"), context);
  const bool may_have_body = response.status != 204 && response.status != 304;

  std::string out;
  out.reserve(256 + response.body.size());
  const auto append = std::back_inserter(out);
  fmt::format_to(append, "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (const auto& [name, value] : response.headers.fields()) {
    if (!is_ours(name)) fmt::format_to(append, "{}: {}\r\n", name, value);
  }
  if (may_have_body) fmt::format_to(append, "Content-Length: {}\r\n", response.body.size());
  fmt::format_to(append, "Date: {}\r\n", format_http_date(context.date));
  // To HTTP/1.1 keep-alive is what silence means; HTTP/1.0 has to be told.
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (context.to_http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (may_have_body && !context.to_head) out += response.body;
  return out;
}

}  // namespace voicebridge::net
