#include "testing/telnyx_carrier_impl.hpp"

/// The commands beside audio and bridges: queues, forks, SIP, transcription, hosted assistants.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Commands whose effect cannot be seen from the outside.
HttpResponse TelnyxCarrier::Impl::accept(TelnyxCall&, JsonView, TimePoint) { return ok_response(); }

HttpResponse TelnyxCarrier::Impl::enqueue(TelnyxCall& call, JsonView body, TimePoint now) {
  const std::string queue = body["queue_name"].string_or("");
  if (queues.contains(call.id())) return to_response(already_in_queue());
  if (queues.full(queue, static_cast<std::size_t>(body["max_size"].integer_or(100))))
    return to_response(queue_full());
  conferences.remove(call, now);
  detach(call, now);
  const std::size_t position = queues.add(queue, call.id(), now);
  JsonWriter json = call.event_payload(false);
  json.field("queue", queue)
      .field("current_position", position)
      .field("queue_avg_wait_time_secs", 0);
  call.emit("call.enqueued", json, now);
  if (const auto longest = body["max_wait_time_secs"].integer()) {
    call.later(now + std::chrono::seconds(*longest),
               [this, &call](TimePoint at) { leave_queue_because("timeout", call, at); });
  }
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::leave_queue(TelnyxCall& call, JsonView, TimePoint now) {
  return leave_queue_because("leave", call, now) ? ok_response() : to_response(not_in_queue());
}

HttpResponse TelnyxCarrier::Impl::fork_start(TelnyxCall& call, JsonView body, TimePoint now) {
  if (!body["rx"].exists() && !body["tx"].exists()) return to_response(missing_parameter("rx"));
  call.features().forked = true;
  JsonWriter json = call.event_payload(false);
  json.field("stream_type", "decrypted");
  call.emit("call.fork.started", json, now);
  return ok_response();
}

/// The default of `stream_type` is raw, which is not what fork_start makes.
HttpResponse TelnyxCarrier::Impl::fork_stop(TelnyxCall& call, JsonView body, TimePoint now) {
  if (!call.features().forked || body["stream_type"].string_or("raw") != "decrypted")
    return to_response(fork_not_found());
  call.features().forked = false;
  JsonWriter json = call.event_payload(false);
  json.field("stream_type", "decrypted");
  call.emit("call.fork.stopped", json, now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::refer(TelnyxCall& call, JsonView, TimePoint now) {
  call.refer(now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::siprec_start(TelnyxCall& call, JsonView, TimePoint now) {
  call.features().siprec = true;
  JsonWriter json = call.event_payload(false);
  call.emit("siprec.started", json, now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::siprec_stop(TelnyxCall& call, JsonView, TimePoint now) {
  if (!call.features().siprec) return ok_response();
  call.features().siprec = false;
  JsonWriter json = call.event_payload(false);
  json.field("hangup_cause", "normal_clearing");
  call.emit("siprec.stopped", json, now);
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::switch_supervisor_role(TelnyxCall& call, JsonView body,
                                                         TimePoint) {
  if (!call.supervises()) return to_response(no_supervisor());
  call.set_supervisor_role(body["role"].string_or(""));
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::transcription_start(TelnyxCall& call, JsonView, TimePoint) {
  if (call.features().transcribing) return to_response(transcription_running());
  call.features().transcribing = true;
  return ok_response();
}

HttpResponse TelnyxCarrier::Impl::transcription_stop(TelnyxCall& call, JsonView, TimePoint) {
  call.features().transcribing = false;
  return ok_response();
}

/// Only that there is one is known here; the simulator hosts no assistant.
HttpResponse TelnyxCarrier::Impl::assistant_start(TelnyxCall& call, JsonView, TimePoint) {
  if (call.features().assistant) return to_response(assistant_running());
  call.features().assistant = true;
  return json_response(R"({"data":{"result":"ok","conversation_id":")" + ids.uuid() + "\"}}");
}

HttpResponse TelnyxCarrier::Impl::assistant_stop(TelnyxCall& call, JsonView, TimePoint) {
  call.features().assistant = false;
  return ok_response();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
