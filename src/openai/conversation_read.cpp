#include "openai/conversation_read.hpp"

namespace voicebridge::openai::detail {

void read(JsonView json, std::string& out) {
  if (const auto text = json.string()) out.assign(text->data(), text->size());
}

void read(JsonView json, std::int64_t& out) { out = json.integer_or(out); }

void read(JsonView json, double& out) { out = json.number_or(out); }

void read(JsonView json, ServiceError& out) {
  read(json["type"], out.type);
  read(json["code"], out.code);
  read(json["message"], out.message);
  read(json["param"], out.param);
  read(json["event_id"], out.event_id);
}

void read(JsonView json, ContentPart& out) {
  read(json["type"], out.type);
  read(json["text"], out.text);
  read(json["transcript"], out.transcript);
  read(json["audio"], out.audio);
}

void read(JsonView json, ConversationItem& out) {
  read(json["id"], out.id);
  read(json["type"], out.type);
  read(json["status"], out.status);
  read(json["role"], out.role);
  read(json["content"], out.content);
  read(json["call_id"], out.call_id);
  read(json["name"], out.name);
  read(json["arguments"], out.arguments);
  read(json["output"], out.output);
  read(json["server_label"], out.server_label);
  read(json["approval_request_id"], out.approval_request_id);
}

void read(JsonView json, TokenUsage& out) {
  read(json["total_tokens"], out.total);
  read(json["input_tokens"], out.input);
  read(json["output_tokens"], out.output);
  const JsonView input = json["input_token_details"];
  read(input["text_tokens"], out.input_text);
  read(input["audio_tokens"], out.input_audio);
  read(input["image_tokens"], out.input_image);
  read(input["cached_tokens"], out.input_cached);
  const JsonView cached = input["cached_tokens_details"];
  read(cached["text_tokens"], out.cached_text);
  read(cached["audio_tokens"], out.cached_audio);
  read(cached["image_tokens"], out.cached_image);
  const JsonView output = json["output_token_details"];
  read(output["text_tokens"], out.output_text);
  read(output["audio_tokens"], out.output_audio);
}

void read(JsonView json, Response& out) {
  read(json["id"], out.id);
  read(json["status"], out.status);
  const JsonView details = json["status_details"];
  read(details["reason"], out.status_reason);
  if (details["error"].is_object()) read(details["error"], out.error.emplace());
  read(json["output"], out.output);
  for (const auto& member : json["metadata"].members()) {
    read(member.value, out.metadata[std::string(member.key)]);
  }
  read(json["conversation_id"], out.conversation_id);
  out.out_of_band = json["conversation_id"].is_null();
  read(json["output_modalities"], out.output_modalities);
  read(json["audio"]["output"]["voice"], out.voice);
  if (json["usage"].is_object()) read(json["usage"], out.usage.emplace());
}

void read(JsonView json, SessionInfo& out) {
  read(json["id"], out.id);
  read(json["type"], out.type);
  read(json["model"], out.model);
  read(json["expires_at"], out.expires_at);
  read(json["instructions"], out.instructions);
  const JsonView input = json["audio"]["input"];
  read(input["format"]["type"], out.input_format);
  read(input["transcription"]["model"], out.transcription_model);
  read(input["turn_detection"]["type"], out.turn_detection);
  const JsonView output = json["audio"]["output"];
  read(output["format"]["type"], out.output_format);
  read(output["voice"], out.voice);
}

void read(JsonView json, TranscriptionUsage& out) {
  read(json["type"], out.type);
  read(json["total_tokens"], out.total_tokens);
  read(json["input_tokens"], out.input_tokens);
  read(json["output_tokens"], out.output_tokens);
  read(json["seconds"], out.seconds);
}

void read(JsonView json, RateLimit& out) {
  read(json["name"], out.name);
  read(json["limit"], out.limit);
  read(json["remaining"], out.remaining);
  read(json["reset_seconds"], out.reset_seconds);
}

}  // namespace voicebridge::openai::detail
