#include "net/http_response_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "net/ascii.hpp"
#include "net/http_date.hpp"
#include "net/http_errors.hpp"
#include "net/http_syntax.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};
constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

/// Empty for others, as it may be (RFC 9112 section 4).
std::string_view reason_phrase(int status) {
  const auto* const found = std::find_if(std::begin(kPhrases), std::end(kPhrases),
                                         [&](const Phrase& p) { return p.status == status; });
  return found == std::end(kPhrases) ? std::string_view() : found->text;
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
  response.body = error_body(status, reason);
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

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
