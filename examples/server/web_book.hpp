#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/web/event_feed.hpp"
#include "voicebridge/web/page_event.hpp"
#include "voicebridge/web/page_message.hpp"

namespace server {

/// Who carries the audio of a web session.
enum class WebMode {
  sdp,        ///< WebRTC between browser and service, which this server listens in to.
  ephemeral,  ///< WebRTC with a key of the browser's own: nothing of the talk passes here.
  websocket,  ///< This server.
};

/// What is fixed of a web session.
struct WebVisit {
  std::string id;
  WebMode mode = WebMode::websocket;
  std::string agent;     ///< As it was asked for; empty: the sample agent.
  std::string language;  ///< "fr", "en"
  std::string address;   ///< The visitor's.
  voicebridge::UnixMillis began = 0;
  voicebridge::Millis retention{0};  ///< Then what is kept of the talk is to be removed; 0: never.
};

struct WebBookOptions {
  voicebridge::Millis page_gone{30000};   ///< Without a socket for so long the page is gone.
  voicebridge::Millis lifetime{1800000};  ///< Not used for so long a session has expired.
  /// From the end of the talk and the call to the last event: a call may just have been asked for.
  voicebridge::Millis goodbye{2000};
  voicebridge::Millis kept{60000};  ///< From then on: for a page that comes back for its events.
};

/// The web sessions there are: what of the agent's calls each has to be told, and when it is over.
/// No socket, no thread, no clock.
/// @par Threads Any.
class WebBook {
 public:
  struct Hooks {
    /// The talk is to be hung up.
    std::function<void(const std::string& talk)> hang_up;
    /// The talk is over, and no phone call runs: its place is free, before the last event is out.
    std::function<void(const WebVisit& visit)> left;
    /// Nothing more comes of the session.
    std::function<void(const WebVisit& visit)> over;
    /// It is forgotten.
    std::function<void(const std::string& session_id)> forgotten;
  };
  WebBook(WebBookOptions options, Hooks hooks) : options_(options), hooks_(std::move(hooks)) {}

  void open(WebVisit visit, voicebridge::TimePoint now);
  /// The agent's call that is the session's talk; of an ephemeral one there is none.
  void talk_began(const std::string& session_id, const std::string& talk);

  /// What is known of a session. Nothing: there is none of the id.
  struct Seen {
    WebVisit visit;
    std::string talk;  ///< How the agent knows the session: of an ephemeral one its own id.
    std::shared_ptr<voicebridge::EventFeed> feed;
    std::optional<voicebridge::Lead> lead;
    std::string call_id;  ///< Of the phone call; empty: there was none.
    bool talk_over = false;
    std::string end_reason;  ///< As the page was told it; empty while the talk runs.
    /// Of an ephemeral session, as the page told it.
    std::vector<voicebridge::TranscriptEntry> transcript;
  };
  std::optional<Seen> find(const std::string& session_id) const;
  /// The same for whatever the agent calls it.
  std::optional<Seen> find_talk(const std::string& talk) const;
  std::size_t count() const;

  /// A session that has not come about.
  void discard(const std::string& session_id);

  // The page's side.
  void socket_opened(const std::string& session_id, voicebridge::TimePoint now);
  void socket_closed(const std::string& session_id, voicebridge::TimePoint now);
  void used(const std::string& session_id, voicebridge::TimePoint now);
  /// The talk is to end: `reason` is what the page is told then. Again, or later: nothing happens.
  void end(const std::string& session_id, const std::string& reason, voicebridge::TimePoint now);
  /// A turn of an ephemeral session, whose page tells of it; what is beyond a long talk is not
  /// kept.
  void told(const std::string& session_id, const voicebridge::web::PageTranscript& turn,
            voicebridge::TimePoint now);
  void error(const std::string& session_id, const voicebridge::web::ErrorEvent& event);

  // The agent's side: the hooks of `PhoneAgent`.
  void on_timeline(const std::string& call_id, const voicebridge::TimelineEntry& entry);
  void on_transcript(const voicebridge::TranscriptUpdate& update);
  void on_agent_speaking(const std::string& call_id, bool speaking);
  void on_lead_saved(const std::string& call_id, const voicebridge::Lead& lead);
  void on_lead_called(const std::string& talk, const voicebridge::CallStatus& status);
  void on_ended(const voicebridge::CallRecord& record, voicebridge::TimePoint now);

  /// What only time tells. To be called about twice a second.
  void tick(voicebridge::TimePoint now);
  /// The server stops: every feed ends.
  void shut_down();

 private:
  struct Session;
  using Entry = std::shared_ptr<Session>;
  Entry session_of(const std::string& session_id) const;
  Entry session_of_talk(const std::string& talk) const;
  void forget(const std::string& session_id);
  void show(Session& session, voicebridge::web::TalkState state, const std::string& reason = {});
  void show_call(Session& session, const std::string& state);
  void talk_over(Session& session, const std::string& reason, voicebridge::TimePoint now);
  bool is_idle(const Session& session, voicebridge::TimePoint now) const;

  const WebBookOptions options_;
  const Hooks hooks_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> sessions_;
  std::map<std::string, Entry> talks_;  ///< By what the agent calls them.
  std::multimap<std::string, Entry> calls_;
};

}  // namespace server
