#include "voicebridge/telnyx/media_session.hpp"

#include <fmt/format.h>

#include "byte_order_check.hpp"
#include "call/media_clock.hpp"
#include "call/media_close.hpp"
#include "call/media_scanner.hpp"
#include "media_documents.hpp"
#include "reorder_window.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/telnyx/media_format.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

using detail::is_base64;
using detail::media_frame;
using detail::MediaClock;
using detail::scan_message;
using detail::ScannedMessage;

constexpr std::string_view kMediaHead = R"({"event":"media","media":{"payload":")";
constexpr std::string_view kMediaTail = R"("}})";
constexpr std::string_view kMarkHead = R"({"event":"mark","mark":{"name":)";
constexpr std::string_view kMarkTail = "}}";
constexpr std::string_view kClear = R"({"event":"clear"})";

/// Media Streaming: a chunk may be 20 ms to 30 s long.
constexpr std::size_t kMaxChunkSeconds = 30;
/// Of a frame that does not tell: Telnyx sends one packet of 20 ms a message.
constexpr Micros kUsualFrame{20000};
constexpr unsigned kMaxDepth = 16;

constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kUnsupportedData = 1003;
constexpr std::uint16_t kPolicyViolation = 1008;

bool is_dtmf(std::string_view digit) {
  return digit.size() == 1 &&
         std::string_view("0123456789ABCD*#").find(digit[0]) != std::string_view::npos;
}

bool is_linear(AudioFormat format) {
  return format.encoding == AudioEncoding::l16le || format.encoding == AudioEncoding::l16be;
}

/// Linear samples have two bytes; half of one shifts everything behind it into noise. A packet of
/// Opus has a head that makes sense.
bool is_whole(const AudioPayload& audio) {
  if (!audio.format.constant_rate()) return payload_duration(audio) > Micros(0);
  return !is_linear(audio.format) || payload_size(audio) % 2 == 0;
}

}  // namespace

struct MediaSession::State {
  enum class Phase { waiting, started, closing, ended };

  State(WireSink& wire, MediaObserver& listener, MediaSessionOptions opts, TimePoint now)
      : sink(wire), observer(listener), options(std::move(opts)), opened(now) {}

