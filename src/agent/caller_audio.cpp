#include "agent/caller_audio.hpp"

#include <algorithm>

#include "voicebridge/audio/silence.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Longer silences are filled in pieces, so that a stalled process does not send seconds at once.
constexpr Millis kLongestFill{1000};
/// Half a frame: the clocks of carriers are not better than that.
constexpr Millis kLeastGap{10};

}  // namespace

Result<> CallerAudio::configure(AudioFormat from_carrier, AudioFormat to_model) {
  from_ = from_carrier;
  to_ = to_model;
  transcoder_.reset();
  if (from_ != to_) {
    auto transcoder = Transcoder::create(from_, to_);
    if (!transcoder) return fail(transcoder.error());
    transcoder_ = std::make_unique<Transcoder>(std::move(*transcoder));
  }
  configured_ = true;
  return {};
}

void CallerAudio::lose() {
  hold();
  lost_ = true;
}

bool CallerAudio::open(SpeechSession& model, TimePoint now) {
  model_ = &model;
  const bool again = lost_ && !muted_ && memory_.any();
  lost_ = false;
  if (again) {
    memory_.take(from_, [&](const AudioPayload& audio) {
      counters_.caller_bytes_replayed += payload_size(audio);
      forward(audio, now);
    });
  }
  if (ring_.empty()) return again;
  Bytes kept;
  kept.swap(ring_);
  forward(AudioPayload::from_bytes(from_, kept), now);
  return again;
}

void CallerAudio::on_audio(const AudioPayload& audio, Millis position, TimePoint now) {
  const std::size_t size = payload_size(audio);
  counters_.caller_bytes += size;
  if (muted_ || !configured_) return;
  fill_left_out(position, now);
  next_position_ = position + std::chrono::duration_cast<Millis>(audio.format.duration(size));
  filled_ = Millis(0);
  heard_until_ = now;
  if (model_ != nullptr) {
    forward(audio, now);
  } else {
    keep(audio);
  }
}

Deadline CallerAudio::next_deadline() const {
  if (model_ == nullptr || muted_ || !heard_until_) return {};
  return *heard_until_ + gap_after_;
}

void CallerAudio::on_deadline(TimePoint now) {
  const Deadline due = next_deadline();
  if (!due || now < *due) return;
  const auto missing = std::chrono::duration_cast<Millis>(now - *heard_until_);
  const Millis length = std::min(missing, kLongestFill);
  fill_gap(length, now);
  filled_ += length;
  heard_until_ = now;
}

void CallerAudio::forward(const AudioPayload& audio, TimePoint now) {
  memory_.add(audio);
  if (!transcoder_) {
    model_->append_audio(audio, now);
    counters_.caller_bytes_forwarded += payload_size(audio);
    return;
  }
  ByteView bytes;
  if (!payload_bytes(audio, scratch_, bytes)) return;
  transcoded_.clear();
  if (!transcoder_->process(bytes, transcoded_) || transcoded_.empty()) return;
  counters_.caller_bytes_forwarded += bytes.size();
  model_->append_audio(AudioPayload::from_bytes(to_, transcoded_), now);
}

void CallerAudio::keep(const AudioPayload& audio) {
  ByteView bytes;
  if (!payload_bytes(audio, scratch_, bytes)) return;
  // In the middle of a talk every word counts.
  const Millis most = lost_ ? std::max(ring_limit_, kTurnLimit) : ring_limit_;
  const std::size_t limit =
      from_.bytes_per_second() * static_cast<std::size_t>(most.count()) / 1000;
  ring_.insert(ring_.end(), bytes.begin(), bytes.end());
  if (ring_.size() <= limit) return;
  const std::size_t excess = ring_.size() - limit;
  ring_.erase(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(excess));
  counters_.caller_bytes_dropped += excess;
}

/// Twilio sends nothing while the caller is muted and the like, and a frame may be lost anywhere.
void CallerAudio::fill_left_out(Millis position, TimePoint now) {
  if (!next_position_ || !from_.constant_rate()) return;
  const Millis left_out = position - *next_position_ - filled_;
  if (left_out < kLeastGap) return;
  const Millis length = std::min(left_out, kLongestFill);
  if (model_ != nullptr) return fill_gap(length, now);
  Bytes silence;
  append_silence(silence, from_, length);
  counters_.gap_bytes_filled += silence.size();
  keep(AudioPayload::from_bytes(from_, silence));
}

void CallerAudio::fill_gap(Millis length, TimePoint now) {
  scratch_.clear();
  append_silence(scratch_, to_, length);
  counters_.gap_bytes_filled += scratch_.size();
  model_->append_audio(AudioPayload::from_bytes(to_, scratch_), now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
