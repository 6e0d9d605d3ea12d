// The response as an object of its events: what it says of itself.
#include "openai_response.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

void Response::write(JsonWriter& out, const std::string& status, const std::string& reason) const {
  out.object().field("object", "realtime.response").field("id", spec_.id).field("status", status);
  out.key("status_details");
  write_status_details(out, status, reason);
  out.key("output").array();
  for (const auto& output : outputs_) {
    if (done_) output.item.write(out);
  }
  out.end().key("conversation_id");
  if (in_conversation()) {
    out.string(spec_.conversation_id);
  } else {
    out.null();
  }
  out.key("output_modalities").array().string(spec_.config.audio ? "audio" : "text").end();
  out.key("max_output_tokens").raw(spec_.config.max_output_tokens_json);
  out.key("audio").object().key("output").object().key("format");
  write_format(out, spec_.config.format);
  out.field("voice", spec_.config.voice).end().end().key("usage");
  if (done_) {
    write_usage(out);
  } else {
    out.null();
  }
  out.key("metadata").raw(spec_.metadata_json).end();
}

void Response::write_status_details(JsonWriter& out, const std::string& status,
                                    const std::string& reason) const {
  if (status == "in_progress" || status == "completed") {
    out.null();
    return;
  }
  out.object().field("type", status);
  if (status == "failed") {
    out.key("error").object().field("type", "server_error").field("code", reason);
    out.field("message", spec_.fault.message).end();
  } else {
    out.field("reason", reason);
  }
  out.end();
}

void Response::write_usage(JsonWriter& out) const {
  TokenCount made;
  for (const auto& output : outputs_) made += count_tokens(output.item);
  const TokenCount& read = spec_.input_tokens;
  const TokenCount& cached = spec_.cached_tokens;
  out.object().field("total_tokens", read.text + read.audio + made.text + made.audio);
  out.field("input_tokens", read.text + read.audio).field("output_tokens", made.text + made.audio);
  out.key("input_token_details")
      .object()
      .field("text_tokens", read.text)
      .field("audio_tokens", read.audio);
  out.field("image_tokens", 0).field("cached_tokens", cached.text + cached.audio);
  out.key("cached_tokens_details").object().field("text_tokens", cached.text);
  out.field("audio_tokens", cached.audio).field("image_tokens", 0).end().end();
  out.key("output_token_details").object().field("text_tokens", made.text);
  out.field("audio_tokens", made.audio).end().end();
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
