#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Turns the simulated model's words into audio.
/// @par Threads `speak` from any thread, several at a time. It must not block: what takes long is
/// made ahead.
class VOICEBRIDGE_API VoiceSource {
 public:
  virtual ~VoiceSource() = default;
  /// The speech in `format`, which is µ-law, A-law or L16 at any rate from 8 to 48 kHz. The same
  /// words give the same bytes. Not null.
  virtual std::shared_ptr<const Bytes> speak(std::string_view language, std::string_view text,
                                             AudioFormat format) const = 0;
};

/// A melody of 65 ms a character, so that its length depends on the text and a voice detector hears
/// speech in it. Needs nothing installed.
class VOICEBRIDGE_API ToneVoice final : public VoiceSource {
 public:
  static constexpr int kMillisPerCharacter = 65;  ///< How long a tone voice takes for a text.
  std::shared_ptr<const Bytes> speak(std::string_view language, std::string_view text,
                                     AudioFormat format) const override;
};

/// The program `espeak-ng`, run once for each text when the voice is made. Texts it was not made
/// for, and texts that could not be rendered, are spoken by `ToneVoice`.
class VOICEBRIDGE_API EspeakVoice final : public VoiceSource {
 public:
  /// Whether the program can be run.
  static bool available();
  /// Renders every pair of language (an espeak-ng voice name such as "en") and text. Blocks, some
  /// 30 ms a text: call it before the simulator takes sessions, so that no call waits for it. Fails
  /// with `Errc::unavailable` when the program cannot be run.
  static Result<std::shared_ptr<EspeakVoice>> render(
      const std::vector<std::pair<std::string, std::string>>& lines);

  std::shared_ptr<const Bytes> speak(std::string_view language, std::string_view text,
                                     AudioFormat format) const override;
  /// Texts that were rendered.
  std::size_t size() const noexcept { return speech_.size(); }

 private:
  /// Encoded ahead in each of the formats of the Realtime API.
  struct Speech {
    std::shared_ptr<const Bytes> pcmu, pcma, pcm24k;
  };
  EspeakVoice() = default;
  std::map<std::pair<std::string, std::string>, Speech> speech_;
  ToneVoice fallback_;
};

/// `EspeakVoice` for all that the lines say where the program is installed, else `ToneVoice`.
/// Blocks.
VOICEBRIDGE_API std::shared_ptr<const VoiceSource> best_voice(
    const std::vector<std::pair<std::string, std::string>>& lines);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
