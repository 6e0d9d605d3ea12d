#include "openai_response.hpp"

#include <algorithm>

#include "openai_player.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr int kTokensPerMinute = 40000;

Millis since(TimePoint start, TimePoint now) {
  return std::chrono::duration_cast<Millis>(now - start);
}

/// The item before anything of it was made.
Item blank(const Item& whole) {
  Item item = whole;
  item.status = "in_progress";
  // Whoever is asked for approval sees the whole at once.
  if (item.type != "mcp_approval_request") item.arguments.clear();
  for (auto& part : item.content) {
    part.text.clear();
    part.audio_bytes = 0;
    if (part.transcript) part.transcript = "";
  }
  return item;
}

Item without_content(Item item) {
  item.content.clear();
  return item;
}

}  // namespace

void append_bounded(Bytes& kept, ByteView bytes, std::size_t limit) {
  const ByteView part = bytes.subview(0, limit > kept.size() ? limit - kept.size() : 0);
  kept.insert(kept.end(), part.begin(), part.end());
}

Response::Response(ResponseContext context, ResponseSpec spec, TimePoint now)
    : context_(context), spec_(std::move(spec)), created_(now) {
  for (const auto& item : spec_.outputs) outputs_.push_back({blank(item), false, std::nullopt});
  auto& record = context_.record;
  record_index_ = record.responses.size();
  OpenAiSimRecord::Response entry;
  entry.id = spec_.id;
  entry.cause = spec_.cause;
  entry.created = since(context_.opened, now);
  record.add(record.responses, std::move(entry));
  context_.out.event("response.created", [&](JsonWriter& out) {
    out.key("response");
    write(out, "in_progress", "");
  });
  if (spec_.fault.kind == ReplyFault::Kind::failed) finish("failed", spec_.fault.code, now);
}

Deadline Response::next_deadline() const {
  if (done_ || spec_.plan.empty()) return std::nullopt;
  return created_ + spec_.plan.front().at;
}

void Response::on_deadline(TimePoint now) {
  while (!done_ && !context_.out.closed() && !spec_.plan.empty() &&
         created_ + spec_.plan.front().at <= now) {
    const ReplyStep step = std::move(spec_.plan.front());
    spec_.plan.pop_front();
    perform(step, now);
  }
}

void Response::perform(const ReplyStep& step, TimePoint now) {
  switch (step.kind) {
    case ReplyStep::Kind::open:
      return open(step.output);
    case ReplyStep::Kind::audio:
      return send_audio(step, now);
    case ReplyStep::Kind::text:
      return send_words(step);
    case ReplyStep::Kind::arguments:
      return send_arguments(step);
    case ReplyStep::Kind::close:
      return close(step.output, "completed");
    case ReplyStep::Kind::malformed:
      return context_.out.malformed();
    case ReplyStep::Kind::unknown:
      return context_.out.unknown();
    case ReplyStep::Kind::cut:
      return context_.out.close(1011, "simulated failure");
    case ReplyStep::Kind::incomplete:
      close(step.output, "incomplete");
      return finish("incomplete", spec_.fault.code, now);
    case ReplyStep::Kind::finish:
      return finish("completed", "", now);
  }
}

void Response::open(std::size_t index) {
  Progress& output = outputs_[index];
  output.open = true;
  const Item& item = output.item;
  if (in_conversation()) context_.conversation.insert(item);
  send_output_event("response.output_item.added", index, without_content(item));
  send_item_event("conversation.item.added", without_content(item));
  if (item.content.empty()) return;
  content_event("response.content_part.added", item, index, [&](JsonWriter& out) {
    out.key("part").object();
    if (item.is_agent_audio()) {
      out.field("type", "audio").field("transcript", "");
    } else {
      out.field("type", "text").field("text", "");
    }
    out.end();
  });
  if (!item.is_agent_audio()) return;
  auto& record = context_.record;
  if (record.utterances.size() < OpenAiSimRecord::kMaxEntries)
    output.utterance = record.utterances.size();
  OpenAiSimRecord::Utterance utterance;
  utterance.item_id = item.id;
  utterance.response_id = spec_.id;
  record.add(record.utterances, std::move(utterance));
}

