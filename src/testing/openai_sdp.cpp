#include "openai_sdp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::size_t kMaxParts = 16;

ApiError malformed(std::string message) { return {"", std::move(message), ""}; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The value of `name=` in a header value, without its quotes.
std::string parameter(std::string_view header, std::string_view name) {
  const std::string wanted = fmt::format("{}=", name);
  std::size_t at = lower(header).find(wanted);
  while (at != std::string::npos && at > 0 && header[at - 1] != ' ' && header[at - 1] != ';') {
    at = lower(header).find(wanted, at + 1);
  }
  if (at == std::string::npos) return {};
  std::string_view value = header.substr(at + wanted.size());
  if (!value.empty() && value.front() == '"') {
    value.remove_prefix(1);
    return std::string(value.substr(0, value.find('"')));
  }
  return std::string(value.substr(0, value.find_first_of("; ")));
}

/// One part of a form: puts what it brings into the offer.
bool take_part(std::string_view part, CallOffer& offer) {
  const std::size_t head_end = part.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return false;
  const std::string_view head = part.substr(0, head_end);
  std::string_view content = part.substr(head_end + 4);
  const std::size_t line = lower(head).find("content-disposition:");
  if (line == std::string::npos) return false;
  const std::string name = parameter(head.substr(line, head.find("\r\n", line) - line), "name");
  if (name == "sdp") offer.sdp = std::string(content);
  if (name == "session") offer.session_json = std::string(content);
  return !name.empty();
}

std::optional<ApiError> read_form(std::string_view content_type, std::string_view body,
                                  CallOffer& offer) {
  const std::string boundary = parameter(content_type, "boundary");
  const std::string mark = fmt::format("--{}", boundary);
  if (boundary.empty() || body.substr(0, mark.size()) != mark) {
    return malformed("The multipart body could not be parsed.");
  }
  const std::string separator = fmt::format("\r\n{}", mark);
  std::size_t at = mark.size();
  for (std::size_t parts = 0; body.substr(at, 2) == "\r\n" && parts < kMaxParts; ++parts) {
    const std::size_t end = body.find(separator, at);
    if (end == std::string_view::npos || !take_part(body.substr(at + 2, end - at - 2), offer)) {
      return malformed("The multipart body could not be parsed.");
    }
    at = end + separator.size();
  }
  if (body.substr(at, 2) != "--") return malformed("The multipart body could not be parsed.");
  if (offer.sdp.empty()) {
    return ApiError{"missing_required_parameter", "Missing required parameter: 'sdp'.", "sdp"};
  }
  return std::nullopt;
}

std::vector<std::string_view> lines_of(std::string_view sdp) {
  std::vector<std::string_view> lines;
  while (!sdp.empty()) {
    const std::size_t end = std::min(sdp.find('\n'), sdp.size());
    std::string_view line = sdp.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    sdp.remove_prefix(std::min(end + 1, sdp.size()));
  }
  return lines;
}

struct MediaSection {
  bool audio = false;  ///< Else the data channel.
  std::string mid;
};

std::vector<MediaSection> sections_of(std::string_view sdp) {
  std::vector<MediaSection> sections;
  for (const std::string_view line : lines_of(sdp)) {
    if (line.substr(0, 8) == "m=audio " || line.substr(0, 14) == "m=application ") {
      sections.push_back({line[2] == 'a' && line[3] == 'u', std::to_string(sections.size())});
    } else if (line.substr(0, 6) == "a=mid:" && !sections.empty()) {
      sections.back().mid = std::string(line.substr(6));
    }
  }
  return sections;
}

std::optional<ApiError> check_sdp(std::string_view sdp) {
  const auto sections = sections_of(sdp);
  const bool has_audio = std::any_of(sections.begin(), sections.end(),
                                     [](const MediaSection& section) { return section.audio; });
  if (sdp.substr(0, 3) == "v=0" && has_audio) return std::nullopt;
  return ApiError{"invalid_value", "The SDP offer could not be parsed.", "sdp"};
}

}  // namespace

std::optional<ApiError> read_offer(std::string_view content_type, std::string_view body,
                                   CallOffer& offer) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  if (type == "multipart/form-data") {
    if (auto error = read_form(content_type, body, offer)) return error;
  } else if (type == "application/sdp") {
    offer.sdp = std::string(body);
  } else {
    return malformed(
        "Unsupported content type. This API method accepts 'application/sdp' and "
        "'multipart/form-data' requests.");
  }
  return check_sdp(offer.sdp);
}

std::string sdp_answer(std::string_view offer, IdGenerator& ids) {
  const auto sections = sections_of(offer);
  std::string answer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE";
  for (const auto& section : sections) answer += " " + section.mid;
  answer += "\r\na=ice-lite\r\na=msid-semantic:WMS *\r\n";
  const std::string transport = fmt::format(
      "c=IN IP4 127.0.0.1\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n"
      "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\na=setup:passive\r\n"
      "a=candidate:1 1 udp 2130706431 127.0.0.1 3478 typ host\r\n"
      "a=candidate:2 1 tcp 1671430143 127.0.0.1 443 typ host tcptype passive\r\n"
      "a=end-of-candidates\r\n",
      ids.uuid().substr(0, 8),
      ids.uuid().substr(0, 8) + ids.uuid().substr(0, 8) + ids.uuid().substr(0, 8));
  for (const auto& section : sections) {
    if (section.audio) {
      answer += fmt::format(
          "m=audio 3478 UDP/TLS/RTP/SAVPF 111\r\n{}a=mid:{}\r\na=rtcp-mux\r\na=sendrecv\r\n"
          "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n",
          transport, section.mid);
    } else {
      answer += fmt::format(
          "m=application 3478 UDP/DTLS/SCTP webrtc-datachannel\r\n{}a=mid:{}\r\n"
          "a=sctp-port:5000\r\na=max-message-size:1073741823\r\n",
          transport, section.mid);
    }
  }
  return answer;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
