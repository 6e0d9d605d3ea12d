#include "voicebridge/telnyx/stream_message.hpp"

#include "core/wire/read.hpp"
#include "core/wire/shape.hpp"
#include "core/wire/write.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

template <>
struct Shape<telnyx::StreamFormat> {
  using P = telnyx::StreamFormat;
  static constexpr auto fields =
      std::make_tuple(field("encoding", &P::encoding), field("sample_rate", &P::sample_rate),
                      field("channels", &P::channels));
};

template <>
struct Shape<telnyx::StreamStart> {
  using P = telnyx::StreamStart;
  static constexpr auto fields = std::make_tuple(
      field("user_id", &P::user_id), field("call_control_id", &P::call_control_id),
      field("call_session_id", &P::call_session_id), field("from", &P::from), field("to", &P::to),
      field("tags", &P::tags), field("client_state", &P::client_state),
      field("custom_parameters", &P::custom_parameters), field("media_format", &P::media_format));
};

template <>
struct Shape<telnyx::StreamMedia> {
  using P = telnyx::StreamMedia;
  static constexpr auto fields =
      std::make_tuple(field("track", &P::track), field("chunk", &P::chunk),
                      field("timestamp", &P::timestamp), field("payload", &P::payload));
};

template <>
struct Shape<telnyx::StreamMark> {
  using P = telnyx::StreamMark;
  static constexpr auto fields = std::make_tuple(field("name", &P::name));
};

template <>
struct Shape<telnyx::StreamDigit> {
  using P = telnyx::StreamDigit;
  static constexpr auto fields = std::make_tuple(field("digit", &P::digit));
};

template <>
struct Shape<telnyx::StreamError> {
  using P = telnyx::StreamError;
  static constexpr auto fields = std::make_tuple(field("code", &P::code), field("title", &P::title),
                                                 field("detail", &P::detail));
};

template <>
struct Shape<telnyx::StreamStop> {
  using P = telnyx::StreamStop;
  static constexpr auto fields =
      std::make_tuple(field("user_id", &P::user_id), field("call_control_id", &P::call_control_id));
};

template <>
struct Shape<telnyx::StreamMessage> {
  using P = telnyx::StreamMessage;
  static constexpr auto fields = std::make_tuple(
      field("event", &P::event), field("sequence_number", &P::sequence_number),
      field("stream_id", &P::stream_id), field("version", &P::version),
      field("occurred_at", &P::occurred_at), field("connected", &P::connected),
      field("start", &P::start), field("media", &P::media), field("mark", &P::mark),
      field("dtmf", &P::dtmf), field("payload", &P::error), field("stop", &P::stop));
};

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr JsonLimits kStreamMessageLimits{std::size_t{2} << 20, 16};

}  // namespace

Result<StreamMessage> parse_stream_message(std::string_view text) {
  const auto json = Json::parse(text, kStreamMessageLimits);
  StreamMessage message;
  if (json) wire::WireReader().read_members(json->root(), message);
  if (message.event.empty())
    return fail(Errc::protocol_error, "a message of a media stream has an event", "event");
  return message;
}

std::string to_json(const StreamMessage& message) {
  wire::WireWriter writer;
  writer.write(message);
  return writer.json.take();
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
