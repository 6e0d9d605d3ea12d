#include "agent/answering_machine.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

using Step = AnsweringMachine::Step;

struct Line {
  explicit Line(MachinePolicy policy = MachinePolicy::leave_message) {
    rules.expected = true;
    rules.on_machine = policy;
  }
  AnsweringMachine& up() {
    machine.emplace(rules);
    CHECK(machine->answered(at) == Step::none);
    return *machine;
  }
  /// The next deadline comes.
  Step wait() {
    REQUIRE(machine->next_deadline());
    at = *machine->next_deadline();
    return machine->on_deadline(at);
  }
  AnsweringMachine::Rules rules;
  std::optional<AnsweringMachine> machine;
  TimePoint at{std::chrono::hours(1)};
};

}  // namespace

TEST_CASE("every verdict of a person is a person", "[amd]") {
  const AnsweredBy who =
      GENERATE(AnsweredBy::human, AnsweredBy::human_residence, AnsweredBy::human_business,
               AnsweredBy::silence, AnsweredBy::not_sure);
  Line line;
  CHECK(line.up().detected(who, line.at) == Step::talk);
  CHECK_FALSE(line.machine->next_deadline());
  CHECK(line.machine->detected(AnsweredBy::machine, line.at) == Step::none);
}

TEST_CASE("no verdict at all is a person, at our own time", "[amd]") {
  Line line;
  line.up();
  const TimePoint answered = line.at;
  CHECK(line.wait() == Step::talk);
  CHECK(line.at - answered == line.rules.verdict_timeout);
}

TEST_CASE("a machine is waited for until its beep, its silence, or our time", "[amd]") {
  Line line;
  AnsweringMachine& machine = line.up();
  CHECK(machine.detected(AnsweredBy::machine, line.at) == Step::hush);
  CHECK(machine.quiet());
  CHECK(machine.greeting_ended(GreetingEnd::prompt_ended, line.at) == Step::none);
  SECTION("beep") {
    CHECK(machine.greeting_ended(GreetingEnd::beep, line.at) == Step::leave_message);
  }
  SECTION("none") {
    CHECK(machine.greeting_ended(GreetingEnd::no_beep, line.at) == Step::leave_message);
  }
  SECTION("our time") {
    const TimePoint told = line.at;
    CHECK(line.wait() == Step::leave_message);
    CHECK(line.at - told == line.rules.beep_timeout);
  }
  CHECK_FALSE(machine.quiet());
  CHECK(machine.greeting_ended(GreetingEnd::beep, line.at) == Step::none);
  CHECK(machine.detected(AnsweredBy::machine, line.at) == Step::none);
  CHECK_FALSE(machine.next_deadline());
}

TEST_CASE("a beep without a verdict is the verdict", "[amd]") {
  const GreetingEnd how = GENERATE(GreetingEnd::beep, GreetingEnd::no_beep);
  Line line;
  CHECK(line.up().greeting_ended(how, line.at) == Step::leave_message);
  Line rude(MachinePolicy::hang_up);
  CHECK(rude.up().greeting_ended(how, rude.at) == Step::hang_up_machine);
}

TEST_CASE("a greeting in its owner's voice is corrected by its beep, a talk is not", "[amd]") {
  Line line;
  AnsweringMachine& machine = line.up();
  CHECK(machine.detected(AnsweredBy::human_residence, line.at) == Step::talk);
  CHECK(machine.greeting_ended(GreetingEnd::no_beep, line.at + 5s) == Step::none);
  SECTION("soon") {
    CHECK(machine.greeting_ended(GreetingEnd::beep, line.at + 12s) == Step::leave_message);
  }
  SECTION("late") { CHECK(machine.greeting_ended(GreetingEnd::beep, line.at + 21s) == Step::none); }
}

TEST_CASE("a fax is hung up on, whatever the policy", "[amd]") {
  Line line;
  CHECK(line.up().detected(AnsweredBy::fax, line.at) == Step::hang_up_fax);
  CHECK(line.machine->detected(AnsweredBy::human, line.at) == Step::none);
}

TEST_CASE("a screening is answered after its prompt, and its person waited for",
          "[amd][screening]") {
  Line line;
  AnsweringMachine& machine = line.up();
  const bool reordered = GENERATE(false, true);
  if (reordered) {
    CHECK(machine.greeting_ended(GreetingEnd::prompt_ended, line.at) == Step::none);
    CHECK(machine.screened(line.at) == Step::answer_screening);
  } else {
    CHECK(machine.screened(line.at) == Step::hush);
    CHECK(machine.quiet());
    const bool told = GENERATE(true, false);
    const Step step =
        told ? machine.greeting_ended(GreetingEnd::prompt_ended, line.at) : line.wait();
    CHECK(step == Step::answer_screening);
  }
  CHECK(machine.screened(line.at) == Step::none);
  CHECK(machine.greeting_ended(GreetingEnd::prompt_ended, line.at) == Step::none);
  SECTION("a person takes the call") {
    CHECK(machine.detected(AnsweredBy::human, line.at) == Step::talk);
    CHECK_FALSE(machine.quiet());
  }
  SECTION("a voicemail takes it") {
    CHECK(machine.detected(AnsweredBy::machine, line.at) == Step::hush);
    CHECK(machine.greeting_ended(GreetingEnd::beep, line.at) == Step::leave_message);
  }
  SECTION("nobody takes it") {
    machine.screening_answered(line.at + 4s);
    CHECK(*machine.next_deadline() == line.at + 4s + line.rules.screened_timeout);
    CHECK(line.wait() == Step::hang_up_screened);
  }
}

TEST_CASE("a screening may be hung up on", "[amd][screening]") {
  Line line;
  line.rules.on_screening = ScreeningPolicy::hang_up;
  CHECK(line.up().screened(line.at) == Step::hang_up_screened);
}

TEST_CASE("who does not talk before the verdict is quiet until it comes", "[amd]") {
  Line line;
  line.rules.talk_before_verdict = false;
  AnsweringMachine& machine = line.up();
  CHECK(machine.quiet());
  CHECK(line.wait() == Step::talk);
  CHECK_FALSE(machine.quiet());
}
