#include "testing/twilio_stream.hpp"

#include <algorithm>

#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr JsonLimits kTwilioMessageLimits{2 << 20, 16};
/// What the application has not read; beyond it audio is thrown away (warning 31930).
constexpr std::size_t kSlowReaderBytes = 64 * 1024;

}  // namespace

TwilioStream::TwilioStream(TwilioStreamSetup setup, PlayoutOptions playing, TwilioMediaChaos chaos,
                           TwilioStreamHost& host, LegStats& stats, TwilioWarnings& warnings)
    : setup_(std::move(setup)),
      chaos_(chaos),
      host_(host),
      stats_(stats),
      warnings_(warnings),
      playout_(playing, *this) {}

// --- the life of the socket ---------------------------------------------------------------------

void TwilioStream::on_open(WireSink& sink, TimePoint now) {
  if (over_) return sink.close(1000, "");
  sink_ = &sink;
  opened_ = now;
  JsonWriter connected;
  connected.object().field("event", "connected").field("protocol", "Call");
  send(connected.field("version", "1.0.0").end().take());
  if (!chaos_.withhold_start) send(start_message());
}

std::string TwilioStream::start_message() {
  JsonWriter json = begin("start");
  json.key("start").object();
  json.field("accountSid", setup_.account_sid)
      .field("streamSid", setup_.sid)
      .field("callSid", setup_.call_sid);
  json.key("tracks").array();
  if (setup_.inbound_track) json.string("inbound");
  if (setup_.outbound_track) json.string("outbound");
  json.end().key("mediaFormat").object();
  json.field("encoding", "audio/x-mulaw").field("sampleRate", 8000).field("channels", 1).end();
  json.key("customParameters").object();
  for (const auto& [name, value] : setup_.parameters) json.field(name, value);
  json.end().end();
  return json.field("streamSid", setup_.sid).end().take();
}

void TwilioStream::on_closed(TimePoint now) {
  if (sink_ == nullptr) return;
  ++warnings_.closed_by_server;
  end(now);
}

void TwilioStream::close(TimePoint now) {
  if (over_) return;
  WireSink* const sink = sink_;
  if (sink != nullptr && !chaos_.withhold_stop) {
    later_.run(TimePoint::max());  // What is on its way arrives before the stop.
    JsonWriter json = begin("stop");
    json.key("stop")
        .object()
        .field("accountSid", setup_.account_sid)
        .field("callSid", setup_.call_sid)
        .end();
    send(json.field("streamSid", setup_.sid).end().take());
  }
  end(now);
  if (sink != nullptr) sink->close(1000, "");
}

void TwilioStream::drop(TimePoint now) {
  WireSink* const sink = sink_;
  end(now);
  if (sink != nullptr) sink->close(1011, "");
}

void TwilioStream::end(TimePoint now) {
  if (over_) return;
  over_ = true;
  playout_.on_deadline(now);
  stats_.unplayed_bytes += playout_.queued();
  sink_ = nullptr;
  later_.clear();
}

// --- from the application -----------------------------------------------------------------------

void TwilioStream::on_text(std::string_view text, TimePoint now) {
  if (sink_ == nullptr) return;
  const auto message = Json::parse(text, kTwilioMessageLimits);
  const std::string event = message ? (*message)["event"].string_or("") : "";
  const bool known = event == "media" || event == "mark" || event == "clear";
  if (!known || !setup_.two_way || (*message)["streamSid"].string_or("") != setup_.sid) {
    return warn(31951);
  }
  if (event == "media") {
    take_media(*message, now);
  } else if (event == "clear") {
    ++stats_.clears;
    playout_.clear(now);
  } else {
    const std::string name = (*message)["mark"]["name"].string_or("");
    ++stats_.marks_received;
    if (name.empty()) {
      ++stats_.nameless_marks;
      warn(31951);
    } else if (!playout_.mark(name, now)) {
      warn(31951);
    }
  }
}

