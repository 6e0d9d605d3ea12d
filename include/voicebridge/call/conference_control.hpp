#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "voicebridge/call/carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A caller who is with an agent, and a person who shall take them over.
struct ConferenceParties {
  std::string name;         ///< Of the conference: unique, and no phone number in it.
  std::string caller_leg;   ///< The carrier's ids.
  std::string human_leg;    ///< Of the person who takes over.
  std::string caller_call;  ///< Ours: whose media stream comes back by `take_back`.
  /// True: no further step of a `join` that is under way is to be taken. Null: it is never called
  /// off.
  std::shared_ptr<const std::atomic<bool>> called_off = nullptr;

  /// Whether the caller of `join` wants no further step.
  bool is_called_off() const { return called_off && *called_off; }
};

/// What a carrier can do beside `Carrier` to join two legs: the ability behind warm transfers.
/// Everything may be asked again, and of legs that are gone.
/// @par Threads Any. Each `done` runs exactly once, on the scheduler given, never inside the call.
class VOICEBRIDGE_API ConferenceControl {
 public:
  /// Takes whether it was done.
  using Done = Carrier::Done;
  virtual ~ConferenceControl() = default;

  /// Whether `hold` takes the caller's ear and voice. False: the agent's own stream plays what they
  /// hear while they wait, and `hold` does nothing.
  virtual bool can_hold() const = 0;
  /// Puts the caller on hold, or takes them off it.
  virtual void hold(const ConferenceParties& parties, bool on, Scheduler& scheduler, Done done) = 0;
  /// Success: the two hear each other and nobody else, the agent's part in both legs ends, and a
  /// leg that ends takes the other with it as far as the carrier can see to that. One that was
  /// called off between two of its steps has failed.
  virtual void join(const ConferenceParties& parties, Scheduler& on, Done done) = 0;
  /// After a `join` that failed or came too late: the caller is with the agent again. Where their
  /// media stream was ended, a new one is opened for `caller_call`.
  virtual void take_back(const ConferenceParties& parties, Scheduler& on, Done done) = 0;
  /// One of the two is gone: what there is of the conference ends.
  virtual void end(const ConferenceParties& parties, Scheduler& on, Done done) = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
