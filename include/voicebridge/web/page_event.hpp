#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge::web {

// What a page is told, one JSON object an event. `EventFeed::add` numbers them.

enum class TalkState { connecting, listening, thinking, speaking, calling, ended };
VOICEBRIDGE_API std::string_view to_string(TalkState state) noexcept;

struct StateEvent {  ///< Where the web talk is.
  TalkState state = TalkState::connecting;
  std::string reason;  ///< Of an end: hangup, agent, timeout, expired, error, page_gone.
};
struct TranscriptEvent {  ///< A turn, whole so far. Comes again when it was cut, with what was
                          ///< heard.
  enum class Who { visitor, agent } who = Who::visitor;
  std::string turn;
  std::string text;
  bool final = false;
  bool cut = false;
  std::optional<Millis> heard;  ///< Of a turn of the agent that was cut.
};
struct LeadEvent {  ///< The lead, after it was saved.
  std::string lead_id;
  std::string first_name;
  std::string last_name;
  std::string phone;
  bool consent = false;
};
struct CallEvent {  ///< The phone call to the visitor.
  struct Line {
    bool lead = false;  ///< Else the agent.
    std::string text;
    bool cut = false;
  };
  std::string call_id;
  std::string state;   ///< dialing, ringing, answered, talking, ended
  std::string reason;  ///< Of an end.
  std::optional<std::vector<Line>> transcript;
};
struct ErrorEvent {
  std::string code;
  std::string message;  ///< For the visitor: one sentence, nothing of ours.
  bool fatal = false;
};
struct ByeEvent {  ///< The last: the sockets close behind it.
  std::string reason;
};

VOICEBRIDGE_API std::string to_json(const StateEvent& event);
VOICEBRIDGE_API std::string to_json(const TranscriptEvent& event);
VOICEBRIDGE_API std::string to_json(const LeadEvent& event);
VOICEBRIDGE_API std::string to_json(const CallEvent& event);
VOICEBRIDGE_API std::string to_json(const ErrorEvent& event);
VOICEBRIDGE_API std::string to_json(const ByeEvent& event);

}  // namespace voicebridge::web
