#include "voicebridge/audio/voice_activity_detector.hpp"

#include <algorithm>
#include <cmath>

#include "voicebridge/audio/level.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr int kFramesPerSecond = 50;
constexpr Millis kFrame{1000 / kFramesPerSecond};

// Telephone speech begins at 300 Hz: below 100 Hz is DC, mains hum and handling noise.
constexpr double kHighPassHz = 100;

// A loud frame is above both: an absolute level, and a margin over the noise. Both rise with the
// threshold.
constexpr double kLevelAtZero = -55;
constexpr double kLevelSpan = 20;
constexpr double kMarginAtZero = 4;
constexpr double kMarginSpan = 8;
// Speech that has begun may be this much softer (dB) and still goes on.
constexpr double kHysteresis = 3;

// Noise keeps its level within this range (dB) for 300 ms; speech does not. What is louder than the
// loudest noise is never taken for it, however steady: a tone, a sung vowel.
constexpr double kSteadyRange = 5;
constexpr double kLoudestNoise = -30;

constexpr double kInitialFloor = -60;
constexpr double kLowestFloor = -70;
constexpr double kFloorFall = 0.3;   // share of the difference, a frame
constexpr double kFloorRise = 0.05;  // share of the difference, a frame without speech
constexpr double kFloorCreep =
    0.02;  // dB a frame of sound: nobody speaks for a minute without a pause

// So many loud frames in a row end a pause; fewer are a click in it, which can touch two.
constexpr unsigned kResumeFrames = 3;

Result<void> check_range(Millis value, Millis lowest, Millis highest, const char* field) {
  if (value >= lowest && value <= highest) return {};
  return fail(Errc::invalid_argument,
              "must be " + std::to_string(lowest.count()) + " to " +
                  std::to_string(highest.count()) + " ms",
              field);
}

Result<void> check(std::uint32_t sample_rate, const VadOptions& options) {
  if (sample_rate < 8000 || sample_rate > 48000 || sample_rate % kFramesPerSecond != 0) {
    return fail(Errc::invalid_argument, "must be 8000 to 48000 Hz and a multiple of 50",
                "sample_rate");
  }
  if (!(options.threshold >= 0 && options.threshold <= 1)) {
    return fail(Errc::invalid_argument, "must be 0 to 1", "threshold");
  }
  return check_range(options.prefix_padding, Millis(0), Millis(10000), "prefix_padding")
      .and_then([&] {
        return check_range(options.silence_duration, kFrame, Millis(10000), "silence_duration");
      })
      .and_then([&] {
        return check_range(options.minimum_speech, kFrame, Millis(2000), "minimum_speech");
      });
}

}  // namespace

Result<VoiceActivityDetector> VoiceActivityDetector::create(std::uint32_t sample_rate,
                                                            VadOptions options) {
  if (auto checked = check(sample_rate, options); !checked) return fail(std::move(checked.error()));
  return VoiceActivityDetector(sample_rate, options);
}

VoiceActivityDetector::VoiceActivityDetector(std::uint32_t sample_rate, VadOptions options)
    : sample_rate_(sample_rate),
      options_(options),
      frame_size_(sample_rate / kFramesPerSecond),
      pole_(std::exp(-2 * 3.141592653589793 * kHighPassHz / sample_rate)),
      floor_(kInitialFloor) {}

void VoiceActivityDetector::reset() noexcept {
  *this = VoiceActivityDetector(sample_rate_, options_);
}

void VoiceActivityDetector::process(SampleView samples, std::vector<VadEvent>& events) {
  if (position_ == 0 && !samples.empty())
    last_in_ = samples[0];  // a stream with DC begins without a step
  for (const std::int16_t sample : samples) {
    const double filtered = high_pass(sample);
    frame_energy_ += filtered * filtered;
    ++position_;
    if (++frame_filled_ == frame_size_) end_frame(events);
  }
}

double VoiceActivityDetector::high_pass(double sample) noexcept {
  last_out_ = pole_ * (last_out_ + sample - last_in_);
  last_in_ = sample;
  return last_out_;
}

