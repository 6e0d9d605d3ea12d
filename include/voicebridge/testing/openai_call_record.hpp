#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/callee_script.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What happened to one WebRTC or SIP call of the simulated service, for assertions. Times count
/// from the moment the call arrived.
struct VOICEBRIDGE_API OpenAiCallRecord {
  /// Where the call is.
  enum class State { ringing, connected, ended };
  /// Who ended it, and how.
  enum class End {
    none,            ///< It goes on.
    caller_gave_up,  ///< While it rang.
    rejected,        ///< `reject`.
    caller_hung_up,
    hung_up,    ///< `hangup`.
    referred,   ///< `refer`.
    expired,    ///< The session was too old.
    shut_down,  ///< The simulator went.
  };

  /// One POST.
  struct Webhook {
    std::string webhook_id;     ///< Of its headers: the same in every copy.
    std::string event_id;       ///< The event's, the same in every copy.
    std::string type;           ///< Such as "realtime.call.incoming".
    Millis at{0};               ///< Since the call arrived.
    std::optional<int> status;  ///< 0: no answer in time; nothing: not answered yet.
  };
  /// One REST request about the call.
  struct Request {
    std::string verb;  ///< accept, reject, refer, hangup
    Millis at{0};      ///< Since the call arrived.
    int status = 0;    ///< Of the answer.
    std::string code;  ///< Of the error.
    std::string body;  ///< The first 16,000 bytes.
  };
  /// One WebSocket with `?call_id=`.
  struct Sideband {
    Millis opened{0};                   ///< Since the call arrived.
    std::optional<Millis> closed;       ///< Nothing: it is open.
    std::uint64_t events_sent = 0;      ///< By the service.
    std::uint64_t events_received = 0;  ///< Of the client.
    bool closed_by_service = false;     ///< Else the client closed it.
  };
  /// What was played to the caller of one item.
  struct Heard {
    std::string item_id;      ///< Which item.
    std::string response_id;  ///< Which response it was of.
    Millis begin{0};          ///< Since the call arrived.
    Millis length{0};         ///< Really played.
    Millis queued{0};  ///< Generated; more than `length` when it was cut off, or still to come.
    bool cut = false;  ///< The rest was thrown away.
  };

  std::string call_id;           ///< The service's.
  std::string kind;              ///< "sip" or "webrtc"
  std::string from;              ///< Who called.
  std::string to;                ///< Whom they called.
  State state = State::ringing;  ///< Where it is.
  End end = End::none;           ///< Who ended it.
  int sip_status = 0;            ///< What the caller got: 200, the status of the reject, 487 …
  std::string refer_to;          ///< `target_uri` of the refer.
  std::string accepted_session;  ///< The session as it was given, JSON.
  std::optional<Millis> connected_at;  ///< Nothing: it was never connected.
  std::optional<Millis> ended_at;      ///< Nothing: it goes on.
  std::vector<Webhook> webhooks;       ///< In order.
  std::vector<Request> requests;       ///< In order.
  std::vector<Sideband> sidebands;     ///< In order.
  std::vector<Heard> heard;            ///< In order.
  std::vector<CalleeUtterance> said;   ///< By the caller, in time since the connection.
  std::string keys;                    ///< The caller pressed.
  std::uint64_t script_timeouts = 0;  ///< Waits of the caller's script that ended by their timeout.
  bool script_done = false;           ///< Whether the caller has done all of it.
  /// The session behind the call: turns, responses, violations, tools. `utterances[].heard` is what
  /// the service cut them to.
  OpenAiSimRecord session;
  Bytes heard_audio;  ///< The first `OpenAiSimOptions::keep_audio_bytes` of what was played.

  /// Whether it is over.
  bool ended() const { return state == State::ended; }
  /// One object, without the raw audio.
  void write(JsonWriter& out) const;
};
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(OpenAiCallRecord::State state) noexcept;
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(OpenAiCallRecord::End end) noexcept;

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
