// What of a call is kept in the store, and when.
#include <utility>

#include "agent/live_call.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string LiveCall::carrier_name() const {
  if (plan_.kind == Kind::stream_only) return "web";
  return plan_.carrier_name.empty() ? shop_->options.carrier_name : plan_.carrier_name;
}

StoredCall LiveCall::stored() const {
  StoredCall call;
  call.id = plan_.call_id;
  call.lead_id = plan_.lead.id.empty() ? met_lead() : plan_.lead.id;
  call.leg_id = leg_id_;
  call.carrier = carrier_name();
  call.direction = plan_.kind == Kind::outbound                   ? "outbound"
                   : plan_.web || plan_.kind == Kind::stream_only ? "web"
                                                                  : "inbound";
  call.from = plan_.from;
  call.to = plan_.to;
  call.state = to_string(state_.load());
  call.created_at = created_unix_;
  call.answered_at = answered_unix_;
  call.recording = recording_;
  call.notes = plan_.notes;
  call.profile = plan_.profile;
  call.attempt = plan_.attempt;
  call.recording_id = recording_id_;
  call.recording_url = recording_url_;
  const Millis retention = plan_.options.recording.retention;
  if (retention > Millis(0)) call.expires_at = created_unix_ + retention.count();
  return call;
}

void LiveCall::met(const std::string& lead_id) {
  const std::lock_guard lock(shown_mutex_);
  met_lead_ = lead_id;
}

void LiveCall::keep() {
  if (session_) save_progress();
}

std::string LiveCall::met_lead() const {
  const std::lock_guard lock(shown_mutex_);
  return met_lead_;
}

/// The pool holds nothing of the call itself, which has to end on its own thread.
void LiveCall::save_progress() {
  if (!shop_->parts.calls || state_ == CallState::ended) return;
  scheduler_.offload([store = shop_->parts.calls, log = shop_->parts.log, writes = writes_,
                      number = ++last_write_, call = stored()] {
    writes->in_order(number, [&] {
      if (const auto saved = store->save(call); !saved) {
        log.warn("call", "state not stored",
                 {{"call", call.id}, {"error", to_string(saved.error())}});
      }
    });
  });
}

void LiveCall::save_record(const CallRecord& record) {
  if (!shop_->parts.calls) return;
  StoredCallRecord kept;
  kept.call = stored();
  kept.call.end_reason = to_string(*record.end_reason);
  kept.call.end_detail = record.end_detail;
  kept.call.ended_at = unix_now();
  if (plan_.kind == Kind::outbound && !plan_.lead.id.empty()) {
    const auto delay = retry_delay(retry_, *record.end_reason, plan_.attempt);
    if (delay) kept.call.retry_at = kept.call.ended_at + delay->count();
  }
  kept.call.cost_usd = record.cost.usd;
  kept.call.usage_json = usage_json(record);
  for (const TimelineEntry& entry : record.timeline) {
    JsonWriter fields;
    fields.object();
    for (const auto& [key, value] : entry.fields) fields.field(key, value);
    kept.timeline.push_back({entry.at.count(), entry.kind, entry.detail, fields.end().take()});
  }
  for (const TranscriptEntry& entry : record.transcript) {
    kept.transcript.push_back({entry.at.count(), std::string(to_string(entry.speaker)), entry.text,
                               entry.interrupted, entry.heard_text, entry.heard.count(),
                               entry.sent.count()});
  }
  auto work = [store = shop_->parts.calls, log = shop_->parts.log, writes = writes_,
               number = ++last_write_, kept = std::move(kept), redial = shop_->redial,
               &on = scheduler_] {
    writes->in_order(number, [&] {
      if (const auto saved = store->save_record(kept); !saved) {
        log.error("call", "record not stored",
                  {{"call", kept.call.id}, {"error", to_string(saved.error())}});
      }
    });
    // Behind the writing, so that the retry finds its call in the store.
    if (kept.call.retry_at != 0 && redial) redial->expect(kept.call, on, unix_now());
  };
  // A full pool must not lose a call: it is stored right here, late rather than never.
  if (!scheduler_.offload(work)) work();
}

void LiveCall::save_summary(const std::string& summary) {
  const std::string met = met_lead();
  const std::string lead = met.empty() ? plan_.lead.id : met;
  if (lead.empty() || summary.empty()) return;
  auto work = [leads = shop_->parts.leads, log = shop_->parts.log, writes = writes_,
               number = ++last_write_, lead, summary] {
    writes->in_order(number, [&] {
      if (const auto kept = leads->set_summary(lead, summary); !kept) {
        log.warn("call", "summary not stored", {{"error", to_string(kept.error())}});
      }
    });
  };
  if (!scheduler_.offload(work)) work();
}

void store_recording(const CallShop& shop, const std::string& call_id,
                     const LegRecorded& recording) {
  const bool taken = shop.parts.next_scheduler().offload(
      [calls = shop.parts.calls, log = shop.parts.log, call_id, recording] {
        auto kept = calls->find(call_id);
        Result<> saved;
        if (kept) {
          if (!recording.id.empty()) kept->call.recording_id = recording.id;
          kept->call.recording_url = recording.url;
          saved = calls->save(kept->call);
        }
        if (kept && saved) return;
        const Error& error = kept ? saved.error() : kept.error();
        log.warn("call", "recording not stored", {{"call", call_id}, {"error", to_string(error)}});
      });
  if (!taken) shop.parts.log.warn("call", "recording not stored: no room", {{"call", call_id}});
}

void sweep_calls(const CallShop& shop, Scheduler& on) {
  // A full pool: the next turn removes them.
  static_cast<void>(on.offload([calls = shop.parts.calls, log = shop.parts.log] {
    const auto swept = remove_expired_calls(*calls, unix_now());
    if (!swept) {
      log.warn("call", "expired calls not removed", {{"error", to_string(swept.error())}});
    } else if (swept->removed + swept->kept > 0) {
      log.info("call", "expired calls removed",
               {{"removed", swept->removed}, {"kept", swept->kept}});
    }
  }));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
