#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/wire_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// media_format of `start`: what counts, whatever was asked for.
struct StreamFormat {
  std::string encoding;                     ///< "PCMU", "PCMA", "L16" …
  std::optional<std::int64_t> sample_rate;  ///< Hz
  std::optional<std::int64_t> channels;     ///< Whether each side has a channel of its own.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// What the stream is of.
struct StreamStart {
  std::string user_id;                           ///< The account's.
  std::string call_control_id;                   ///< The leg's.
  std::string call_session_id;                   ///< Shared by the legs of one call.
  std::string from;                              ///< The calling side.
  std::string to;                                ///< The called side.
  std::optional<std::vector<std::string>> tags;  ///< Of the call.
  std::string client_state;                      ///< Base64.
  /// Those that the stream was started with.
  std::optional<std::map<std::string, JsonText>> custom_parameters;
  StreamFormat media_format;  ///< What counts, whatever was asked for.
  OtherMembers more;          ///< Members that no other here stands for, as they came.
};

/// Numbers come as texts; `timestamp` is in milliseconds as far as is known.
struct StreamMedia {
  std::string track;      ///< "inbound", "outbound"; empty in what we send.
  std::string chunk;      ///< Number of the frame.
  std::string timestamp;  ///< Of its first sample.
  std::string payload;    ///< Base64 of the codec's bytes.
  OtherMembers more;      ///< Members that no other here stands for, as they came.
};

/// A place in the audio that was sent to the leg.
struct StreamMark {
  std::string name;   ///< The mark's.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// A key that was pressed.
struct StreamDigit {
  std::string digit;  ///< 0-9, A-D, * or #.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// What Telnyx did not like of our messages.
struct StreamError {
  std::int64_t code = 0;  ///< 100002 … 100005
  std::string title;      ///< In a few words.
  std::string detail;     ///< In a sentence.
  OtherMembers more;      ///< Members that no other here stands for, as they came.
};

/// The stream is over.
struct StreamStop {
  std::string user_id;          ///< The account's.
  std::string call_control_id;  ///< The leg's.
  OtherMembers more;            ///< Members that no other here stands for, as they came.
};

/// One message of a media WebSocket, of either direction, whole: for records, tools and tests. The
/// lane of a call (`MediaSession`) reads the same text without making one. Which part is set is
/// told by `event`; what no member stands for is kept in `more` and written back.
struct StreamMessage {
  std::string event;            ///< connected, start, media, mark, dtmf, error, stop, clear
  std::string sequence_number;  ///< Of the message.
  std::string stream_id;        ///< The stream's.
  std::string version;          ///< Of connected.
  std::string occurred_at;      ///< Of dtmf: ISO 8601; the order of the keys.
  std::optional<std::map<std::string, std::string>> connected;  ///< The token, where there is one.
  std::optional<StreamStart> start;                             ///< What the stream is of.
  std::optional<StreamMedia> media;                             ///< Audio.
  std::optional<StreamMark> mark;                               ///< A place in the audio.
  std::optional<StreamDigit> dtmf;                              ///< A key.
  std::optional<StreamError> error;                             ///< On the wire: payload.
  std::optional<StreamStop> stop;                               ///< The stream is over.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// @return `Errc::protocol_error` for what is no JSON object with an event.
VOICEBRIDGE_API Result<StreamMessage> parse_stream_message(std::string_view text);

/// Of a message that was parsed: the same members with the same values.
VOICEBRIDGE_API std::string to_json(const StreamMessage& message);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
