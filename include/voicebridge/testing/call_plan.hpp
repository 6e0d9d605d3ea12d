#pragma once

#include <optional>
#include <string>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/callee_script.hpp"
#include "voicebridge/testing/media_faults.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What becomes of a dialled call.
enum class CallOutcome {
  answer,
  busy,           ///< user_busy, 486
  decline,        ///< call_rejected, 603
  no_answer,      ///< no_answer, 480, after `CallPlan::ring`
  timeout,        ///< Rings until the dial's `timeout_secs`: timeout, 487
  not_found,      ///< not_found, 404
  route_failure,  ///< unspecified, 503
};

/// What answering machine detection says, when the application asked for it.
struct AmdPlan {
  /// `human_residence`, `human_business`, `machine`, `silence`, `fax_detected`, `not_sure`; empty:
  /// no event at all. For the modes that are not premium the nearest of human, machine and not_sure
  /// is told.
  std::string result = "human_residence";
  /// From the answer to the result. Without it 1.5 s; `not_sure`: the application's analysis time
  /// (30 s).
  std::optional<Millis> delay;
  /// `beep_detected`, `no_beep_detected`, `prompt_ended`; empty: no greeting event.
  std::string greeting;
  Millis greeting_delay{4000};  ///< From the answer.
  /// The beep comes first: only the greeting event is sent.
  bool beep_before_detection = false;
  /// A telephone that screens its calls answers: `call_screening.detected` so long after the
  /// answer, `prompt_ended` after its question; then detection begins anew, with the fields above
  /// counted from there. Only in mode `premium_ios_call_screening_detection`.
  std::optional<Millis> screening;
  Millis screening_prompt{4000};  ///< How long its question takes.
};

/// Everything that happens to one call, whatever the application does.
struct VOICEBRIDGE_API CallPlan {
  CallOutcome outcome = CallOutcome::answer;  ///< What becomes of the call.
  Millis ring{1000};    ///< From call.initiated to the outcome; inbound: how long the caller waits.
  AmdPlan amd;          ///< What machine detection says.
  CalleeScript script;  ///< What the callee does from the answer on.
  CalleeIdle idle = CalleeIdle::silence;         ///< What the line carries while they say nothing.
  std::optional<Millis> hangup_after;            ///< The callee hangs up so long after the answer.
  AudioFormat leg_format = AudioFormat::pcma();  ///< Negotiated with the far party.
  /// What is really sent, whatever was asked for; nothing: that.
  std::optional<AudioFormat> codec_surprise;
  bool l16_big_endian = false;       ///< L16 comes with the high byte first.
  MediaFaults faults;                ///< What the network does to the callee's frames.
  Millis stream_connect_delay{100};  ///< From the answer to the connection to `stream_url`.
  Millis max_queue{30000};           ///< What the carrier takes ahead of the ear.
  Micros play_delay{0};  ///< From the arrival at an idle queue to the first sample played.
  std::optional<Millis> drop_stream_after;  ///< The media socket breaks so long after it opened.
  bool refuses_refer = false;               ///< REFER is answered with 603 instead of 200.

  /// Reads an object with the names above and `_ms` behind durations:
  /// `{"outcome":"answer","ring_ms":800,
  /// "amd":{"result":"machine","greeting":"beep_detected"},"script":[…],"leg_codec":"PCMA"}`.
  /// Unknown names are errors. `folder` is where the script's relative WAV paths begin.
  static Result<CallPlan> parse(JsonView json, const std::string& folder = {});
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
