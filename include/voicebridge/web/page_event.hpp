#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

// What a page is told, one JSON object an event. `EventFeed::add` numbers them.

/// Where a web talk is.
enum class TalkState { connecting, listening, thinking, speaking, calling, ended };
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(TalkState state) noexcept;

/// Where the web talk is.
struct StateEvent {
  TalkState state = TalkState::connecting;  ///< Where it is.
  std::string reason;  ///< Of an end: hangup, agent, timeout, expired, error, page_gone.
};
/// A turn, whole so far. Comes again when it was cut, with what was heard.
struct TranscriptEvent {
  /// The two sides of the talk.
  enum class Who { visitor, agent } who = Who::visitor;  ///< Whose turn it is.
  std::string turn;                                      ///< Names the turn.
  std::string text;                                      ///< All of it that is known.
  bool final = false;                                    ///< No words will be added.
  bool cut = false;             ///< The agent was interrupted; `text` is what was heard.
  std::optional<Millis> heard;  ///< Of a turn of the agent that was cut.
};
/// The lead, after it was saved.
struct LeadEvent {
  std::string lead_id;     ///< Ours.
  std::string first_name;  ///< As it was saved; so the next two.
  std::string last_name;   ///< As it was saved.
  std::string phone;       ///< E.164
  bool consent = false;    ///< To be called.
};
/// The phone call to the visitor.
struct CallEvent {
  /// A turn of the phone call.
  struct Line {
    bool lead = false;  ///< Else the agent.
    std::string text;   ///< What was said, and heard.
    bool cut = false;   ///< The agent was interrupted in it.
  };
  std::string call_id;                          ///< Ours.
  std::string state;                            ///< dialing, ringing, answered, talking, ended
  std::string reason;                           ///< Of an end.
  std::optional<std::vector<Line>> transcript;  ///< When it has ended.
};
/// Something that the visitor has to be told of.
struct ErrorEvent {
  std::string code;     ///< For the page's code: such as "events_lost".
  std::string message;  ///< For the visitor: one sentence, nothing of ours.
  bool fatal = false;   ///< The talk cannot go on.
};
/// The last: the sockets close behind it.
struct ByeEvent {
  std::string reason;  ///< Why it is over.
};

///@{
/// The event as the page gets it, without its `seq`.
VOICEBRIDGE_API std::string to_json(const StateEvent& event);
VOICEBRIDGE_API std::string to_json(const TranscriptEvent& event);
VOICEBRIDGE_API std::string to_json(const LeadEvent& event);
VOICEBRIDGE_API std::string to_json(const CallEvent& event);
VOICEBRIDGE_API std::string to_json(const ErrorEvent& event);
VOICEBRIDGE_API std::string to_json(const ByeEvent& event);
///@}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