void Response::send_audio(const ReplyStep& step, TimePoint now) {
  Progress& output = outputs_[step.output];
  ContentPart& part = output.item.content.front();
  if (!step.text.empty()) {
    *part.transcript += step.text;
    content_event("response.output_audio_transcript.delta", output.item, step.output,
                  [&](JsonWriter& out) { out.field("delta", step.text); });
  }
  const ByteView audio = ByteView(*part.audio).subview(step.begin, step.end - step.begin);
  send_audio_delta(output.item, step.output, audio, now);
  part.audio_bytes = step.end;
  audio_sent_ += std::chrono::duration_cast<Millis>(part.format.duration(audio.size()));
  store(output.item);

  auto& record = context_.record;
  record.audio_sent += audio.size();
  append_bounded(record.sent_audio, audio, context_.keep_audio_bytes);
  if (output.utterance) {
    auto& utterance = record.utterances[*output.utterance];
    utterance.transcript = *part.transcript;
    utterance.bytes = part.audio_bytes;
    utterance.sent = part.duration();
  }
  if (auto* response = entry(); response && !response->first_audio) {
    response->first_audio = since(context_.opened, now);
  }
}

void Response::send_audio_delta(const Item& item, std::size_t index, ByteView audio,
                                TimePoint now) {
  if (context_.player != nullptr) return context_.player->queue(spec_.id, item.id, audio, now);
  content_event("response.output_audio.delta", item, index,
                [&](JsonWriter& out) { out.field("delta", base64_encode(audio)); });
}

void Response::send_words(const ReplyStep& step) {
  Item& item = outputs_[step.output].item;
  item.content.front().text += step.text;
  content_event("response.output_text.delta", item, step.output,
                [&](JsonWriter& out) { out.field("delta", step.text); });
}

void Response::send_arguments(const ReplyStep& step) {
  Item& item = outputs_[step.output].item;
  item.arguments += step.text;
  const bool mcp = item.is_mcp();
  context_.out.event(
      mcp ? "response.mcp_call_arguments.delta" : "response.function_call_arguments.delta",
      [&](JsonWriter& out) {
        out.field("response_id", spec_.id).field("item_id", item.id);
        out.field("output_index", step.output);
        if (!mcp) out.field("call_id", item.call_id);
        out.field("delta", step.text);
      });
}

void Response::close(std::size_t index, const char* status) {
  Progress& output = outputs_[index];
  output.open = false;
  output.item.status = status;
  if (output.item.type == "function_call") {
    close_arguments(output.item, index);
  } else if (output.item.type == "mcp_call") {
    close_mcp_call(output.item, index);
  } else if (!output.item.is_mcp()) {
    close_content(output.item, index);
  }
  store(output.item);
  send_item_event("conversation.item.done", output.item);
  send_output_event("response.output_item.done", index, output.item);
  if (output.utterance) {
    context_.record.utterances[*output.utterance].complete = output.item.status == "completed";
  }
}

void Response::close_content(const Item& item, std::size_t index) {
  const ContentPart& part = item.content.front();
  if (item.is_agent_audio()) {
    content_event("response.output_audio.done", item, index, [](JsonWriter&) {});
    content_event("response.output_audio_transcript.done", item, index,
                  [&](JsonWriter& out) { out.field("transcript", *part.transcript); });
  } else {
    content_event("response.output_text.done", item, index,
                  [&](JsonWriter& out) { out.field("text", part.text); });
  }
  content_event("response.content_part.done", item, index, [&](JsonWriter& out) {
    out.key("part").object();
    if (item.is_agent_audio()) {
      out.field("type", "audio").field("transcript", *part.transcript);
    } else {
      out.field("type", "text").field("text", part.text);
    }
    out.end();
  });
}

void Response::close_arguments(const Item& item, std::size_t index) {
  if (item.status != "completed") return;
  context_.out.event("response.function_call_arguments.done", [&](JsonWriter& out) {
    out.field("response_id", spec_.id).field("item_id", item.id).field("output_index", index);
    out.field("call_id", item.call_id).field("name", item.name).field("arguments", item.arguments);
  });
}

