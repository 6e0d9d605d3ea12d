// What of a call is kept in the store, and when.
#include <utility>

#include "agent/live_call.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {

StoredCall LiveCall::stored() const {
  StoredCall call;
  call.id = plan_.call_id;
  call.lead_id = plan_.lead.id;
  call.leg_id = leg_id_;
  call.carrier = plan_.kind == Kind::stream_only ? "web" : shop_->options.carrier_name;
  call.direction = plan_.kind == Kind::outbound  ? "outbound"
                   : plan_.kind == Kind::inbound ? "inbound"
                                                 : "web";
  call.from = plan_.from;
  call.to = plan_.to;
  call.state = to_string(state_.load());
  call.created_at = created_unix_;
  call.answered_at = answered_unix_;
  call.recording = recording_;
  return call;
}

/// One save at a time, so that an older state never overwrites a newer one.
void LiveCall::save_progress() {
  if (!shop_->parts.calls || state_ == CallState::ended) return;
  if (save_running_) {
    save_again_ = true;
    return;
  }
  save_running_ = scheduler_.offload([self = shared_from_this(), call = stored()] {
    if (const auto saved = self->shop_->parts.calls->save(call); !saved) {
      self->shop_->parts.log.warn("call", "state not stored",
                                  {{"call", call.id}, {"error", to_string(saved.error())}});
    }
    self->scheduler_.post([self] {
      self->save_running_ = false;
      if (std::exchange(self->save_again_, false)) self->save_progress();
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
  auto work = [self = shared_from_this(), kept = std::move(kept)] {
    if (const auto saved = self->shop_->parts.calls->save_record(kept); !saved) {
      self->shop_->parts.log.error("call", "record not stored",
                                   {{"call", kept.call.id}, {"error", to_string(saved.error())}});
    }
  };
  // A full pool must not lose a call: it is stored right here, late rather than never.
  if (!scheduler_.offload(work)) work();
}

}  // namespace voicebridge
