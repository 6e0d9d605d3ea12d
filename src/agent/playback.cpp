#include "voicebridge/agent/playback.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Memory of the queue that a long answer leaves behind is given back beyond this.
constexpr std::size_t kKeptCapacity = 64 * 1024;

}  // namespace

Playback::Playback(MediaStream& media, AudioFormat format, PlaybackOptions options)
    : media_(media), format_(format), options_(options) {}

bool Playback::push(std::string_view utterance, const AudioPayload& audio, TimePoint now) {
  if (!current_.empty() && current_ != utterance) finish(current_, now);
  const std::size_t bytes = payload_size(audio);
  if (bytes == 0) return true;
  if (passes(audio, bytes, now)) {
    send(utterance, audio, bytes, 0, now);
    return true;
  }
  ByteView view;
  if (!payload_bytes(audio, scratch_, view)) return false;
  const std::size_t capacity =
      format_.bytes_per_second() * static_cast<std::size_t>(options_.capacity.count()) / 1000;
  const std::size_t waiting = queue_.size() - queue_at_;
  const std::size_t room = capacity > waiting ? capacity - waiting : 0;
  counters_.overflow_bytes += view.size() - std::min(room, view.size());
  enqueue(utterance, view.subview(0, room));
  pump(now);
  return room >= view.size();
}

void Playback::finish(std::string_view utterance, TimePoint now) {
  const auto is_it = [&](const Waiting& w) { return w.utterance == utterance; };
  const auto found = std::find_if(waiting_.rbegin(), waiting_.rend(), is_it);
  if (found != waiting_.rend()) {
    found->finished = true;
    pump(now);
    return;
  }
  if (current_ == utterance && !current_.empty()) {
    current_.clear();
    if (unmarked_bytes_ > 0) send_mark(now);
  }
}

void Playback::on_mark(std::string_view name, TimePoint now) { ledger_.echoed(name, now); }

Playback::Cut Playback::clear(TimePoint now) {
  PlaybackLedger::Interruption heard = ledger_.clear(now);
  media_.clear();
  Cut cut{std::move(heard.playing), std::move(heard.unheard), queue_.size() - queue_at_};
  for (Waiting& w : waiting_) {
    const bool known = (cut.playing && cut.playing->utterance == w.utterance) ||
                       (!cut.unheard.empty() && cut.unheard.back() == w.utterance);
    if (!known) cut.unheard.push_back(std::move(w.utterance));
  }
  counters_.cut_bytes += cut.bytes_dropped;
  queue_.clear();
  queue_at_ = 0;
  waiting_.clear();
  current_.clear();
  unmarked_bytes_ = 0;
  next_send_.reset();
  if (tap_) tap_->on_cleared(now);
  return cut;
}

void Playback::footprint(Footprint& to) const {
  to.add(*this);
  to.add(current_.data(), current_.size());
  ledger_.footprint(to);
  media_.footprint(to);
}

TimePoint Playback::estimated_end(TimePoint now) const {
  return ledger_.estimated_end(now) + format_.duration(queue_.size() - queue_at_);
}

/// Whole frames, nothing ahead of them and room before the ear: they need not be touched.
bool Playback::passes(const AudioPayload& audio, std::size_t bytes, TimePoint now) const {
  return queue_empty() && audio.format == format_ && bytes % frame_bytes() == 0 &&
         ledger_.lead(now) + format_.duration(bytes) <= options_.lead;
}

void Playback::enqueue(std::string_view utterance, ByteView bytes) {
  if (bytes.empty()) return;
  if (queue_at_ > 0 && queue_at_ >= queue_.size() / 2) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_at_));
    queue_at_ = 0;
  }
  queue_.insert(queue_.end(), bytes.begin(), bytes.end());
  if (waiting_.empty() || waiting_.back().utterance != utterance || waiting_.back().finished) {
    waiting_.push_back({std::string(utterance), 0, false});
  }
  waiting_.back().bytes += bytes.size();
}

/// Bytes that may go now, in whole frames, without running further ahead than `lead`.
std::size_t Playback::allowance(TimePoint now) const {
  const Micros room = options_.lead - ledger_.lead(now);
  if (room <= Micros::zero()) return 0;
  const auto frames = static_cast<std::size_t>(room / Micros(20000));
  return frames * frame_bytes();
}

void Playback::pump(TimePoint now) {
  next_send_.reset();
  const std::size_t frame = frame_bytes();
  while (!waiting_.empty()) {
    Waiting& head = waiting_.front();
    const bool complete = head.finished || waiting_.size() > 1;
    if (head.bytes >= frame) {
      const std::size_t allowed = allowance(now);
      if (allowed == 0) {
        // Again when a quarter of the lead has been played: few wake-ups, never dry.
        const Micros excess = ledger_.lead(now) - Micros(options_.lead) * 3 / 4;
        next_send_ = now + std::max(excess, Micros(5000));
        return;
      }
      send_waiting(head, std::min(head.bytes - head.bytes % frame, allowed), now);
    } else if (head.bytes > 0 && !complete) {
      return;  // Less than a frame: the rest of it is on its way from the model.
    } else {
      if (head.bytes > 0) send_padded(head, now);
      pop_waiting(complete, now);
    }
  }
}

void Playback::send_waiting(Waiting& head, std::size_t bytes, TimePoint now) {
  const ByteView piece(queue_.data() + queue_at_, bytes);
  queue_at_ += bytes;
  head.bytes -= bytes;
  send(head.utterance, AudioPayload::from_bytes(format_, piece), bytes, 0, now);
}

/// The last piece, shorter than a frame: filled up so that the border does not click.
void Playback::send_padded(Waiting& head, TimePoint now) {
  const std::size_t frame = frame_bytes();
  const auto from = queue_.begin() + static_cast<std::ptrdiff_t>(queue_at_);
  scratch_.assign(from, from + static_cast<std::ptrdiff_t>(head.bytes));
  scratch_.resize(frame, format_.silence_byte());
  const std::size_t padding = frame - head.bytes;
  queue_at_ += head.bytes;
  head.bytes = 0;
  send(head.utterance, AudioPayload::from_bytes(format_, scratch_), frame, padding, now);
}

void Playback::pop_waiting(bool complete, TimePoint now) {
  waiting_.erase(waiting_.begin());
  if (waiting_.empty()) {
    queue_.clear();
    queue_at_ = 0;
    if (queue_.capacity() > kKeptCapacity) Bytes().swap(queue_);
  }
  if (!complete) return;  // More of it may come, and may pass through again.
  current_.clear();
  if (unmarked_bytes_ > 0) send_mark(now);
}

void Playback::send(std::string_view utterance, const AudioPayload& audio, std::size_t bytes,
                    std::size_t padding, TimePoint now) {
  if (current_ != utterance) current_.assign(utterance);
  const TimePoint heard_at = ledger_.next_start(now);
  if (!media_.send_audio(audio)) {
    counters_.refused_bytes += bytes - padding;
    return;
  }
  counters_.sent_bytes += bytes - padding;
  counters_.padding_bytes += padding;
  if (tap_) tap_->on_played(audio, heard_at);
  ledger_.sent(utterance, format_.duration(bytes), now);
  unmarked_bytes_ += bytes;
  if (format_.duration(unmarked_bytes_) >= options_.mark_interval) send_mark(now);
}

void Playback::send_mark(TimePoint now) {
  unmarked_bytes_ = 0;
  media_.send_mark(ledger_.mark(now));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
