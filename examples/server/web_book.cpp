#include "web_book.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace server {

using namespace voicebridge;
using web::TalkState;

struct WebBook::Session {
  WebVisit visit;
  std::shared_ptr<EventFeed> feed = std::make_shared<EventFeed>();
  std::string talk;
  TalkState state = TalkState::connecting;
  std::string end_wish;    ///< Why the talk is to end, as the page is told it.
  std::string end_reason;  ///< Why it has ended.
  bool over = false;       ///< The talk is.
  bool left = false;       ///< Its place was given back.
  std::optional<Lead> lead;
  std::string call_id;
  std::string call_state;  ///< As it was shown last.
  std::vector<TranscriptEntry> transcript;
  std::size_t sockets = 0;
  TimePoint began;
  TimePoint seen;                        ///< Of the page, by a socket.
  TimePoint last_used;                   ///< By anything.
  std::optional<TimePoint> quiet_since;  ///< Talk and call are over.
  std::optional<TimePoint> bye_at;

  bool call_runs() const { return !call_id.empty() && call_state != "ended"; }
};

namespace {

/// In the order in which a call goes through them: it never goes back.
int rank_of(const std::string& state) {
  constexpr const char* kOrder[] = {"dialing", "ringing", "answered", "talking", "ended"};
  const auto found = std::find(std::begin(kOrder), std::end(kOrder), state);
  return found == std::end(kOrder) ? -1 : static_cast<int>(found - std::begin(kOrder));
}

/// A state of the agent's call as the page knows it; empty: nothing that it is told.
std::string shown_call_state(const std::string& state) {
  if (state == "created") return "dialing";
  if (state == "leaving_message") return "talking";
  return rank_of(state) < 0 || state == "ended" ? std::string() : state;
}

std::string end_of_talk(EndReason reason) {
  switch (reason) {
    case EndReason::agent_goodbye:
    case EndReason::transferred:
    case EndReason::cancelled:  // By the server; what the page wishes is known before.
      return "agent";
    case EndReason::caller_hangup:
      return "hangup";
    case EndReason::silence:
    case EndReason::length_limit:
    case EndReason::budget:
      return "timeout";
    case EndReason::not_reached:
    case EndReason::machine:
    case EndReason::model_failed:
    case EndReason::media_failed:
    case EndReason::carrier_failed:
      return "error";
  }
  return "error";
}

std::vector<web::CallEvent::Line> lines_of(const std::vector<TranscriptEntry>& transcript) {
  std::vector<web::CallEvent::Line> lines;
  for (const TranscriptEntry& entry : transcript) {
    if (entry.heard_text.empty()) continue;
    lines.push_back({entry.speaker == Speaker::caller, entry.heard_text, entry.interrupted});
  }
  return lines;
}

web::LeadEvent lead_event(const Lead& lead) {
  return {lead.id, lead.first_name, lead.last_name, lead.phone_e164, lead.consent};
}

}  // namespace

void WebBook::open(WebVisit visit, TimePoint now) {
  auto session = std::make_shared<Session>();
  session->visit = std::move(visit);
  session->began = session->seen = session->last_used = now;
  const std::lock_guard lock(mutex_);
  sessions_[session->visit.id] = session;
  if (session->visit.mode == WebMode::ephemeral) {
    session->talk = session->visit.id;
    talks_[session->talk] = session;
  }
  session->feed->add(web::to_json(web::StateEvent{TalkState::connecting, {}}));
}

void WebBook::talk_began(const std::string& session_id, const std::string& talk) {
  const std::lock_guard lock(mutex_);
  const Entry session = session_of(session_id);
  if (!session) return;
  session->talk = talk;
  talks_[talk] = session;
}

WebBook::Entry WebBook::session_of(const std::string& session_id) const {
  const auto found = sessions_.find(session_id);
  return found == sessions_.end() ? nullptr : found->second;
}

WebBook::Entry WebBook::session_of_talk(const std::string& talk) const {
  const auto found = talks_.find(talk);
  return found == talks_.end() ? nullptr : found->second;
}

namespace {

template <class Session>
std::optional<WebBook::Seen> seen_of(const std::shared_ptr<Session>& session) {
  if (!session) return std::nullopt;
  return WebBook::Seen{session->visit,   session->talk, session->feed,       session->lead,
                       session->call_id, session->over, session->end_reason, session->transcript};
}

}  // namespace

std::optional<WebBook::Seen> WebBook::find(const std::string& session_id) const {
  const std::lock_guard lock(mutex_);
  return seen_of(session_of(session_id));
}

std::optional<WebBook::Seen> WebBook::find_talk(const std::string& talk) const {
  const std::lock_guard lock(mutex_);
  return seen_of(session_of_talk(talk));
}

std::size_t WebBook::count() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void WebBook::discard(const std::string& session_id) {
  const std::lock_guard lock(mutex_);
  forget(session_id);
}

