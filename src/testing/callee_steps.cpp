#include "voicebridge/testing/callee_steps.hpp"

#include <map>
#include <tuple>

#include "voicebridge/audio/audio_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

class RememberingVoice final : public VoiceSource {
 public:
  std::shared_ptr<const Bytes> speak(std::string_view language, std::string_view text,
                                     AudioFormat format) const override {
    auto& speech = speech_[{std::string(text), format.encoding, format.sample_rate}];
    if (!speech) speech = ToneVoice().speak(language, text, format);
    return speech;
  }

 private:
  using Key = std::tuple<std::string, AudioEncoding, std::uint32_t>;
  mutable std::map<Key, std::shared_ptr<const Bytes>> speech_;
};

}  // namespace

std::shared_ptr<const VoiceSource> remembering_voice() {
  static const auto voice = std::make_shared<RememberingVoice>();
  return voice;
}

CalleeStep callee_says(const std::string& words) {
  const auto audio = remembering_voice()->speak("en", words, AudioFormat::l16(8000));
  auto samples = std::make_shared<Samples>();
  (void)(*make_audio_codec(AudioFormat::l16(8000)))->decode(*audio, *samples);
  CalleeStep step;
  step.kind = CalleeStep::Kind::play;
  step.text = words;
  step.samples = std::move(samples);
  return step;
}

CalleeStep callee_waits(CalleeStep::Kind what, Millis duration) {
  CalleeStep step;
  step.kind = what;
  step.duration = duration;
  return step;
}

CalleeStep callee_presses(const std::string& keys) {
  CalleeStep step;
  step.kind = CalleeStep::Kind::dtmf;
  step.text = keys;
  return step;
}

CalleeStep callee_hangs_up() {
  CalleeStep step;
  step.kind = CalleeStep::Kind::hangup;
  return step;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
