#include "voicebridge/web/media_session.hpp"

#include <type_traits>
#include <utility>

#include "call/media_close.hpp"
#include "close_codes.hpp"
#include "event_pump.hpp"
#include "flood_gate.hpp"
#include "page_marks.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr AudioFormat kFormat = AudioFormat::l16(24000);
constexpr std::size_t kSampleBytes = 2;
constexpr std::size_t kMaxFrameBytes = 960 * kSampleBytes;  ///< 40 ms
constexpr std::size_t kMaxChunkSeconds = 30;

Error trouble(Errc code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.origin = "web";
  return error;
}

std::size_t bytes_of(Millis length) {
  return kFormat.bytes_per_second() * static_cast<std::size_t>(length.count()) / 1000;
}

Micros duration_of(std::uint64_t samples) {
  return Micros(static_cast<std::int64_t>(samples * 125 / 3));  // 1000000 / 24000
}

}  // namespace

struct WebMediaSession::State {
  enum class Phase { waiting, open, closed };
  enum class Audio { none, open, stopping, stopped };

  State(WireSink& s, Admit a, WebMediaSessionOptions opts, TimePoint now)
      : sink(s),
        admit(std::move(a)),
        options(std::move(opts)),
        opened(now),
        last_media(now),
        gate(options.message_rate, now) {}

  void on_message(const web::PageMessage& message, TimePoint now);
  void on_hello(const web::PageHello& hello, TimePoint now);
  void begin(const web::PageHello& hello, TimePoint now);
  void on_played(const web::PagePlayed& played, TimePoint now);
  void on_position(std::uint64_t played_samples, TimePoint now);
  void on_audio(std::string_view data, TimePoint now);
  void count_malformed(TimePoint now);
  void check_silence(TimePoint now);
  void pump_events();
  bool send(std::string_view head, std::string_view payload = {}, std::string_view tail = {});
  bool send_mark_message(const std::string& number) {
    return send(R"({"type":"mark","name":")", number, R"("})");
  }
  void stop_audio(const std::optional<Error>& why, TimePoint now);
  void end(std::uint16_t code, const std::optional<Error>& why, TimePoint now);

  bool audio_open() const { return phase == Phase::open && audio == Audio::open; }
  Deadline silence_deadline() const {
    if (!audio_open() || options.media_timeout <= Millis(0) || silence_reported) return {};
    return last_media + options.media_timeout;
  }

  WireSink& sink;
  const Admit admit;
  const WebMediaSessionOptions options;
  const TimePoint opened;
  Phase phase = Phase::waiting;
  Audio audio = Audio::none;
  WebVisitor visitor;
  web::EventPump events;

  TimePoint began;  ///< The audio.
  TimePoint last_media;
  bool silence_reported = false;
  std::uint64_t samples_in = 0;
  std::uint64_t samples_sent = 0;  ///< Since the last clear.
  /// What the page had played when the last clear reached it; unknown until it says so.
  std::optional<std::uint64_t> played_before = 0;
  std::uint64_t played = 0;  ///< The last position.
  web::PageMarks marks;
  web::FloodGate gate;
  WebMediaCounters counters;
  Bytes scratch;
};

// --- from the page ------------------------------------------------------------------------------

void WebMediaSession::State::on_message(const web::PageMessage& message, TimePoint now) {
  if (const auto* hello = std::get_if<web::PageHello>(&message)) return on_hello(*hello, now);
  if (phase == Phase::waiting) {
    return end(web::kNotAdmitted, trouble(Errc::unauthenticated, "the first message is no hello"),
               now);
  }
  if (const auto* played_mark = std::get_if<web::PagePlayed>(&message)) {
    return on_played(*played_mark, now);
  }
  if (const auto* position = std::get_if<web::PagePosition>(&message)) {
    return on_position(position->played_samples, now);
  }
  if (std::holds_alternative<web::PagePing>(message)) {
    send(R"({"type":"pong"})");
  } else if (visitor.on_message) {
    // What it does may end this session's visit.
    const auto handler = visitor.on_message;
    handler(message);
  }
}

void WebMediaSession::State::on_hello(const web::PageHello& hello, TimePoint now) {
  if (phase != Phase::waiting) {
    ++counters.ignored;
    return;
  }
  auto admitted = admit(hello, now);
  if (phase != Phase::waiting) return;
  if (!admitted) return end(web::refusal_code(admitted.error().code), admitted.error(), now);
  visitor = std::move(*admitted);
  // Whoever was given the stream is told of its end, also of one that never began.
  if (options.audio && visitor.audio) audio = Audio::open;
  if (!visitor.events || (options.audio && !visitor.audio)) {
    return end(web::kInternalError, trouble(Errc::internal, "nobody serves the page"), now);
  }
  if (!events.listen(visitor.events, options.wake)) {
    return end(web::kTooMany, trouble(Errc::resource_exhausted, "too many sockets of one page"),
               now);
  }
  begin(hello, now);
}

