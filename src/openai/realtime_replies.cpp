#include <algorithm>

#include "openai/realtime_session_impl.hpp"
#include "voicebridge/core/base64.hpp"

/// What the service says while the session is open.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using detail::Gravity;
using detail::gravity_of;
using detail::make_error;
using detail::SpokenItem;
using detail::to_error;

namespace {

constexpr std::string_view kBusy = "conversation_already_has_active_response";
constexpr std::string_view kTooManyCalls = R"({"error":"too many tool calls are open"})";

ReplyEnded::Outcome outcome_of(const Response& response) {
  if (response.status == "completed" || response.status.empty())
    return ReplyEnded::Outcome::completed;
  if (response.status == "cancelled") return ReplyEnded::Outcome::cancelled;
  if (response.status == "failed") return ReplyEnded::Outcome::failed;
  return ReplyEnded::Outcome::incomplete;
}

ServiceError failure_of(const Response& response) {
  const bool said = response.status_details && response.status_details->error;
  return said ? *response.status_details->error : ServiceError();
}

std::optional<Error> error_of(const Response& response, ReplyEnded::Outcome outcome) {
  if (outcome == ReplyEnded::Outcome::failed) return to_error(failure_of(response));
  if (outcome != ReplyEnded::Outcome::incomplete) return std::nullopt;
  Error error = make_error(Errc::resource_exhausted, "the answer is incomplete");
  if (response.status_details) error.provider_code = response.status_details->reason;
  return error;
}

bool has_text(const ConversationItem& item) {
  return std::any_of(item.content.begin(), item.content.end(), [](const ContentPart& part) {
    return (part.type == "output_text" || part.type == "text") && !part.text.empty();
  });
}

/// A truncation or deletion can always come too late, and the service has no code for each of the
/// reasons.
bool is_about_a_cut(const ServiceError& error) {
  return error.event_id.rfind(detail::event_id_prefix(detail::kCutEvent), 0) == 0;
}

}  // namespace

void RealtimeSession::Impl::handle_event(const ServerEvent& event) {
  std::visit([this](const auto& body) { on(body); }, event.body);
}

void RealtimeSession::Impl::on(const ErrorEvent& event) {
  const ServiceError& error = event.error;
  if (state_ == State::configuring) return on_configuration_error(error);
  if (refuse_aside(error)) {
    const Gravity gravity = gravity_of(error);
    if (gravity != Gravity::over && gravity != Gravity::fatal) return;
  }
  if (error.code == kBusy) return on_busy(error);
  if (queue_.is_requested(error.event_id)) {
    queue_.drop_requested();
    cancel_when_created_ = false;
  }
  const auto refused =
      std::find_if(pending_patches_.begin(), pending_patches_.end(),
                   [&](const PendingPatch& pending) { return pending.event_id == error.event_id; });
  if (refused != pending_patches_.end()) pending_patches_.erase(refused);
  const Gravity gravity = gravity_of(error);
  if (gravity == Gravity::over || gravity == Gravity::fatal) {
    return end_and_close(to_error(error), gravity == Gravity::fatal);
  }
  const bool benign = gravity == Gravity::benign || is_about_a_cut(error);
  fault(to_error(error),
        benign ? SpeechFault::Severity::benign : SpeechFault::Severity::recoverable);
  pump();
}

void RealtimeSession::Impl::on_busy(const ServiceError& error) {
  fault(to_error(error), SpeechFault::Severity::benign);
  if (!error.event_id.empty() && !queue_.is_requested(error.event_id)) return;
  if (cancel_when_created_) {
    queue_.drop_requested();
    cancel_when_created_ = false;
  } else if (!queue_.on_busy(now_)) {
    fault(make_error(Errc::unavailable, "the service keeps refusing to answer"),
          SpeechFault::Severity::recoverable);
    strike();
  }
}

void RealtimeSession::Impl::on_request_lost() {
  queue_.drop_requested();
  cancel_when_created_ = false;
  fault(make_error(Errc::deadline_exceeded, "the service did not begin a response in time"),
        SpeechFault::Severity::recoverable);
  strike();
}

void RealtimeSession::Impl::on_silent_model() {
  send(cancel_response(reply_->id, next_event_id("cancel")));
  abandon_reply(ReplyEnded::Outcome::failed,
                make_error(Errc::deadline_exceeded, "the model fell silent"));
  strike();
}

void RealtimeSession::Impl::on(const ItemAdded& event) { queue_.on_item_known(event.item.id); }
void RealtimeSession::Impl::on(const ItemCreated& event) { queue_.on_item_known(event.item.id); }
void RealtimeSession::Impl::on(const ItemDone& event) {
  queue_.on_item_known(event.item.id);
  on_message_done(event.item);
}

void RealtimeSession::Impl::on(const InputBufferCommitted& event) {
  if (spec_.turns.mode != TurnDetection::Mode::manual) appended_ = Micros(0);
  if (!spec_.transcription_model.empty())
    emit(Transcript{Speaker::caller, event.item_id, "", false});
}

