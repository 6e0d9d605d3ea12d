#include "audio/recorder_track.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr std::size_t kChannels = 2;
// Positions come rounded to milliseconds: what is this near to the end of a run continues it.
constexpr Micros kSeam{2000};

}  // namespace

RecorderTrack::RecorderTrack(WavWriter& file, std::optional<Error>& file_error,
                             std::uint32_t sample_rate, Millis max_length, unsigned channel)
    : file_(file),
      file_error_(file_error),
      sample_rate_(sample_rate),
      max_length_(max_length),
      channel_(channel) {}

bool RecorderTrack::add(const AudioPayload& audio, Millis position) {
  ByteView bytes;
  if (position < Millis(0) || position >= max_length_) return false;
  if (!payload_bytes(audio, bytes_, bytes)) return false;
  if (!continues_run(audio, position)) {
    end_run();
    if (!begin_run(audio, position)) return false;
  }
  decoded_.clear();
  if (!codec_->decode(bytes, decoded_)) return false;
  run_samples_ += decoded_.size();
  append_decoded();
  return run_end() <= max_length_;
}

bool RecorderTrack::continues_run(const AudioPayload& audio, Millis position) const noexcept {
  if (!codec_ || codec_->format() != audio.format) return false;
  const Micros apart = Micros(position) - run_end();
  return apart < kSeam && -apart < kSeam;
}

bool RecorderTrack::begin_run(const AudioPayload& audio, Millis position) {
  auto codec = make_audio_codec(audio.format);
  if (!codec) return false;
  codec_ = std::move(*codec);
  resampler_.reset();
  run_in_ = 0;
  if (audio.format.sample_rate != sample_rate_) {
    auto resampler = Resampler::create(audio.format.sample_rate, sample_rate_);
    if (!resampler) return false;
    resampler_ = std::move(*resampler);
    run_in_ = resampler_->delay();
  }
  pending_frame_ = frame_at(position);
  run_start_ = position;
  run_samples_ = 0;
  return true;
}

void RecorderTrack::end_run() {
  if (resampler_) {
    resampled_.clear();
    resampler_->flush(resampled_);
    append(resampled_);
  }
  write_pending();
  codec_.reset();
  resampler_.reset();
}

void RecorderTrack::append_decoded() {
  if (!resampler_) return append(decoded_);
  resampled_.clear();
  resampler_->process(decoded_, resampled_);
  append(resampled_);
}

/// Takes the output of the run's codec and resampler, so that its first sample stands at the
/// position.
void RecorderTrack::append(SampleView samples) {
  const std::size_t skipped = std::min(run_in_, samples.size());
  run_in_ -= skipped;
  samples = samples.subview(skipped);
  while (!samples.empty()) {
    const SampleView part = samples.subview(0, sample_rate_ - pending_.size());
    pending_.insert(pending_.end(), part.begin(), part.end());
    samples = samples.subview(part.size());
    if (pending_.size() == sample_rate_) write_pending();
  }
}

void RecorderTrack::write_pending() {
  const std::uint64_t last = frame_at(max_length_);
  const std::uint64_t room = last - std::min(last, pending_frame_);
  const SampleView written = SampleView(pending_).subview(0, room);
  lay_over(pending_frame_, written);
  if (!written.empty()) end_ = std::max(end_, pending_frame_ + written.size());
  pending_frame_ += pending_.size();
  pending_.clear();
}

void RecorderTrack::lay_over(std::uint64_t frame, SampleView samples) {
  if (samples.empty() || file_error_) return;
  auto done = file_.read_at(frame, samples.size(), interleaved_);
  if (done) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      interleaved_[kChannels * i + channel_] = samples[i];
    }
    done = file_.write_at(frame, interleaved_);
  }
  if (!done) file_error_ = std::move(done.error());
}

void RecorderTrack::cut_from(Millis position) {
  end_run();
  const std::uint64_t from = frame_at(std::clamp(position, Millis(0), max_length_));
  const Samples silence(sample_rate_, 0);
  for (std::uint64_t frame = from; frame < end_; frame += silence.size()) {
    lay_over(frame, SampleView(silence).subview(0, end_ - frame));
  }
  end_ = std::min(end_, from);
}

void RecorderTrack::finish() { end_run(); }

Micros RecorderTrack::run_end() const noexcept {
  const auto rate = static_cast<std::int64_t>(codec_->format().sample_rate);
  return run_start_ + Micros(static_cast<std::int64_t>(run_samples_) * 1000000 / rate);
}

std::uint64_t RecorderTrack::frame_at(Millis position) const noexcept {
  return static_cast<std::uint64_t>(position.count()) * sample_rate_ / 1000;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
