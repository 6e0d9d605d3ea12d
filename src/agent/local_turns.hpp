#pragma once

#include <functional>
#include <memory>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/voice_activity_detector.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Finds the caller's turns in the audio itself, for models that are told when a turn is over.
class LocalTurns {
 public:
  struct Observer {
    std::function<void(bool speaking)> on_activity;
    std::function<void(bool respond)> on_commit;  ///< Hand over what was said so far.
  };
  static Result<std::unique_ptr<LocalTurns>> create(AudioFormat format, const VadOptions& vad,
                                                    Millis min_commit, Millis max_commit,
                                                    Observer observer);
  void on_audio(const AudioPayload& audio);

 private:
  LocalTurns(VoiceActivityDetector vad, Millis min_commit, Millis max_commit, Observer observer)
      : vad_(std::move(vad)),
        min_commit_(min_commit),
        max_commit_(max_commit),
        observer_(std::move(observer)) {}

  VoiceActivityDetector vad_;
  Millis min_commit_;
  Millis max_commit_;
  Observer observer_;
  std::unique_ptr<AudioCodec> codec_;
  Bytes scratch_;
  Samples samples_;
  std::vector<VadEvent> events_;
  Micros since_commit_{0};
  Micros turn_{0};
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