void RealtimeSession::Impl::on(const SpeechStarted&) {
  const bool interrupts = spec_.turns.mode != TurnDetection::Mode::manual && spec_.turns.interrupt;
  if (reply_ && interrupts) reply_->service_cancels = true;
  emit(CallerActivity{true});
}

void RealtimeSession::Impl::on(const SpeechStopped&) { emit(CallerActivity{false}); }

void RealtimeSession::Impl::on(const InputTranscriptionDelta& event) {
  if (!event.delta.empty()) emit(Transcript{Speaker::caller, event.item_id, event.delta, false});
}

void RealtimeSession::Impl::on(const InputTranscriptionCompleted& event) {
  emit(Transcript{Speaker::caller, event.item_id, event.transcript, true});
  tell_usage(event.usage);
}

void RealtimeSession::Impl::on(const InputTranscriptionFailed& event) {
  emit(Transcript{Speaker::caller, event.item_id, "", true});
  fault(to_error(event.error), SpeechFault::Severity::benign);
}

void RealtimeSession::Impl::on(const ResponseCreated& event) {
  if (state_ != State::ready || begin_aside(event.response)) return;
  const auto tag = event.response.metadata.find(std::string(kResponseTag));
  const bool tagged = tag != event.response.metadata.end();
  if (event.response.conversation_id.is_null() && !tagged) return;
  const bool asked_for = queue_.on_created(tagged ? tag->second : "");
  abandon_reply(ReplyEnded::Outcome::cancelled, std::nullopt);  // Its end was never told.
  reply_.emplace(event.response.id);
  emit(ReplyStarted{});
  if (asked_for && cancel_when_created_) {
    cancel_when_created_ = false;
    silence(InterruptCause::policy);
  }
}

void RealtimeSession::Impl::on(const ResponseDone& event) {
  if (finish_aside(event.response)) return;
  join_reply(event.response);
  if (is_current(event.response.id)) {
    finish_reply(event.response);
  } else if (!reply_) {
    queue_.on_done(false);  // Something that was in the way is over.
  }
  pump();
}

void RealtimeSession::Impl::on(const OutputItemDone& event) {
  if (!is_current(event.response_id)) return;
  if (event.item.type == "function_call" &&
      reply_->calls.size() < detail::ToolBatches::kMaxKnownIds) {
    reply_->calls.push_back(event.item);
  }
  on_message_done(event.item);
}

void RealtimeSession::Impl::on(const OutputTextDelta& event) {
  if (detail::Asides::Aside* const aside = asides_.find_response(event.response_id)) {
    return write_aside(*aside, event.delta);
  }
  if (is_current(event.response_id)) reply_->wrote_text = true;
}

void RealtimeSession::Impl::on(const OutputTextDone& event) {
  if (is_current(event.response_id)) reply_->wrote_text = true;
}

void RealtimeSession::Impl::on(const OutputAudioDelta& event) {
  on_audio(event.response_id, event.item_id, event.delta);
}

void RealtimeSession::Impl::on(const OutputTranscriptDelta& event) {
  if (!is_running(event.response_id) || event.item_id.empty()) return;
  SpokenItem& item = spoken_.find_or_add(event.item_id, reply_->id);
  begin_unheard(item);
  if (item.ended || item.transcript_whole) return;
  detail::SpokenItems::add_transcript(item, event.delta);
  // The text runs ahead of the audio: until the utterance has begun it is kept.
  if (item.started) emit(Transcript{Speaker::agent, item.id, event.delta, false});
}

void RealtimeSession::Impl::on(const OutputTranscriptDone& event) {
  if (!is_running(event.response_id) || event.item_id.empty()) return;
  SpokenItem& item = spoken_.find_or_add(event.item_id, reply_->id);
  begin_unheard(item);
  if (item.transcript_told) return;
  item.transcript.clear();
  detail::SpokenItems::add_transcript(item, event.transcript);
  item.transcript_whole = true;
  if (item.started) tell_transcript(item);
}

void RealtimeSession::Impl::on_audio(std::string_view response_id, std::string_view item_id,
                                     std::string_view base64) {
  const std::size_t bytes = base64_decoded_size(base64);
  SpokenItem* item = nullptr;
  if (policy_.carries_audio() && bytes > 0 && !item_id.empty() && is_running(response_id))
    item = &spoken_.find_or_add(item_id, reply_->id);
  if (item != nullptr && !item->started) start_utterance(*item);
  flush();  // What is told here may end the utterance.
  if (item == nullptr || item->ended || state_ != State::ready || observer_ == nullptr) {
    ++stats_.stray_audio;
    return;
  }
  item->audio += spec_.output.duration(bytes);
  reply_->spoke = true;
  observer_->on_speech_audio(item->id, AudioPayload::from_base64(spec_.output, base64), now_);
}

bool RealtimeSession::Impl::is_current(std::string_view response_id) const {
  return reply_ && (response_id.empty() || response_id == reply_->id);
}