void WebBook::forget(const std::string& session_id) {
  const Entry session = session_of(session_id);
  if (!session) return;
  talks_.erase(session->talk);
  for (auto call = calls_.begin(); call != calls_.end();) {
    call = call->second == session ? calls_.erase(call) : std::next(call);
  }
  sessions_.erase(session_id);
}

void WebBook::socket_opened(const std::string& session_id, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (const Entry session = session_of(session_id)) {
    ++session->sockets;
    session->seen = session->last_used = now;
  }
}

void WebBook::socket_closed(const std::string& session_id, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const Entry session = session_of(session_id);
  if (!session || session->sockets == 0) return;
  --session->sockets;
  session->seen = now;
}

void WebBook::used(const std::string& session_id, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (const Entry session = session_of(session_id)) session->last_used = now;
}

void WebBook::end(const std::string& session_id, const std::string& reason, TimePoint now) {
  std::string talk;
  {
    const std::lock_guard lock(mutex_);
    const Entry session = session_of(session_id);
    if (!session || session->over || !session->end_wish.empty()) return;
    session->end_wish = reason;
    // Without a talk of the agent's, or before there is one, it is over with the word.
    if (session->visit.mode == WebMode::ephemeral || session->talk.empty()) {
      return talk_over(*session, reason, now);
    }
    talk = session->talk;
  }
  if (hooks_.hang_up) hooks_.hang_up(talk);
}

void WebBook::told(const std::string& session_id, const web::PageTranscript& turn, TimePoint now) {
  constexpr std::size_t kMaxTurns = 500;
  // Of hours of talk. Nobody but the page vouches for it.
  constexpr std::size_t kMaxBytes = 200'000;
  const std::lock_guard lock(mutex_);
  const Entry session = session_of(session_id);
  if (!session || session->visit.mode != WebMode::ephemeral) return;
  auto& entries = session->transcript;
  const std::size_t bytes =
      std::accumulate(entries.begin(), entries.end(), turn.text.size(),
                      [&](std::size_t sum, const TranscriptEntry& known) {
                        return sum + (known.segment == turn.turn ? 0 : known.text.size());
                      });
  if (bytes > kMaxBytes) return;
  auto entry = std::find_if(entries.begin(), entries.end(), [&](const TranscriptEntry& known) {
    return known.segment == turn.turn;
  });
  if (entry == entries.end()) {
    if (entries.size() >= kMaxTurns) entries.erase(entries.begin());
    entry = entries.insert(entries.end(), TranscriptEntry());
    entry->segment = turn.turn;
    entry->at = std::chrono::duration_cast<Millis>(now - session->began);
    const bool visitor = turn.who == web::PageTranscript::Who::visitor;
    entry->speaker = visitor ? Speaker::caller : Speaker::agent;
  }
  entry->text = entry->heard_text = turn.text;
  entry->interrupted = turn.cut;
}

void WebBook::error(const std::string& session_id, const web::ErrorEvent& event) {
  const std::lock_guard lock(mutex_);
  if (const Entry session = session_of(session_id)) session->feed->add(web::to_json(event));
}

void WebBook::show(Session& session, TalkState state, const std::string& reason) {
  if (session.state == state || session.state == TalkState::ended) return;
  session.state = state;
  session.feed->add(web::to_json(web::StateEvent{state, reason}));
}

void WebBook::show_call(Session& session, const std::string& state) {
  if (state.empty() || rank_of(state) <= rank_of(session.call_state)) return;
  session.call_state = state;
  session.feed->add(web::to_json(web::CallEvent{session.call_id, state, {}, {}}));
}

void WebBook::talk_over(Session& session, const std::string& reason, TimePoint now) {
  if (session.over) return;
  session.over = true;
  session.end_reason = reason;
  show(session, TalkState::ended, reason);
  if (!session.call_runs()) session.quiet_since = now;
}

void WebBook::on_timeline(const std::string& call_id, const TimelineEntry& entry) {
  const std::lock_guard lock(mutex_);
  if (const Entry session = session_of_talk(call_id)) {
    const TalkState idle = session->call_runs() ? TalkState::calling : TalkState::listening;
    if (entry.kind == "speech" && entry.detail == "model ready") show(*session, idle);
    if (entry.kind != "turn") return;
    if (entry.detail == "caller speaks") show(*session, TalkState::listening);
    if (entry.detail == "caller stops" || entry.detail == "agent answers") {
      show(*session, TalkState::thinking);
    }
    return;
  }
  const auto [first, last] = calls_.equal_range(call_id);
  for (auto call = first; call != last; ++call) {
    if (entry.kind == "leg") show_call(*call->second, entry.detail);
    if (entry.kind == "state") show_call(*call->second, shown_call_state(entry.detail));
  }
}