  void receive_document(std::string_view text, TimePoint now);
  void on_event(std::string_view event, JsonView message, TimePoint now);
  void on_start(JsonView message, TimePoint now);
  void on_media(const MediaFrame& frame, TimePoint now);
  void on_mark(std::string_view name, TimePoint now);
  void on_dtmf(JsonView message, TimePoint now);
  void release_held(TimePoint now);
  void deliver(const MediaFrame& frame, std::uint64_t missing, TimePoint now);
  void count_malformed(TimePoint now);
  void report(const Error& error) const;
  void check_silence(TimePoint now);
  void check_byte_order(const AudioPayload& audio);
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
  AudioFormat inbound;
  AudioFormat outbound;
  ReorderWindow window;
  MediaClock clock;
  MediaCounters counters;
  TimePoint last_media;
  bool silence_reported = false;
  std::optional<ByteOrderCheck> byte_order;  ///< While L16 is being listened to for its order.
  Bytes linear;
  std::string token;
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
  if (event == "connected") {
    token = message["connected"]["x-telnyx-streaming-auth-token"].string_or("");
  } else if (event == "start") {
    on_start(message, now);
  } else if (event == "media" && message["media"].is_object()) {
    on_media(media_frame(message["media"]), now);
  } else if (event == "mark" && message["mark"]["name"].is_string()) {
    on_mark(*message["mark"]["name"].string(), now);
  } else if (event == "dtmf") {
    on_dtmf(message, now);
  } else if (event == "error") {
    ++counters.carrier_errors;
    report(carrier_error(message));
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
  const JsonView announced = message["start"]["media_format"];
  const auto format = media_format(announced["encoding"].string().value_or(""),
                                   announced["sample_rate"].integer_or(0),
                                   announced["channels"].integer_or(1), options.l16);
  if (!format) {
    Error error = format.error();
    error.origin = "telnyx";
    return end(error, kUnsupportedData, now);
  }
  inbound = *format;
  outbound = options.outbound.value_or(inbound);
  if (is_linear(inbound) && options.check_l16) byte_order.emplace(inbound);
  MediaStart start = media_start(message);
  start.inbound = inbound;
  start.outbound = outbound;
  phase = Phase::started;
  last_media = now;
  observer.on_media_start(start, now);
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
  if (!frame.chunk) return deliver(frame, 0, now);
  switch (window.offer(frame, *frame.chunk, now)) {
    case ReorderWindow::Verdict::deliver:
      deliver(frame, 0, now);
      break;
    case ReorderWindow::Verdict::held:
      ++counters.reordered;
      break;
    case ReorderWindow::Verdict::late:
      ++counters.late;
      break;
    case ReorderWindow::Verdict::duplicate:
      ++counters.duplicates;
      break;
  }
  release_held(now);
}

void MediaSession::State::release_held(TimePoint now) {
  while (const auto released = window.pop()) {
    counters.lost += released->missing;
    deliver(released->frame, released->missing, now);
  }
}

void MediaSession::State::deliver(const MediaFrame& frame, std::uint64_t missing, TimePoint now) {
  if (phase != Phase::started) return;
  last_media = now;
  silence_reported = false;
  const AudioPayload audio = AudioPayload::from_base64(inbound, frame.payload);
  const std::size_t bytes = payload_size(audio);
  const bool sound = frame.sound && is_whole(audio);
  // A frame that cannot be read still took its time.
  const Micros told = payload_duration(audio);
  const Micros duration = inbound.constant_rate() || told > Micros(0) ? told : kUsualFrame;
  const Millis position = clock.next(frame.timestamp, missing, duration);
  if (!sound) {
    ++counters.bad_media;
    return;
  }
  ++counters.frames_in;
  counters.bytes_in += bytes;
  if (byte_order) check_byte_order(audio);
  observer.on_media_audio(audio, position, now);
}

void MediaSession::State::on_mark(std::string_view name, TimePoint now) {
  if (phase == Phase::started) {
    observer.on_media_mark(name, now);
  } else {
    ++counters.ignored;
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

void MediaSession::State::report(const Error& error) const {
  if (options.on_trouble) options.on_trouble(error);
}

void MediaSession::State::check_silence(TimePoint now) {
  const auto deadline = silence_deadline();
  if (!deadline || now < *deadline) return;
  silence_reported = true;
  ++counters.gaps;
  report(trouble(Errc::deadline_exceeded,
                 fmt::format("no caller audio for {} ms", options.media_timeout.count())));
}

void MediaSession::State::check_byte_order(const AudioPayload& audio) {
  ByteView bytes;
  if (!payload_bytes(audio, linear, bytes)) return;
  const auto verdict = byte_order->listen(bytes);
  if (verdict == ByteOrderCheck::Verdict::unknown) return;
  byte_order.reset();
  Bytes().swap(linear);
  if (verdict == ByteOrderCheck::Verdict::right) return;
  ++counters.byte_order_doubts;
  Error error = trouble(
      Errc::protocol_error,
      fmt::format(
          "the caller's L16 audio sounds like noise as {} and like a voice in the other byte "
          "order: set the order of L16 (MediaSessionOptions::l16, TELNYX_L16_BYTE_ORDER)",
          inbound.encoding == AudioEncoding::l16le ? "little-endian" : "big-endian"));
  error.field = "l16";
  report(error);
}

// --- to the carrier -----------------------------------------------------------------------------

bool MediaSession::State::send(std::string_view head, std::string_view payload,
                               std::string_view tail) {
  // Telnyx drops what comes before its `start`.
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
  const auto message = scan_message(text);
  if (!message) return state_->receive_document(text, now);
  if (message->kind == ScannedMessage::Kind::media) return state_->on_media(message->media, now);
  state_->on_mark(message->mark_name, now);
}

Deadline MediaSession::next_deadline() const {
  switch (state_->phase) {
    case State::Phase::waiting:
      return state_->opened + state_->options.start_timeout;
    case State::Phase::started:
      return earliest(state_->window.next_deadline(), state_->silence_deadline());
    case State::Phase::closing:
    case State::Phase::ended:
      return std::nullopt;
  }
  return std::nullopt;
}

void MediaSession::on_deadline(TimePoint now) {
  const auto deadline = next_deadline();
  if (!deadline || now < *deadline) return;
  if (state_->phase == State::Phase::waiting) {
    return state_->end(trouble(Errc::deadline_exceeded, "the media socket never sent start"),
                       kPolicyViolation, now);
  }
  state_->window.on_deadline(now);
  state_->release_held(now);
  if (state_->phase == State::Phase::started) state_->check_silence(now);
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
  const bool fits = audio.format == state_->outbound && bytes > 0 &&
                    (audio.base64.empty() || is_base64(audio.base64)) && is_whole(audio) &&
                    (!audio.format.constant_rate() ||
                     bytes <= kMaxChunkSeconds * audio.format.bytes_per_second());
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
  if (!state_->send(kMediaHead, payload, kMediaTail)) return false;
  ++state_->counters.frames_out;
  state_->counters.bytes_out += bytes;
  return true;
}

void MediaSession::send_mark(std::string_view name) {
  // A mark without a name is never echoed.
  if (name.empty()) {
    ++state_->counters.dropped_out;
    return;
  }
  state_->scratch.clear();
  append_json_string(state_->scratch, name);
  state_->send(kMarkHead, state_->scratch, kMarkTail);
}

void MediaSession::clear() { state_->send(kClear, {}, {}); }

void MediaSession::close() {
  if (state_->phase != State::Phase::waiting && state_->phase != State::Phase::started) return;
  state_->phase = State::Phase::closing;
  state_->sink.close(kNormalClosure, {});
}

void MediaSession::footprint(Footprint& to) const {
  to.add(state_.get(), 1);  // The sink and the observer.
  to.add(state_->phase);    // The formats lie beside it.
  state_->window.footprint(to);
  to.add(state_->clock);
  to.add(state_->counters);
  to.add(state_->last_media);
}

void MediaSession::abort(Error why, TimePoint now) { state_->end(why, kPolicyViolation, now); }

const std::string& MediaSession::auth_token() const noexcept { return state_->token; }
const MediaCounters& MediaSession::counters() const noexcept { return state_->counters; }

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
