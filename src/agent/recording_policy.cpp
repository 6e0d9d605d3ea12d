#include "agent/recording_policy.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr unsigned kAnnouncements = 3;

}  // namespace

RecordingPolicy::Step RecordingPolicy::audio_flows() {
  if (state_ != State::idle || options_.by == RecordedBy::nobody) return Step::none;
  return options_.consent == RecordingConsent::none ? begin() : Step::none;
}

RecordingPolicy::Step RecordingPolicy::person_listens() {
  if (state_ == State::announcing) return Step::announce;  // To a new session with the model.
  if (state_ != State::idle || options_.by == RecordedBy::nobody) return Step::none;
  if (options_.consent == RecordingConsent::none) return Step::none;
  if (options_.announcement.empty()) return announced(true);
  state_ = State::announcing;
  announcements_ = 1;
  return Step::announce;
}

RecordingPolicy::Step RecordingPolicy::announced(bool whole) {
  if (state_ != State::announcing && state_ != State::idle) return Step::none;
  if (whole) {
    if (options_.consent != RecordingConsent::agreed) return begin();
    state_ = State::asking;
    return Step::none;
  }
  if (++announcements_ <= kAnnouncements) return Step::announce;
  state_ = State::off;
  return Step::none;
}

RecordingPolicy::Step RecordingPolicy::consent(bool agreed) {
  if (agreed) return state_ == State::asking ? begin() : Step::none;
  const bool stop = state_ == State::running && started_;
  if (state_ != State::idle) state_ = State::off;
  return stop ? Step::stop : Step::none;
}

RecordingPolicy::Step RecordingPolicy::private_begins() {
  if (private_ || !options_.pause_for_masked_keys) return Step::none;
  private_ = true;
  return state_ == State::running && started_ ? Step::pause : Step::none;
}

RecordingPolicy::Step RecordingPolicy::private_ends() {
  if (!private_) return Step::none;
  private_ = false;
  if (state_ != State::running) return Step::none;
  if (started_) return Step::resume;
  started_ = true;
  return Step::start;
}

RecordingPolicy::Step RecordingPolicy::over() {
  const bool stop = state_ == State::running && started_;
  state_ = State::off;
  return stop ? Step::stop : Step::none;
}

RecordingPolicy::Step RecordingPolicy::begin() {
  state_ = State::running;
  if (private_) return Step::none;
  started_ = true;
  return Step::start;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
