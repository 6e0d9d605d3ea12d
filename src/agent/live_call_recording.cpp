// The recording of a call: a file of ours, or the carrier's.
#include <filesystem>

#include "agent/live_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kWaitingChanges = 16;

}  // namespace

bool LiveCall::record(RecordingChange change) {
  if (plan_.options.recording.by == RecordedBy::carrier) return record_at_carrier(change);
  switch (change) {
    case RecordingChange::start:
      if (!recorder_) open_recorder();
      records_ = recorder_.has_value();
      // Nobody has asked for one where there is no folder.
      return records_ || shop_->options.record_dir.empty();
    case RecordingChange::pause:
    case RecordingChange::stop:
      records_ = false;
      return true;
    case RecordingChange::resume:
      records_ = recorder_.has_value();
      return true;
  }
  return false;
}

void LiveCall::open_recorder() {
  if (shop_->options.record_dir.empty()) return;
  CallRecorderOptions options;
  recording_ =
      (std::filesystem::path(shop_->options.record_dir) / (plan_.call_id + ".wav")).string();
  options.path = recording_;
  auto recorder = CallRecorder::create(options);
  if (recorder) {
    recorder_.emplace(std::move(*recorder));
  } else {
    recording_.clear();
    shop_->parts.log.warn("call", "no recording",
                          {{"call", plan_.call_id}, {"error", to_string(recorder.error())}});
  }
}

void LiveCall::close_recorder() {
  records_ = false;
  if (!recorder_) return;
  if (const auto finished = recorder_->finish(); !finished) {
    shop_->parts.log.warn("call", "the recording is not complete",
                          {{"call", plan_.call_id}, {"error", to_string(finished.error())}});
  }
}

void LiveCall::on_caller_audio(const AudioPayload& audio, Millis at) {
  if (records_) recorder_->add_caller(audio, at);
}

void LiveCall::on_agent_audio(const AudioPayload& audio, Millis at) {
  if (records_) recorder_->add_agent(audio, at);
}

void LiveCall::on_agent_cut(Millis at) {
  if (recorder_) recorder_->cut_agent_from(at);
}

/// One command after the other: the recording has no name before it has begun.
bool LiveCall::record_at_carrier(RecordingChange change) {
  if (controls() == nullptr || leg_id_.empty()) return false;
  if (leg_gone_) {
    // The recording has ended with its leg, which takes no commands any more.
    recording_changes_.clear();
    return true;
  }
  if (recording_changes_.size() < kWaitingChanges) recording_changes_.push_back(change);
  next_recording_change();
  return true;
}

void LiveCall::next_recording_change() {
  if (recording_busy_ || recording_changes_.empty()) return;
  const RecordingChange change = recording_changes_.front();
  recording_changes_.erase(recording_changes_.begin());
  const bool begin =
      change == RecordingChange::start || (change == RecordingChange::resume && !carrier_records_);
  if (!begin && !carrier_records_) return next_recording_change();
  recording_busy_ = true;
  if (begin) {
    return controls()->start_recording(
        leg_id_, scheduler_, [self = shared_from_this()](const Result<std::string>& started) {
          self->carrier_records_ = started.has_value();
          if (started) self->recording_id_ = *started;
          self->recording_changed(started ? Result<>() : fail(started.error()));
        });
  }
  const auto what = change == RecordingChange::pause    ? CarrierRecording::pause
                    : change == RecordingChange::resume ? CarrierRecording::resume
                                                        : CarrierRecording::stop;
  controls()->change_recording(leg_id_, recording_id_, what, scheduler_,
                               [self = shared_from_this(), what](const Result<>& done) {
                                 if (what == CarrierRecording::stop) self->carrier_records_ = false;
                                 // What shall not be recorded must not be: rather no recording than
                                 // one that went on.
                                 const bool failed_pause = !done && what == CarrierRecording::pause;
                                 if (failed_pause)
                                   self->recording_changes_.insert(self->recording_changes_.begin(),
                                                                   RecordingChange::stop);
                                 self->recording_changed(done);
                               });
}

void LiveCall::recording_changed(const Result<>& done) {
  recording_busy_ = false;
  if (!done) {
    shop_->parts.log.warn("call", "the carrier did not change the recording",
                          {{"call", plan_.call_id}, {"error", to_string(done.error())}});
  }
  next_recording_change();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
