#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "openai_conversation.hpp"
#include "openai_event_out.hpp"
#include "openai_reply_plan.hpp"
#include "openai_session_config.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

class Player;

/// What a response needs of its session.
struct ResponseContext {
  EventOut& out;
  Conversation& conversation;
  OpenAiSimRecord& record;
  std::size_t keep_audio_bytes = 0;
  TimePoint opened = {};     ///< When the connection was.
  Player* player = nullptr;  ///< Set on a call: takes the audio instead of the client.
};

/// Appends what `limit` leaves room for.
void append_bounded(Bytes& kept, ByteView bytes, std::size_t limit);

/// How one response shall be.
struct ResponseSpec {
  std::string id;
  ReplyCause cause = ReplyCause::response;
  OutputConfig config;
  std::string metadata_json = "null";
  std::string conversation_id;  ///< Empty: out of band, nothing of it enters the conversation.
  TokenCount input_tokens;
  TokenCount cached_tokens;  ///< Of the input.
  ReplyFault fault;
  std::vector<Item> outputs;  ///< Whole, as they will be when nothing cuts them off.
  std::deque<ReplyStep> plan;
};

/// One response while it is being made: sends its events in the documented order when they are due.
class Response {
 public:
  /// Sends `response.created`.
  Response(ResponseContext context, ResponseSpec spec, TimePoint now);

  const std::string& id() const { return spec_.id; }
  bool in_conversation() const { return !spec_.conversation_id.empty(); }
  bool done() const { return done_; }
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);
  /// Ends it now: what was begun is closed as incomplete. `reason` is turn_detected or
  /// client_cancelled.
  void cancel(const std::string& reason, TimePoint now);
  /// Play-out time of all audio that was sent.
  Millis audio_sent() const { return audio_sent_; }
  /// Whether a tool of an MCP server was called: the model has not spoken about its answer yet.
  bool called_mcp() const;

 private:
  /// An output as far as it was sent.
  struct Progress {
    Item item;
    bool open = false;
    std::optional<std::size_t> utterance;  ///< Its entry in the record.
  };

  void perform(const ReplyStep& step, TimePoint now);
  void open(std::size_t index);
  void send_audio(const ReplyStep& step, TimePoint now);
  void send_audio_delta(const Item& item, std::size_t index, ByteView audio, TimePoint now);
  void send_words(const ReplyStep& step);
  void send_arguments(const ReplyStep& step);
  void close(std::size_t index, const char* status);
  void close_content(const Item& item, std::size_t index);
  void close_arguments(const Item& item, std::size_t index);
  void close_mcp_call(Item& item, std::size_t index);
  void finish(const std::string& status, const std::string& reason, TimePoint now);
  void send_late_deltas(const std::deque<ReplyStep>& rest, TimePoint now);
  void store(const Item& item);
  void send_item_event(const char* type, const Item& item);
  void send_output_event(const char* type, std::size_t index, const Item& item);
  template <class Fill>
  void content_event(const char* type, const Item& item, std::size_t index, Fill&& fill);
  void write(JsonWriter& out, const std::string& status, const std::string& reason) const;
  void write_status_details(JsonWriter& out, const std::string& status,
                            const std::string& reason) const;
  void write_usage(JsonWriter& out) const;
  OpenAiSimRecord::Response* entry();

  ResponseContext context_;
  ResponseSpec spec_;
  TimePoint created_;
  std::vector<Progress> outputs_;
  std::size_t record_index_ = 0;  ///< Of this response in the record, if there was room.
  Millis audio_sent_{0};
  bool done_ = false;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
