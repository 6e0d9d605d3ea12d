#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/call/leg_controls.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What the carrier found out about who picked up. All but `machine` and `fax` are talked with.
enum class AnsweredBy { human, human_residence, human_business, machine, fax, silence, not_sure };
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(AnsweredBy who) noexcept;

/// How what was spoken to us by a machine came to its end.
enum class GreetingEnd {
  beep,
  no_beep,       ///< By silence, or no beep was found in time.
  prompt_ended,  ///< A pause: of a call screening's prompt, but of a greeting, too.
};
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(GreetingEnd how) noexcept;

/// A call to be made.
struct CarrierDial {
  std::string call_id;         ///< Ours; comes back in every event of the leg.
  std::string to;              ///< E.164
  bool detect_machine = true;  ///< Ask the carrier who picks up.
  /// … and whether it is a phone that screens its calls, where the carrier can tell.
  bool detect_screening = false;
  Millis ring_timeout{30000};  ///< Then it counts as not answered.
  Millis max_length{3600000};  ///< The carrier ends the leg then.
};

/// A caller who is handed to somebody else.
struct CarrierTransfer {
  std::string to;              ///< E.164, or a SIP address.
  std::string call_id;         ///< Ours, of the caller's call: comes back in `LegHandedOn`.
  Millis ring_timeout{25000};  ///< Then it counts as not answered.
};

/// A question that is answered by a key.
struct CarrierQuestion {
  std::string text;     ///< Spoken word for word.
  std::string keys;     ///< Those that answer it, each of 0-9, `*` and `#`.
  std::string call_id;  ///< Ours: comes back in `LegKeys`.
};

/// What the success of `Carrier::transfer` means.
enum class HandOver {
  under_way,  ///< The other phone is about to ring: `LegHandedOn` tells what comes of it.
  done,       ///< The carrier has taken the caller, and says no more.
};

/// Observations of a leg. They come in any order, each once.
struct LegRinging {};
struct LegAnswered {};
/// The leg is over.
struct LegEnded {
  std::string cause;    ///< The carrier's word: "user_busy", "normal_clearing".
  bool reached = true;  ///< False: it was never answered.
};
/// Who picked up, as far as the carrier can tell.
struct LegAnsweredBy {
  AnsweredBy who;  ///< What was found.
};
/// A machine's greeting is over.
struct LegGreetingEnded {
  GreetingEnd how = GreetingEnd::beep;  ///< By a beep, or not.
};
struct LegScreened {};  ///< A phone asks who calls; then detection starts anew.
struct LegSpoke {};     ///< What `Carrier::speak` was asked has been spoken or was cut off.
/// Pressed by who hears `Carrier::ask`, where no media stream tells of them.
struct LegKeys {
  std::string keys;  ///< In the order pressed.
};
/// The media stream could not be opened.
struct LegMediaFailed {
  std::string reason;  ///< The carrier's word for why.
};
/// Somebody calls us.
struct LegIncoming {
  std::string from;  ///< Their number, as the carrier tells it; can be forged.
  std::string to;    ///< The number that was called.
};
/// What becomes of a `Carrier::transfer`. The leg is the caller's.
struct LegHandedOn {
  /// How far it has come.
  /// How far it has come.
  enum class Step { ringing, answered, joined, failed } step = Step::ringing;  ///< Where it is.
  std::string cause;  ///< Of a failure, in the carrier's word: "user_busy".
};
/// The carrier's recording can be had; often after the leg is gone.
struct LegRecorded {
  std::string id;   ///< The carrier's id of it.
  std::string url;  ///< As the carrier gives it, perhaps for minutes only.
};
struct LegOther {};  ///< Of no consequence, for the timeline.

/// One event of a phone leg, whatever the carrier.
struct CarrierEvent {
  std::string type;     ///< The carrier's name of it, for timelines and logs: "call.answered".
  std::string leg_id;   ///< The carrier's id of the leg.
  std::string call_id;  ///< Ours, when the leg carries it.
  std::variant<LegOther, LegRinging, LegAnswered, LegEnded, LegAnsweredBy, LegGreetingEnded,
               LegScreened, LegSpoke, LegKeys, LegMediaFailed, LegRecorded, LegIncoming,
               LegHandedOn>
      what;  ///< What happened.
};

/// The seam to a phone carrier's call control.
/// @par Threads Any. Each `done` runs exactly once, on the scheduler given, never inside the call.
class VOICEBRIDGE_API Carrier {
 public:
  /// Takes whether a command was accepted.
  using Done = std::function<void(Result<>)>;
  /// Takes what the success of a transfer means, or why there is none.
  using HandedOver = std::function<void(Result<HandOver>)>;
  virtual ~Carrier() = default;
  /// The carrier's id of the new leg. Asked twice for the same `call_id`, it dials once.
  virtual void dial(const CarrierDial& dial, Scheduler& on,
                    std::function<void(Result<std::string>)> done) = 0;
  /// Takes a call that comes. @param call_id Ours, which events of the leg carry from then on.
  virtual void answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                      Done done) = 0;
  /// A leg that is gone already is a success.
  virtual void hang_up(const std::string& leg_id, Scheduler& on, Done done) = 0;
  /// Speaks by the carrier's own voice; `LegSpoke` tells the end.
  virtual void speak(const std::string& leg_id, const std::string& text, Scheduler& on,
                     Done done) = 0;
  /// Speaks as `speak` does, and listens for the keys that answer it, while it speaks and for as
  /// long as the leg is there. Where a media stream goes on meanwhile the keys come by that.
  virtual void ask(const std::string& leg_id, const CarrierQuestion& question, Scheduler& on,
                   Done done) {
    speak(leg_id, question.text, on, std::move(done));
  }
  /// Has the carrier open the leg's media stream to us; asked for when the leg is answered.
  virtual void start_media(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                           Done done) = 0;
  /// Hands the caller to somebody else. A carrier may end the leg's media stream for it; when
  /// nobody takes the caller it opens another.
  virtual void transfer(const std::string& leg_id, const CarrierTransfer& transfer, Scheduler& on,
                        HandedOver done) = 0;
  /// What it can do beside this; null: nothing. Lives as long as the carrier.
  virtual LegControls* controls() { return nullptr; }
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
