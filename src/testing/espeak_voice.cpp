#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#if !defined(_WIN32)
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;
#endif

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/audio/wav.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kMaxWavBytes = 16u << 20;
constexpr const char* kProgram = "espeak-ng";

#if defined(_WIN32)
Result<Bytes> run_espeak(const std::string&, const std::string&) {
  return fail(Errc::unavailable, "espeak-ng is run on POSIX systems only");
}
#else
/// Reads to the end, or to the limit.
Bytes read_all(int fd) {
  Bytes bytes;
  std::uint8_t block[65536];
  while (bytes.size() < kMaxWavBytes) {
    const ssize_t size = ::read(fd, block, sizeof block);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    bytes.insert(bytes.end(), block, block + size);
  }
  return bytes;
}

/// Runs the program without a shell: the text is an argument of its own, behind `--`.
Result<Bytes> run_espeak(const std::string& language, const std::string& text) {
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) return fail(Errc::internal, "no pipe for espeak-ng");
  for (const int fd : pipe_fds) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string arguments[] = {kProgram, "--stdout", "-v", language, "--", text};
  char* argv[] = {arguments[0].data(),
                  arguments[1].data(),
                  arguments[2].data(),
                  arguments[3].data(),
                  arguments[4].data(),
                  arguments[5].data(),
                  nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, kProgram, &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_fds[1]);
  Bytes wav = error == 0 ? read_all(pipe_fds[0]) : Bytes{};
  ::close(pipe_fds[0]);
  if (error != 0) return fail(Errc::unavailable, "espeak-ng cannot be run; is it installed?");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0)
    return fail(Errc::internal, fmt::format("espeak-ng failed with status {}", status));
  return wav;
}
#endif

Result<Samples> resample(const WavAudio& audio, std::uint32_t rate) {
  auto resampler = Resampler::create(audio.sample_rate, rate);
  if (!resampler) return fail(std::move(resampler.error()));
  Samples out;
  resampler->process(audio.samples, out);
  resampler->flush(out);
  // The filter's run-in is silence that would only delay the first word.
  out.erase(out.begin(),
            out.begin() + static_cast<std::ptrdiff_t>(std::min(resampler->delay(), out.size())));
  return out;
}

Result<std::shared_ptr<const Bytes>> encode(const WavAudio& audio, AudioFormat format) {
  auto samples = resample(audio, format.sample_rate);
  if (!samples) return fail(std::move(samples.error()));
  auto codec = make_audio_codec(format);
  if (!codec) return fail(std::move(codec.error()));
  auto bytes = std::make_shared<Bytes>();
  if (auto encoded = (*codec)->encode(*samples, *bytes); !encoded)
    return fail(std::move(encoded.error()));
  return std::shared_ptr<const Bytes>(std::move(bytes));
}

}  // namespace

bool EspeakVoice::available() { return run_espeak("en", "a").has_value(); }

Result<std::shared_ptr<EspeakVoice>> EspeakVoice::render(
    const std::vector<std::pair<std::string, std::string>>& lines) {
  if (!available()) return fail(Errc::unavailable, "espeak-ng cannot be run; is it installed?");
  std::shared_ptr<EspeakVoice> voice(new EspeakVoice());
  for (const auto& line : lines) {
    if (voice->speech_.count(line) != 0) continue;
    auto wav = run_espeak(line.first, line.second);
    if (!wav) continue;
    auto audio = parse_wav(*wav);
    if (!audio) continue;
    auto pcmu = encode(*audio, AudioFormat::pcmu());
    auto pcma = encode(*audio, AudioFormat::pcma());
    auto pcm = encode(*audio, AudioFormat::l16(24000));
    if (pcmu && pcma && pcm)
      voice->speech_[line] = {std::move(*pcmu), std::move(*pcma), std::move(*pcm)};
  }
  return voice;
}

std::shared_ptr<const Bytes> EspeakVoice::speak(std::string_view language, std::string_view text,
                                                AudioFormat format) const {
  const auto speech = speech_.find({std::string(language), std::string(text)});
  if (speech != speech_.end()) {
    if (format == AudioFormat::pcmu()) return speech->second.pcmu;
    if (format == AudioFormat::pcma()) return speech->second.pcma;
    if (format == AudioFormat::l16(24000)) return speech->second.pcm24k;
  }
  return fallback_.speak(language, text, format);
}

std::shared_ptr<const VoiceSource> best_voice(
    const std::vector<std::pair<std::string, std::string>>& lines) {
  if (auto voice = EspeakVoice::render(lines)) return std::move(*voice);
  return std::make_shared<ToneVoice>();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