void Response::close_mcp_call(Item& item, std::size_t index) {
  if (item.status != "completed") return;
  context_.out.event("response.mcp_call_arguments.done", [&](JsonWriter& out) {
    out.field("response_id", spec_.id).field("item_id", item.id).field("output_index", index);
    out.field("arguments", item.arguments);
  });
  const bool failed = !item.error.empty();
  for (const char* type : {"response.mcp_call.in_progress",
                           failed ? "response.mcp_call.failed" : "response.mcp_call.completed"}) {
    context_.out.event(
        type, [&](JsonWriter& out) { out.field("item_id", item.id).field("output_index", index); });
  }
}

bool Response::called_mcp() const {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [](const Progress& output) { return output.item.type == "mcp_call"; });
}

void Response::cancel(const std::string& reason, TimePoint now) {
  if (done_) return;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].open) close(i, "incomplete");
  }
  const std::deque<ReplyStep> rest = std::move(spec_.plan);
  finish("cancelled", reason, now);
  if (spec_.fault.kind == ReplyFault::Kind::late_deltas) send_late_deltas(rest, now);
}

/// What was on its way when the response was cancelled; a client must drop it.
void Response::send_late_deltas(const std::deque<ReplyStep>& rest, TimePoint now) {
  unsigned left = spec_.fault.after;
  for (const auto& step : rest) {
    if (left == 0 || step.output >= outputs_.size()) return;
    if (step.kind != ReplyStep::Kind::audio) continue;
    const Item& item = outputs_[step.output].item;
    send_audio_delta(
        item, step.output,
        ByteView(*item.content.front().audio).subview(step.begin, step.end - step.begin), now);
    --left;
  }
}

void Response::finish(const std::string& status, const std::string& reason, TimePoint now) {
  done_ = true;
  spec_.plan.clear();
  // Items that were not begun do not belong to the response.
  outputs_.erase(std::remove_if(outputs_.begin(), outputs_.end(),
                                [](const Progress& o) { return o.item.status == "in_progress"; }),
                 outputs_.end());
  if (auto* response = entry()) {
    response->status = status;
    response->reason = reason;
    response->done = since(context_.opened, now);
  }
  context_.out.event("rate_limits.updated", [&](JsonWriter& out) {
    out.key("rate_limits")
        .array()
        .object()
        .field("name", "tokens")
        .field("limit", kTokensPerMinute);
    out.field("remaining", kTokensPerMinute - 1000).field("reset_seconds", 1.5).end().end();
  });
  context_.out.event("response.done", [&](JsonWriter& out) {
    out.key("response");
    write(out, status, reason);
  });
  if (context_.player != nullptr) context_.player->finish(spec_.id, now);
}

/// Brings the conversation's copy up to date, unless the client has truncated or deleted it
/// meanwhile.
void Response::store(const Item& item) {
  Item* kept = context_.conversation.find(item.id);
  if (kept != nullptr && kept->status == "in_progress") *kept = item;
}

void Response::send_item_event(const char* type, const Item& item) {
  if (!in_conversation()) return;
  context_.out.event(type, [&](JsonWriter& out) {
    write_previous(out, context_.conversation.previous_of(item.id));
    out.key("item");
    item.write(out);
  });
}

void Response::send_output_event(const char* type, std::size_t index, const Item& item) {
  context_.out.event(type, [&](JsonWriter& out) {
    out.field("response_id", spec_.id).field("output_index", index).key("item");
    item.write(out);
  });
}

template <class Fill>
void Response::content_event(const char* type, const Item& item, std::size_t index, Fill&& fill) {
  context_.out.event(type, [&](JsonWriter& out) {
    out.field("response_id", spec_.id).field("item_id", item.id).field("output_index", index);
    out.field("content_index", 0);
    fill(out);
  });
}

OpenAiSimRecord::Response* Response::entry() {
  auto& responses = context_.record.responses;
  return record_index_ < responses.size() ? &responses[record_index_] : nullptr;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
