#include <fmt/format.h>

#include "openai/realtime_session_impl.hpp"
#include "voicebridge/core/base64.hpp"

/// What the application wants of the session.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using detail::make_error;
using detail::Wish;

namespace {

constexpr std::size_t kMaxWaiting = 16;
constexpr std::size_t kMaxAppendBytes = std::size_t{15}
                                        << 20;   // API reference, input_audio_buffer.append
constexpr Micros kShortestCommit = Millis(100);  // The service calls less an empty buffer.
constexpr std::string_view kAppendHead = R"({"type":"input_audio_buffer.append","audio":")";
constexpr std::string_view kAppendTail = R"("})";

}  // namespace

void RealtimeSession::Impl::append_audio(const AudioPayload& audio, TimePoint now) {
  if (state_ != State::ready) {
    ++stats_.dropped_not_ready;
    return;
  }
  now_ = now;
  const std::size_t bytes = payload_size(audio);
  if (!policy_.carries_audio() || audio.format != spec_.input || bytes == 0 ||
      bytes > kMaxAppendBytes) {
    ++stats_.dropped_unfit;
    return;
  }
  std::string_view base64 = audio.base64;
  if (base64.empty()) {
    base64_.clear();
    base64_append(base64_, audio.bytes);
    base64 = base64_;
  }
  const SendStatus status = sink_.send_text(kAppendHead, base64, kAppendTail);
  if (is_accepted(status)) {
    ++stats_.appended;
    appended_ += spec_.input.duration(bytes);
  } else {
    ++stats_.dropped_backlog;
  }
}

void RealtimeSession::Impl::request(SpeechRequest request, TimePoint now) {
  if (state_ == State::ready) {
    now_ = now;
    std::visit([this](const auto& wanted) { handle(wanted); }, request);
    pump();
  } else if (state_ == State::connecting || state_ == State::configuring) {
    now_ = now;
    if (early_requests_.size() < kMaxWaiting) {
      early_requests_.push_back(std::move(request));
    } else {
      ++stats_.dropped_wishes;
      fault(make_error(Errc::resource_exhausted, "too many requests before the session is ready"),
            SpeechFault::Severity::recoverable);
    }
  }
}

void RealtimeSession::Impl::handle(const Say& say) {
  Wish wanted;
  wanted.allow_tools = say.allow_tools;
  // A response's instructions replace the session's: the persona has to be said again.
  if (!say.instructions.empty())
    wanted.instructions = fmt::format("{}\n\n{}", spec_.instructions, say.instructions);
  wish(std::move(wanted));
}

void RealtimeSession::Impl::handle(const AddNote& note) {
  const auto role = note.kind == AddNote::Kind::rule ? MessageRole::system : MessageRole::user;
  send(create_message(role, note.text, {}, next_event_id("note")));
}

void RealtimeSession::Impl::handle(const UserText& text) {
  Wish wanted;
  wanted.after_item = next_event_id("text");
  send(create_message(MessageRole::user, text.text, wanted.after_item, wanted.after_item));
  wish(std::move(wanted));
}

void RealtimeSession::Impl::handle(const ToolResult& result) {
  using Answer = detail::ToolBatches::Answer;
  // A session that was lost may have wanted it; the call's conversation still waits for it.
  if (policy_.joins_midway() && tools_.remember(result.call_id)) {
    tools_.open({ToolCall{result.call_id, {}, {}}});
  }
  const Answer answer = tools_.on_result(result.call_id, result.respond);
  if (answer == Answer::unknown) {
    return fault(make_error(Errc::not_found, "no open tool call has this id"),
                 SpeechFault::Severity::benign);
  }
  Wish wanted;
  wanted.after_item = next_event_id("output");
  send(create_function_output(result.call_id, result.output_json, wanted.after_item,
                              wanted.after_item));
  if (answer == Answer::go_on) wish(std::move(wanted));
}

void RealtimeSession::Impl::handle(const EndTurn& end_turn) {
  if (appended_ < kShortestCommit) {
    return fault(make_error(Errc::conflict, "less than 100 ms of audio: there is no turn to end"),
                 SpeechFault::Severity::benign);
  }
  appended_ = Micros(0);
  send(input_audio_commit(next_event_id("commit")));
  if (end_turn.respond) wish({});
}

void RealtimeSession::Impl::wish(Wish wanted) {
  if (queue_.push(std::move(wanted))) return;
  ++stats_.dropped_wishes;
  fault(make_error(Errc::resource_exhausted, "too many responses are waiting"),
        SpeechFault::Severity::recoverable);
}

/// Sends the next `response.create` when nothing is in its way.
void RealtimeSession::Impl::pump() {
  if (state_ != State::ready) return;
  const auto order = queue_.take(reply_.has_value(), now_);
  if (!order) return;
  ResponseRequest request;
  request.instructions = order->wish->instructions;
  request.allow_tools = order->wish->allow_tools;
  request.tag = order->tag;
  send(create_response(request, order->tag));
}

void RealtimeSession::Impl::interrupt(InterruptCause cause,
                                      const std::optional<PlayedPosition>& heard, TimePoint now) {
  if (state_ != State::ready) return;
  now_ = now;
  if (cause == InterruptCause::policy) queue_.clear();
  if (queue_.requested()) cancel_when_created_ = true;
  silence(cause);
  if (heard && policy_.carries_audio()) tell_heard(*heard);
}

/// Nothing more of the running response is handed on, and nothing of it is heard.
void RealtimeSession::Impl::silence(InterruptCause cause) {
  const bool runs = reply_ && !reply_->dropped;
  const auto stop = policy_.stop(cause, spec_.turns,
                                 {runs, runs && reply_->service_cancels, spoken_.to_be_heard()});
  if (runs) {
    reply_->dropped = true;
    spoken_.for_each_of(reply_->id,
                        [this](detail::SpokenItem& item) { end_utterance(item, false); });
  }
  if (stop.cancel) send(cancel_response(reply_->id, next_event_id("cancel")));
  if (stop.clear) send(output_audio_clear(next_event_id("clear")));
}

void RealtimeSession::Impl::tell_heard(const PlayedPosition& heard) {
  if (spoken_.find(heard.utterance) == nullptr) {
    return fault(make_error(Errc::not_found, "no utterance has this id"),
                 SpeechFault::Severity::benign);
  }
  for (const auto& cut : spoken_.cut_after(heard.utterance, heard.heard)) {
    const std::string event_id = next_event_id(detail::kCutEvent);
    send(cut.keep > Millis(0) ? truncate_item(cut.id, cut.keep, event_id)
                              : delete_item(cut.id, event_id));
  }
}

void RealtimeSession::Impl::reconfigure(SpeechPatch patch, TimePoint now) {
  if (state_ == State::idle || state_ == State::closing || state_ == State::over) return;
  now_ = now;
  std::string event_id = next_event_id("reconfigure");
  patch = policy_.change(std::move(patch));
  const auto config = session_config(patch, *base_);
  const auto text = config ? session_update(*config, event_id) : fail(config.error());
  if (!text) return fault(text.error(), SpeechFault::Severity::recoverable);
  if (early_patches_.size() + pending_patches_.size() >= kMaxWaiting) {
    return fault(make_error(Errc::resource_exhausted, "too many changes are waiting"),
                 SpeechFault::Severity::recoverable);
  }
  if (state_ != State::ready) {
    early_patches_.push_back(std::move(patch));
  } else if (send(*text)) {
    pending_patches_.push_back({std::move(event_id), std::move(patch)});
  }
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
