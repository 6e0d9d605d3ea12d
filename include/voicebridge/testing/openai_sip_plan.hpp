#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/callee_script.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What the person at the far end of a WebRTC or SIP call does, from the moment it is connected.
struct SimCallerPlan {
  CalleeScript script;                    ///< What they do from the connection on.
  CalleeIdle idle = CalleeIdle::silence;  ///< What the line carries while they say nothing.
  std::optional<Millis> hang_up_after;  ///< Counted from the connection; the script can do it too.
  AudioFormat codec = AudioFormat::pcmu();  ///< Of the line, both ways: PCMU or PCMA.
};

/// How the webhook `realtime.call.incoming` of one call travels.
struct SipWebhookPlan {
  Millis delay{20};         ///< From the INVITE to the first delivery.
  unsigned copies = 1;      ///< Deliveries of the same event, with the same `webhook-id`; 0: none.
  Millis copy_spacing{30};  ///< Between copies.
  /// One more copy so long after the INVITE, whatever was answered before: a late retry.
  std::optional<Millis> late;
  /// Pauses before the next attempt after an answer that is not 2xx, or none.
  std::vector<Millis> retries{Millis(1000), Millis(2000), Millis(4000)};
  Millis timeout{5000};        ///< For the answer to one attempt.
  Millis stale{0};             ///< The signed timestamp lies so far in the past.
  bool bad_signature = false;  ///< Nobody signed it so.
  bool rotated = false;        ///< Signed with another secret too, whose entry comes first.
  /// The deprecated `live.call.incoming` is sent for the call as well: to be ignored with 2xx.
  bool live_event = false;
};

/// A failure of the REST interface made to order, for one call.
struct SipApiFault {
  std::string verb;                   ///< accept, reject, refer or hangup
  unsigned times = 1;                 ///< How many requests meet it.
  int status = 500;                   ///< 0: no answer at all; 200: the real answer, only later.
  std::string code = "server_error";  ///< Of the error.
  Millis delay{0};                    ///< Before the answer.
  bool effective = false;  ///< The request is carried out and only its answer is replaced.
};

/// One call that arrives by SIP.
///
/// As JSON:
/// ```
/// {"from": "+12025550123", "to": "+12025550100", "headers": [{"name": "X-Queue", "value": "7"}],
///  "media_security": "srtp", "codec": "PCMU", "ring_ms": 30000, "connect_ms": 50,
///  "script": [{"wait": "agent_silence", "ms": 700}, {"play": "order.wav", "text": "My order."}],
///  "idle": "silence", "hang_up_after_ms": 60000, "agent": "phone",
///  "webhook": {"delay_ms": 20, "copies": 2, "copy_spacing_ms": 30, "late_ms": 90000,
///              "retries_ms": [1000], "stale_ms": 600000, "bad_signature": true, "rotated": true,
///              "live_event": true},
///  "faults": [{"verb": "accept", "times": 1, "status": 500, "code": "server_error",
///              "delay_ms": 100, "effective": false}]}
/// ```
struct VOICEBRIDGE_API SipCallPlan {
  std::string from = "+12025550123";  ///< A number, or the value of the From header when it has
                                      ///< "sip:" in it.
  std::string to;                     ///< The same of the To header; empty: the project's address.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Behind From, To and Call-ID.
  std::string media_security = "srtp";                       ///< Empty: not told.
  Millis ring{30000};      ///< How long the caller waits for an accept, then gives up (CANCEL).
  Millis connect{50};      ///< From the accept to the first audio.
  SimCallerPlan caller;    ///< Who calls.
  SipWebhookPlan webhook;  ///< How the webhook travels.
  std::vector<SipApiFault> faults;  ///< Used up in their order, each for its verb.
  std::string agent;  ///< Name of the scenario's agent that answers; empty: by its rules.

  /// Reads the object above. Unknown names are errors; `folder` is where relative WAV paths begin.
  static Result<SipCallPlan> parse(JsonView json, const std::string& folder = {});
  /// One such object, or an array of them.
  static Result<std::vector<SipCallPlan>> parse_all(JsonView json, const std::string& folder = {});
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
