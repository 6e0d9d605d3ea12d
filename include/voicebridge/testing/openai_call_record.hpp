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

namespace voicebridge::testing {

/// What happened to one WebRTC or SIP call of the simulated service, for assertions. Times count
/// from the moment the call arrived.
struct VOICEBRIDGE_API OpenAiCallRecord {
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

  struct Webhook {  ///< One POST.
    std::string webhook_id;
    std::string event_id;
    std::string type;
    Millis at{0};
    std::optional<int> status;  ///< 0: no answer in time; nothing: not answered yet.
  };
  struct Request {     ///< One REST request about the call.
    std::string verb;  ///< accept, reject, refer, hangup
    Millis at{0};
    int status = 0;
    std::string code;  ///< Of the error.
    std::string body;  ///< The first 16,000 bytes.
  };
  struct Sideband {  ///< One WebSocket with `?call_id=`.
    Millis opened{0};
    std::optional<Millis> closed;
    std::uint64_t events_sent = 0;
    std::uint64_t events_received = 0;
    bool closed_by_service = false;
  };
  struct Heard {  ///< What was played to the caller of one item.
    std::string item_id;
    std::string response_id;
    Millis begin{0};
    Millis length{0};  ///< Really played.
    Millis queued{0};  ///< Generated; more than `length` when it was cut off, or still to come.
    bool cut = false;  ///< The rest was thrown away.
  };

  std::string call_id;
  std::string kind;  ///< "sip" or "webrtc"
  std::string from;
  std::string to;
  State state = State::ringing;
  End end = End::none;
  int sip_status = 0;            ///< What the caller got: 200, the status of the reject, 487 …
  std::string refer_to;          ///< `target_uri` of the refer.
  std::string accepted_session;  ///< The session as it was given, JSON.
  std::optional<Millis> connected_at;
  std::optional<Millis> ended_at;
  std::vector<Webhook> webhooks;
  std::vector<Request> requests;
  std::vector<Sideband> sidebands;
  std::vector<Heard> heard;
  std::vector<CalleeUtterance> said;  ///< By the caller, in time since the connection.
  std::string keys;                   ///< The caller pressed.
  std::uint64_t script_timeouts = 0;  ///< Waits of the caller's script that ended by their timeout.
  bool script_done = false;
  /// The session behind the call: turns, responses, violations, tools. `utterances[].heard` is what
  /// the service cut them to.
  OpenAiSimRecord session;
  Bytes heard_audio;  ///< The first `OpenAiSimOptions::keep_audio_bytes` of what was played.

  bool ended() const { return state == State::ended; }
  /// One object, without the raw audio.
  void write(JsonWriter& out) const;
};
VOICEBRIDGE_API std::string_view to_string(OpenAiCallRecord::State state) noexcept;
VOICEBRIDGE_API std::string_view to_string(OpenAiCallRecord::End end) noexcept;

}  // namespace voicebridge::testing
