// A call that a machine or a screening picks up.
#include <map>

#include "support/catch.hpp"
#include "unit/agent/random_world.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

CallOptions careful() {
  CallOptions options = talkative();
  options.expects_amd = true;
  options.on_machine = MachinePolicy::leave_message;
  options.beep_timeout = 10s;
  return options;
}

std::shared_ptr<const WavAudio> recording(Millis length) {
  auto wav = std::make_shared<WavAudio>();
  wav->sample_rate = 8000;
  wav->samples.assign(static_cast<std::size_t>(length.count()) * 8, 700);
  return wav;
}

std::size_t asked_for(const FakeCall& call, const std::string& instructions) {
  std::size_t count = 0;
  for (const auto& model : call.models) {
    for (const SpeechRequest& request : model->requests) {
      const auto* say = std::get_if<Say>(&request);
      count += say != nullptr && say->instructions == instructions ? 1 : 0;
    }
  }
  return count;
}

AudioPayload caller_frame(const Bytes& bytes) {
  return AudioPayload::from_bytes(AudioFormat::pcmu(), bytes);
}

}  // namespace

TEST_CASE("what the model still says after the verdict is not said to the machine", "[call][amd]") {
  FakeCall call(careful());
  call.connect();
  call.event(ReplyStarted{});
  call.event(UtteranceStarted{"hello"});
  const Bytes audio(8000, 0x55);
  const auto more = [&] {
    call.session->on_speech_audio("hello", AudioPayload::from_bytes(AudioFormat::pcmu(), audio),
                                  call.now);
    call.advance(100ms);
  };
  more();
  REQUIRE_FALSE(call.media.sent.empty());
  call.session->on_answered_by(AnsweredBy::machine, call.now);
  CHECK(call.media.clears == 1);
  CHECK(call.model().interruptions.size() == 1);
  const std::size_t said = call.media.sent.size();
  more();
  call.session->on_greeting_ended(GreetingEnd::beep, call.now);
  more();
  CHECK(call.media.sent.size() == said);
  call.event(ReplyEnded{ReplyEnded::Outcome::cancelled, {}, true});
  call.agent_says("message", 2s);
  call.advance(2s);
  call.echo();
  CHECK(call.media.sent.size() >= said + 16000);
  call.advance(300ms);
  CHECK(call.hang_ups == 1);
}

TEST_CASE("a message from a recording needs no model", "[call][amd]") {
  CallOptions options = careful();
  options.voicemail_audio = recording(1500ms);
  FakeCall call(options);
  call.connect();
  call.session->on_answered_by(AnsweredBy::machine, call.now);
  call.event(SpeechClosed{fail(Errc::unauthenticated, "no").value(), true});
  CHECK(call.hang_ups == 0);
  CHECK(call.media.sent.empty());
  call.advance(careful().beep_timeout);  // No word of the greeting's end.
  call.advance(1500ms);
  call.echo();
  CHECK(call.media.sent.size() == 1500 * 8);
  call.advance(300ms);
  CHECK(call.hang_ups == 1);
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.record.end_reason == EndReason::machine);
  CHECK(asked_for(call, options.voicemail) == 0);
}

TEST_CASE("a message waits for the model and for the media", "[call][amd]") {
  FakeCall call(careful());
  call.session->start(call.now);
  call.session->on_answered(call.now);
  call.session->on_greeting_ended(GreetingEnd::beep, call.now);
  call.start_media();
  call.event(SpeechReady{"s"});
  CHECK(asked_for(call, careful().voicemail) == 1);
  CHECK(asked_for(call, careful().greeting) == 0);
}

TEST_CASE("a lost model and no recording: the machine is hung up on", "[call][amd]") {
  FakeCall call(careful());
  call.connect();
  call.session->on_answered_by(AnsweredBy::machine, call.now);
  call.event(SpeechClosed{fail(Errc::unauthenticated, "no").value(), true});
  CHECK(call.hang_ups == 1);
  CHECK(call.spoken.empty());
}