void WebBook::on_transcript(const TranscriptUpdate& update) {
  const std::lock_guard lock(mutex_);
  const Entry session = session_of_talk(update.call_id);
  if (!session) return;
  const TranscriptEntry& entry = update.entry;
  web::TranscriptEvent event;
  const bool visitor = entry.speaker == Speaker::caller;
  event.who = visitor ? web::TranscriptEvent::Who::visitor : web::TranscriptEvent::Who::agent;
  event.turn = entry.segment;
  event.text = entry.heard_text;
  event.final = update.final || entry.interrupted;
  event.cut = entry.interrupted;
  if (entry.interrupted) event.heard = entry.heard;
  session->feed->add(web::to_json(event));
}

void WebBook::on_agent_speaking(const std::string& call_id, bool speaking) {
  const std::lock_guard lock(mutex_);
  const Entry session = session_of_talk(call_id);
  if (!session) return;
  if (speaking) return show(*session, TalkState::speaking);
  if (session->state != TalkState::speaking) return;
  show(*session, session->call_runs() ? TalkState::calling : TalkState::listening);
}

void WebBook::on_lead_saved(const std::string& call_id, const Lead& lead) {
  const std::lock_guard lock(mutex_);
  const Entry session = session_of_talk(call_id);
  if (!session) return;
  session->lead = lead;
  session->feed->add(web::to_json(lead_event(lead)));
}

void WebBook::on_lead_called(const std::string& talk, const CallStatus& status) {
  const std::lock_guard lock(mutex_);
  const Entry session = session_of_talk(talk);
  if (!session) return;
  if (session->call_id != status.call_id) {
    session->call_id = status.call_id;
    session->call_state.clear();
    session->quiet_since.reset();
    calls_.emplace(status.call_id, session);
    if (session->state == TalkState::listening) show(*session, TalkState::calling);
  }
  if (status.state != "ended") {
    show_call(*session, "dialing");
    return show_call(*session, shown_call_state(status.state));
  }
  // It was over before anybody knew whose it is.
  if (session->call_state == "ended") return;
  session->call_state = "ended";
  session->feed->add(web::to_json(web::CallEvent{status.call_id, "ended", status.end_reason, {}}));
}

void WebBook::on_ended(const CallRecord& record, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const EndReason reason = record.end_reason.value_or(EndReason::cancelled);
  if (const Entry session = session_of_talk(record.call_id)) {
    if (reason == EndReason::model_failed) {
      session->feed->add(web::to_json(
          web::ErrorEvent{"model_failed", "The assistant cannot be reached right now.", true}));
    }
    const bool wished = !session->end_wish.empty() &&
                        (reason == EndReason::cancelled || reason == EndReason::caller_hangup);
    return talk_over(*session, wished ? session->end_wish : end_of_talk(reason), now);
  }
  const auto [first, last] = calls_.equal_range(record.call_id);
  for (auto call = first; call != last; ++call) {
    Session& session = *call->second;
    if (session.call_id != record.call_id || session.call_state == "ended") continue;
    session.call_state = "ended";
    session.feed->add(web::to_json(web::CallEvent{
        record.call_id, "ended", std::string(to_string(reason)), lines_of(record.transcript)}));
    if (session.over) session.quiet_since = now;
  }
}

/// Nobody is there any more who could end the talk.
bool WebBook::is_idle(const Session& session, TimePoint now) const {
  return session.sockets == 0 && now - session.seen >= options_.page_gone;
}

void WebBook::tick(TimePoint now) {
  std::vector<std::pair<std::string, const char*>> ends;
  std::vector<WebVisit> left;
  std::vector<WebVisit> over;
  std::vector<std::string> forgotten;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, session] : sessions_) {
      if (!session->over && session->end_wish.empty()) {
        if (now - session->last_used >= options_.lifetime)
          ends.emplace_back(id, "expired");
        else if (is_idle(*session, now))
          ends.emplace_back(id, "page_gone");
      }
      if (session->over && !session->call_runs() && !session->quiet_since) {
        session->quiet_since = now;
      }
      if (session->quiet_since && !std::exchange(session->left, true)) {
        left.push_back(session->visit);
      }
      if (!session->bye_at && session->quiet_since &&
          now - *session->quiet_since >= options_.goodbye) {
        session->bye_at = now;
        session->feed->add(web::to_json(web::ByeEvent{"over"}));
        session->feed->close();
        over.push_back(session->visit);
      }
      if (session->bye_at && now - *session->bye_at >= options_.kept) forgotten.push_back(id);
    }
    for (const std::string& id : forgotten) forget(id);
  }
  for (const auto& [id, reason] : ends) end(id, reason, now);
  for (const WebVisit& visit : left) {
    if (hooks_.left) hooks_.left(visit);
  }
  for (const WebVisit& visit : over) {
    if (hooks_.over) hooks_.over(visit);
  }
  for (const std::string& id : forgotten) {
    if (hooks_.forgotten) hooks_.forgotten(id);
  }
}

void WebBook::shut_down() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, session] : sessions_) session->feed->close();
}

}  // namespace server
