#pragma once

#include "voicebridge/agent/call_options.hpp"
#include "voicebridge/call/carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Who picked up, and what follows from it: a person, an answering machine, a phone that screens
/// its calls. Takes the carrier's words in any order and any number, and decides each thing once.
/// Sans-I/O.
class AnsweringMachine {
 public:
  struct Rules {
    bool expected = false;  ///< The carrier was asked who picks up.
    bool talk_before_verdict = true;
    MachinePolicy on_machine = MachinePolicy::hang_up;
    ScreeningPolicy on_screening = ScreeningPolicy::talk;
    Millis verdict_timeout{35000};   ///< From the answer.
    Millis beep_timeout{30000};      ///< From the verdict.
    Millis prompt_timeout{15000};    ///< From the word that a call is screened.
    Millis screened_timeout{60000};  ///< From our answer to somebody who takes the call.
  };
  /// What is to be done now.
  enum class Step {
    none,
    talk,              ///< It is a person, as far as anybody knows: go on.
    hush,              ///< Say nothing, and let nothing be heard, until the next step.
    leave_message,     ///< Once in a call.
    answer_screening,  ///< Say who calls and why.
    hang_up_machine,
    hang_up_fax,
    hang_up_screened,  ///< By policy, or nobody took the call.
  };

  explicit AnsweringMachine(const Rules& rules) : rules_(rules) {}

  Step answered(TimePoint now);
  Step detected(AnsweredBy who, TimePoint now);
  Step greeting_ended(GreetingEnd how, TimePoint now);
  Step screened(TimePoint now);
  /// The answer to the screening has been heard.
  void screening_answered(TimePoint now);
  Deadline next_deadline() const { return deadline_; }
  Step on_deadline(TimePoint now);
  /// The call ends: nothing follows from anything any more.
  void close();

  /// Nobody is there who should hear the agent.
  bool quiet() const;
  /// A machine or a screening listens, not a person.
  bool person() const { return phase_ == Phase::person; }
  bool leaving_message() const { return phase_ == Phase::greeting || phase_ == Phase::message; }
  bool greeting_runs() const { return phase_ == Phase::greeting; }
  bool screening() const { return phase_ == Phase::prompt || phase_ == Phase::screened; }

 private:
  enum class Phase {
    unknown,  ///< Nothing asked, or nothing told.
    person,
    greeting,  ///< A machine's, until its beep.
    message,   ///< Ours is being left.
    prompt,    ///< Of a screening.
    screened,  ///< We have answered it, or are about to.
    over,
  };
  Step to_person();
  Step machine(bool greeting_over, TimePoint now);
  Step close_with(Step step);
  Step answer_prompt(TimePoint now);

  const Rules rules_;
  Phase phase_ = Phase::unknown;
  bool prompt_over_ = false;  ///< Told before the screening itself: webhooks have no order.
  std::optional<TimePoint> answered_at_;
  Deadline deadline_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
