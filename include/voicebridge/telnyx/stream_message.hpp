#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/wire_types.hpp"

namespace voicebridge::telnyx {

/// media_format of `start`: what counts, whatever was asked for.
struct StreamFormat {
  std::string encoding;  ///< "PCMU", "PCMA", "L16" …
  std::optional<std::int64_t> sample_rate;
  std::optional<std::int64_t> channels;
  OtherMembers more;
};

struct StreamStart {
  std::string user_id;
  std::string call_control_id;
  std::string call_session_id;
  std::string from;
  std::string to;
  std::optional<std::vector<std::string>> tags;
  std::string client_state;  ///< Base64.
  std::optional<std::map<std::string, JsonText>> custom_parameters;
  StreamFormat media_format;
  OtherMembers more;
};

/// Numbers come as texts; `timestamp` is in milliseconds as far as is known.
struct StreamMedia {
  std::string track;  ///< "inbound", "outbound"; empty in what we send.
  std::string chunk;
  std::string timestamp;
  std::string payload;  ///< Base64 of the codec's bytes.
  OtherMembers more;
};

struct StreamMark {
  std::string name;
  OtherMembers more;
};

struct StreamDigit {
  std::string digit;
  OtherMembers more;
};

struct StreamError {
  std::int64_t code = 0;  ///< 100002 … 100005
  std::string title;
  std::string detail;
  OtherMembers more;
};

struct StreamStop {
  std::string user_id;
  std::string call_control_id;
  OtherMembers more;
};

/// One message of a media WebSocket, of either direction, whole: for records, tools and tests. The
/// lane of a call (`MediaSession`) reads the same text without making one. Which part is set is
/// told by `event`; what no member stands for is kept in `more` and written back.
struct StreamMessage {
  std::string event;  ///< connected, start, media, mark, dtmf, error, stop, clear
  std::string sequence_number;
  std::string stream_id;
  std::string version;      ///< Of connected.
  std::string occurred_at;  ///< Of dtmf: ISO 8601; the order of the keys.
  std::optional<std::map<std::string, std::string>> connected;  ///< The token, where there is one.
  std::optional<StreamStart> start;
  std::optional<StreamMedia> media;
  std::optional<StreamMark> mark;
  std::optional<StreamDigit> dtmf;
  std::optional<StreamError> error;  ///< On the wire: payload.
  std::optional<StreamStop> stop;
  OtherMembers more;
};

/// @return `Errc::protocol_error` for what is no JSON object with an event.
VOICEBRIDGE_API Result<StreamMessage> parse_stream_message(std::string_view text);

/// Of a message that was parsed: the same members with the same values.
VOICEBRIDGE_API std::string to_json(const StreamMessage& message);

}  // namespace voicebridge::telnyx