TEST_CASE("the greeting waits for the verdict where it shall", "[call][amd]") {
  CallOptions options = careful();
  options.greet_before_verdict = false;
  FakeCall call(options);
  call.connect();
  const Bytes hello(160, 0x11);
  call.session->on_media_audio(caller_frame(hello), 0ms, call.now);
  CHECK(call.model().count<Say>() == 0);
  CHECK(call.model().heard.empty());
  SECTION("a person is greeted, and heard from the first word on") {
    call.session->on_answered_by(AnsweredBy::human_business, call.now);
    CHECK(call.model().heard == hello);
    // Whether that was a word the service tells in a moment.
    CHECK(call.model().count<Say>() == 0);
    call.advance(500ms);
    CHECK(asked_for(call, options.greeting) == 1);
    CHECK(call.model().count<AddNote>() == 0);
  }
  SECTION("a person who has spoken first gets one answer, which greets them") {
    call.session->on_answered_by(AnsweredBy::human_business, call.now);
    call.advance(200ms);
    call.event(CallerActivity{true});
    call.advance(600ms);
    call.event(CallerActivity{false});
    CHECK(call.model().count<Say>() == 0);
    REQUIRE(call.model().count<AddNote>() == 1);
    CHECK(call.model().last<AddNote>().kind == AddNote::Kind::rule);
    CHECK(call.model().last<AddNote>().text.find(options.greeting) != std::string::npos);
    SECTION("it comes by itself") {
      call.agent_says("hello", 1s);
      call.advance(3s);
      CHECK(asked_for(call, options.greeting) == 0);
    }
    SECTION("or is asked for when it does not") {
      call.advance(options.reply_timeout);
      CHECK(call.model().count<Say>() == 1);
    }
  }
  SECTION("a machine that is found out in that moment is not greeted") {
    call.session->on_answered_by(AnsweredBy::human, call.now);
    call.session->on_greeting_ended(GreetingEnd::beep, call.now);
    call.advance(3s);
    CHECK(asked_for(call, options.greeting) == 0);
  }
  SECTION("nobody tells") {
    call.advance(options.amd_timeout);
    call.advance(500ms);
    CHECK(asked_for(call, options.greeting) == 1);
  }
}

TEST_CASE("a screening hears who calls, and the person behind it is greeted", "[call][screening]") {
  const CallOptions options = careful();
  FakeCall call(options);
  call.connect();
  call.agent_says("hello", 3s);
  call.session->on_call_screened(call.now);
  CHECK(call.media.clears == 1);
  const std::size_t said = call.media.sent.size();
  call.advance(2s);
  call.session->on_greeting_ended(GreetingEnd::prompt_ended, call.now);
  CHECK(call.model().last<Say>().instructions == options.screening_answer);
  call.agent_says("who calls", 2s);
  call.advance(2s);
  call.echo();
  CHECK(call.media.sent.size() > said);
  // Nothing more until somebody is there, and what they say first is kept.
  const std::size_t wishes = call.model().count<Say>();
  const Bytes hello(160, 0x11);
  call.advance(20s);
  call.session->on_media_audio(caller_frame(hello), 0ms, call.now);
  CHECK(call.model().count<Say>() == wishes);
  CHECK(call.model().heard.empty());
  SECTION("a person") {
    call.session->on_answered_by(AnsweredBy::human, call.now);
    CHECK(call.model().heard == hello);
    call.advance(500ms);
    CHECK(call.model().last<Say>().instructions == options.greeting);
  }
  SECTION("nobody") {
    call.advance(options.screened_timeout);
    CHECK(call.hang_ups == 1);
    CHECK(call.model().count<Say>() == wishes);
  }
}

namespace {

/// Events of a carrier in any order, to a model that talks whenever it is asked and sometimes when
/// it is not.
class MachineWorld {
 public:
  explicit MachineWorld(std::uint64_t seed) : chance_(seed), call_(options_for(seed)) {
    call_.session->start(call_.now);
    call_.session->on_dialing(call_.now);
  }

  std::string story() const {
    std::string all;
    for (const TimelineEntry& entry : call_.session->record(call_.now).timeline) {
      all += std::to_string(entry.at.count()) + " " + entry.kind + ": " + entry.detail + "\n";
    }
    return all;
  }

  void run() {
    for (std::uint64_t i = 10 + chance_.below(40); i > 0 && call_.ended == 0; --i) step();
    for (int i = 0; i < 400 && call_.ended == 0; ++i) settle(1s);
    if (call_.ended == 0) call_.session->on_carrier_hangup("normal_clearing", false, call_.now);
    for (int i = 0; i < 10; ++i) step();
  }

