#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/audio/format.hpp"
#include "voicebridge/call/carrier.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/testing/carrier_plan.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What the person at the far end heard and said, as the carrier knows it.
struct FarEnd {
  /// What stopped the play-out. Positions are bytes since the stream began.
  struct Clear {
    std::uint64_t played = 0;   ///< Really played until then.
    std::uint64_t dropped = 0;  ///< Waiting then, and thrown away.
    std::size_t marks = 0;      ///< Marks that it sent back.
  };
  /// Of `heard` and `dropped`, and of all bytes below: what the leg speaks, or linear audio where
  /// that is G.722 or Opus.
  AudioFormat outbound = AudioFormat::pcmu();
  Bytes heard;                ///< Really played, without the silence between.
  Bytes dropped;              ///< What clears threw away, in order.
  std::vector<Clear> clears;  ///< In order.
  Bytes said;  ///< Sent to the application in the order it was said; lost frames are left out.
  std::vector<CalleeUtterance> utterances;  ///< Of the person.
  std::uint64_t unplayed_bytes = 0;         ///< Still waiting when the stream ended.
  std::uint64_t overflow_bytes = 0;         ///< More than the carrier keeps: dropped.
  std::uint64_t short_pieces = 0;           ///< Audio in less than a frame of the codec.
  std::uint64_t errors = 0;                 ///< Messages that the carrier refused.
  std::uint64_t marks = 0;                  ///< Asked for.
  bool streaming = false;                   ///< The media stream is open now.
  std::size_t streams_taken = 0;            ///< Media sockets that the application accepted …
  std::size_t streams_refused = 0;          ///< … and refused.
};

/// A command as it came to the carrier.
struct CarrierCommandRecord {
  CommandTrouble::Command command = CommandTrouble::Command::dial;  ///< Which command.
  TimePoint at{};                                                   ///< When it came.
  bool done = false;  ///< Answered with success, and not as a repetition.
};

/// What a carrier under test is plugged into. Lives longer than it.
struct CarrierWorld {
  ManualScheduler* clock = nullptr;  ///< Everything happens on it; nothing may wait.
  /// Where events of legs go that have proved to be the carrier's.
  std::function<void(const CarrierEvent&)> on_event;
  /// Whose call a media stream is, by our id or the carrier's: `PhoneAgent::seat`.
  std::function<Result<StreamSeat>(const std::string& call_or_leg)> seat;
  Logger log;  ///< Where it reports; by default nowhere.
};

/// A carrier as the behavioural suite sees it: the code that will run in production, with a far end
/// that follows a `CarrierPlan` behind it, in virtual time. One object is one call.
///
/// The plan is known when the object is made; nothing happens before `call_in`, or a `dial` of the
/// carrier. See docs/adding-a-carrier.md.
/// @par Threads The clock's.
class VOICEBRIDGE_API CarrierUnderTest {
 public:
  virtual ~CarrierUnderTest() = default;
  /// The production code: what a `PhoneAgent` dials, answers and hangs up by.
  virtual Carrier& carrier() = 0;
  /// Somebody calls. Only where the plan says so.
  virtual void call_in() = 0;
  /// As it stands; of the leg's latest stream.
  virtual FarEnd far_end() const = 0;
  /// What the application asked of the carrier, in order.
  virtual std::vector<CarrierCommandRecord> commands() const = 0;
  /// Legs that there were.
  virtual std::size_t legs_made() const = 0;
  /// Of those: legs that ring or talk now.
  virtual std::size_t legs_up() const = 0;
};

/// A way to carry calls that the suite is run on: a carrier with one codec.
struct CarrierLane {
  std::string name;    ///< "telnyx-pcmu"
  AudioFormat format;  ///< Asked for, and what the leg speaks.
  /// Never fails for a plan whose abilities it has.
  std::function<Result<std::unique_ptr<CarrierUnderTest>>(const CarrierPlan& plan,
                                                          CarrierWorld world)>
      make;
  /// Why it cannot do something; empty: it can. Null: it can do everything.
  std::function<std::string(CarrierAbility)> cannot;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
