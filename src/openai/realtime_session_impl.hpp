#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "openai/asides.hpp"
#include "openai/media_policy.hpp"
#include "openai/response_queue.hpp"
#include "openai/service_error.hpp"
#include "openai/spoken_items.hpp"
#include "openai/tool_batches.hpp"
#include "voicebridge/openai/client_event.hpp"
#include "voicebridge/openai/realtime_session.hpp"
#include "voicebridge/openai/server_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace detail {

/// The kind of event id that truncations and deletions carry.
inline constexpr std::string_view kCutEvent = "cut";
inline std::string event_id_prefix(std::string_view kind) {
  return "vb_" + std::string(kind) + "_";
}

}  // namespace detail

/// Its functions stand in six files: the life of the session (realtime_session.cpp), what the
/// application wants (realtime_requests.cpp), what the service says while it is open
/// (realtime_replies.cpp), what it tells of a call whose audio it carries (realtime_playout.cpp),
/// what it charges (realtime_usage.cpp), what it writes beside the talk (realtime_asides.cpp).
class RealtimeSession::Impl {
 public:
  Impl(RealtimeSessionOptions options, WireSink& sink);

  void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now);
  void append_audio(const AudioPayload& audio, TimePoint now);
  void request(SpeechRequest request, TimePoint now);
  void interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard, TimePoint now);
  void reconfigure(SpeechPatch patch, TimePoint now);
  void close(TimePoint now);

  void on_open(TimePoint now);
  void receive(std::string_view text, TimePoint now);
  void on_closed(std::uint16_t code, std::string_view reason, TimePoint now);
  void on_connect_failed(Error error, TimePoint now);
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  bool is_over() const noexcept { return state_ == State::over; }
  void detach() noexcept;
  void footprint(Footprint& to) const;
  void receive_footprint(Footprint& to) const;
  const RealtimeStats& stats() const noexcept { return stats_; }

 private:
  enum class State { idle, connecting, configuring, ready, closing, over };

  /// The response that runs.
  struct Reply {
    explicit Reply(std::string response_id) : id(std::move(response_id)) {}

    std::string id;
    bool dropped = false;  ///< Interrupted: nothing of it is handed on any more.
    bool service_cancels =
        false;  ///< The caller began to speak, and the service reacts to that by itself.
    bool spoke = false;
    bool wrote_text = false;
    std::vector<ConversationItem> calls;
  };

  /// A change that the service has not confirmed yet.
  struct PendingPatch {
    std::string event_id;
    SpeechPatch patch;
  };

  // The life of the session.
  Result<std::string> configuration() const;
  void configure();
  void on_configured(const SessionInfo& session);
  void on_reconfigured();
  void on_configuration_error(const ServiceError& error);
  bool may_blame_transcription(const ServiceError& error) const;
  void send_history();
  void end(std::optional<Error> error, bool fatal);
  void end_and_close(std::optional<Error> error, bool fatal);
  void strike();
  bool send(const std::string& text);
  std::string next_event_id(std::string_view kind);
  void emit(SpeechEvent event);
  void fault(Error error, SpeechFault::Severity severity);
  bool must_give_up() const;
  void flush();

  // What the application wants.
  void handle(const Say& say);
  void handle(const AddNote& note);
  void handle(const UserText& text);
  void handle(const ToolResult& result);
  void handle(const EndTurn& end_turn);
  void handle(const Summarize& wanted);
  void wish(detail::Wish wish);
  void pump();
  void silence(InterruptCause cause);
  void tell_heard(const PlayedPosition& heard);

  // What the service says.
  void handle_event(const ServerEvent& event);
  template <class Event>
  void on(const Event&) {}  // Nothing to do.
  void on(const UnknownEvent&) { ++stats_.unknown_events; }
  void on(const ErrorEvent& event);
  void on(const SessionCreated& event);
  void on(const SessionUpdated& event);
  void on(const ItemAdded& event);
  void on(const ItemCreated& event);
  void on(const ItemDone& event);
  void on(const ItemTruncated& event);
  void on(const InputBufferCommitted& event);
  void on(const SpeechStarted& event);
  void on(const SpeechStopped& event);
  void on(const InputTranscriptionDelta& event);
  void on(const InputTranscriptionCompleted& event);
  void on(const InputTranscriptionFailed& event);
  void on(const ResponseCreated& event);
  void on(const ResponseDone& event);
  void on(const OutputItemDone& event);
  void on(const ContentPartAdded& event);
  void on(const OutputTextDelta& event);
  void on(const OutputTextDone& event);
  void on(const OutputAudioDelta& event);
  void on(const OutputTranscriptDelta& event);
  void on(const OutputTranscriptDone& event);
  void on(const OutputBufferStarted& event);
  void on(const OutputBufferStopped& event);
  void on(const OutputBufferCleared& event);
  void on(const DtmfReceived& event);
  void on(const RateLimitsUpdated& event);

  void on_audio(std::string_view response_id, std::string_view item_id, std::string_view base64);
  void on_busy(const ServiceError& error);
  void on_message_done(const ConversationItem& item);
  void on_request_lost();
  void on_silent_model();
  bool is_current(std::string_view response_id) const;  ///< Belongs to the response that runs.
  bool is_running(std::string_view response_id) const;  ///< … which was not interrupted either.
  void begin_unheard(detail::SpokenItem& item);
  void start_playout(detail::SpokenItem& item);
  void end_playout(detail::SpokenItem& item, bool complete);
  void on_playout_over(const std::string& response_id, bool complete);
  void know_session(const SessionInfo& session);
  Millis lifetime_left(const SessionInfo& session) const;
  void tell_usage(const TokenUsage& tokens);
  void tell_usage(const TranscriptionUsage& usage);
  void add_wait(Error& error) const;
  void join_reply(const Response& response);
  void start_utterance(detail::SpokenItem& item);
  void end_utterance(detail::SpokenItem& item, bool complete);
  void tell_transcript(detail::SpokenItem& item);
  void finish_reply(const Response& response);
  void abandon_reply(ReplyEnded::Outcome outcome, std::optional<Error> error);
  void delete_unheard(const Response& response);
  void want_tools(const Reply& reply, const Response& response);

  // Beside the conversation.
  bool begin_aside(const Response& response);
  static void write_aside(detail::Asides::Aside& aside, std::string_view delta);
  bool finish_aside(const Response& response);
  bool refuse_aside(const ServiceError& error);
  void abandon_asides();

  RealtimeSessionRules options_;
  std::shared_ptr<const SessionConfig> base_;  ///< What the session is beyond its spec.
  WireSink& sink_;
  SpeechObserver* observer_ = nullptr;
  SpeechSpec spec_;
  detail::MediaPolicy policy_;
  State state_ = State::idle;
  TimePoint now_{};
  TimePoint opened_{};
  TimePoint last_event_{};
  TimePoint state_until_{};  ///< Configuring and closing may not last longer.
  bool update_sent_ = false;
  bool cancel_when_created_ = false;
  bool backed_up_ = false;  ///< The connection did not take a command.
  int strikes_ = 0;         ///< Responses in a row that were lost or fell silent.
  unsigned long last_id_ = 0;
  Micros appended_{0};   ///< Caller audio since the last commit.
  std::string base64_;   ///< Scratch.
  std::string model_;    ///< As the service calls it.
  std::string playing_;  ///< The response that the service plays.
  std::string last_reply_;
  Deadline rates_free_at_;
  std::optional<Reply> reply_;
  detail::ResponseQueue queue_;
  detail::SpokenItems spoken_;
  detail::ToolBatches tools_;
  detail::Asides asides_;
  std::vector<SpeechRequest> early_requests_;
  std::vector<SpeechPatch> early_patches_;
  std::vector<PendingPatch> pending_patches_;
  std::vector<SpeechEvent> outbox_;
  RealtimeStats stats_;
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
