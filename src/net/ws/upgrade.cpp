#include "net/ws/upgrade.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

// Only websocketpp's HTTP parser and handshake processor: its endpoints cost several system calls a
// frame, and a socket taken from them after the handshake has lost bytes.
#define _WEBSOCKETPP_CPP11_STL_  // NOLINT: its name for it
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/uri.hpp>

#include "net/ascii.hpp"
#include "net/http_head.hpp"
#include "net/http_syntax.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {
namespace {

namespace wspp = websocketpp;

/// Randomness for websocketpp out of the one source of this program.
struct Random {
  std::uint32_t operator()() const {
    std::uint32_t value;
    random_bytes(reinterpret_cast<std::uint8_t*>(&value), sizeof value);
    return value;
  }
};

struct Config : wspp::config::core {
  using rng_type = Random;
};

using Request = Config::request_type;
using Response = Config::response_type;

/// A processor for the handshake; it never sees a frame.
class Handshake : public wspp::processor::hybi13<Config> {
 public:
  explicit Handshake(bool server) : hybi13(false, server, nullptr, random_) {}

 private:
  Random random_;
};

constexpr std::array<std::string_view, 6> kOwnHeaders{"host",
                                                      "upgrade",
                                                      "connection",
                                                      "sec-websocket-key",
                                                      "sec-websocket-version",
                                                      "sec-websocket-extensions"};
constexpr const char* kProtocolHeader = "Sec-WebSocket-Protocol";

bool is_own_header(std::string_view name) {
  return std::any_of(kOwnHeaders.begin(), kOwnHeaders.end(),
                     [name](std::string_view own) { return equals_ignore_case(own, name); });
}

/// The nonce of section 4.1: the base64 of 16 bytes. websocketpp takes any text.
bool is_key(const std::string& key) {
  const auto bytes = base64_decode(key);
  return bytes && bytes->size() == 16;
}

UpgradeReply refuse(int status, std::string reason) { return {status, std::move(reason), {}}; }

UpgradeReply accept_request(Request& request) {
  if (request.get_method() != "GET") return refuse(405, "a WebSocket is opened with GET");
  if (request.get_version() != "HTTP/1.1") return refuse(505, "a WebSocket needs HTTP/1.1");
  if (!wspp::processor::is_websocket_handshake(request)) {
    return refuse(426, "a WebSocket upgrade was expected");
  }
  if (request.get_header("Sec-WebSocket-Version") != "13") {
    return refuse(426, "WebSocket version 13 was expected");
  }
  if (!is_key(request.get_header("Sec-WebSocket-Key"))) {
    return refuse(400, "Sec-WebSocket-Key must be the base64 of 16 bytes");
  }
  const Handshake handshake(true);
  Response response;
  response.set_version("HTTP/1.1");
  response.set_status(wspp::http::status_code::switching_protocols);
  if (handshake.validate_handshake(request) || handshake.process_handshake(request, "", response)) {
    return refuse(400, "malformed upgrade request");
  }
  return {101, {}, response.raw()};
}

Errc code_of_status(int status) {
  switch (status) {
    case 401:
      return Errc::unauthenticated;
    case 403:
      return Errc::permission_denied;
    case 404:
      return Errc::not_found;
    case 429:
      return Errc::resource_exhausted;
    default:
      return status >= 500 ? Errc::unavailable : Errc::protocol_error;
  }
}

tl::unexpected<Error> fail_status(int status) {
  auto failure = fail(code_of_status(status),
                      "the server refused the WebSocket with status " + std::to_string(status));
  failure.value().http_status = status;
  failure.value().retryable = status == 429 || status >= 500;
  return failure;
}

tl::unexpected<Error> fail_answer(const char* what) {
  return fail(Errc::protocol_error, std::string("the answer to the WebSocket upgrade ") + what);
}

}  // namespace

std::size_t head_size(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t at = bytes.find(kEnd);
  return at == std::string_view::npos ? 0 : at + kEnd.size();
}

bool asks_for_websocket(const HttpHeaders& headers) {
  return has_list_value(headers, "upgrade", "websocket");
}

UpgradeReply accept_upgrade(std::string_view head) {
  Request request;
  try {
    request.consume(head.data(), head.size());
    if (!request.ready()) return refuse(400, "incomplete request");
    return accept_request(request);
  } catch (const wspp::http::exception&) {
    return refuse(400, "malformed request");
  }
}

Result<ClientUpgrade> ClientUpgrade::create(const Url& url, const HttpHeaders& headers) {
  Request request;
  const Handshake handshake(false);
  const auto uri = std::make_shared<wspp::uri>(url.secure(), url.host, url.port, url.target);
  if (handshake.client_handshake_request(request, uri, {})) {
    return fail(Errc::internal, "no upgrade request could be made");
  }
  request.replace_header("Host", url.authority());
  for (const auto& [name, value] : headers.fields()) {
    if (!is_token(name) || !is_field_value(value)) {
      return fail(Errc::invalid_argument, "a header must be one line of printable text",
                  "headers." + name);
    }
    if (is_own_header(name)) {
      return fail(Errc::invalid_argument, "the handshake sets this header itself",
                  "headers." + name);
    }
    request.append_header(name, value);
  }
  return ClientUpgrade(request.raw(), headers.count(kProtocolHeader) != 0);
}

Result<> ClientUpgrade::check(std::string_view head) const {
  Response response;
  Request sent;
  try {
    response.consume(head.data(), head.size());
    sent.consume(request_.data(), request_.size());
  } catch (const wspp::http::exception&) {
    return fail_answer("is no HTTP");
  }
  if (!response.headers_ready()) return fail_answer("is incomplete");
  const int status = response.get_status_code();
  if (status != 101) return fail_status(status);
  if (Handshake(false).validate_server_handshake_response(sent, response)) {
    return fail_answer("does not match the request");
  }
  if (!response.get_header("Sec-WebSocket-Extensions").empty()) {
    return fail_answer("names an extension that was not offered");
  }
  if (!offers_protocol_ && !response.get_header(kProtocolHeader).empty()) {
    return fail_answer("names a subprotocol that was not offered");
  }
  return {};
}

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
