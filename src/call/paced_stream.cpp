#include "voicebridge/call/paced_stream.hpp"

#include <algorithm>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

PacedStream::PacedStream(AudioFormat format, Millis max_queue)
    : format_(format),
      max_bytes_(format.frame_bytes() * static_cast<std::size_t>(max_queue / kFrame)) {}

void PacedStream::begin(std::shared_ptr<MediaObserver> observer, std::string stream_id,
                        TimePoint now) {
  if (!observer || observer_) return;
  observer_ = std::move(observer);
  MediaStart start;
  start.call_id = stream_id;
  start.stream_id = std::move(stream_id);
  start.inbound = start.outbound = format_;
  observer_->on_media_start(start, now);
}

void PacedStream::push(ByteView audio, TimePoint now) {
  if (!observer_ || audio.empty()) return;
  const auto position = std::chrono::duration_cast<Millis>(format_.duration(pushed_));
  pushed_ += audio.size();
  observer_->on_media_audio(AudioPayload::from_bytes(format_, audio), position, now);
}

void PacedStream::press(char key, TimePoint now) {
  if (observer_) observer_->on_media_dtmf(key, now);
}

ByteView PacedStream::pull(TimePoint now) {
  played_ = pulled_;
  tell_marks(now);
  if (closing_) end(std::nullopt, now);
  if (!observer_ || queue_.empty()) return {};
  const std::size_t size = std::min(format_.frame_bytes(), queue_.size());
  const auto last = queue_.begin() + static_cast<std::ptrdiff_t>(size);
  frame_.assign(queue_.begin(), last);
  queue_.erase(queue_.begin(), last);
  frame_.resize(format_.frame_bytes(), format_.silence_byte());
  pulled_ += size;
  return frame_;
}

void PacedStream::end(const std::optional<Error>& why, TimePoint now) {
  queue_.clear();
  marks_.clear();
  // Told once, and nothing is done afterwards.
  if (const auto observer = std::exchange(observer_, nullptr)) observer->on_media_stop(why, now);
}

bool PacedStream::send_audio(const AudioPayload& audio) {
  ByteView bytes;
  if (!observer_ || closing_ || audio.format != format_) return false;
  if (!payload_bytes(audio, scratch_, bytes)) return false;
  if (bytes.size() > max_bytes_ - std::min(max_bytes_, queue_.size())) return false;
  queue_.insert(queue_.end(), bytes.begin(), bytes.end());
  return true;
}

void PacedStream::send_mark(std::string_view name) {
  if (!observer_ || marks_.size() >= kMaxMarks) return;
  marks_.push_back({std::string(name), pulled_ + queue_.size()});
}

void PacedStream::clear() {
  queue_.clear();
  // They come back with the next pull: the observer may be in the middle of its own function.
  for (Mark& mark : marks_) mark.at = std::min(mark.at, played_);
}

void PacedStream::close() {
  if (observer_) closing_ = true;
}

/// The observer may send more, clear and close meanwhile.
void PacedStream::tell_marks(TimePoint now) {
  while (observer_ && !marks_.empty() && marks_.front().at <= played_) {
    const std::string name = std::move(marks_.front().name);
    marks_.pop_front();
    observer_->on_media_mark(name, now);
  }
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