void VoiceActivityDetector::end_frame(std::vector<VadEvent>& events) {
  const double level = mean_square_to_dbfs(frame_energy_ / static_cast<double>(frame_size_));
  frame_energy_ = 0;
  frame_filled_ = 0;

  remember(level);
  const bool loud = is_loud(level);
  adapt_floor(level, loud);
  if (speaking_) {
    look_for_end(loud, events);
  } else {
    look_for_start(loud, events);
  }
}

bool VoiceActivityDetector::is_loud(double level) const noexcept {
  const double absolute = kLevelAtZero + kLevelSpan * options_.threshold;
  const double above_noise = floor_ + kMarginAtZero + kMarginSpan * options_.threshold;
  const double needed = std::max(absolute, above_noise);
  return level > (speaking_ ? needed - kHysteresis : needed);
}

void VoiceActivityDetector::remember(double level) noexcept {
  levels_[frames_seen_ % kHistory] = level;
  ++frames_seen_;
}

double VoiceActivityDetector::recent_level(std::size_t frames_ago) const noexcept {
  return levels_[(frames_seen_ - 1 - frames_ago) % kHistory];
}

double VoiceActivityDetector::mean_level(std::size_t frames) const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < frames; ++i) sum += recent_level(i);
  return sum / static_cast<double>(frames);
}

/// Whether the last frames sound like noise: soft enough, and all of one level.
bool VoiceActivityDetector::is_steady(std::size_t frames) const noexcept {
  double lowest = recent_level(0);
  double highest = lowest;
  for (std::size_t i = 1; i < frames; ++i) {
    lowest = std::min(lowest, recent_level(i));
    highest = std::max(highest, recent_level(i));
  }
  return highest - lowest < kSteadyRange && mean_level(frames) < kLoudestNoise;
}

void VoiceActivityDetector::adapt_floor(double level, bool loud) noexcept {
  if (frames_seen_ >= kHistory && is_steady(kHistory)) {
    floor_ = mean_level(kHistory);
  } else if (level < floor_) {
    floor_ += kFloorFall * (level - floor_);
  } else if (!loud) {
    floor_ += kFloorRise * (level - floor_);
  } else {
    floor_ += kFloorCreep;
  }
  floor_ = std::clamp(floor_, kLowestFloor, kLoudestNoise);
}

void VoiceActivityDetector::look_for_start(bool loud, std::vector<VadEvent>& events) {
  const unsigned needed = to_frames(options_.minimum_speech);
  if (!loud) {  // a dip inside a word is forgiven, a long sound is not remembered for long
    if (loud_run_ > 0) loud_run_ = std::min(loud_run_, needed) - 1;
    return;
  }
  if (loud_run_ == 0) sound_start_ = position_ - frame_size_;
  ++loud_run_;
  if (loud_run_ < needed) return;

  // The first frame of a sound is only partly filled with it: noise would look unsteady.
  const std::uint64_t frames = (position_ - sound_start_) / frame_size_;
  const auto judged = static_cast<std::size_t>(std::clamp<std::uint64_t>(frames - 1, 1, kHistory));
  if (is_steady(judged)) return;

  speaking_ = true;
  loud_run_ = 0;
  quiet_run_ = 0;
  const std::uint64_t padding = std::min(sound_start_, to_samples(options_.prefix_padding));
  events.push_back({VadEvent::Kind::speech_started, std::max(sound_start_ - padding, last_stop_)});
}

void VoiceActivityDetector::look_for_end(bool loud, std::vector<VadEvent>& events) {
  loud_run_ = loud ? loud_run_ + 1 : 0;
  quiet_run_ = loud_run_ >= kResumeFrames ? 0 : quiet_run_ + 1;
  if (loud || quiet_run_ < to_frames(options_.silence_duration)) return;

  speaking_ = false;
  loud_run_ = 0;
  last_stop_ = position_;
  events.push_back({VadEvent::Kind::speech_stopped, last_stop_});
}

Millis VoiceActivityDetector::to_millis(std::uint64_t sample) const noexcept {
  return Millis(sample * 1000 / sample_rate_);
}

std::uint64_t VoiceActivityDetector::to_samples(Millis time) const noexcept {
  return static_cast<std::uint64_t>(time.count()) * sample_rate_ / 1000;
}

unsigned VoiceActivityDetector::to_frames(Millis time) const noexcept {
  return static_cast<unsigned>((time + kFrame - Millis(1)) / kFrame);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
