#pragma once

#include "openai/session_shapes.hpp"
#include "voicebridge/openai/conversation.hpp"

/// The parts of events (API reference, "Realtime conversation item", "Realtime response").
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

using namespace openai;

template <>
struct Shape<ServiceError> {
  using E = ServiceError;
  static constexpr auto fields = std::make_tuple(
      always("type", &E::type), field("code", &E::code), always("message", &E::message),
      field("param", &E::param), field("event_id", &E::event_id));
};

template <>
struct Shape<ContentPart> {
  using P = ContentPart;
  static constexpr auto fields = std::make_tuple(
      always("type", &P::type), field("text", &P::text), field("transcript", &P::transcript),
      field("audio", &P::audio), field("image_url", &P::image_url), field("detail", &P::detail));
  static bool must(const P& part, std::string_view name) {
    return name == "text" && (part.type == "input_text" || part.type == "output_text");
  }
};

template <>
struct Shape<McpListedTool> {
  using T = McpListedTool;
  static constexpr auto fields = std::make_tuple(
      always("name", &T::name), field("description", &T::description),
      always("input_schema", &T::input_schema), field("annotations", &T::annotations));
};

template <>
struct Shape<McpError> {
  using E = McpError;
  static constexpr auto fields = std::make_tuple(always("type", &E::type), field("code", &E::code),
                                                 always("message", &E::message));
};

template <>
struct Shape<ConversationItem> {
  using I = ConversationItem;
  static constexpr auto fields = std::make_tuple(
      field("id", &I::id), field("object", &I::object), always("type", &I::type),
      field("status", &I::status), field("role", &I::role), field("content", &I::content),
      field("call_id", &I::call_id), field("server_label", &I::server_label),
      field("name", &I::name), field("arguments", &I::arguments), field("output", &I::output),
      field("error", &I::error), field("tools", &I::tools),
      field("approval_request_id", &I::approval_request_id), field("approve", &I::approve),
      field("reason", &I::reason));
  static bool must(const ConversationItem& item, std::string_view name);
  /// The beta named an assistant's content as the content part events still do.
  static void tidy(ConversationItem& item, JsonView json);
};

template <>
struct Shape<TokenUsage::Cached> {
  using T = TokenUsage::Cached;
  static constexpr auto fields = std::make_tuple(unless_0("text_tokens", &T::text_tokens),
                                                 unless_0("audio_tokens", &T::audio_tokens),
                                                 unless_0("image_tokens", &T::image_tokens));
};

template <>
struct Shape<TokenUsage::Input> {
  using T = TokenUsage::Input;
  static constexpr auto fields = std::make_tuple(
      unless_0("text_tokens", &T::text_tokens), unless_0("audio_tokens", &T::audio_tokens),
      unless_0("image_tokens", &T::image_tokens), unless_0("cached_tokens", &T::cached_tokens),
      field("cached_tokens_details", &T::cached_tokens_details));
};

template <>
struct Shape<TokenUsage::Output> {
  using T = TokenUsage::Output;
  static constexpr auto fields = std::make_tuple(unless_0("text_tokens", &T::text_tokens),
                                                 unless_0("audio_tokens", &T::audio_tokens));
};

template <>
struct Shape<TokenUsage> {
  using T = TokenUsage;
  static constexpr auto fields = std::make_tuple(
      always("total_tokens", &T::total_tokens), always("input_tokens", &T::input_tokens),
      always("output_tokens", &T::output_tokens),
      field("input_token_details", &T::input_token_details),
      field("output_token_details", &T::output_token_details));
};

template <>
struct Shape<StatusDetails> {
  using S = StatusDetails;
  static constexpr auto fields = std::make_tuple(
      field("type", &S::type), field("reason", &S::reason), field("error", &S::error));
};

template <>
struct Shape<Response> {
  using R = Response;
  static constexpr auto fields =
      std::make_tuple(field("id", &R::id), field("object", &R::object), field("status", &R::status),
                      field("status_details", &R::status_details), always("output", &R::output),
                      field("conversation_id", &R::conversation_id),
                      field("output_modalities", &R::output_modalities),
                      field("max_output_tokens", &R::max_output_tokens), field("audio", &R::audio),
                      field("usage", &R::usage), field("metadata", &R::metadata));
};

template <>
struct Shape<SessionInfo> {
  using S = SessionInfo;
  static constexpr auto fields =
      std::tuple_cat(std::make_tuple(always("id", &S::id), always("object", &S::object),
                                     unless_0("expires_at", &S::expires_at)),
                     Shape<SessionConfig>::fields);
  static void tidy(SessionInfo& session, JsonView json) {
    Shape<SessionConfig>::tidy(session, json);
  }
};

template <>
struct Shape<TranscriptionUsage::Input> {
  using T = TranscriptionUsage::Input;
  static constexpr auto fields = std::make_tuple(unless_0("text_tokens", &T::text_tokens),
                                                 unless_0("audio_tokens", &T::audio_tokens));
};

template <>
struct Shape<TranscriptionUsage> {
  using T = TranscriptionUsage;
  static constexpr auto fields = std::make_tuple(
      always("type", &T::type), unless_0("total_tokens", &T::total_tokens),
      unless_0("input_tokens", &T::input_tokens),
      field("input_token_details", &T::input_token_details),
      unless_0("output_tokens", &T::output_tokens), unless_0("seconds", &T::seconds));
  static bool must(const T& usage, std::string_view name) {
    if (name == "input_token_details") return false;
    return (name == "seconds") == (usage.type == "duration");
  }
};

template <>
struct Shape<LogProb> {
  using L = LogProb;
  static constexpr auto fields = std::make_tuple(
      always("token", &L::token), always("logprob", &L::logprob), always("bytes", &L::bytes));
};

template <>
struct Shape<HeardLanguage> {
  static constexpr auto fields = std::make_tuple(always("code", &HeardLanguage::code));
};

template <>
struct Shape<ConversationInfo> {
  using C = ConversationInfo;
  static constexpr auto fields = std::make_tuple(field("id", &C::id), field("object", &C::object));
};

template <>
struct Shape<RateLimit> {
  using R = RateLimit;
  static constexpr auto fields = std::make_tuple(
      always("name", &R::name), always("limit", &R::limit), always("remaining", &R::remaining),
      always("reset_seconds", &R::reset_seconds));
};

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
