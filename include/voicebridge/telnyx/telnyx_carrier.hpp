#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "voicebridge/call/carrier.hpp"
#include "voicebridge/telnyx/call_control.hpp"
#include "voicebridge/telnyx/carrier_options.hpp"
#include "voicebridge/telnyx/stream_server.hpp"
#include "voicebridge/telnyx/webhook_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Telnyx as a `Carrier`: Call Control for the leg, a one-time token for its media stream.
class VOICEBRIDGE_API TelnyxCarrier final : public Carrier, private LegControls {
 public:
  /// Takes whether a command was accepted.
  using Done = Carrier::Done;
  /// @return `Errc::invalid_argument` naming `caller_id` when it is no number.
  static Result<std::unique_ptr<TelnyxCarrier>> create(TelnyxCallControl control,
                                                       TelnyxStreamServer streams,
                                                       TelnyxCarrierOptions options);

  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override;
  void answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
              Done done) override;
  void hang_up(const std::string& leg_id, Scheduler& on, Done done) override;
  void speak(const std::string& leg_id, const std::string& text, Scheduler& on, Done done) override;
  void start_media(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                   Done done) override;
  /// Told by `LegHandedOn`: joined when Telnyx has bridged the two, failed when the other leg ended
  /// before. The caller stays with us until then.
  void transfer(const std::string& leg_id, const CarrierTransfer& transfer, Scheduler& on,
                HandedOver done) override;
  LegControls* controls() override { return this; }

 private:
  bool sends_dtmf() const override { return true; }
  void send_dtmf(const std::string& leg_id, const std::string& digits, Scheduler& on,
                 Done done) override;
  void start_recording(const std::string& leg_id, Scheduler& on,
                       std::function<void(Result<std::string>)> done) override;
  void change_recording(const std::string& leg_id, const std::string& recording_id,
                        CarrierRecording change, Scheduler& on, Done done) override;

  TelnyxCarrier(TelnyxCallControl control, TelnyxStreamServer streams, TelnyxCarrierOptions options)
      : control_(std::move(control)), streams_(std::move(streams)), options_(std::move(options)) {}

  bool take_dialed(const std::string& call_id);

  TelnyxCallControl control_;
  TelnyxStreamServer streams_;
  TelnyxCarrierOptions options_;
  std::mutex dialed_mutex_;
  std::deque<std::string> dialed_;  ///< Calls whose Dial named the stream, oldest first.
};

namespace telnyx {

/// The client_state of the leg that a transfer of this call rings: by it `to_carrier_event` tells
/// its events from the call's own.
VOICEBRIDGE_API std::string target_leg_state(const std::string& call_id);

/// A webhook as every carrier's calls understand it. Legs of ours carry the call's id as
/// client_state.
VOICEBRIDGE_API CarrierEvent to_carrier_event(const WebhookEvent& event);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
