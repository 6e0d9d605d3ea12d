// Our own client against the simulated service, in virtual time: neither may find fault with the
// other.
#include <algorithm>
#include <map>

#include "support/catch.hpp"
#include "voicebridge/openai/realtime_session.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"
#include "voicebridge/testing/seeded_random.hpp"
#include "voicebridge/testing/wire_pipe.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::string_view kPhoneTalk = R"({"agents":[{"match":"on the phone","replies":[
  {"on":"start","say":"Hello, this is the agent, and I have a lot to tell you about our new offer."},
  {"on":"turn","transcript_of_caller":"Stop. I am Ada.","say":"One moment.",
   "calls":[{"name":"save_lead","arguments":{"first_name":"Ada"}}]},
  {"on":"tool_result","say":"You are saved as {{tool.save_lead.lead_id}}."},
  {"on":"response","say":"Good bye."}]}]})";

/// An application that plays what it gets in real time and answers its tools.
class Application final : public SpeechObserver {
 public:
  explicit Application(openai::RealtimeSession& session) : session_(session) {}

  void on_speech_audio(std::string_view utterance, const AudioPayload& audio,
                       TimePoint now) override {
    if (utterance != playing_) {
      playing_ = std::string(utterance);
      began_ = now;
    }
    bytes[playing_] += payload_size(audio);
  }

  void on_speech_event(const SpeechEvent& event, TimePoint now) override {
    if (std::holds_alternative<SpeechReady>(event)) ready = true;
    if (const auto* activity = std::get_if<CallerActivity>(&event);
        activity && activity->speaking) {
      barge_in(now);
    }
    if (const auto* wanted = std::get_if<ToolCallsWanted>(&event)) {
      for (const auto& call : wanted->calls) {
        tools.push_back(call.name + call.arguments_json);
        session_.request(ToolResult{call.id, R"({"lead_id":"ld_1"})", true}, now);
      }
    }
    if (const auto* words = std::get_if<Transcript>(&event); words && words->final) {
      said.push_back(words->text);
    }
    if (std::holds_alternative<SpeechFault>(event)) ++faults;
    if (std::holds_alternative<SpeechClosed>(event)) ++closed;
  }

  bool ready = false;
  int faults = 0;
  int closed = 0;
  std::map<std::string, std::size_t> bytes;  ///< Received, by utterance.
  std::map<std::string, Millis> heard;       ///< Of those that were interrupted.
  std::vector<std::string> tools;
  std::vector<std::string> said;

 private:
  void barge_in(TimePoint now) {
    if (playing_.empty()) return;
    const auto total =
        std::chrono::duration_cast<Millis>(AudioFormat::pcmu().duration(bytes[playing_]));
    const auto elapsed = std::chrono::duration_cast<Millis>(now - began_);
    if (elapsed >= total) return;  // heard whole
    heard[playing_] = elapsed;
    session_.interrupt(InterruptCause::barge_in, PlayedPosition{playing_, elapsed}, now);
  }

  openai::RealtimeSession& session_;
  std::string playing_;
  TimePoint began_;
};

struct Joined {
  explicit Joined(std::uint64_t seed)
      : pipe(clock, {Micros(2000), Micros(5000), seed}),
        client({}, pipe.left()),
        service(std::make_shared<OpenAiScenario>(OpenAiScenario::parse(kPhoneTalk).value()),
                std::make_shared<ToneVoice>(), with_seed(seed), {}, pipe.right()),
        application(client),
        client_driver(clock, client),
        service_driver(clock, service) {
    WirePipeEnd left;
    left.on_text = [this](std::string_view text) {
      client.receive(text, clock.now());
      client_driver.rearm();
    };
    left.on_closed = [this](std::uint16_t code, std::string_view reason) {
      client.on_closed(code, reason, clock.now());
      client_driver.rearm();
    };
    WirePipeEnd right;
    right.on_text = [this](std::string_view text) {
      service.receive(text, clock.now());
      service_driver.rearm();
    };
    right.on_closed = [this](std::uint16_t, std::string_view) { service.on_closed(); };
    pipe.connect(std::move(left), std::move(right));
    client.start(spec(), application, clock.now());
    client.on_open(clock.now());
    service.on_open(clock.now());
    client_driver.rearm();
    service_driver.rearm();
  }

