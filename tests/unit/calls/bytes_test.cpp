// Every byte of both voices, from one end of the bridge to the other.
#include "unit/calls/script.hpp"
#include "voicebridge/testing/audio_account.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

ScriptedCallOptions kept_talk(CarrierFormat of) {
  const AudioFormat format = of.format;
  ScriptedCallOptions options = talk(7, of.carrier);
  options.codec = options.callee.leg_format = format;
  options.agent.phone.speech.input = options.agent.phone.speech.output = format;
  options.model.keep_audio_bytes = 1 << 20;
  return options;
}

/// What was said to the application from byte `from` on, as far as the model listened.
Bytes heard_part(const SimLeg& leg, std::size_t from, std::size_t count) {
  const ByteView part = ByteView(leg.said()).subview(from, count);
  return Bytes(part.begin(), part.end());
}

}  // namespace

TEST_CASE("every byte of the agent is played, cleared or cut, and accounted for",
          "[calls][bytes]") {
  const CarrierFormat of = GENERATE(from_range(kPassThrough));
  const AudioFormat format = of.format;
  CAPTURE(name_of(of.carrier), to_string(format));
  const auto call = make_call(kept_talk(of));
  call->dial();
  REQUIRE(call->run(60s));
  const CallRecord& record = *call->record();
  INFO(story(record));
  CHECK(record.lane == to_string(format) + " pass-through");

  const AudioAccount account = account_audio(far_end_of(*call->leg()), call->model());
  INFO(account.fault);
  CHECK(account.ok());
  CHECK(account.begun > 0);
  CHECK(account.cut > 0);
  const LegStats& leg = call->leg()->stats();
  CHECK(leg.cleared_bytes > 0);
  CHECK(leg.unplayed_bytes == 0);
  CHECK(leg.heard_bytes + leg.cleared_bytes == account.whole + account.begun + account.padding);

  // The bridge's own books say the same; what came after the interruption it never took.
  CHECK(record.counters.agent_bytes_sent == account.whole + account.begun);
  CHECK(record.counters.agent_bytes_padding == account.padding);
  CHECK(record.counters.agent_bytes_overflow == 0);
  CHECK(record.counters.agent_bytes ==
        record.counters.agent_bytes_sent + record.counters.agent_bytes_cut);
  const std::size_t never_taken = account.from_model - record.counters.agent_bytes;
  CHECK(account.cut == record.counters.agent_bytes_cut + never_taken);
}

TEST_CASE("the model gets what the caller says from the first frame on", "[calls][bytes]") {
  const CarrierFormat of = GENERATE(from_range(kPassThrough));
  const Millis connect = GENERATE(150ms, 2600ms);  // The stream starts at about 0.5 s.
  CAPTURE(name_of(of.carrier), to_string(of.format), connect.count());
  ScriptedCallOptions options = kept_talk(of);
  options.model_connect = connect;
  // The caller speaks at once: these words must not be lost.
  options.callee.script.steps.insert(options.callee.script.steps.begin(), say("Hello? Who is it?"));
  const auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(60s));
  const CallCounters& counters = call->record()->counters;
  const OpenAiSimRecord& model = *call->model().front();
  CHECK(counters.caller_bytes_dropped == 0);
  CHECK(counters.gap_bytes_filled == 0);
  REQUIRE(model.received_audio.size() == counters.caller_bytes_forwarded);
  CHECK(model.received_audio.size() > 8000 * 5);
  CHECK(model.received_audio == heard_part(*call->leg(), 0, model.received_audio.size()));
}

TEST_CASE("beyond the ring the oldest of the caller's audio is dropped, counted and told",
          "[calls][bytes]") {
  std::vector<std::string> warnings;
  LogOptions log;
  log.level = LogLevel::warn;
  log.sink = [&](const LogRecord& line) { warnings.push_back(format_log_line(line)); };
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = kept_talk({carrier, AudioFormat::pcmu()});
  options.log = Logger(log);
  options.model_connect = 6000ms;
  const auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(60s));
  const CallCounters& counters = call->record()->counters;
  const OpenAiSimRecord& model = *call->model().front();
  CHECK(counters.caller_bytes_dropped > 8000);
  CHECK(counters.caller_bytes_dropped % 160 == 0);
  CHECK(model.received_audio ==
        heard_part(*call->leg(), counters.caller_bytes_dropped, model.received_audio.size()));
  CHECK(counters.caller_bytes >= counters.caller_bytes_dropped + counters.caller_bytes_forwarded);
  const auto told = [](const std::string& line) {
    return line.find("caller audio lost") != std::string::npos;
  };
  CHECK(std::count_if(warnings.begin(), warnings.end(), told) == 1);
}