void TwilioStream::take_media(JsonView message, TimePoint now) {
  ++stats_.media_received;
  const auto payload = message["media"]["payload"].string();
  const auto audio = payload ? base64_decode(*payload) : fail(Errc::invalid_argument, "none");
  if (!audio || audio->empty()) return warn(31951);
  if (audio->size() < playout_.format().frame_bytes()) ++stats_.short_chunks;
  stats_.overflow_bytes += audio->size() - playout_.append(*audio, now);
}

void TwilioStream::on_binary() {
  if (sink_ != nullptr) warn(31950);
}

void TwilioStream::warn(int code) {
  ++stats_.errors_sent;
  ++(code == 31950 ? warnings_.malformed : warnings_.invalid);
}

// --- to the application -------------------------------------------------------------------------

JsonWriter TwilioStream::begin(std::string_view event) {
  JsonWriter json;
  json.object().field("event", event).field("sequenceNumber", std::to_string(++sequence_));
  return json;
}

void TwilioStream::send(const std::string& message) {
  if (sink_->send_text(message) == SendStatus::dropped) ++stats_.unsent_messages;
}

/// Since the stream began. Of the audio, which is older than the socket when it was opened between
/// two steps that are taken late.
std::int64_t TwilioStream::stamp(TimePoint heard) const {
  return std::max<std::int64_t>(0, std::chrono::duration_cast<Millis>(heard - opened_).count());
}

bool TwilioStream::slow_reader() const {
  return sink_ != nullptr && sink_->backlog() > kSlowReaderBytes;
}

void TwilioStream::send_media(std::string_view track, ByteView audio, TwilioFrameTimes times,
                              TimePoint now) {
  if (sink_ == nullptr || chaos_.withhold_start) return;
  if (slow_reader()) {
    ++warnings_.overflow;
    ++stats_.unsent_messages;
    return;
  }
  Track& at = track == "inbound" ? inbound_ : outbound_;
  const std::string chunk = std::to_string(++at.chunk);
  const auto timestamp = stamp(times.heard);
  const auto write = [this, track, chunk, timestamp, payload = base64_encode(audio)] {
    JsonWriter json = begin("media");
    json.key("media")
        .object()
        .field("track", track)
        .field("chunk", chunk)
        .field("timestamp", std::to_string(timestamp))
        .field("payload", payload)
        .end();
    send(json.field("streamSid", setup_.sid).end().take());
  };
  if (times.arrival <= now) return write();
  later_.add(times.arrival, [write](TimePoint) { write(); });
}

void TwilioStream::send_digit(char digit) {
  if (sink_ == nullptr || !setup_.two_way || chaos_.withhold_start) return;
  JsonWriter json;
  json.object()
      .field("event", "dtmf")
      .field("streamSid", setup_.sid)
      .field("sequenceNumber", std::to_string(++sequence_));
  json.key("dtmf")
      .object()
      .field("track", "inbound_track")
      .field("digit", std::string_view(&digit, 1))
      .end();
  send(json.end().take());
}

void TwilioStream::on_mark_echo(std::string_view name, TimePoint now) {
  ++stats_.marks_echoed;
  host_.on_echoed(name);
  const auto echo = [this, text = std::string(name)] {
    JsonWriter json = begin("mark");
    json.field("streamSid", setup_.sid).key("mark").object().field("name", text).end();
    send(json.end().take());
  };
  if (sink_ == nullptr) return;
  if (chaos_.mark_delay == Millis(0)) return echo();
  later_.add(now + chaos_.mark_delay, [echo](TimePoint) { echo(); });
}

// --- what is played -----------------------------------------------------------------------------

void TwilioStream::on_played(ByteView audio, TimePoint) { host_.on_heard(audio); }
void TwilioStream::on_dropped(ByteView audio, TimePoint) { host_.on_cleared(audio); }

Deadline TwilioStream::next_deadline() const {
  if (over_) return {};
  return earliest(playout_.next_deadline(), later_.next_deadline());
}

void TwilioStream::on_deadline(TimePoint now) {
  if (over_) return;
  later_.run(now);
  playout_.on_deadline(now);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
