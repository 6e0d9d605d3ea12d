#include "openai_input_audio.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

/// The detector needs a while to be sure of a start; so much more than the prefix is kept.
constexpr Millis kDetectionLag{300};

std::optional<VadOptions> vad_options(const std::optional<TurnDetectionConfig>& config) {
  if (!config) return std::nullopt;
  VadOptions options;
  options.threshold = config->threshold;
  options.prefix_padding = std::min(config->prefix_padding, Millis(10000));
  options.silence_duration = std::clamp(config->end_of_turn(), Millis(20), Millis(10000));
  return options;
}

bool same(const std::optional<VadOptions>& a, const std::optional<VadOptions>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->threshold == b->threshold && a->prefix_padding == b->prefix_padding &&
         a->silence_duration == b->silence_duration;
}

}  // namespace

InputAudio::InputAudio() : codec_(std::move(*make_audio_codec(format_))) {}

void InputAudio::configure(const SessionConfig& config) {
  const bool new_format = config.input_format() != format_;
  if (new_format) {
    earlier_ += format_.duration(epoch_bytes_);
    epoch_bytes_ = 0;
    pending_.clear();
    format_ = config.input_format();
    codec_ = std::move(*make_audio_codec(format_));
  }
  auto options = vad_options(config.turn_detection());
  if (!new_format && same(options, options_)) return;
  options_ = options;
  restart_detector();
}

void InputAudio::restart_detector() {
  events_.clear();
  detector_.reset();
  detector_start_ = received();
  if (!options_) return;
  if (auto detector = VoiceActivityDetector::create(format_.sample_rate, *options_)) {
    detector_.emplace(std::move(*detector));
  }
}

std::optional<SpeechEdge> InputAudio::consume(ByteView& bytes) {
  const std::size_t slice_bytes = format_.frame_bytes();
  auto edge = next_edge();
  while (!edge && !bytes.empty()) {
    const ByteView slice = bytes.subview(0, slice_bytes);
    bytes = bytes.subview(slice.size());
    listen(slice);
    edge = next_edge();
  }
  return edge;
}

void InputAudio::listen(ByteView slice) {
  total_bytes_ += slice.size();
  epoch_bytes_ += slice.size();
  pending_.insert(pending_.end(), slice.begin(), slice.end());
  if (!detector_) {
    drop_front(kMaxPendingBytes);
    return;
  }
  samples_.clear();
  if (codec_->decode(slice, samples_)) detector_->process(samples_, events_);
  const Millis kept = options_->prefix_padding + kDetectionLag;
  const auto kept_bytes =
      static_cast<std::size_t>(kept.count()) * format_.bytes_per_second() / 1000;
  drop_front(detector_->speaking() || !events_.empty() ? kMaxPendingBytes : kept_bytes);
}

void InputAudio::drop_front(std::size_t keep) {
  if (pending_.size() <= keep) return;
  const std::size_t surplus = pending_.size() - keep;
  if (keep == kMaxPendingBytes) dropped_bytes_ += surplus;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(surplus));
}

std::optional<SpeechEdge> InputAudio::next_edge() {
  if (events_.empty()) return std::nullopt;
  const VadEvent event = events_.front();
  events_.erase(events_.begin());
  const bool started = event.kind == VadEvent::Kind::speech_started;
  if (started) {
    drop_front(static_cast<std::size_t>(detector_->position() - event.sample) * sample_bytes());
  }
  return SpeechEdge{started, detector_start_ + detector_->to_millis(event.sample)};
}

std::shared_ptr<const Bytes> InputAudio::take() {
  auto audio = std::make_shared<const Bytes>(std::move(pending_));
  pending_.clear();
  return audio;
}

void InputAudio::clear() {
  pending_.clear();
  restart_detector();
}

Millis InputAudio::received() const {
  return std::chrono::duration_cast<Millis>(earlier_ + format_.duration(epoch_bytes_));
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
