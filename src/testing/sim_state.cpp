#include "testing/sim_state.hpp"

#include <string>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void write_stats(JsonWriter& json, const LegStats& stats) {
  json.object()
      .field("frames_sent", stats.frames_sent)
      .field("frames_lost", stats.frames_lost)
      .field("media_received", stats.media_received)
      .field("heard_bytes", stats.heard_bytes)
      .field("muted_bytes", stats.muted_bytes)
      .field("opposite_bytes", stats.opposite_bytes)
      .field("cleared_bytes", stats.cleared_bytes)
      .field("ignored_bytes", stats.ignored_bytes)
      .field("early_bytes", stats.early_bytes)
      .field("overflow_bytes", stats.overflow_bytes)
      .field("unplayed_bytes", stats.unplayed_bytes)
      .field("mp3_files", stats.mp3_files)
      .field("short_chunks", stats.short_chunks)
      .field("marks_received", stats.marks_received)
      .field("marks_echoed", stats.marks_echoed)
      .field("nameless_marks", stats.nameless_marks)
      .field("clears", stats.clears)
      .field("errors_sent", stats.errors_sent)
      .field("unsent_messages", stats.unsent_messages)
      .field("late_ticks", stats.late_ticks)
      .end();
}

std::int64_t millis_of(const Playout& playout, std::uint64_t bytes) {
  return playout.format().duration(static_cast<std::size_t>(bytes)).count() / 1000;
}

void write_playout(JsonWriter& json, const Playout& playout) {
  json.object()
      .field("played_ms", millis_of(playout, playout.played()))
      .field("cleared_ms", millis_of(playout, playout.cleared()))
      .field("queued_ms", millis_of(playout, playout.queued()));
  json.key("clears").array();
  for (const PlayoutClear& clear : playout.clears()) {
    json.object()
        .field("played_ms", millis_of(playout, clear.played))
        .field("dropped_ms", millis_of(playout, clear.dropped))
        .field("marks", clear.marks)
        .end();
  }
  json.end().key("marks").array();
  for (const PlayoutMark& mark : playout.marks()) {
    json.object()
        .field("name", mark.name)
        .field("played_ms", millis_of(playout, mark.played))
        .field("by_clear", mark.by_clear)
        .end();
  }
  json.end().end();
}

void write_request(JsonWriter& json, std::string_view id_name, const SimApiRecord& request) {
  json.object()
      .field("command", request.command)
      .field(id_name, request.call_id)
      .field("status", request.status)
      .field("repeated", request.repeated);
  json.key("ignored").array();
  for (const std::string& name : request.ignored) json.string(name);
  json.end().end();
}

void write_webhook(JsonWriter& json, const WebhookRecord& webhook) {
  json.object()
      .field("event_type", webhook.type)
      .field("id", webhook.id)
      .field("occurred_at", webhook.occurred_at)
      .field("copies", webhook.copies)
      .field("attempts", webhook.attempts)
      .field("delivered", webhook.delivered);
  json.key("answers").array();
  for (const int status : webhook.answers) json.integer(status);
  json.end().end();
}

}  // namespace

void write_leg(JsonWriter& json, const SimLeg& media) {
  json.key("callee")
      .object()
      .field("step", media.callee().step())
      .field("finished", media.callee().finished())
      .field("timeouts", media.callee().timeouts());
  json.key("said").array();
  for (const CalleeUtterance& said : media.callee().utterances()) {
    json.object()
        .field("begin_ms", said.begin.count())
        .field("end_ms", said.end.count())
        .field("text", said.text)
        .end();
  }
  json.end().end().key("media");
  write_stats(json, media.stats());
  if (media.playout() != nullptr) {
    json.key("playout");
    write_playout(json, *media.playout());
  }
}

void write_requests(JsonWriter& json, std::string_view id_name,
                    const std::vector<SimApiRecord>& requests) {
  json.key("requests").array();
  for (const SimApiRecord& request : requests) write_request(json, id_name, request);
  json.end();
}

void write_webhooks(JsonWriter& json, const std::vector<WebhookRecord>& webhooks) {
  json.key("webhooks").array();
  for (const WebhookRecord& webhook : webhooks) write_webhook(json, webhook);
  json.end();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
