#include "openai_response_runner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

ResponseRunner::ResponseRunner(ResponseContext context, const SessionConfig& config,
                               ReplyMaker& maker, Unanswered& unanswered,
                               std::string conversation_id)
    : context_(context),
      config_(config),
      maker_(maker),
      unanswered_(unanswered),
      conversation_id_(std::move(conversation_id)) {}

std::optional<ApiError> ResponseRunner::create(JsonView event, TimePoint now) {
  const JsonView wish = event["response"];
  const bool out_of_band = wish["conversation"].string_or("auto") == "none";
  if (!out_of_band) {
    if (auto error = busy()) return error;
  } else if (responses_.size() > kMaxOutOfBand) {
    return ApiError{"rate_limit_exceeded", "Too many responses in progress.", ""};
  }
  OutputConfig output;
  if (auto error = config_.output_for(wish, context_.record.audio_sent > 0, output)) return error;
  ResponseSpec spec =
      out_of_band ? maker_.make_aside(talk(), std::move(output), wish["instructions"].string_or(""))
                  : maker_.make(causes(), std::move(output), wish["instructions"].string_or(""));
  if (const JsonView metadata = wish["metadata"]; metadata.exists())
    spec.metadata_json = metadata.dump();
  if (!out_of_band) {
    spec.conversation_id = conversation_id_;
    unanswered_ = {};
  }
  price(spec, wish);
  start(std::move(spec), now);
  return std::nullopt;
}

std::optional<ApiError> ResponseRunner::answer(ReplyCause cause, TimePoint now) {
  if (auto error = busy()) return error;
  ResponseSpec spec = maker_.make({cause}, config_.output(), "");
  spec.conversation_id = conversation_id_;
  price(spec, {});
  // The outputs of tools stay unanswered: the client still asks for the response to them.
  unanswered_.turn = unanswered_.text = false;
  start(std::move(spec), now);
  return std::nullopt;
}

std::optional<ApiError> ResponseRunner::cancel(JsonView event, TimePoint now) {
  Response* response = find(event["response_id"].string());
  if (response == nullptr) {
    return ApiError{"response_cancel_not_active", "Cancellation failed: no active response found",
                    ""};
  }
  response->cancel("client_cancelled", now);
  forget_done();
  return std::nullopt;
}

std::optional<ApiError> ResponseRunner::run_approved(const Item& request, TimePoint now) {
  if (auto error = busy()) return error;
  ResponseSpec spec = maker_.make_approved(request, config_.output());
  spec.conversation_id = conversation_id_;
  price(spec, {});
  start(std::move(spec), now);
  return std::nullopt;
}

void ResponseRunner::interrupt(TimePoint now) {
  if (Response* response = find(std::nullopt)) response->cancel("turn_detected", now);
  forget_done();
}

std::optional<ApiError> ResponseRunner::busy() const {
  for (const auto& response : responses_) {
    if (!response->in_conversation()) continue;
    return ApiError{
        "conversation_already_has_active_response",
        fmt::format("Conversation already has an active response in progress: {}. Wait until the "
                    "response is finished before creating a new one.",
                    response->id()),
        ""};
  }
  return std::nullopt;
}

bool ResponseRunner::active() const { return busy().has_value(); }

/// What was said so far, by both.
std::string ResponseRunner::talk() const {
  std::string text;
  context_.conversation.for_each([&](const Item& item) {
    if (item.type != "message" || (item.role != "user" && item.role != "assistant")) return;
    for (const ContentPart& part : item.content) {
      const std::string& words = part.transcript ? *part.transcript : part.text;
      if (words.empty() || part.type == "input_image") continue;
      text += item.role == "user" ? " Caller: " : " Agent: ";
      text += words;
    }
  });
  return text;
}

/// Why the client may have asked, the likeliest reason first.
std::vector<ReplyCause> ResponseRunner::causes() const {
  std::vector<ReplyCause> causes;
  if (unanswered_.tool_output) causes.push_back(ReplyCause::tool_result);
  if (unanswered_.text) causes.push_back(ReplyCause::text);
  if (unanswered_.turn) causes.push_back(ReplyCause::turn);
  if (!started_) causes.push_back(ReplyCause::start);
  causes.push_back(ReplyCause::response);
  return causes;
}

void ResponseRunner::start(ResponseSpec spec, TimePoint now) {
  started_ = started_ || !spec.conversation_id.empty();
  if (spec.fault.kind == ReplyFault::Kind::no_response) return;
  if (spec.fault.kind == ReplyFault::Kind::error) {
    context_.out.error({spec.fault.code, spec.fault.message, "", "server_error"}, std::nullopt);
    return;
  }
  responses_.push_back(std::make_unique<Response>(context_, std::move(spec), now));
  forget_done();
}

std::optional<Millis> ResponseRunner::take_finished() {
  return std::exchange(finished_, std::nullopt);
}

void ResponseRunner::forget_done() {
  for (const auto& response : responses_) {
    if (!response->done() || !response->in_conversation()) continue;
    finished_ = response->audio_sent();
    unanswered_.tool_output = unanswered_.tool_output || response->called_mcp();
  }
  responses_.erase(std::remove_if(responses_.begin(), responses_.end(),
                                  [](const auto& response) { return response->done(); }),
                   responses_.end());
}

Response* ResponseRunner::find(const std::optional<std::string_view>& id) {
  const auto response = std::find_if(responses_.begin(), responses_.end(), [&](const auto& r) {
    return id ? r->id() == *id : r->in_conversation();
  });
  return response == responses_.end() ? nullptr : response->get();
}

/// All that the model reads for the response: instructions, tools, and the conversation or the
/// `input` given.
TokenCount ResponseRunner::input_tokens(const OutputConfig& config, JsonView response) const {
  TokenCount tokens;
  tokens.text = text_tokens(config.instructions) + text_tokens(config.tools_json);
  const JsonView input = response["input"];
  if (!input.exists()) return tokens += context_.conversation.tokens();
  for (const JsonView element : input.elements()) {
    if (element["type"].string_or("") == "item_reference") {
      const Item* item = context_.conversation.find(element["id"].string_or(""));
      if (item != nullptr) tokens += count_tokens(*item);
    } else if (auto item = read_item(element, config_.input_format())) {
      tokens += count_tokens(*item);
    }
  }
  return tokens;
}

/// What was read before comes from the cache, in whole blocks.
void ResponseRunner::price(ResponseSpec& spec, JsonView response) {
  constexpr std::int64_t kBlock = 64;
  spec.input_tokens = input_tokens(spec.config, response);
  if (spec.conversation_id.empty()) return;
  const auto cached = [](std::int64_t before, std::int64_t now) {
    return std::min(before, now) / kBlock * kBlock;
  };
  spec.cached_tokens.text = cached(read_before_.text, spec.input_tokens.text);
  spec.cached_tokens.audio = cached(read_before_.audio, spec.input_tokens.audio);
  read_before_ = spec.input_tokens;
}

Deadline ResponseRunner::next_deadline() const {
  Deadline next;
  for (const auto& response : responses_) next = earliest(next, response->next_deadline());
  return next;
}

void ResponseRunner::on_deadline(TimePoint now) {
  for (const auto& response : responses_) response->on_deadline(now);
  forget_done();
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
