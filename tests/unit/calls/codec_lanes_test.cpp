// Whole calls over each media format of Telnyx: recorded voices both ways, from one end of the
// bridge to the other, and what was recorded of them.
#include "support/temp_directory.hpp"
#include "unit/audio/speech_quality.hpp"
#include "unit/calls/script.hpp"
#include "voicebridge/audio/transcoder.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr std::uint32_t kTrueRate = 8000;  ///< Of the recordings: all is compared there.

/// How near a lane comes to what was said. Where the waveform is kept it is the signal to noise;
/// Opus keeps the sound, whose measure is the distance of the spectra.
struct Fidelity {
  double snr;
  double distance;
};

struct Lane {
  AudioFormat format;
  Fidelity floor;
};

/// L16 and G.722 lose most where their resamplers begin to cut, just below 4 kHz.
std::vector<Lane> lanes() {
  const Lane all[] = {{AudioFormat::pcmu(), {30, 2}},      {AudioFormat::pcma(), {30, 2}},
                      {AudioFormat::l16(8000), {20, 2}},   {AudioFormat::l16(16000), {20, 2}},
                      {AudioFormat::l16(24000), {20, 2}},  {{AudioEncoding::l16be, 16000}, {20, 2}},
                      {AudioFormat::g722(), {20, 2}},      {AudioFormat::opus(16000), {6, 2.4}},
                      {AudioFormat::opus(48000), {6, 2.6}}};
  std::vector<Lane> available;
  for (const Lane& lane : all) {
    if (make_audio_codec(lane.format)) available.push_back(lane);
  }
  return available;
}

/// Says recorded words whatever it is asked to say; a tone for what is short.
class RecordedVoice final : public VoiceSource {
 public:
  std::shared_ptr<const Bytes> speak(std::string_view language, std::string_view text,
                                     AudioFormat format) const override {
    if (text.size() < 40) return remembering_voice()->speak(language, text, format);
    auto bytes = std::make_shared<Bytes>();
    REQUIRE((*make_audio_codec(format))
                ->encode(recorded_speech(kRecordedSpeech[0], format.sample_rate), *bytes));
    // No whole number of frames: the last of them is filled up.
    bytes->resize(bytes->size() - bytes->size() % format.frame_bytes() + format.frame_bytes() / 2);
    return bytes;
  }
};

CalleeStep recorded(const char* name) {
  CalleeStep step;
  step.kind = CalleeStep::Kind::play;
  step.text = name;
  step.samples = std::make_shared<Samples>(recorded_speech(name, kTrueRate));
  return step;
}

/// The agent says one recorded sentence, is answered by another, and says good bye.
constexpr std::string_view kRecordedTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent, and this is said by a recording."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

ScriptedCallOptions recorded_talk(AudioFormat format) {
  ScriptedCallOptions options = talk(11);
  options.scenario = scenario(kRecordedTalk);
  options.voice = std::make_shared<RecordedVoice>();
  options.codec = format;
  options.callee.leg_format = AudioFormat::l16(format.sample_rate < 16000 ? 8000 : 16000);
  options.callee.l16_big_endian = format.encoding == AudioEncoding::l16be;
  options.agent.phone.speech.input = options.agent.phone.speech.output = format;
  options.model.keep_audio_bytes = 4 << 20;
  options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 800ms),
                                 recorded(kRecordedSpeech[1])};
  return options;
}

Samples at_true_rate(const Bytes& bytes, AudioFormat format) {
  auto down = Transcoder::create(format, AudioFormat::l16(kTrueRate));
  REQUIRE(down);
  Bytes linear;
  REQUIRE(down->process(bytes, linear));
  Samples samples;
  REQUIRE((*make_audio_codec(AudioFormat::l16(kTrueRate)))->decode(linear, samples));
  return samples;
}

/// Looks for the words in what was heard and holds the two against each other.
void check_heard(SampleView said, SampleView heard, Fidelity floor) {
  const std::size_t at = find_words(said, heard, kTrueRate);
  const SampleView aligned = heard.subview(at);
  // All of it, to the last syllable.
  REQUIRE(aligned.size() >= said.size());
  const double snr = segmental_snr_db(said, aligned, kTrueRate);
  const double distance = log_spectral_distance_db(said, aligned, kTrueRate);
  CAPTURE(at, snr, distance);
  CHECK(snr > floor.snr);
  CHECK(distance < floor.distance);
}

AudioFormat model_side(AudioFormat leg) {
  const bool law = leg.encoding == AudioEncoding::pcmu || leg.encoding == AudioEncoding::pcma;
  return law ? leg : AudioFormat::l16(24000);
}

