// Recording: announced first, begun when that was heard or agreed to, paused for what is private.
#include "agent/call_session_impl.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void CallSession::Impl::record_step(RecordingPolicy::Step step, TimePoint now) {
  using Step = RecordingPolicy::Step;
  const auto tell = [&](RecordingChange change, const char* what) {
    note(now, "state", what);
    if (!host.record(change)) note(now, "error", "this call cannot be recorded");
  };
  switch (step) {
    case Step::none:
      return;
    case Step::announce:
      announcement = Announcement::asked;
      return ask(
          {"Say exactly this, word for word, and nothing else: " + options.recording.announcement,
           false},
          now);
    case Step::start:
      return tell(RecordingChange::start, "recording begins");
    case Step::pause:
      return tell(RecordingChange::pause, "recording pauses");
    case Step::resume:
      return tell(RecordingChange::resume, "recording goes on");
    case Step::stop:
      return tell(RecordingChange::stop, "recording ends");
  }
}

/// True: what has to be said first is being said.
bool CallSession::Impl::announce_first(TimePoint now) {
  record_step(recording.person_listens(), now);
  return recording.announcing();
}

void CallSession::Impl::announcement_made(const ReplyEnded& event) {
  if (announcement != Announcement::running) return;
  if (event.outcome == ReplyEnded::Outcome::failed) {
    announcement = Announcement::asked;  // It is asked for once more.
  } else {
    const bool said = event.outcome == ReplyEnded::Outcome::completed && event.spoke;
    announcement = said ? Announcement::said : Announcement::broken;
  }
}

/// All that was said so far has been heard: was the announcement among it?
void CallSession::Impl::announcement_heard(TimePoint now) {
  const bool over_now = announcement == Announcement::said || announcement == Announcement::broken;
  if (!over_now || state != CallState::talking || reply_active || caller_speaking) return;
  const bool whole = announcement == Announcement::said;
  announcement = Announcement::none;
  record_step(recording.announced(whole), now);
  if (recording.announcing()) return;
  if (!recording.awaits_consent()) return greet(now);
  // What they answer comes first.
  greeted = greeting_owed = true;
  rearm_silence(now);
}

/// The caller has answered the question whether they may be recorded.
void CallSession::Impl::consent_given(bool agreed, TimePoint now) {
  note(now, "state", agreed ? "recording agreed to" : "recording refused");
  record_step(recording.consent(agreed), now);
  if (!greeting_owed || options.greeting.empty()) return ask({"", true}, now);
  greeting_owed = false;
  ask({options.greeting, true}, now);
}

void CallSession::Impl::consent_wanted(const ToolCall& call, TimePoint now) {
  const auto arguments = Json::parse(call.arguments_json);
  const auto agreed = arguments ? (*arguments)["agreed"].boolean() : std::nullopt;
  if (!agreed) return refuse_tool(call, "invalid_argument", "agreed: true or false", now);
  if (state != CallState::talking) {
    return refuse_tool(call, "unavailable", "the call is ending", now);
  }
  speech->request(ToolResult{call.id, R"({"ok":true})", false}, now);
  consent_given(*agreed, now);
}

/// False: the key means something else.
bool CallSession::Impl::consent_key(char key, TimePoint now) {
  if (!recording.awaits_consent() || key == 0) return false;
  const bool agreed = key == options.recording.agree_key;
  if (!agreed && key != options.recording.refuse_key) return false;
  if (speech) {
    speech->request(AddNote{AddNote::Kind::fact, agreed ? "The caller agreed to be recorded."
                                                        : "The caller refused to be recorded."},
                    now);
  }
  consent_given(agreed, now);
  return true;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
