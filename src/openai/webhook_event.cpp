#include "voicebridge/openai/webhook_event.hpp"

#include <algorithm>

#include "net/ascii.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

constexpr std::string_view kIncomingCall = "realtime.call.incoming";
constexpr std::size_t kMaxHeaders = 200;

std::string_view before(std::string_view text, std::string_view any_of) {
  return text.substr(0, text.find_first_of(any_of));
}

/// A header's value taken apart: who, and the address without what belongs to the header.
struct NameAndUri {
  std::string name;
  std::string_view uri;
};

/// `"Ada \"L\"" <uri>` or `Ada <uri>` or a bare `uri;parameters`, as RFC 3261 section 20.10 has it.
NameAndUri split_name(std::string_view header) {
  NameAndUri result;
  header = net::trim(header);
  if (!header.empty() && header.front() == '"') {
    std::size_t at = 1;
    for (; at < header.size() && header[at] != '"'; ++at) {
      if (header[at] == '\\' && at + 1 < header.size()) ++at;
      result.name += header[at];
    }
    header.remove_prefix(std::min(at + 1, header.size()));
  }
  const std::size_t open = header.find('<');
  if (open == std::string_view::npos) {
    result.uri = before(header, "; \t");
    return result;
  }
  if (result.name.empty()) result.name = net::trim(header.substr(0, open));
  result.uri = before(header.substr(open + 1), ">");
  return result;
}

std::string host_of(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    return net::ascii_lower(authority.substr(0, end == std::string_view::npos ? end : end + 1));
  }
  return net::ascii_lower(before(authority, ":;?"));
}

/// RFC 3966 lets people write "+1-555-0100".
std::string without_separators(std::string_view number) {
  std::string result(number);
  const auto is_separator = [](char c) { return c == '-' || c == '.' || c == '(' || c == ')'; };
  result.erase(std::remove_if(result.begin(), result.end(), is_separator), result.end());
  return result;
}

std::optional<IncomingSipCall> read_call(const WebhookEvent& event) {
  const JsonView data = event.json["data"];
  IncomingSipCall call;
  call.event_id = event.id;
  call.created_at = event.created_at;
  call.call_id = data["call_id"].string_or("");
  call.media_security = data["sip_media_security"].string_or("");
  if (call.call_id.empty()) return std::nullopt;
  const JsonView headers = data["sip_headers"];
  for (std::size_t i = 0; i < std::min(headers.size(), kMaxHeaders); ++i) {
    const JsonView header = headers.at(i);
    const auto name = header["name"].string();
    if (name) call.headers.add(std::string(*name), header["value"].string_or(""));
  }
  // RFC 3261 section 7.3.3: the names have short forms.
  const auto address = [&](std::string_view name, std::string_view compact) {
    const auto value = call.headers.find(name);
    return parse_sip_address(value ? *value : call.headers.find(compact).value_or(""));
  };
  call.from = address("From", "f");
  call.to = address("To", "t");
  return call;
}

}  // namespace

SipAddress parse_sip_address(std::string_view header) {
  SipAddress address;
  NameAndUri parts = split_name(header);
  const std::size_t colon = parts.uri.find(':');
  if (colon == std::string_view::npos) return address;
  address.display_name = std::move(parts.name);
  address.uri = parts.uri;
  const std::string scheme = net::ascii_lower(parts.uri.substr(0, colon));
  const std::string_view rest = parts.uri.substr(colon + 1);
  if (scheme == "tel") {
    address.user = url_decode(before(rest, ";?"));
  } else {
    const std::size_t at = rest.find('@');
    // A password or the parameters of a telephone number may follow the user.
    if (at != std::string_view::npos) address.user = url_decode(before(rest.substr(0, at), ":;"));
    address.host = host_of(at == std::string_view::npos ? rest : rest.substr(at + 1));
  }
  const std::string number = without_separators(address.user);
  if (looks_like_e164(number)) address.number = number;
  return address;
}

Result<WebhookEvent> parse_webhook(std::string_view body) {
  auto json = Json::parse(body);
  WebhookEvent event;
  if (json) event.json = std::move(*json);
  event.id = event.json["id"].string_or("");
  event.type = event.json["type"].string_or("");
  const auto created_at = event.json["created_at"].integer();
  if (event.id.empty() || event.type.empty() || !created_at) {
    return fail(Errc::protocol_error, "a webhook is an object with id, type and created_at");
  }
  event.created_at = *created_at;
  if (event.type != kIncomingCall) return event;
  event.call = read_call(event);
  if (!event.call) return fail(Errc::protocol_error, "an incoming call has an id", "data.call_id");
  return event;
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
