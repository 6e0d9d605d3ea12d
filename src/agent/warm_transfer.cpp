#include "agent/warm_transfer.hpp"

#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string_view to_string(TransferFailure failure) noexcept {
  switch (failure) {
    case TransferFailure::busy:
      return "busy";
    case TransferFailure::no_answer:
      return "no_answer";
    case TransferFailure::declined:
      return "declined";
    case TransferFailure::hung_up:
      return "hung_up";
    case TransferFailure::unreachable:
      return "unreachable";
    case TransferFailure::carrier_failed:
      return "carrier_failed";
  }
  return "carrier_failed";
}

std::string_view describe(TransferFailure failure) noexcept {
  switch (failure) {
    case TransferFailure::busy:
      return "the line is busy";
    case TransferFailure::no_answer:
      return "nobody answered";
    case TransferFailure::declined:
      return "they cannot take the call now";
    case TransferFailure::hung_up:
      return "they hung up before they could be put through";
    case TransferFailure::unreachable:
      return "they cannot be reached";
    case TransferFailure::carrier_failed:
      return "the telephone system could not put the call through";
  }
  return "";
}

TransferFailure transfer_failure(std::string_view cause) noexcept {
  // In the words of Telnyx, and of Twilio.
  if (cause == "user_busy" || cause == "busy") return TransferFailure::busy;
  if (cause == "call_rejected") return TransferFailure::declined;
  if (cause == "no_answer" || cause == "no-answer" || cause == "timeout" ||
      cause == "originator_cancel" || cause == "canceled") {
    return TransferFailure::no_answer;
  }
  if (cause == "normal_clearing" || cause == "completed") return TransferFailure::hung_up;
  return TransferFailure::unreachable;
}

Error transfer_error(TransferFailure failure) {
  Error error;
  error.code = Errc::unavailable;
  error.message = describe(failure);
  error.provider_code = to_string(failure);
  return error;
}

void WarmTransfer::enter(State state, Millis longest, TimePoint now) {
  state_ = state;
  deadline_ = now + longest;
}

void WarmTransfer::start(TimePoint now) {
  if (state_ != State::idle) return;
  human_up_ = true;
  enter(State::ringing, limits_.ring, now);
  wish(Wish::dial_human);
}

void WarmTransfer::on_human_answered(TimePoint now) {
  if (state_ == State::ringing) enter(State::briefing, limits_.briefing, now);
}

void WarmTransfer::on_human_decided(bool accepts, TimePoint now) {
  // Who decides has answered, whatever of that has been told so far.
  if (state_ != State::briefing && state_ != State::ringing) return;
  if (!accepts) return fail(TransferFailure::declined, now);
  enter(State::joining, limits_.join, now);
  wish(Wish::join);
}

void WarmTransfer::on_human_gone(std::string_view cause, TimePoint now) {
  if (!human_up_) return;
  human_up_ = false;
  switch (state_) {
    case State::ringing:
      return fail(transfer_failure(cause), now);
    case State::briefing:
      return fail(TransferFailure::hung_up, now);
    case State::joining:
      return go_back(TransferFailure::hung_up, now);
    case State::joined:
    case State::clearing:
      return clear_up(now);
    case State::idle:
    case State::returning:
    case State::over:
      return;
  }
}

void WarmTransfer::on_caller_gone(TimePoint now) {
  if (!caller_up_ || state_ == State::over) return;
  caller_up_ = false;
  clear_up(now);
}

void WarmTransfer::on_joined(const Result<>& result, TimePoint now) {
  if (state_ != State::joining) return;
  if (!result) return go_back(TransferFailure::carrier_failed, now);
  enter(State::joined, limits_.talk, now);
  wish(Wish::agent_leaves);
}

void WarmTransfer::on_taken_back(const Result<>& result, TimePoint now) {
  if (state_ != State::returning) return;
  if (result) return fail(failure_, now);
  // Better a line that ends than one on which nobody is.
  wish(Wish::give_up_caller);
  caller_dropped_ = true;
  clear_up(now);
}

/// The agent has, or gets, the caller back.
void WarmTransfer::fail(TransferFailure failure, TimePoint now) {
  failure_ = failure;
  wish(Wish::tell_caller);
  caller_up_ = false;  // It is the agent's again, and none of ours.
  clear_up(now);
}

/// The join has begun, or came about by half: the person's leg may take the caller's with it when
/// it ends, so it stays until the caller is out.
void WarmTransfer::go_back(TransferFailure failure, TimePoint now) {
  failure_ = failure;
  enter(State::returning, limits_.take_back, now);
  wish(Wish::take_back);
}

void WarmTransfer::drop_human() {
  if (!human_up_ || human_dropped_) return;
  human_dropped_ = true;
  wish(Wish::hang_up_human);
}

/// One of the two is gone, so the other's leg goes, too; and the end is when both are.
void WarmTransfer::clear_up(TimePoint now) {
  drop_human();
  if (caller_up_ && !caller_dropped_) {
    caller_dropped_ = true;
    wish(Wish::hang_up_caller);
  }
  if (human_up_ || caller_up_) {
    if (state_ != State::clearing) enter(State::clearing, limits_.gone, now);
    return;
  }
  state_ = State::over;
  deadline_.reset();
  wish(Wish::forget);
}

void WarmTransfer::on_deadline(TimePoint now) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  switch (state_) {
    case State::ringing:
    case State::briefing:
      return fail(TransferFailure::no_answer, now);
    case State::joining:
      return go_back(TransferFailure::carrier_failed, now);
    case State::returning:
      return on_taken_back(voicebridge::fail(Errc::deadline_exceeded, "not taken back in time"),
                           now);
    case State::joined:
      return clear_up(now);
    case State::clearing:
      // The carrier has said nothing: it was told to hang up, and has limits of its own.
      human_up_ = caller_up_ = false;
      return clear_up(now);
    case State::idle:
    case State::over:
      return;
  }
}

std::vector<WarmTransfer::Wish> WarmTransfer::take_wishes() { return std::exchange(wishes_, {}); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
