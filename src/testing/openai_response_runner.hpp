#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "openai_item_events.hpp"
#include "openai_reply_maker.hpp"
#include "openai_response.hpp"
#include "openai_session_config.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The responses of a session: one at a time in the conversation, some more out of band.
class ResponseRunner {
 public:
  static constexpr std::size_t kMaxOutOfBand = 8;

  ResponseRunner(ResponseContext context, const SessionConfig& config, ReplyMaker& maker,
                 Unanswered& unanswered, std::string conversation_id);

  /// `response.create`, checked.
  std::optional<ApiError> create(JsonView event, TimePoint now);
  /// `response.cancel`, checked.
  std::optional<ApiError> cancel(JsonView event, TimePoint now);
  /// The service answers by itself: a turn that the detector found, or the caller's long silence.
  std::optional<ApiError> answer(ReplyCause cause, TimePoint now);
  /// The client has approved a call to an MCP server: `request` is the item that asked for it.
  std::optional<ApiError> run_approved(const Item& request, TimePoint now);
  /// The caller speaks: the answer in the conversation stops.
  void interrupt(TimePoint now);

  bool active() const;
  /// The play-out time of the answer in the conversation that ended since the last call.
  std::optional<Millis> take_finished();
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

 private:
  std::optional<ApiError> busy() const;
  std::string talk() const;
  std::vector<ReplyCause> causes() const;
  void start(ResponseSpec spec, TimePoint now);
  void forget_done();
  Response* find(const std::optional<std::string_view>& id);
  TokenCount input_tokens(const OutputConfig& config, JsonView response) const;
  void price(ResponseSpec& spec, JsonView response);

  ResponseContext context_;
  const SessionConfig& config_;
  ReplyMaker& maker_;
  Unanswered& unanswered_;
  const std::string conversation_id_;
  std::vector<std::unique_ptr<Response>> responses_;
  TokenCount read_before_;  ///< By the latest response in the conversation.
  bool started_ = false;    ///< Whether the conversation has had a response.
  std::optional<Millis> finished_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
