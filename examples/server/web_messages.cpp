// What the page says on its sockets.
#include <fmt/format.h>

#include <utility>

#include "voicebridge/store/lead_store.hpp"
#include "web_consent.hpp"
#include "web_sessions.hpp"

namespace server {

using namespace voicebridge;

namespace {

std::string code_of(const Error& error) { return std::string(to_string(error.code)); }

/// What the model is told of a card that the visitor has edited.
AddNote card_note(const Lead& lead) {
  return {AddNote::Kind::fact,
          fmt::format("The visitor has filled in the contact card on the page. It is saved, do not "
                      "ask for it again: first name {}, last name {}, phone {}, {} to be called "
                      "back, lead_id {}.",
                      lead.first_name, lead.last_name, lead.phone_e164,
                      lead.consent ? "agrees" : "does not agree", lead.id)};
}

constexpr const char* kCalledNote =
    "The visitor has pressed \"call me\" on the page, and is being called by phone now. Do not "
    "call "
    "trigger_call.";

}  // namespace

void WebSessions::on_message(const std::string& session_id, const web::PageMessage& message,
                             Scheduler& on) {
  const auto seen = book_.find(session_id);
  if (!seen) return;
  book_.used(session_id, on.now());
  if (const auto* text = std::get_if<web::PageText>(&message)) return typed(*seen, *text);
  if (const auto* card = std::get_if<web::PageLead>(&message)) return edited(*seen, *card, on);
  if (const auto* turn = std::get_if<web::PageTranscript>(&message)) {
    return book_.told(session_id, *turn, on.now());
  }
  if (std::holds_alternative<web::PageCall>(message)) return wants_call(*seen);
  if (std::holds_alternative<web::PageEnd>(message)) book_.end(session_id, "hangup", on.now());
}

void WebSessions::report(const std::string& session_id, const Error& error) {
  // What is not the visitor's doing is told in our words.
  const bool theirs = error.code == Errc::invalid_argument || error.code == Errc::conflict ||
                      error.code == Errc::permission_denied ||
                      error.code == Errc::resource_exhausted;
  book_.error(session_id,
              {code_of(error), theirs ? error.message : "This is not possible right now.", false});
}

void WebSessions::typed(const WebBook::Seen& seen, const web::PageText& message) {
  if (message.text.empty() || seen.visit.mode == WebMode::ephemeral) return;
  if (const auto sent = parts_.agent.send_text(seen.talk, message.text); !sent) {
    report(seen.visit.id, fail(Errc::conflict, "The talk is over.").value());
  }
}

void WebSessions::edited(const WebBook::Seen& seen, const web::PageLead& message, Scheduler& on) {
  LeadInput input;
  input.first_name = message.first_name;
  input.last_name = message.last_name;
  input.phone = message.phone;
  input.region = config_.region;
  input.consent = message.consent;
  if (message.consent) input.consent_text = consent_text(seen.visit.language, config_.business);
  {
    const std::lock_guard lock(cards_mutex_);
    const auto [card, idle] = cards_.insert_or_assign(seen.visit.id, std::move(input));
    if (!idle) return;  // Whoever saves the one before takes this one next.
  }
  const bool taken =
      on.offload([self = shared_from_this(), id = seen.visit.id] { self->save_cards(id); });
  if (taken) return;
  {
    const std::lock_guard lock(cards_mutex_);
    cards_.erase(seen.visit.id);
  }
  report(seen.visit.id, fail(Errc::unavailable, "too much work is waiting").value());
}

/// One after the other: of two edits that come at once the later one counts.
void WebSessions::save_cards(const std::string& session_id) {
  for (;;) {
    LeadInput input;
    {
      const std::lock_guard lock(cards_mutex_);
      const auto card = cards_.find(session_id);
      if (!card->second) {
        cards_.erase(card);
        return;
      }
      input = *std::exchange(card->second, std::nullopt);
    }
    const auto lead = save_lead(session_id, std::move(input));
    const auto seen = book_.find(session_id);
    if (!lead) {
      report(session_id, lead.error());
    } else if (seen) {
      (void)parts_.agent.add_note(seen->talk, card_note(*lead));
    }
  }
}

void WebSessions::wants_call(const WebBook::Seen& seen) {
  call_lead(seen.visit.id, {}, [self = shared_from_this(), seen](const Result<CallStatus>& status) {
    if (!status) return self->report(seen.visit.id, status.error());
    if (seen.talk_over || seen.visit.mode == WebMode::ephemeral) return;
    (void)self->parts_.agent.add_note(seen.talk, {AddNote::Kind::fact, kCalledNote});
    (void)self->parts_.agent.say_goodbye(seen.talk);
  });
}

}  // namespace server
