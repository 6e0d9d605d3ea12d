#include "voicebridge/twilio/media_session.hpp"

#include <fmt/format.h>

#include "call/media_clock.hpp"
#include "call/media_close.hpp"
#include "call/media_scanner.hpp"
#include "pending_marks.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

using detail::MediaClock;
using detail::MediaFrame;
using detail::ScannedMessage;

/// As long as the other carrier's longest chunk; Twilio names no limit.
constexpr std::size_t kMaxChunkSeconds = 30;
constexpr unsigned kMaxDepth = 16;

constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kUnsupportedData = 1003;
constexpr std::uint16_t kPolicyViolation = 1008;

Error trouble(Errc code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.origin = "twilio";
  return error;
}

/// Where it stands now, and where it stood in early versions.
std::string text_of(JsonView message, std::string_view key) {
  const std::string inside = message["start"][key].string_or("");
  return inside.empty() ? message[key].string_or("") : inside;
}

MediaStart media_start(JsonView message) {
  MediaStart out;
  out.stream_id = text_of(message, "streamSid");
  out.call_id = text_of(message, "callSid");
  for (const auto& member : message["start"]["customParameters"].members()) {
    out.parameters.emplace(member.key, member.value.string_or(""));
  }
  out.inbound = AudioFormat::pcmu();
  out.outbound = AudioFormat::pcmu();
  return out;
}

bool is_mulaw(JsonView format) {
  return format["encoding"].string_or("audio/x-mulaw") == "audio/x-mulaw" &&
         format["sampleRate"].integer_or(8000) == 8000 && format["channels"].integer_or(1) == 1;
}

bool is_dtmf(std::string_view digit) {
  return digit.size() == 1 &&
         std::string_view("0123456789ABCD*#").find(digit[0]) != std::string_view::npos;
}

/// The beginnings of what is sent, which name the stream.
struct Heads {
  void set(std::string_view stream_sid) {
    std::string sid;
    append_json_string(sid, stream_sid);
    media = R"({"event":"media","streamSid":)" + sid + R"(,"media":{"payload":")";
    mark = R"({"event":"mark","streamSid":)" + sid + R"(,"mark":{"name":)";
    clear = R"({"event":"clear","streamSid":)" + sid + "}";
  }
  std::string media;
  std::string mark;
  std::string clear;
};

}  // namespace

struct MediaSession::State {
  enum class Phase { waiting, started, closing, ended };

  State(WireSink& wire, MediaObserver& listener, MediaSessionOptions opts, TimePoint now)
      : sink(wire), observer(listener), options(std::move(opts)), opened(now) {}

  void receive_document(std::string_view text, TimePoint now);
  void on_event(std::string_view event, JsonView message, TimePoint now);
  void on_start(JsonView message, TimePoint now);
  void on_media(const MediaFrame& frame, TimePoint now);
  bool is_new(const MediaFrame& frame);
  void on_mark(std::string_view wire_name, TimePoint now);
  void on_dtmf(JsonView message, TimePoint now);
  void count_malformed(TimePoint now);
  void check_silence(TimePoint now);
  bool send(std::string_view head, std::string_view payload, std::string_view tail);
  void end(const std::optional<Error>& why, std::uint16_t code, TimePoint now);

  Deadline silence_deadline() const {
    if (options.media_timeout <= Millis(0) || silence_reported) return std::nullopt;
    return last_media + options.media_timeout;
  }

  WireSink& sink;
  MediaObserver& observer;
  const MediaSessionOptions options;
  const TimePoint opened;
  Phase phase = Phase::waiting;
  const AudioFormat format = AudioFormat::pcmu();
  MediaClock clock{MediaClock::Timestamps::in_milliseconds};
  MediaCounters counters;
  PendingMarks marks;
  Heads heads;
  TimePoint last_media;
  std::uint64_t last_chunk = 0;
  bool silence_reported = false;
  std::string account_sid;
  std::string scratch;  ///< Base64 or a mark's name, on their way out; keeps its capacity.
};

// --- from the carrier ---------------------------------------------------------------------------

void MediaSession::State::receive_document(std::string_view text, TimePoint now) {
  const auto json = Json::parse(text, {options.max_message_bytes, kMaxDepth});
  const auto event = json ? (*json)["event"].string() : std::nullopt;
  if (!event) return count_malformed(now);
  on_event(*event, *json, now);
}

