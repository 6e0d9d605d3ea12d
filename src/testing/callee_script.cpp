#include "voicebridge/testing/callee_script.hpp"

#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/audio/wav.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::uint32_t kToneRate = 8000;
constexpr double kCirclePi = 3.14159265358979323846;
constexpr std::size_t kMaxSteps = 1000;
constexpr std::size_t kMaxWords = 1000;
constexpr Millis kMaxWait{4 * 60 * 60 * 1000};  // the longest call there can be

std::shared_ptr<const Samples> make_tone(double hertz, Millis length) {
  constexpr double kAmplitude = 8000;
  auto samples =
      std::make_shared<Samples>(static_cast<std::size_t>(length.count()) * kToneRate / 1000);
  for (std::size_t i = 0; i < samples->size(); ++i) {
    const double phase = 2 * kCirclePi * hertz * static_cast<double>(i) / kToneRate;
    (*samples)[i] = static_cast<std::int16_t>(std::lround(kAmplitude * std::sin(phase)));
  }
  return samples;
}

Result<Millis> parse_millis(JsonView step, const char* name, Millis fallback) {
  const JsonView value = step[name];
  if (!value.exists()) return fallback;
  const auto millis = value.integer();
  if (!millis || *millis < 0 || *millis > kMaxWait.count()) {
    return fail(Errc::invalid_argument, "must be milliseconds, from 0 to four hours", name);
  }
  return Millis(*millis);
}

Result<CalleeStep> parse_wait(JsonView json) {
  CalleeStep step;
  const std::string what = json["wait"].string_or("");
  if (what == "ms") {
    step.kind = CalleeStep::Kind::wait_time;
  } else if (what == "agent_speaking") {
    step.kind = CalleeStep::Kind::wait_agent_speaking;
  } else if (what == "agent_silence") {
    step.kind = CalleeStep::Kind::wait_agent_silence;
  } else if (what == "mark") {
    step.kind = CalleeStep::Kind::wait_mark;
    step.text = json["name"].string_or("");
  } else {
    return fail(Errc::invalid_argument, "must be one of: ms, agent_speaking, agent_silence, mark",
                "wait");
  }
  auto duration = parse_millis(json, "ms", Millis(0));
  if (!duration) return fail(duration.error());
  auto timeout = parse_millis(json, "timeout_ms", step.timeout);
  if (!timeout) return fail(timeout.error());
  step.duration = *duration;
  step.timeout = *timeout;
  return step;
}

Result<CalleeStep> parse_play(JsonView json, const std::string& folder) {
  const std::string file = json["play"].string_or("");
  if (file.empty()) return fail(Errc::invalid_argument, "must be the path of a WAV file", "play");
  auto audio = read_wav(std::filesystem::path(folder) / file);
  if (!audio) {
    Error error = std::move(audio.error());
    error.field = "play";
    return fail(std::move(error));
  }
  if (audio->channels != 1 || audio->sample_rate < Resampler::kMinRate ||
      audio->sample_rate > Resampler::kMaxRate) {
    return fail(Errc::unsupported, "must be a mono WAV file of 8 to 48 kHz", "play");
  }
  CalleeStep step;
  step.kind = CalleeStep::Kind::play;
  step.text = json["text"].string_or("");
  step.sample_rate = audio->sample_rate;
  step.samples = std::make_shared<const Samples>(std::move(audio->samples));
  return step;
}

Result<CalleeStep> parse_tone(JsonView json) {
  const double hertz = json["tone"].number_or(0);
  if (!(hertz >= 50 && hertz <= 3400)) {
    return fail(Errc::invalid_argument, "must be a frequency from 50 to 3400 Hz", "tone");
  }
  auto length = parse_millis(json, "ms", Millis(500));
  if (!length) return fail(length.error());
  CalleeStep step;
  step.kind = CalleeStep::Kind::play;
  step.text = json["text"].string_or("");
  step.samples = make_tone(hertz, *length);
  step.sample_rate = kToneRate;
  return step;
}

/// Words in a voice that needs no file: a melody that a voice detector takes for speech.
Result<CalleeStep> parse_say(JsonView json) {
  CalleeStep step;
  step.kind = CalleeStep::Kind::play;
  step.text = json["say"].string_or("");
  if (step.text.empty() || step.text.size() > kMaxWords) {
    return fail(Errc::invalid_argument, "must be words, 1 to 1000 characters", "say");
  }
  const AudioFormat linear = AudioFormat::l16(kToneRate);
  auto codec = make_audio_codec(linear);
  if (!codec) return fail(codec.error());
  auto samples = std::make_shared<Samples>();
  auto decoded = (*codec)->decode(*ToneVoice().speak("en", step.text, linear), *samples);
  if (!decoded) return fail(decoded.error());
  step.samples = std::move(samples);
  step.sample_rate = kToneRate;
  return step;
}

Result<CalleeStep> parse_dtmf(JsonView json) {
  CalleeStep step;
  step.kind = CalleeStep::Kind::dtmf;
  step.text = json["dtmf"].string_or("");
  if (step.text.empty() || step.text.find_first_not_of("0123456789*#ABCD") != std::string::npos) {
    return fail(Errc::invalid_argument, "must be keys out of 0-9, A-D, * and #", "dtmf");
  }
  return step;
}

Result<CalleeStep> parse_step(JsonView json, const std::string& folder) {
  if (json["wait"].exists()) return parse_wait(json);
  if (json["play"].exists()) return parse_play(json, folder);
  if (json["tone"].exists()) return parse_tone(json);
  if (json["say"].exists()) return parse_say(json);
  if (json["dtmf"].exists()) return parse_dtmf(json);
  if (json["hangup"].bool_or(false)) {
    CalleeStep step;
    step.kind = CalleeStep::Kind::hangup;
    return step;
  }
  return fail(Errc::invalid_argument, "a step has one of: wait, play, tone, say, dtmf, hangup");
}

}  // namespace

Result<CalleeScript> CalleeScript::parse(JsonView json, const std::string& folder) {
  if (!json.is_array()) return fail(Errc::invalid_argument, "must be an array of steps", "steps");
  if (json.size() > kMaxSteps) {
    return fail(Errc::payload_too_large, "a script has at most 1000 steps", "steps");
  }
  CalleeScript script;
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto step = parse_step(json.at(i), folder);
    if (!step) {
      Error error = std::move(step.error());
      const std::string path = "steps." + std::to_string(i);
      error.field = error.field.empty() ? path : path + "." + error.field;
      return fail(std::move(error));
    }
    script.steps.push_back(std::move(*step));
  }
  return script;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
