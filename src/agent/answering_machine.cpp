#include "agent/answering_machine.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// A greeting spoken by its owner is often taken for a person. A beep so soon after the answer
/// corrects that; later it is a sound in a talk.
constexpr Millis kPersonalGreeting{20000};

}  // namespace

AnsweringMachine::Step AnsweringMachine::answered(TimePoint now) {
  if (answered_at_) return Step::none;
  answered_at_ = now;
  if (rules_.expected && phase_ == Phase::unknown) deadline_ = now + rules_.verdict_timeout;
  return Step::none;
}

AnsweringMachine::Step AnsweringMachine::detected(AnsweredBy who, TimePoint now) {
  if (phase_ == Phase::over || phase_ == Phase::message) return Step::none;
  if (who == AnsweredBy::fax) return close_with(Step::hang_up_fax);
  const bool undecided = phase_ == Phase::unknown || screening();
  if (!undecided) return Step::none;
  return who == AnsweredBy::machine ? machine(false, now) : to_person();
}

AnsweringMachine::Step AnsweringMachine::greeting_ended(GreetingEnd how, TimePoint now) {
  if (phase_ == Phase::over || phase_ == Phase::message) return Step::none;
  if (how == GreetingEnd::prompt_ended) {
    // The first pause of a voicemail's greeting is told by the same word.
    if (phase_ == Phase::prompt) return answer_prompt(now);
    prompt_over_ |= phase_ == Phase::unknown;
    return Step::none;
  }
  if (phase_ == Phase::person) {
    const bool personal = answered_at_ && now - *answered_at_ <= kPersonalGreeting;
    if (how != GreetingEnd::beep || !personal || !rules_.expected) return Step::none;
  }
  return machine(true, now);
}

AnsweringMachine::Step AnsweringMachine::screened(TimePoint now) {
  if (phase_ != Phase::unknown) return Step::none;
  if (rules_.on_screening == ScreeningPolicy::hang_up) return close_with(Step::hang_up_screened);
  if (prompt_over_) return answer_prompt(now);
  phase_ = Phase::prompt;
  deadline_ = now + rules_.prompt_timeout;
  return Step::hush;
}

void AnsweringMachine::screening_answered(TimePoint now) {
  if (phase_ == Phase::screened) deadline_ = now + rules_.screened_timeout;
}

AnsweringMachine::Step AnsweringMachine::on_deadline(TimePoint now) {
  if (!deadline_ || now < *deadline_) return Step::none;
  deadline_.reset();
  switch (phase_) {
    case Phase::unknown:
      return to_person();
    case Phase::greeting:
      return machine(true, now);
    case Phase::prompt:
      return answer_prompt(now);
    case Phase::screened:
      return close_with(Step::hang_up_screened);
    case Phase::person:
    case Phase::message:
    case Phase::over:
      break;
  }
  return Step::none;
}

void AnsweringMachine::close() {
  phase_ = Phase::over;
  deadline_.reset();
}

bool AnsweringMachine::quiet() const {
  if (phase_ == Phase::greeting || screening()) return true;
  return phase_ == Phase::unknown && rules_.expected && !rules_.talk_before_verdict;
}

AnsweringMachine::Step AnsweringMachine::to_person() {
  phase_ = Phase::person;
  deadline_.reset();
  return Step::talk;
}

AnsweringMachine::Step AnsweringMachine::machine(bool greeting_over, TimePoint now) {
  if (rules_.on_machine == MachinePolicy::hang_up) return close_with(Step::hang_up_machine);
  if (greeting_over) {
    phase_ = Phase::message;
    deadline_.reset();
    return Step::leave_message;
  }
  phase_ = Phase::greeting;
  deadline_ = now + rules_.beep_timeout;
  return Step::hush;
}

AnsweringMachine::Step AnsweringMachine::close_with(Step step) {
  close();
  return step;
}

AnsweringMachine::Step AnsweringMachine::answer_prompt(TimePoint now) {
  phase_ = Phase::screened;
  deadline_ = now + rules_.screened_timeout;
  return Step::answer_screening;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
