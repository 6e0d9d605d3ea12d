#include "openai_transcriber.hpp"

#include <algorithm>

#include "openai_conversation.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

/// whisper-1 tells the whole text in one delta.
bool tells_at_once(std::string_view model) { return model == "whisper-1"; }

/// These have a price by the minute.
bool is_paid_by_time(std::string_view model) {
  return model == "whisper-1" || model == "gpt-transcribe" || model == "gpt-live-transcribe" ||
         model == "gpt-realtime-whisper";
}

}  // namespace

void Transcriber::add(std::string item_id, std::string text, const std::string& model,
                      Millis length, TimePoint now) {
  if (model.empty()) return;
  if (jobs_.size() == kMaxJobs) on_deadline(jobs_.front().due);
  jobs_.push_back({now + delay_, std::move(item_id), std::move(text), model, length});
}

Deadline Transcriber::next_deadline() const {
  if (jobs_.empty()) return std::nullopt;
  return jobs_.front().due;
}

void Transcriber::on_deadline(TimePoint now) {
  while (!jobs_.empty() && jobs_.front().due <= now) {
    send(jobs_.front());
    jobs_.pop_front();
  }
}

void Transcriber::send(const Job& job) {
  std::size_t sent = 0;
  while (sent < job.text.size()) {
    const std::size_t space =
        tells_at_once(job.model) ? std::string::npos : job.text.find(' ', sent + 1);
    const std::size_t end = std::min(space, job.text.size());
    out_.event("conversation.item.input_audio_transcription.delta", [&](JsonWriter& out) {
      out.field("item_id", job.item_id).field("content_index", 0);
      out.field("delta", job.text.substr(sent, end - sent));
    });
    sent = end;
  }
  out_.event("conversation.item.input_audio_transcription.completed", [&](JsonWriter& out) {
    out.field("item_id", job.item_id)
        .field("content_index", 0)
        .field("transcript", job.text)
        .key("usage");
    write_usage(out, job);
  });
}

void Transcriber::write_usage(JsonWriter& out, const Job& job) const {
  if (is_paid_by_time(job.model)) {
    const double seconds = static_cast<double>(job.length.count()) / 1000;
    out.object().field("type", "duration").field("seconds", seconds).end();
    return;
  }
  const std::int64_t heard = job.length / Millis(100);
  const std::int64_t written = text_tokens(job.text);
  out.object().field("type", "tokens").field("total_tokens", heard + written);
  out.field("input_tokens", heard).key("input_token_details").object();
  out.field("text_tokens", 0)
      .field("audio_tokens", heard)
      .end()
      .field("output_tokens", written)
      .end();
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