std::size_t requests_for(const ScriptedCall& call, const std::string& command) {
  const auto& all = call.carrier().requests();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const SimApiRecord& r) { return r.command == command; }));
}

/// @param early_words  The model gets a whole turn as soon as it listens, and is asked for the
/// greeting in the same moment: it may have begun an answer by itself, and says so.
std::unique_ptr<ScriptedCall> finished(ScriptedCallOptions options, bool early_words = false) {
  auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(90s));
  INFO(story(*call->record()));
  REQUIRE(call->record()->end_reason == EndReason::agent_goodbye);
  REQUIRE(call->model().size() == 1);
  for (const auto& v : call->model().front()->violations) {
    UNSCOPED_INFO(v.event_type + ": " + v.message);
    const bool race = early_words && v.code == "conversation_already_has_active_response";
    CHECK(race);
  }
  const LegStats& leg = call->leg()->stats();
  CHECK(leg.errors_sent == 0);
  CHECK(leg.short_chunks == 0);
  CHECK(leg.early_bytes == 0);
  CHECK(leg.muted_bytes == 0);
  CHECK(leg.overflow_bytes == 0);
  CHECK(leg.unplayed_bytes == 0);
  return call;
}

}  // namespace

TEST_CASE("both voices arrive over every format of Telnyx, and are recorded as heard",
          "[calls][codec][quality]") {
  const test::TempDirectory folder;
  for (const Lane& lane : lanes()) {
    CAPTURE(to_string(lane.format));
    ScriptedCallOptions options = recorded_talk(lane.format);
    options.agent.record_dir = folder / std::string(to_string(lane.format.encoding));
    std::filesystem::create_directories(options.agent.record_dir);
    const auto call = finished(std::move(options));
    const CallRecord& record = *call->record();
    CHECK(record.lane.find(to_string(lane.format)) == 0);
    CHECK(record.counters.caller_bytes_dropped == 0);
    CHECK(record.counters.gap_bytes_filled == 0);
    CHECK(record.counters.caller_frames_undecodable == 0);
    CHECK(record.counters.caller_bytes == record.counters.caller_bytes_forwarded);

    const Samples caller = recorded_speech(kRecordedSpeech[1], kTrueRate);
    const Samples agent = recorded_speech(kRecordedSpeech[0], kTrueRate);
    const OpenAiSimRecord& model = *call->model().front();
    check_heard(caller, at_true_rate(model.received_audio, model_side(lane.format)), lane.floor);
    // The sentence was cut to half a frame before its end.
    const SampleView said = SampleView(agent).subview(0, agent.size() - 160);
    check_heard(said, at_true_rate(call->leg()->heard(), call->leg()->playout()->format()),
                lane.floor);

    const auto wav =
        read_wav((folder / std::string(to_string(lane.format.encoding)) / (record.call_id + ".wav"))
                     .string());
    REQUIRE(wav);
    REQUIRE(wav->channels == 2);
    Samples left;
    Samples right;
    for (std::size_t i = 0; i + 1 < wav->samples.size(); i += 2) {
      left.push_back(wav->samples[i]);
      right.push_back(wav->samples[i + 1]);
    }
    // What our own decoder hears of the caller, and what our encoder is given of the agent.
    check_heard(caller, left, lane.floor);
    check_heard(said, right, lane.floor);
  }
}

TEST_CASE("words spoken before the model is there are not lost, in any format", "[calls][codec]") {
  for (const Lane& lane : lanes()) {
    CAPTURE(to_string(lane.format));
    ScriptedCallOptions options = recorded_talk(lane.format);
    options.model_connect = 2600ms;
    options.callee.script.steps.insert(
        options.callee.script.steps.begin(),
        {wait(CalleeStep::Kind::wait_time, 400ms), say("Hello? Who is it?")});
    const auto call = finished(std::move(options), true);
    const CallCounters& counters = call->record()->counters;
    CHECK(counters.caller_bytes_dropped == 0);
    CHECK(counters.gap_bytes_filled == 0);
    CHECK(counters.caller_bytes == counters.caller_bytes_forwarded);
    // Every frame of the carrier until the end, but for what the filters hold.
    const OpenAiSimRecord& model = *call->model().front();
    const Micros sent = Millis(20) * static_cast<std::int64_t>(call->leg()->stats().frames_sent);
    const Micros got = model_side(lane.format).duration(model.received_audio.size());
    CHECK(got <= sent);
    const Samples words = *say("Hello? Who is it?").samples;
    const Samples heard = at_true_rate(model.received_audio, model_side(lane.format));
    const std::size_t at = find_words(words, SampleView(heard).subview(0, 40000), kTrueRate);
    // 400 ms after the answer, of which the stream's opening took a part.
    CHECK(at > 0);
    CHECK(at < 4000);
  }
}