void WebMediaSession::State::begin(const web::PageHello& hello, TimePoint now) {
  phase = Phase::open;
  const std::uint64_t last_event = events.begin_after(hello.after);
  JsonWriter json;
  json.object().field("type", "hello").field("session_id", hello.session_id);
  json.field("agent", visitor.agent).field("language", visitor.language).field("seq", last_event);
  send(json.end().text());
  if (options.audio) {
    send(R"({"type":"ready","sample_rate":24000})");
    began = last_media = now;
    MediaStart start;
    start.stream_id = start.call_id = hello.session_id;
    start.inbound = start.outbound = kFormat;
    visitor.audio->on_media_start(start, now);
  }
  pump_events();
}

void WebMediaSession::State::on_played(const web::PagePlayed& answer, TimePoint now) {
  const auto mark = marks.take(answer.name);
  if (!mark || !audio_open()) {
    ++counters.ignored;
    return;
  }
  if (mark->of_clear) {
    if (answer.played_samples && marks.is_last_clear(*mark)) {
      if (*answer.played_samples < played) ++counters.bad_positions;
      played_before = played = std::max(*answer.played_samples, played);
    }
    return;
  }
  if (answer.played_samples && !answer.dropped) on_position(*answer.played_samples, now);
  visitor.audio->on_media_mark(mark->name, now);
}

void WebMediaSession::State::on_position(std::uint64_t played_samples, TimePoint now) {
  if (!audio_open()) {
    ++counters.ignored;
    return;
  }
  if (!played_before) return;  // Of what was played before the clear, or nobody can tell.
  if (played_samples < played || played_samples - *played_before > samples_sent) {
    ++counters.bad_positions;
    return;
  }
  played = played_samples;
  visitor.audio->on_media_played(duration_of(played - *played_before), now);
}

void WebMediaSession::State::on_audio(std::string_view data, TimePoint now) {
  const bool sound = options.audio && !data.empty() && data.size() % kSampleBytes == 0 &&
                     data.size() <= bytes_of(options.max_frame);
  if (!sound) return count_malformed(now);
  if (!audio_open()) {
    ++counters.ignored;
    return;
  }
  const std::uint64_t samples = data.size() / kSampleBytes;
  if (duration_of(samples_in + samples) > (now - began) + options.max_ahead) {
    ++counters.too_fast;
    return;
  }
  last_media = now;
  silence_reported = false;
  const auto position = std::chrono::duration_cast<Millis>(duration_of(samples_in));
  samples_in += samples;
  ++counters.frames_in;
  counters.bytes_in += data.size();
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  visitor.audio->on_media_audio(AudioPayload::from_bytes(kFormat, bytes), position, now);
}

void WebMediaSession::State::count_malformed(TimePoint now) {
  if (phase == Phase::waiting) {
    return end(web::kNotAdmitted, trouble(Errc::unauthenticated, "the first message is no hello"),
               now);
  }
  if (++counters.malformed <= options.max_malformed) return;
  end(web::kPolicyViolation,
      trouble(Errc::protocol_error, "the page keeps sending malformed messages"), now);
}

void WebMediaSession::State::check_silence(TimePoint now) {
  const Deadline due = silence_deadline();
  if (!due || now < *due) return;
  silence_reported = true;
  ++counters.gaps;
  if (!options.on_trouble) return;
  options.on_trouble(trouble(Errc::deadline_exceeded, "the microphone of the page is silent"));
}

// --- to the page --------------------------------------------------------------------------------

bool WebMediaSession::State::send(std::string_view head, std::string_view payload,
                                  std::string_view tail) {
  if (phase == Phase::open) {
    if (is_accepted(sink.send_text(head, payload, tail))) return true;
  }
  ++counters.dropped_out;
  return false;
}

void WebMediaSession::State::pump_events() {
  if (phase != Phase::open || events.pump(sink, counters)) return;
  phase = Phase::closed;
  sink.close(web::kNormalClosure, {});
  // The end of the audio comes with the socket's.
}

void WebMediaSession::State::stop_audio(const std::optional<Error>& why, TimePoint now) {
  if (audio != Audio::open && audio != Audio::stopping) return;
  audio = Audio::stopped;
  visitor.audio->on_media_stop(why, now);
}