void MediaSession::State::on_event(std::string_view event, JsonView message, TimePoint now) {
  if (event == "connected") return;
  if (event == "start") {
    on_start(message, now);
  } else if (event == "media" && message["media"].is_object()) {
    on_media(detail::media_frame(message["media"]), now);
  } else if (event == "mark" && message["mark"]["name"].is_string()) {
    on_mark(*message["mark"]["name"].string(), now);
  } else if (event == "dtmf") {
    on_dtmf(message, now);
  } else if (event == "stop") {
    end(std::nullopt, kNormalClosure, now);
  } else if (event == "media" || event == "mark") {
    count_malformed(now);
  } else {
    ++counters.ignored;
  }
}

void MediaSession::State::on_start(JsonView message, TimePoint now) {
  if (phase != Phase::waiting) {
    ++counters.ignored;
    return;
  }
  const MediaStart start = media_start(message);
  if (start.stream_id.empty() || start.call_id.empty()) return count_malformed(now);
  if (!is_mulaw(message["start"]["mediaFormat"])) {
    return end(trouble(Errc::unsupported, "the stream is not of 8000 Hz mu-law"), kUnsupportedData,
               now);
  }
  account_sid = text_of(message, "accountSid");
  heads.set(start.stream_id);
  phase = Phase::started;
  last_media = now;
  observer.on_media_start(start, now);
}

/// The frames come in order by one connection; what does not is no part of the audio.
bool MediaSession::State::is_new(const MediaFrame& frame) {
  if (!frame.chunk) return true;
  if (*frame.chunk <= last_chunk) return false;
  last_chunk = *frame.chunk;
  return true;
}

void MediaSession::State::on_media(const MediaFrame& frame, TimePoint now) {
  if (phase != Phase::started) {
    ++counters.ignored;
    return;
  }
  if (frame.track != MediaFrame::Track::inbound) {
    ++counters.other_tracks;
    return;
  }
  if (!is_new(frame)) {
    ++counters.duplicates;
    return;
  }
  last_media = now;
  silence_reported = false;
  const std::size_t bytes = base64_decoded_size(frame.payload);
  // A frame that cannot be read still took its time.
  const Millis position = clock.next(frame.timestamp, 0, format.duration(bytes));
  if (!frame.sound) {
    ++counters.bad_media;
    return;
  }
  ++counters.frames_in;
  counters.bytes_in += bytes;
  observer.on_media_audio(AudioPayload::from_base64(format, frame.payload), position, now);
}

void MediaSession::State::on_mark(std::string_view wire_name, TimePoint now) {
  const auto echo = phase == Phase::started ? marks.take(wire_name) : std::nullopt;
  if (!echo) {
    ++counters.ignored;
  } else if (echo->stale) {
    ++counters.stale_marks;
  } else {
    observer.on_media_mark(echo->name, now);
  }
}

void MediaSession::State::on_dtmf(JsonView message, TimePoint now) {
  const auto digit = message["dtmf"]["digit"].string();
  if (!digit || !is_dtmf(*digit)) return count_malformed(now);
  if (phase == Phase::started) {
    observer.on_media_dtmf(digit->front(), now);
  } else {
    ++counters.ignored;
  }
}

void MediaSession::State::count_malformed(TimePoint now) {
  if (++counters.malformed <= options.max_malformed) return;
  end(trouble(Errc::protocol_error, "the media socket keeps sending malformed messages"),
      kPolicyViolation, now);
}

void MediaSession::State::check_silence(TimePoint now) {
  const auto deadline = silence_deadline();
  if (!deadline || now < *deadline) return;
  silence_reported = true;
  ++counters.gaps;
  if (!options.on_trouble) return;
  options.on_trouble(trouble(Errc::deadline_exceeded, fmt::format("no caller audio for {} ms",
                                                                  options.media_timeout.count())));
}

// --- to the carrier -----------------------------------------------------------------------------

bool MediaSession::State::send(std::string_view head, std::string_view payload,
                               std::string_view tail) {
  if (phase == Phase::started) {
    const SendStatus status = sink.send_text(head, payload, tail);
    if (is_accepted(status)) return true;
  }
  ++counters.dropped_out;
  return false;
}

