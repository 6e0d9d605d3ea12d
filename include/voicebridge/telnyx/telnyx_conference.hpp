#pragma once

#include <memory>

#include "voicebridge/call/conference_control.hpp"
#include "voicebridge/telnyx/call_control.hpp"
#include "voicebridge/telnyx/stream_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a caller gets who is taken back, and how many conferences are remembered.
struct TelnyxConferenceOptions {
  AudioFormat format = AudioFormat::pcmu();  ///< Of the stream of a caller who is taken back.
  std::size_t max_remembered = 10000;        ///< Conferences; the oldest are forgotten first.
};

/// Joins legs of `TelnyxCarrier` in a conference: it is made with the caller's leg, the person's
/// leg joins it, and then both media streams are stopped. A command that Telnyx refuses because of
/// a stream (90045) is sent again when that one has been stopped.
///
/// The person's leaving ends the conference and hangs up the caller, by what the person joined
/// with; the caller's, by a change of their participant, which may come a moment later.
class VOICEBRIDGE_API TelnyxConference final : public ConferenceControl {
 public:
  /// Conferences of the account that `control` commands.
  TelnyxConference(TelnyxCallControl control, TelnyxStreamServer streams,
                   TelnyxConferenceOptions options = {});
  ~TelnyxConference() override;

  bool can_hold() const override { return false; }
  /// Begins on hold.
  void hold(const ConferenceParties& parties, bool on, Scheduler& scheduler, Done done) override;
  void join(const ConferenceParties& parties, Scheduler& on, Done done) override;
  /// The caller leaves the conference, when they are in it, and has a new media stream.
  void take_back(const ConferenceParties& parties, Scheduler& on, Done done) override;
  void end(const ConferenceParties& parties, Scheduler& on, Done done) override;

 private:
  struct State;
  class Joining;
  std::shared_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
