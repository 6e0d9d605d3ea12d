#include "loop_carrier.hpp"

#include <utility>

namespace own_carrier {

using namespace voicebridge;

namespace {

/// The seam's promise: `done` runs once, on the scheduler, never inside the call.
void answer_later(Scheduler& on, Carrier::Done done, bool known) {
  on.post([done = std::move(done), known] {
    if (known) return done({});
    done(fail(Errc::not_found, "the exchange knows no such leg"));
  });
}

}  // namespace

// The line

bool LoopStream::send_audio(const AudioPayload& audio) {
  ByteView bytes;
  if (!observer_ || audio.format != format_ || !payload_bytes(audio, scratch_, bytes)) return false;
  return exchange_.play(bytes) == bytes.size();
}

void LoopStream::send_mark(std::string_view name) {
  if (observer_) exchange_.mark(name);
}

void LoopStream::clear() {
  if (observer_) exchange_.drop_waiting();
}

void LoopStream::close() {
  if (observer_) exchange_.close_line();
}

void LoopStream::on_line_open(AudioFormat format) {
  if (!observer_) return;
  format_ = format;
  MediaStart start;
  start.stream_id = leg_;
  start.call_id = leg_;
  start.inbound = start.outbound = format;
  observer_->on_media_start(start, scheduler_.now());
}

void LoopStream::on_frame(ByteView audio, Millis position) {
  if (!observer_) return;
  observer_->on_media_audio(AudioPayload::from_bytes(format_, audio), position, scheduler_.now());
}

void LoopStream::on_key(char key) {
  if (observer_) observer_->on_media_dtmf(key, scheduler_.now());
}

void LoopStream::on_echo(std::string_view name) {
  if (observer_) observer_->on_media_mark(name, scheduler_.now());
}

void LoopStream::on_line_closed(bool lost) {
  // Told once, and nothing is done afterwards.
  const auto observer = std::exchange(observer_, nullptr);
  if (!observer) return;
  std::optional<Error> why;
  if (lost) {
    why.emplace();
    why->code = Errc::unavailable;
    why->message = "the line of the exchange was lost";
  }
  // The call may be in the middle of its own function.
  scheduler_.post(
      [observer, why, &scheduler = scheduler_] { observer->on_media_stop(why, scheduler.now()); });
}

// The commands

void LoopCarrier::dial(const CarrierDial& dial, Scheduler& on,
                       std::function<void(Result<std::string>)> done) {
  const std::string leg = exchange_.call(dial.call_id);
  on.post([done = std::move(done), leg] { done(leg); });
}

void LoopCarrier::answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                         Done done) {
  answer_later(on, std::move(done), exchange_.answer(leg_id, call_id));
}

void LoopCarrier::hang_up(const std::string& leg_id, Scheduler& on, Done done) {
  exchange_.hang_up(leg_id);
  answer_later(on, std::move(done), true);  // A leg that is gone already is a success.
}

void LoopCarrier::speak(const std::string& leg_id, const std::string& text, Scheduler& on,
                        Done done) {
  answer_later(on, std::move(done), exchange_.say(leg_id, text));
}

void LoopCarrier::start_media(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                              Done done) {
  const auto seat = seat_(call_id);
  if (!seat) return on.post([done = std::move(done), error = seat.error()] { done(fail(error)); });
  auto stream = std::make_shared<LoopStream>(exchange_, *seat->scheduler, leg_id);
  stream->serve(seat->attach(stream));
  answer_later(on, std::move(done), exchange_.open_line(leg_id, stream));
}

void LoopCarrier::transfer(const std::string&, const CarrierTransfer&, Scheduler& on,
                           HandedOver done) {
  on.post([done = std::move(done)] {
    done(fail(Errc::unsupported, "the exchange cannot hand a caller on"));
  });
}

// The events

CarrierEvent to_carrier_event(const LoopEvent& event) {
  CarrierEvent told;
  told.leg_id = event.leg;
  told.call_id = event.tag;
  switch (event.kind) {
    case LoopEvent::Kind::incoming:
      told.type = "incoming";
      told.what = LegIncoming{"+12025550123", "+12025550100"};
      break;
    case LoopEvent::Kind::ringing:
      told.type = "ringing";
      told.what = LegRinging{};
      break;
    case LoopEvent::Kind::picked_up:
      told.type = "picked_up";
      told.what = LegAnswered{};
      break;
    case LoopEvent::Kind::voice_done:
      told.type = "voice_done";
      told.what = LegSpoke{};
      break;
    case LoopEvent::Kind::hung_up:
      told.type = "hung_up";
      told.what = LegEnded{event.cause, event.cause.rfind("hung up", 0) == 0};
      break;
  }
  return told;
}

}  // namespace own_carrier