TEST_CASE("an interruption is told to 40 ms in any format, and the next words are clean",
          "[calls][codec][barge_in]") {
  for (const Lane& lane : lanes()) {
    for (const Millis after : {400ms, 1210ms, 2333ms}) {
      CAPTURE(to_string(lane.format), after.count());
      ScriptedCallOptions options = recorded_talk(lane.format);
      options.scenario = scenario();
      options.voice = remembering_voice();
      options.callee.script = interrupting_callee(after);
      const auto call = finished(std::move(options));
      CHECK(call->record()->barge_ins.size() == 1);
      const auto& clears = call->leg()->playout()->clears();
      REQUIRE(clears.size() == 1);
      const OpenAiSimRecord::Utterance& greeting = call->model().front()->utterances.front();
      REQUIRE(greeting.heard);
      const Micros played = call->leg()->playout()->format().duration(clears[0].played);
      CHECK(std::chrono::abs(Micros(*greeting.heard) - played) <= 40ms);
      // What came behind the interruption was played to its end.
      const auto& spoken = call->record()->transcript.back();
      CHECK(spoken.text == "Good bye.");
      CHECK(spoken.heard == spoken.sent);
    }
  }
}

TEST_CASE("the carrier may send another codec than it was asked for; ours stays the one agreed on",
          "[calls][codec]") {
  for (const Lane& lane : lanes()) {
    if (lane.format.encoding == AudioEncoding::l16be) continue;
    for (const AudioFormat other : {AudioFormat::pcma(), AudioFormat::l16(16000)}) {
      if (lane.format == other) continue;
      CAPTURE(to_string(lane.format), to_string(other));
      ScriptedCallOptions options = recorded_talk(lane.format);
      options.callee.codec_surprise = other;
      const auto call = finished(std::move(options));
      CHECK(call->record()->lane.find(to_string(other)) == 0);
      const Samples agent = recorded_speech(kRecordedSpeech[0], kTrueRate);
      check_heard(SampleView(agent).subview(0, agent.size() - 160),
                  at_true_rate(call->leg()->heard(), call->leg()->playout()->format()), lane.floor);
    }
  }
}

TEST_CASE("frames that are lost cost no time on a lane that conceals", "[calls][codec][loss]") {
  for (const AudioFormat format : {AudioFormat::g722(), AudioFormat::opus(16000)}) {
    if (!make_audio_codec(format)) continue;
    CAPTURE(to_string(format));
    ScriptedCallOptions options = recorded_talk(format);
    options.callee.faults.loss = 0.05;
    const auto call = finished(std::move(options));
    const LegStats& leg = call->leg()->stats();
    REQUIRE(leg.frames_lost > 5);
    const CallCounters& counters = call->record()->counters;
    const auto all = Millis(20) * static_cast<std::int64_t>(leg.frames_sent + leg.frames_lost);
    const Micros kept = AudioFormat::l16(format.sample_rate).duration(counters.caller_bytes);
    // The last frames may have been lost, or be on their way.
    CHECK(Micros(all) - kept <= 100ms);
    CHECK(kept <= Micros(all));
  }
}

TEST_CASE("the stream named at Dial: no round trip, the same call", "[calls][codec][dial]") {
  ScriptedCallOptions options = recorded_talk(AudioFormat::pcmu());
  SECTION("at the answer") {
    const auto call = finished(std::move(options));
    CHECK(requests_for(*call, "streaming_start") == 1);
  }
  SECTION("at Dial") {
    options.media_at_dial = true;
    const auto call = finished(std::move(options));
    CHECK(requests_for(*call, "streaming_start") == 0);
    const Samples agent = recorded_speech(kRecordedSpeech[0], kTrueRate);
    check_heard(SampleView(agent).subview(0, agent.size() - 160),
                at_true_rate(call->leg()->heard(), AudioFormat::pcmu()), {30, 2});
  }
}

TEST_CASE("L16 in the wrong byte order is told of in the log", "[calls][codec][l16]") {
  std::vector<std::string> warnings;
  LogOptions log;
  log.level = LogLevel::warn;
  log.sink = [&](const LogRecord& line) { warnings.push_back(format_log_line(line)); };
  ScriptedCallOptions options = recorded_talk(AudioFormat::l16(16000));
  options.callee.l16_big_endian = true;
  options.log = Logger(log);
  options.on_model_text = [](bool, std::string_view) {};
  const auto call = make_call(std::move(options));
  call->dial();
  call->run(60s);
  const auto told = [](const std::string& line) {
    return line.find("TELNYX_L16_BYTE_ORDER") != std::string::npos;
  };
  CHECK(std::count_if(warnings.begin(), warnings.end(), told) == 1);
}
