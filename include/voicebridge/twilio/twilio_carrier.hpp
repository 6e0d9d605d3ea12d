#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/call/carrier.hpp"
#include "voicebridge/twilio/call_control.hpp"
#include "voicebridge/twilio/stream_server.hpp"
#include "voicebridge/twilio/webhook_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Whose calls they are, and where Twilio tells of them.
struct TwilioCarrierOptions {
  std::string caller_id;  ///< +E.164 of the account: who the called person sees; needed to dial.
  /// Absolute URLs for our legs' requests, without a query: `call_id` is added as one, but not to
  /// `spoken_url` and `recording_url`.
  /// Empty: not told.
  std::string status_url;     ///< Progress of a leg.
  std::string recording_url;  ///< What became of a recording.
  std::string detection_url;  ///< Who picked up; without it nobody is asked to find out.
  /// Is asked for TwiML when `speak` is through, as it stands here: tell `LegSpoke` there. Without
  /// it Twilio hangs up.
  std::string spoken_url;
  /// Is asked for TwiML when somebody who hears a question of `ask` has pressed a key, or none:
  /// answer with `after_keys`. Without it keys are not listened for.
  std::string keys_url;
  /// Is asked for TwiML when nobody took a caller who was handed on, or when that talk is over:
  /// answer with `after_transfer`. Without it, and without `status_url`, nothing is told of a
  /// transfer, and a caller whom nobody takes is hung up by Twilio.
  std::string dialled_url;
  /// Wait for the end of a machine's greeting; else its beginning is all that is told.
  bool wait_for_beep = true;
  std::string voice;     ///< Of `speak` and the apology; empty: Twilio's own choice.
  std::string language;  ///< Of the same, such as "fr-FR"; empty: Twilio's own choice.
  /// Said by Twilio when the media stream could not be opened, or is lost and nobody commands the
  /// leg any more. Empty: Twilio hangs up without a word.
  std::string apology;
  std::size_t max_remembered = 10000;  ///< Dialled calls and incoming legs, each.
};

/// Twilio as a `Carrier`: the REST interface for the leg, TwiML with a one-time token for its media
/// stream, which opens with the answer.
///
/// Twilio itself dials as often as it is asked. This object remembers which calls it has dialled,
/// also those of which nobody knows whether they ring, and dials none twice.
class VOICEBRIDGE_API TwilioCarrier final : public Carrier, private LegControls {
 public:
  /// Takes whether a command was accepted.
  using Done = Carrier::Done;
  /// @return `Errc::invalid_argument` naming an option that is no number or URL.
  static Result<std::unique_ptr<TwilioCarrier>> create(TwilioCallControl control,
                                                       TwilioStreamServer streams,
                                                       TwilioCarrierOptions options);
  ~TwilioCarrier() override;

  /// An incoming leg's voice URL waits for its TwiML: it gets it by `answer`, or by `hang_up`,
  /// which rejects. Twilio waits for 15 s; tell the application of the leg behind this call.
  /// @param respond  Called once, on the thread of the answer, with the document.
  void ringing(const std::string& leg_id, std::function<void(std::string twiml)> respond);

  /// The document that opens the media stream of a call, with a token for it, and behind that the
  /// apology: for a voice URL of the application's own.
  /// @param leg_id  The only leg it is for; empty: any.
  Result<std::string> stream_document(const std::string& call_id, const std::string& leg_id,
                                      TimePoint now, Millis waiting = Millis(0)) const;
  /// The apology alone: there is no stream to be had.
  Result<std::string> apology_document() const;

  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override;
  /// Answers the request that waits for it: its document opens the media stream. `Errc::not_found`
  /// when none waits.
  void answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
              Done done) override;
  void hang_up(const std::string& leg_id, Scheduler& on, Done done) override;
  /// Ends the media stream.
  void speak(const std::string& leg_id, const std::string& text, Scheduler& on, Done done) override;
  /// By `<Gather>`: ends the media stream, and asks again after another key and after none.
  void ask(const std::string& leg_id, const CarrierQuestion& question, Scheduler& on,
           Done done) override;
  /// What `keys_url` answers: the question once more, but silence behind a key that answers it,
  /// until the leg is told what to do. @param keys  As they came; empty: none.
  Result<std::string> after_keys(const std::string& keys, const std::string& leg_id) const;
  /// The stream came with `dial` or `answer`: nothing is left to do.
  void start_media(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                   Done done) override;
  /// By `<Dial>`, which ends the media stream. Told by `LegHandedOn`, where the options have the
  /// URLs for it; a caller whom nobody takes comes back by a new media stream.
  void transfer(const std::string& leg_id, const CarrierTransfer& transfer, Scheduler& on,
                HandedOver done) override;
  /// What `dialled_url` answers: the way back to the agent when nobody took the caller, else the
  /// end of the call.
  Result<std::string> after_transfer(const twilio::DialEnded& ended, const std::string& call_id,
                                     const std::string& leg_id, TimePoint now) const;
  /// Recordings. Keys and files would end the media stream, so they are refused.
  LegControls* controls() override { return this; }

 private:
  bool sends_dtmf() const override { return false; }
  void send_dtmf(const std::string& leg_id, const std::string& digits, Scheduler& on,
                 Done done) override;
  void start_recording(const std::string& leg_id, Scheduler& on,
                       std::function<void(Result<std::string>)> done) override;
  void change_recording(const std::string& leg_id, const std::string& recording_id,
                        CarrierRecording change, Scheduler& on, Done done) override;
  struct State;
  explicit TwilioCarrier(std::shared_ptr<State> state);
  void redirect(const std::string& leg_id, const twilio::Twiml& twiml, Scheduler& on,
                Done done) const;
  std::shared_ptr<State> state_;
};

namespace twilio {

/// Whether somebody took the caller.
VOICEBRIDGE_API bool was_taken(const DialEnded& ended) noexcept;

/// A webhook as every carrier's calls understand it; nothing, one or two events.
/// @param call_id  Ours, of the request's query.
VOICEBRIDGE_API std::vector<CarrierEvent> to_carrier_events(const WebhookEvent& event,
                                                            const std::string& call_id);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
