#include "testing/telnyx_stream_messages.hpp"

#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string_view encoding_name(AudioFormat format) {
  switch (format.encoding) {
    case AudioEncoding::pcmu:
      return "PCMU";
    case AudioEncoding::pcma:
      return "PCMA";
    case AudioEncoding::g722:
      return "G722";
    case AudioEncoding::opus:
      return "OPUS";
    case AudioEncoding::l16le:
    case AudioEncoding::l16be:
      return "L16";
  }
  return "";
}

/// G.722 is announced by its RTP clock (RFC 3551 section 4.5.2).
constexpr std::uint32_t kG722Clock = 8000;

struct ErrorText {
  std::string_view title;
  std::string_view detail;
};

ErrorText text_of(TelnyxStreamError code) {
  switch (code) {
    case TelnyxStreamError::malformed_frame:
      return {"malformed_frame", "Received frame was not formed correctly"};
    case TelnyxStreamError::invalid_media:
      return {"invalid_media", "Media provided was not base64 encoded"};
    case TelnyxStreamError::rate_limit_reached:
      return {"rate_limit_reached", "Too many requests"};
  }
  return {"unknown_error", ""};
}

}  // namespace

std::string TelnyxStreamMessages::connected(std::string_view auth_token) {
  JsonWriter json;
  json.object().field("event", "connected").field("version", "1.0.0");
  if (!auth_token.empty()) {
    json.key("connected").object().field("x-telnyx-streaming-auth-token", auth_token).end();
  }
  return json.end().take();
}

std::string TelnyxStreamMessages::start(const TelnyxLegIdentity& leg,
                                        const TelnyxStreamParams& params, AudioFormat inbound) {
  JsonWriter json;
  json.object().field("event", "start").field("sequence_number", next_sequence());
  json.key("start").object();
  json.field("user_id", leg.user_id)
      .field("call_control_id", leg.call_control_id)
      .field("call_session_id", leg.call_session_id)
      .field("from", leg.from)
      .field("to", leg.to);
  json.key("tags").array().end();
  if (!leg.client_state.empty()) json.field("client_state", leg.client_state);
  if (!params.custom_parameters.empty()) {
    json.key("custom_parameters").object();
    for (const auto& [name, value] : params.custom_parameters) json.field(name, value);
    json.end();
  }
  json.key("media_format")
      .object()
      .field("encoding", encoding_name(inbound))
      .field("sample_rate",
             inbound.encoding == AudioEncoding::g722 ? kG722Clock : inbound.sample_rate)
      .field("channels", 1)
      .end();
  json.end();
  return json.field("stream_id", stream_id_).end().take();
}

std::string TelnyxStreamMessages::media(std::string_view track, std::uint64_t chunk,
                                        Millis timestamp, ByteView audio) {
  JsonWriter json;
  json.object().field("event", "media").field("sequence_number", next_sequence());
  json.key("media")
      .object()
      .field("track", track)
      .field("chunk", std::to_string(chunk))
      .field("timestamp", std::to_string(timestamp.count()))
      .field("payload", base64_encode(audio))
      .end();
  return json.field("stream_id", stream_id_).end().take();
}

std::string TelnyxStreamMessages::mark(std::string_view name) {
  JsonWriter json;
  json.object()
      .field("event", "mark")
      .field("stream_id", stream_id_)
      .field("sequence_number", next_sequence());
  json.key("mark").object().field("name", name).end();
  return json.end().take();
}

std::string TelnyxStreamMessages::dtmf(char digit, std::string_view occurred_at) {
  JsonWriter json;
  json.object()
      .field("event", "dtmf")
      .field("stream_id", stream_id_)
      .field("occurred_at", occurred_at)
      .field("sequence_number", next_sequence());
  json.key("dtmf").object().field("digit", std::string_view(&digit, 1)).end();
  return json.end().take();
}

std::string TelnyxStreamMessages::error(TelnyxStreamError code) const {
  const ErrorText text = text_of(code);
  JsonWriter json;
  json.object().field("event", "error").key("payload").object();
  json.field("code", static_cast<int>(code))
      .field("title", text.title)
      .field("detail", text.detail)
      .end();
  return json.field("stream_id", stream_id_).end().take();
}

std::string TelnyxStreamMessages::stop(const TelnyxLegIdentity& leg) {
  JsonWriter json;
  json.object().field("event", "stop").field("sequence_number", next_sequence());
  json.key("stop")
      .object()
      .field("user_id", leg.user_id)
      .field("call_control_id", leg.call_control_id)
      .end();
  return json.field("stream_id", stream_id_).end().take();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