bool RealtimeSession::Impl::is_running(std::string_view response_id) const {
  return is_current(response_id) && !reply_->dropped;
}

void RealtimeSession::Impl::start_utterance(SpokenItem& item) {
  if (SpokenItem* last = spoken_.speaking()) end_utterance(*last, true);
  item.started = true;
  emit(UtteranceStarted{item.id});
  if (item.transcript_whole) {
    tell_transcript(item);
  } else if (!item.transcript.empty()) {
    emit(Transcript{Speaker::agent, item.id, item.transcript, false});
  }
}

void RealtimeSession::Impl::end_utterance(SpokenItem& item, bool complete) {
  if (!item.started || item.ended) return;
  item.ended = true;
  item.complete = complete;
  if (!item.transcript_told && !item.transcript.empty()) tell_transcript(item);
  emit(UtteranceEnded{item.id, complete});
}

void RealtimeSession::Impl::tell_transcript(SpokenItem& item) {
  item.transcript_told = true;
  emit(Transcript{Speaker::agent, item.id, item.transcript, true});
}

/// `response.output_audio.done` is not taken as an utterance's end: it comes for interrupted ones
/// as well.
void RealtimeSession::Impl::on_message_done(const ConversationItem& item) {
  if (item.type != "message" || !reply_) return;
  if (has_text(item) && item.role == "assistant") reply_->wrote_text = true;
  SpokenItem* const spoken = spoken_.find(item.id);
  if (spoken != nullptr && spoken->response_id == reply_->id)
    end_utterance(*spoken, item.status != "incomplete");
}

void RealtimeSession::Impl::finish_reply(const Response& response) {
  const Reply reply = std::move(*reply_);
  reply_.reset();
  last_reply_ = reply.id;
  strikes_ = 0;
  const ReplyEnded::Outcome outcome = outcome_of(response);
  const bool completed = outcome == ReplyEnded::Outcome::completed;
  std::optional<Error> error = error_of(response, outcome);
  if (error) add_wait(*error);
  spoken_.for_each_of(reply.id, [&](SpokenItem& item) { end_utterance(item, completed); });
  queue_.on_done(completed && !reply.dropped);

  if (reply.dropped && policy_.carries_audio()) delete_unheard(response);
  if (response.usage) tell_usage(*response.usage);
  if (completed) want_tools(reply, response);
  if (completed && reply.wrote_text && !reply.spoke) {
    fault(make_error(Errc::protocol_error, "the model wrote where it should have spoken"),
          SpeechFault::Severity::recoverable);
  }
  emit(ReplyEnded{outcome, error, reply.spoke});
  if (gravity_of(failure_of(response)) == Gravity::fatal) end_and_close(error, true);
}

/// A response that began before this session was attached: its tools are wanted all the same.
void RealtimeSession::Impl::join_reply(const Response& response) {
  const bool ours = state_ == State::ready && !response.conversation_id.is_null();
  if (!policy_.joins_midway() || reply_ || !ours || response.id.empty()) return;
  if (response.id == last_reply_) return;
  reply_.emplace(response.id);
  emit(ReplyStarted{});
}

/// For replies whose end the service does not tell.
void RealtimeSession::Impl::abandon_reply(ReplyEnded::Outcome outcome, std::optional<Error> error) {
  if (!reply_) return;
  const Reply reply = std::move(*reply_);
  reply_.reset();
  last_reply_ = reply.id;
  spoken_.for_each_of(reply.id, [this](SpokenItem& item) { end_utterance(item, false); });
  emit(ReplyEnded{outcome, std::move(error), reply.spoke});
}

/// Messages of an interrupted response that nobody heard, because they came after the interruption.
void RealtimeSession::Impl::delete_unheard(const Response& response) {
  for (const ConversationItem& item : response.output) {
    if (item.type != "message" || item.id.empty()) continue;
    SpokenItem& spoken = spoken_.find_or_add(item.id, response.id);
    if (spoken.audio > Micros(0) || spoken.cut) continue;
    spoken.cut = true;
    send(delete_item(item.id, next_event_id(detail::kCutEvent)));
  }
}

void RealtimeSession::Impl::want_tools(const Reply& reply, const Response& response) {
  std::vector<ToolCall> calls;
  const auto collect = [&](const ConversationItem& item) {
    const bool runnable =
        item.type == "function_call" && (item.status.empty() || item.status == "completed");
    if (!runnable || item.call_id.empty() || !tools_.remember(item.call_id)) return;
    if (tools_.room_for(calls.size() + 1)) {
      calls.push_back({item.call_id, item.name, item.arguments});
    } else {
      send(create_function_output(item.call_id, kTooManyCalls, {}, next_event_id("output")));
    }
  };
  std::for_each(reply.calls.begin(), reply.calls.end(), collect);
  std::for_each(response.output.begin(), response.output.end(), collect);
  if (calls.empty()) return;
  tools_.open(calls);
  emit(ToolCallsWanted{std::move(calls)});
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