  const FakeCall& call() const { return call_; }
  bool said_into_greeting() const { return said_into_greeting_; }
  std::size_t messages() const { return messages_; }
  bool machine_seen() const { return greeting_; }

  static CallOptions options_for(std::uint64_t seed) {
    CallOptions options = careful();
    options.greet_before_verdict = seed % 3 != 0;
    if (seed % 4 == 0) options.voicemail_audio = recording(700ms);
    return options;
  }

 private:
  using Happening = void (MachineWorld::*)();

  void step() {
    static constexpr Happening kHappenings[] = {
        &MachineWorld::answer,  &MachineWorld::media,    &MachineWorld::ready,
        &MachineWorld::verdict, &MachineWorld::greeting, &MachineWorld::screening,
        &MachineWorld::chatter, &MachineWorld::chatter,  &MachineWorld::seldom};
    (this->*kHappenings[chance_.below(std::size(kHappenings))])();
    settle(Millis(chance_.below(1500)));
  }
  void answer() { call_.session->on_answered(call_.now); }
  void media() {
    if (!call_.media.closed) call_.start_media();
  }
  void ready() {
    if (!call_.models.empty() && !ready_) call_.event(SpeechReady{"s"});
    ready_ = true;
  }
  void verdict() {
    const auto who = static_cast<AnsweredBy>(chance_.below(7));
    call_.session->on_answered_by(who, call_.now);
    const bool leaving = call_.session->state() == CallState::leaving_message;
    if (leaving && !greeting_) {
      greeting_ = true;
      said_ = call_.media.sent.size();
      spoken_ = call_.models.front()->count<Say>();
      deadline_ = call_.now + careful().beep_timeout;
    }
  }
  void greeting() {
    const auto how = static_cast<GreetingEnd>(chance_.below(3));
    if (how != GreetingEnd::prompt_ended) over_ = true;
    call_.session->on_greeting_ended(how, call_.now);
  }
  void screening() { call_.session->on_call_screened(call_.now); }
  /// The model answers what it was asked, or goes on with what it was asked before.
  void chatter() {
    if (!ready_ || call_.models.empty()) return;
    call_.agent_says("u" + std::to_string(++utterances_), Millis(200 + chance_.below(900)));
  }
  void seldom() {
    if (chance_.one_in(4)) call_.session->on_carrier_hangup("normal_clearing", false, call_.now);
  }
  void settle(Millis by) {
    call_.advance(by);
    check_greeting();
    call_.echo();
    if (call_.hang_ups > 0 && chance_.one_in(2)) {
      call_.session->on_carrier_hangup("normal_clearing", false, call_.now);
    }
    messages_ = 0;
    for (const TimelineEntry& entry : call_.session->record(call_.now).timeline) {
      messages_ += entry.detail.rfind("leaving the message", 0) == 0 ? 1 : 0;
    }
  }
  void check_greeting() {
    if (!greeting_ || over_ || call_.now >= deadline_) return;
    said_into_greeting_ |= call_.media.sent.size() != said_;
    said_into_greeting_ |= call_.models.front()->count<Say>() != spoken_;
  }

  Chance chance_;
  FakeCall call_;
  bool ready_ = false;
  bool greeting_ = false;  ///< The verdict was a machine …
  bool over_ = false;      ///< … and its greeting has been told to be over.
  bool said_into_greeting_ = false;
  std::size_t said_ = 0;
  std::size_t spoken_ = 0;
  std::size_t messages_ = 0;
  std::size_t utterances_ = 0;
  TimePoint deadline_;
};

}  // namespace

TEST_CASE("any order of a machine's events ends once, silent in its greeting, with one message",
          "[call][amd][property]") {
  std::size_t greetings = 0;
  std::size_t messages = 0;
  std::map<EndReason, std::size_t> reasons;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    MachineWorld world(seed);
    world.run();
    REQUIRE(world.call().ended == 1);
    REQUIRE(world.call().hang_ups <= 1);
    INFO(world.story());
    REQUIRE_FALSE(world.said_into_greeting());
    REQUIRE(world.messages() <= 1);
    greetings += world.machine_seen() ? 1 : 0;
    messages += world.messages();
    ++reasons[*world.call().record.end_reason];
  }
  CAPTURE(greetings, messages);
  CHECK(greetings > 200);
  CHECK(messages > 100);
  CHECK(reasons[EndReason::machine] > 200);
  CHECK(reasons[EndReason::caller_hangup] > 50);
}
