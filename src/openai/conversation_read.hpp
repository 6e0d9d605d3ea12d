#pragma once

#include "voicebridge/openai/conversation.hpp"

/// Reads the parts of server events. A member that is missing, null or of a wrong type leaves its
/// target as it is.
namespace voicebridge::openai::detail {

void read(JsonView json, std::string& out);
void read(JsonView json, std::int64_t& out);
void read(JsonView json, double& out);
void read(JsonView json, ServiceError& out);
void read(JsonView json, ContentPart& out);
void read(JsonView json, ConversationItem& out);
void read(JsonView json, TokenUsage& out);
void read(JsonView json, Response& out);
void read(JsonView json, SessionInfo& out);
void read(JsonView json, TranscriptionUsage& out);
void read(JsonView json, RateLimit& out);

template <class T>
void read(JsonView json, std::vector<T>& out) {
  for (JsonView element : json.elements()) read(element, out.emplace_back());
}

}  // namespace voicebridge::openai::detail
