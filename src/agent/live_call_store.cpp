// What of a call is kept in the store, and when.
#include <utility>

#include "agent/live_call.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {

std::string LiveCall::carrier_name() const {
  if (plan_.kind == Kind::stream_only) return "web";
  return plan_.carrier_name.empty() ? shop_->options.carrier_name : plan_.carrier_name;
}

StoredCall LiveCall::stored() const {
  StoredCall call;
  call.id = plan_.call_id;
  call.lead_id = plan_.lead.id;
  call.leg_id = leg_id_;
  call.carrier = carrier_name();
  call.direction = plan_.kind == Kind::outbound      ? "outbound"
                   : plan_.kind == Kind::stream_only ? "web"
                                                     : "inbound";
  call.from = plan_.from;
  call.to = plan_.to;
  call.state = to_string(state_.load());
  call.created_at = created_unix_;
  call.answered_at = answered_unix_;
  call.recording = recording_;
  call.notes = plan_.notes;
  return call;
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
               number = ++last_write_, kept = std::move(kept)] {
    writes->in_order(number, [&] {
      if (const auto saved = store->save_record(kept); !saved) {
        log.error("call", "record not stored",
                  {{"call", kept.call.id}, {"error", to_string(saved.error())}});
      }
    });
  };
  // A full pool must not lose a call: it is stored right here, late rather than never.
  if (!scheduler_.offload(work)) work();
}

}  // namespace voicebridge
