#pragma once

#include <functional>
#include <string>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What becomes of a recording that runs at the carrier.
enum class CarrierRecording { pause, resume, stop };

/// What a carrier may be able to do with a leg beside carrying it. What it cannot do fails with
/// `Errc::unsupported`.
/// @par Threads Any. Each `done` runs exactly once, on the scheduler given, never inside the call.
class VOICEBRIDGE_API LegControls {
 public:
  /// Takes whether the command was accepted.
  using Done = std::function<void(Result<>)>;
  virtual ~LegControls() = default;
  /// Whether keys can be sent while a media stream is up.
  virtual bool sends_dtmf() const = 0;
  /// @param digits  0-9, A-D, *, #, w (0.5 s) and W (1 s)
  virtual void send_dtmf(const std::string& leg_id, const std::string& digits, Scheduler& on,
                         Done done) = 0;
  /// Records both sides, each in a channel of its own; `LegRecorded` tells where it is kept.
  /// Gives the carrier's id of the recording; empty when it has told none.
  virtual void start_recording(const std::string& leg_id, Scheduler& on,
                               std::function<void(Result<std::string>)> done) = 0;
  /// Pauses, goes on with or ends a recording of `start_recording`.
  virtual void change_recording(const std::string& leg_id, const std::string& recording_id,
                                CarrierRecording change, Scheduler& on, Done done) = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
