#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string usage_json(const CallRecord& record) {
  const SpeechUsage& said = record.usage;
  const HearingUsage& heard = record.hearing;
  JsonWriter out;
  out.object().field("usd", record.cost.usd);
  out.key("answers").object().field("model", said.model);
  out.field("input_text", said.input_text).field("input_audio", said.input_audio);
  out.field("input_image", said.input_image).field("cached_text", said.cached_text);
  out.field("cached_audio", said.cached_audio).field("cached_image", said.cached_image);
  out.field("output_text", said.output_text).field("output_audio", said.output_audio).end();
  out.key("transcription").object().field("model", heard.model);
  out.field("input_text", heard.input_text).field("input_audio", heard.input_audio);
  out.field("output_text", heard.output_text).field("seconds", heard.seconds).end();
  if (!record.cost.unpriced_models.empty()) {
    out.key("unpriced_models").array();
    for (const std::string& model : record.cost.unpriced_models) out.string(model);
    out.end();
  }
  return out.end().take();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