void MediaSession::State::end(const std::optional<Error>& why, std::uint16_t code, TimePoint now) {
  if (phase == Phase::ended) return;
  const bool close_socket = phase != Phase::closing;
  phase = Phase::ended;
  if (close_socket) sink.close(code, {});
  observer.on_media_stop(why, now);
}

// --- the public face ----------------------------------------------------------------------------

MediaSession::MediaSession(WireSink& sink, MediaObserver& observer, MediaSessionOptions options,
                           TimePoint now)
    : state_(std::make_unique<State>(sink, observer, std::move(options), now)) {}

MediaSession::~MediaSession() = default;

void MediaSession::receive(std::string_view text, TimePoint now) {
  if (state_->phase == State::Phase::ended || state_->phase == State::Phase::closing) return;
  if (text.size() > state_->options.max_message_bytes) return state_->count_malformed(now);
  const auto message = detail::scan_message(text);
  if (!message) return state_->receive_document(text, now);
  if (message->kind == ScannedMessage::Kind::media) return state_->on_media(message->media, now);
  state_->on_mark(message->mark_name, now);
}

Deadline MediaSession::next_deadline() const {
  if (state_->phase == State::Phase::waiting) {
    return state_->opened + state_->options.start_timeout;
  }
  return state_->phase == State::Phase::started ? state_->silence_deadline() : std::nullopt;
}

void MediaSession::on_deadline(TimePoint now) {
  const auto deadline = next_deadline();
  if (!deadline || now < *deadline) return;
  if (state_->phase == State::Phase::started) return state_->check_silence(now);
  state_->end(trouble(Errc::deadline_exceeded, "the media socket never sent start"),
              kPolicyViolation, now);
}

void MediaSession::on_socket_closed(std::uint16_t code, TimePoint now) {
  const bool lost = detail::is_lost_stream(code) && state_->phase != State::Phase::closing;
  std::optional<Error> why;
  if (lost) why = trouble(Errc::unavailable, "the media socket was lost");
  if (state_->phase != State::Phase::ended) state_->phase = State::Phase::closing;
  state_->end(why, code, now);
}

bool MediaSession::send_audio(const AudioPayload& audio) {
  const std::size_t bytes = payload_size(audio);
  const bool fits = audio.format == state_->format && bytes > 0 &&
                    (audio.base64.empty() || detail::is_base64(audio.base64)) &&
                    bytes <= kMaxChunkSeconds * audio.format.bytes_per_second();
  if (!fits) {
    ++state_->counters.dropped_out;
    return false;
  }
  std::string_view payload = audio.base64;
  if (payload.empty()) {
    state_->scratch.clear();
    base64_append(state_->scratch, audio.bytes);
    payload = state_->scratch;
  }
  if (!state_->send(state_->heads.media, payload, R"("}})")) return false;
  ++state_->counters.frames_out;
  state_->counters.bytes_out += bytes;
  return true;
}

void MediaSession::send_mark(std::string_view name) {
  // A mark without a name is never echoed.
  if (name.empty() || state_->phase != State::Phase::started) {
    ++state_->counters.dropped_out;
    return;
  }
  state_->scratch.clear();
  append_json_string(state_->scratch, state_->marks.add(name));
  state_->send(state_->heads.mark, state_->scratch, "}}");
}

void MediaSession::clear() {
  if (state_->send(state_->heads.clear, {}, {})) state_->marks.next_generation();
}

void MediaSession::footprint(Footprint& to) const {
  to.add(this, 1);
  to.add(state_.get(), 1);  // The sink and the observer.
  to.add(state_->options.max_message_bytes);
  to.add(state_->phase);
  to.add(state_->clock);
  to.add(state_->counters);
  to.add(state_->heads);
  to.add(state_->last_media);
}

void MediaSession::close() {
  if (state_->phase != State::Phase::waiting && state_->phase != State::Phase::started) return;
  state_->phase = State::Phase::closing;
  state_->sink.close(kNormalClosure, {});
}

void MediaSession::abort(Error why, TimePoint now) { state_->end(why, kPolicyViolation, now); }

const std::string& MediaSession::account_sid() const noexcept { return state_->account_sid; }
const MediaCounters& MediaSession::counters() const noexcept { return state_->counters; }

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
