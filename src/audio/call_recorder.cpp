#include "voicebridge/audio/call_recorder.hpp"

#include <algorithm>

#include "audio/recorder_track.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

struct CallRecorder::Impl {
  Impl(CallRecorderOptions opts, WavWriter writer)
      : options(std::move(opts)),
        file(std::move(writer)),
        caller(file, file_error, options.sample_rate, options.max_length, 0),
        agent(file, file_error, options.sample_rate, options.max_length, 1) {}

  void add(detail::RecorderTrack& track, const AudioPayload& audio, Millis position) {
    if (finished || !track.add(audio, position)) ++dropped;
  }

  Result<Recording> finish();

  CallRecorderOptions options;
  WavWriter file;
  std::optional<Error> file_error;
  detail::RecorderTrack caller;
  detail::RecorderTrack agent;
  std::uint64_t dropped = 0;
  bool finished = false;
};

Result<Recording> CallRecorder::Impl::finish() {
  if (finished) return fail(Errc::conflict, "the recording is finished");
  finished = true;
  caller.finish();
  agent.finish();
  if (file_error) return fail(*file_error);
  auto closed =
      file.truncate(std::max(caller.end(), agent.end())).and_then([&] { return file.close(); });
  if (!closed) return fail(std::move(closed.error()));
  return Recording{options.path, file.duration()};
}

Result<CallRecorder> CallRecorder::create(CallRecorderOptions options) {
  if (options.max_length < Millis(0) || options.max_length > std::chrono::hours(5)) {
    // 5 hours at 48 kHz are 3.5 GB; a WAV file ends at 4.
    return fail(Errc::invalid_argument, "a recording can be 0 to 5 hours long", "max_length");
  }
  auto file = WavWriter::create(options.path, options.sample_rate, 2);
  if (!file) return fail(std::move(file.error()));
  return CallRecorder(std::make_unique<Impl>(std::move(options), std::move(*file)));
}

CallRecorder::CallRecorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CallRecorder::CallRecorder(CallRecorder&&) noexcept = default;

CallRecorder& CallRecorder::operator=(CallRecorder&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

CallRecorder::~CallRecorder() {
  if (impl_ && !impl_->finished) static_cast<void>(impl_->finish());
}

void CallRecorder::add_caller(const AudioPayload& audio, Millis position) {
  impl_->add(impl_->caller, audio, position);
}

void CallRecorder::add_agent(const AudioPayload& audio, Millis position) {
  impl_->add(impl_->agent, audio, position);
}

void CallRecorder::cut_agent_from(Millis position) {
  if (!impl_->finished) impl_->agent.cut_from(position);
}

Result<Recording> CallRecorder::finish() { return impl_->finish(); }

std::uint64_t CallRecorder::dropped() const noexcept { return impl_->dropped; }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
