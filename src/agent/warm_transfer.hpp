#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Why a caller was not put through to a person.
enum class TransferFailure { busy, no_answer, declined, hung_up, unreachable, carrier_failed };
std::string_view to_string(TransferFailure failure) noexcept;  ///< "no_answer"
/// For the model, which tells the caller.
std::string_view describe(TransferFailure failure) noexcept;
/// What the carrier's word for the end of an unanswered leg means.
TransferFailure transfer_failure(std::string_view cause) noexcept;
/// For `CallSession::on_transferred`.
Error transfer_error(TransferFailure failure);

/// A warm transfer: a person is rung, briefed and joined with the caller, and whatever goes wrong
/// on the way, nobody stays on a line alone. Decides only: events in, wishes out, and a deadline
/// for every state, so that it always comes to its end. No carrier's words in here.
///
/// Events may come in any order and any number of times.
class WarmTransfer {
 public:
  struct Limits {
    Millis ring{30000};      ///< From the dialing to the answer.
    Millis briefing{60000};  ///< From the answer to the person's decision.
    Millis join{20000};      ///< For the carrier to bring the two together.
    Millis take_back{15000};
    Millis talk{14400000};  ///< Of the two; carriers end calls then, too.
    Millis gone{15000};     ///< From a hang-up to the carrier's word that the leg is gone.
  };
  enum class State {
    idle,
    ringing,    ///< The person's phone rings.
    briefing,   ///< They hear who calls and why.
    joining,    ///< The carrier brings the two together.
    returning,  ///< It did not: the caller is taken back.
    joined,     ///< They talk; the agent is gone.
    clearing,   ///< A leg is being hung up.
    over,
  };
  enum class Wish {
    dial_human,
    join,
    take_back,       ///< Undo what there is of the join.
    agent_leaves,    ///< The two are joined: the caller's call is done.
    tell_caller,     ///< The caller is the agent's again: `failure` tells why.
    give_up_caller,  ///< They can neither be joined nor taken back.
    hang_up_human,
    hang_up_caller,  ///< Whose agent has left already.
    forget,          ///< Nothing is left to be done. The last of all.
  };

  WarmTransfer() = default;
  explicit WarmTransfer(Limits limits) : limits_(limits) {}

  void start(TimePoint now);
  void on_human_answered(TimePoint now);
  /// The person takes the call, or does not want it.
  void on_human_decided(bool accepts, TimePoint now);
  /// Their leg is gone, or never came about.
  void on_human_gone(std::string_view cause, TimePoint now);
  /// The caller's leg is gone, or their call was ended by somebody else.
  void on_caller_gone(TimePoint now);
  /// What the carrier made of `Wish::join` and `Wish::take_back`.
  void on_joined(const Result<>& result, TimePoint now);
  void on_taken_back(const Result<>& result, TimePoint now);

  Deadline next_deadline() const { return deadline_; }
  void on_deadline(TimePoint now);

  /// What is to be done now, in order; each is told once.
  std::vector<Wish> take_wishes();
  State state() const { return state_; }
  TransferFailure failure() const { return failure_; }  ///< Of `Wish::tell_caller`.

 private:
  void enter(State state, Millis longest, TimePoint now);
  void wish(Wish wish) { wishes_.push_back(wish); }
  void fail(TransferFailure failure, TimePoint now);
  void go_back(TransferFailure failure, TimePoint now);
  void drop_human();
  void clear_up(TimePoint now);

  Limits limits_;
  State state_ = State::idle;
  Deadline deadline_;
  TransferFailure failure_ = TransferFailure::carrier_failed;
  bool human_up_ = false;  ///< Their leg is there, or on its way.
  bool human_dropped_ = false;
  bool caller_up_ = true;
  bool caller_dropped_ = false;
  std::vector<Wish> wishes_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
