#include "agent/local_turns.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Result<std::unique_ptr<LocalTurns>> LocalTurns::create(AudioFormat format, const VadOptions& vad,
                                                       Millis min_commit, Millis max_commit,
                                                       Observer observer) {
  auto codec = make_audio_codec(format);
  if (!codec) return fail(codec.error());
  auto detector = VoiceActivityDetector::create(format.sample_rate, vad);
  if (!detector) return fail(detector.error());
  std::unique_ptr<LocalTurns> turns(
      new LocalTurns(std::move(*detector), min_commit, max_commit, std::move(observer)));
  turns->codec_ = std::move(*codec);
  return turns;
}

void LocalTurns::on_audio(const AudioPayload& audio) {
  ByteView bytes;
  samples_.clear();
  if (!payload_bytes(audio, scratch_, bytes) || !codec_->decode(bytes, samples_)) return;
  events_.clear();
  vad_.process(samples_, events_);
  const Micros length = audio.format.duration(bytes.size());
  for (const VadEvent& event : events_) {
    const bool began = event.kind == VadEvent::Kind::speech_started;
    if (began) turn_ = since_commit_ = Micros::zero();
    observer_.on_activity(began);
    if (!began && turn_ >= min_commit_) observer_.on_commit(true);
  }
  if (!vad_.speaking()) return;
  turn_ += length;
  since_commit_ += length;
  if (since_commit_ >= max_commit_) {
    since_commit_ = Micros::zero();
    observer_.on_commit(false);
  }
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