void WebMediaSession::State::end(std::uint16_t code, const std::optional<Error>& why,
                                 TimePoint now) {
  if (phase == Phase::closed) return;
  phase = Phase::closed;
  events.stop();
  sink.close(code, why && code != web::kInternalError ? why->message : std::string());
  stop_audio(why, now);
}

// --- the public face ----------------------------------------------------------------------------

WebMediaSession::WebMediaSession(WireSink& sink, Admit admit, WebMediaSessionOptions options,
                                 TimePoint now)
    : state_(std::make_unique<State>(sink, std::move(admit), std::move(options), now)) {}

WebMediaSession::~WebMediaSession() = default;

void WebMediaSession::receive_text(std::string_view text, TimePoint now) {
  if (state_->phase == State::Phase::closed) return;
  if (!state_->gate.pass(now)) return state_->count_malformed(now);
  const auto message = web::parse_page_message(text, state_->options.messages);
  if (!message) return state_->count_malformed(now);
  state_->on_message(*message, now);
}

void WebMediaSession::receive_binary(std::string_view data, TimePoint now) {
  if (state_->phase == State::Phase::closed) return;
  state_->on_audio(data, now);
}

void WebMediaSession::on_writable(TimePoint) { state_->pump_events(); }

void WebMediaSession::on_wake(TimePoint now) {
  if (state_->audio == State::Audio::stopping) state_->stop_audio(std::nullopt, now);
  state_->pump_events();
}

Deadline WebMediaSession::next_deadline() const {
  if (state_->phase == State::Phase::waiting) {
    return state_->opened + state_->options.hello_timeout;
  }
  return state_->silence_deadline();
}

void WebMediaSession::on_deadline(TimePoint now) {
  const Deadline due = next_deadline();
  if (!due || now < *due) return;
  if (state_->phase == State::Phase::open) return state_->check_silence(now);
  state_->end(web::kNotAdmitted, trouble(Errc::deadline_exceeded, "no hello came"), now);
}

void WebMediaSession::on_socket_closed(std::uint16_t code, TimePoint now) {
  // A page that goes away closes with 1001.
  constexpr std::uint16_t kGoingAway = 1001;
  const bool lost =
      state_->phase == State::Phase::open && detail::is_lost_stream(code) && code != kGoingAway;
  state_->phase = State::Phase::closed;
  state_->events.stop();
  std::optional<Error> why;
  if (lost && state_->audio == State::Audio::open) {
    why = trouble(Errc::unavailable, "the page's socket was lost");
  }
  state_->stop_audio(why, now);
}

bool WebMediaSession::send_audio(const AudioPayload& audio) {
  State& s = *state_;
  ByteView bytes;
  const bool fits = s.audio_open() && audio.format == kFormat &&
                    payload_bytes(audio, s.scratch, bytes) && !bytes.empty() &&
                    bytes.size() % kSampleBytes == 0 &&
                    bytes.size() <= kMaxChunkSeconds * kFormat.bytes_per_second() &&
                    s.sink.backlog() + bytes.size() <= s.options.max_audio_backlog;
  if (!fits) {
    ++s.counters.dropped_out;
    return false;
  }
  const char* const data = reinterpret_cast<const char*>(bytes.data());
  for (std::size_t at = 0; at < bytes.size(); at += kMaxFrameBytes) {
    const std::string_view frame(data + at, std::min(kMaxFrameBytes, bytes.size() - at));
    if (!is_accepted(s.sink.send_binary(frame))) {
      ++s.counters.dropped_out;
      return false;
    }
    ++s.counters.frames_out;
    s.counters.bytes_out += frame.size();
    s.samples_sent += frame.size() / kSampleBytes;
  }
  return true;
}

void WebMediaSession::send_mark(std::string_view name) {
  if (name.empty() || !state_->audio_open()) {
    ++state_->counters.dropped_out;
    return;
  }
  state_->send_mark_message(state_->marks.add(name));
}

void WebMediaSession::clear() {
  if (!state_->audio_open()) return;
  state_->send_mark_message(state_->marks.add_clear());
  if (!state_->send(R"({"type":"clear"})")) return;
  state_->samples_sent = 0;
  state_->played_before.reset();
}

void WebMediaSession::close() {
  if (state_->phase != State::Phase::open || state_->audio != State::Audio::open) return;
  // Whoever closes is in the middle of something: the end is told later.
  state_->audio = State::Audio::stopping;
  state_->options.wake();
}

const WebMediaCounters& WebMediaSession::counters() const noexcept { return state_->counters; }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