  static OpenAiSimOptions with_seed(std::uint64_t seed) {
    OpenAiSimOptions options;
    options.seed = seed;
    return options;
  }

  static SpeechSpec spec() {
    SpeechSpec spec;
    spec.input = spec.output = AudioFormat::pcmu();
    spec.instructions = "You speak on the phone.";
    spec.voice = "marin";
    spec.transcription_model = "gpt-transcribe";
    spec.tools = {{"save_lead", "Saves a lead.", R"({"type":"object"})"}};
    return spec;
  }

  void request(SpeechRequest wish) {
    client.request(std::move(wish), clock.now());
    client_driver.rearm();
  }

  /// 20 ms frames of a phone.
  void play(const Bytes& audio) {
    for (std::size_t at = 0; at < audio.size(); at += 160) {
      client.append_audio(
          AudioPayload::from_bytes(AudioFormat::pcmu(), ByteView(audio).subview(at, 160)),
          clock.now());
      client_driver.rearm();
      clock.advance(Millis(20));
    }
  }
  void play_silence(Millis length) {
    play(Bytes(static_cast<std::size_t>(length.count()) * 8, 0xFF));
  }

  ManualScheduler clock;
  WirePipe pipe;
  openai::RealtimeSession client;
  OpenAiSimSession service;
  Application application;
  DeadlineDriver<openai::RealtimeSession> client_driver;
  DeadlineDriver<OpenAiSimSession> service_driver;
};

TEST_CASE("a talk with barge-in, tool and farewell breaks no rule", "[openai_sim_client]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    Joined joined(seed);
    joined.clock.advance(Millis(100));
    REQUIRE(joined.application.ready);
    joined.request(Say{"Greet the caller.", true});
    // The caller interrupts at a chance moment, mostly when the audio has long been generated.
    joined.play_silence(Millis(600 + 20 * static_cast<int>(random.up_to(150))));
    joined.play(*ToneVoice().speak("en", "Stop, my name is Ada.", AudioFormat::pcmu()));
    joined.play_silence(Millis(6000));
    joined.request(Say{"Say good bye.", false});
    joined.play_silence(Millis(2000));
    joined.client.close(joined.clock.now());
    joined.client_driver.rearm();
    joined.clock.advance(Millis(100));

    const OpenAiSimRecord& record = joined.service.record();
    for (const auto& violation : record.violations)
      UNSCOPED_INFO(violation.event_type + ": " + violation.message);
    REQUIRE(record.violations.empty());
    REQUIRE(joined.application.faults == 0);
    REQUIRE(joined.application.closed == 1);
    REQUIRE(joined.application.tools ==
            std::vector<std::string>{R"(save_lead{"first_name":"Ada"})"});
    REQUIRE(record.turns.size() == 1);
    REQUIRE(record.utterances.size() == 4);
    REQUIRE(record.utterances[2].transcript == "You are saved as ld_1.");
    REQUIRE(record.utterances[3].transcript == "Good bye.");
    REQUIRE(joined.application.heard.size() == 1);
    const auto& greeting = record.utterances[0];
    const auto& [interrupted, heard] = *joined.application.heard.begin();
    REQUIRE(interrupted == greeting.item_id);
    REQUIRE(greeting.heard == std::optional<Millis>(heard));
    REQUIRE(joined.application.bytes.at(greeting.item_id) == greeting.bytes);
    REQUIRE(std::find(joined.application.said.begin(), joined.application.said.end(),
                      "Stop. I am Ada.") != joined.application.said.end());
  }
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
