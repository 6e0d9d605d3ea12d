#include "voicebridge/testing/telnyx_sim_media.hpp"

#include <algorithm>
#include <utility>

#include "testing/telnyx_sim_media_impl.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kMediaTick{20};
constexpr Millis kMp3Spacing{1000};
constexpr Millis kLongestChunk{30000};
/// A driver that comes later than this skips ticks instead of sending a burst.
constexpr Millis kMaxCatchUp{1000};
constexpr JsonLimits kMessageLimits{2 << 20, 16};

void record(Bytes& out, ByteView bytes, std::size_t limit) {
  const std::size_t room = limit - std::min(limit, out.size());
  const ByteView part = bytes.subview(0, room);
  out.insert(out.end(), part.begin(), part.end());
}

AudioFormat byte_order(AudioFormat format, bool big_endian) {
  if (big_endian && format.encoding == AudioEncoding::l16le) format.encoding = AudioEncoding::l16be;
  return format;
}

/// Packets, and codecs with a memory, are decoded when they come; linear audio waits to be played.
AudioFormat linear_when_coded(AudioFormat format) {
  const bool coded =
      format.encoding == AudioEncoding::opus || format.encoding == AudioEncoding::g722;
  return coded ? AudioFormat::l16(format.sample_rate) : format;
}

}  // namespace

ByteView TelnyxSimMedia::Stream::playable(ByteView audio) {
  if (!from_application) return audio;
  samples.clear();
  decoded.clear();
  if (!from_application->decode(audio, samples) || !linear->encode(samples, decoded)) return {};
  return decoded;
}

void TelnyxSimMedia::Stream::recode_outbound() {
  samples.clear();
  decoded.clear();
  if (linear->decode(outbound, samples) && to_far_party->encode(samples, decoded)) {
    outbound = decoded;
  }
}

std::optional<AudioFormat> telnyx_codec(std::string_view name, std::uint32_t sample_rate) {
  if (name == "PCMU") return AudioFormat::pcmu();
  if (name == "PCMA") return AudioFormat::pcma();
  if (name == "L16") return AudioFormat::l16(sample_rate);
  std::optional<AudioFormat> format;
  if (name == "G722") format = AudioFormat::g722();
  if (name == "OPUS") format = AudioFormat::opus(sample_rate);
  // A build without the codec speaks it no more than AMR-WB.
  if (format && !make_audio_codec(*format)) format.reset();
  return format;
}

// What the application sends

void TelnyxSimMedia::on_text(std::string_view text, TimePoint now) {
  Impl& me = *impl_;
  if (!me.streaming()) return;
  const auto message = Json::parse(text, kMessageLimits);
  const std::string event = message ? (*message)["event"].string_or("") : "";
  if (event == "media") {
    me.take_media((*message)["media"], now);
  } else if (event == "mark") {
    me.take_mark((*message)["mark"], now);
  } else if (event == "clear") {
    ++me.stats.clears;
    if (me.stream->started) me.stream->playout.clear(now);
  } else {
    me.send_error(TelnyxStreamError::malformed_frame);
  }
}

void TelnyxSimMedia::Impl::take_media(JsonView media, TimePoint now) {
  ++stats.media_received;
  const auto payload = media["payload"].string();
  if (!payload) return send_error(TelnyxStreamError::malformed_frame);
  const auto audio = base64_decode(*payload);
  if (!audio || audio->empty()) return send_error(TelnyxStreamError::invalid_media);
  if (!stream->started) {
    stats.early_bytes += audio->size();
    return;
  }
  if (stream->mp3_mode()) return take_mp3(*audio, now);
  const Micros length = payload_duration(AudioPayload::from_bytes(stream->outbound_format, *audio));
  const bool playable = length > Micros(0) && length <= kLongestChunk;
  const ByteView sound = playable ? stream->playable(*audio) : ByteView();
  if (sound.empty()) return send_error(TelnyxStreamError::invalid_media);
  if (length < kMediaTick) ++stats.short_chunks;
  stats.overflow_bytes += sound.size() - stream->playout.append(sound, now);
}

/// Raw audio in mp3 mode is ignored without a word, which is what makes the default so hard to
/// find.
void TelnyxSimMedia::Impl::take_mp3(ByteView file, TimePoint now) {
  if (!looks_like_mp3(file)) {
    stats.ignored_bytes += file.size();
    return;
  }
  if (stream->next_mp3 && now < *stream->next_mp3)
    return send_error(TelnyxStreamError::rate_limit_reached);
  stream->next_mp3 = now + kMp3Spacing;
  ++stats.mp3_files;
}

void TelnyxSimMedia::Impl::take_mark(JsonView mark, TimePoint now) {
  if (!mark.is_object()) return send_error(TelnyxStreamError::malformed_frame);
  ++stats.marks_received;
  const auto name = mark["name"].string();
  if (!name || name->empty()) {
    ++stats.nameless_marks;
  } else if (stream->started && !stream->playout.mark(*name, now)) {
    send_error(TelnyxStreamError::rate_limit_reached);
  }
}

void TelnyxSimMedia::Impl::send_error(TelnyxStreamError code) {
  ++stats.errors_sent;
  send(stream->messages.error(code));
}

// What is played to the callee

void TelnyxSimMedia::Impl::on_played(ByteView audio, TimePoint) {
  record(stream->outbound, audio, stream->playout.format().bytes_per_second());
  if (!plays_to_self() && !plays_to_others()) {
    stats.muted_bytes += audio.size();
    return;
  }
  scratch.clear();
  const bool audible = stream->ear->decode(audio, scratch) && is_audible(scratch);
  if (plays_to_others()) {
    stats.opposite_bytes += audio.size();
    others_hear |= audible;
  }
  if (!plays_to_self()) return;
  stats.heard_bytes += audio.size();
  record(heard, audio, options.max_recorded_bytes);
  agent_audible |= audible;
}

void TelnyxSimMedia::Impl::on_dropped(ByteView audio, TimePoint) {
  stats.cleared_bytes += audio.size();
  record(cleared, audio, options.max_recorded_bytes);
}

void TelnyxSimMedia::Impl::on_mark_echo(std::string_view name, TimePoint) {
  ++stats.marks_echoed;
  callee.on_mark(name);
  send(stream->messages.mark(name));
}

// What the callee says

void TelnyxSimMedia::Impl::tick(TimePoint now) {
  if (streaming()) stream->playout.on_deadline(now);
  const ScriptedCallee::Tick said_now =
      callee.tick(std::exchange(agent_audible, false) || announcing);
  const bool speaks = bridged && said_now.samples != nullptr &&
                      is_audible(SampleView(said_now.samples, callee.frame_samples()));
  if ((std::exchange(others_hear, false) || speaks) && events.on_said) events.on_said(now);
  if (streaming() && stream->started) {
    ++stream->ticks;
    if (said_now.samples != nullptr && stream->params.track != "outbound_track") {
      send_inbound(said_now.samples, now);
    }
    if (stream->params.track != "inbound_track") send_outbound();
    stream->outbound.clear();
  }
  if (said_now.digit != 0) press(said_now.digit, now);
  if (said_now.hangup && events.on_callee_hangup) events.on_callee_hangup(now);
}

void TelnyxSimMedia::Impl::send_inbound(const std::int16_t* samples, TimePoint now) {
  SampleView frame(samples, callee.frame_samples());
  if (stream->resampler) {
    scratch.clear();
    stream->resampler->process(frame, scratch);
    frame = scratch;
  }
  encoded.clear();
  if (!stream->encoder->encode(frame, encoded)) return;
  const Millis timestamp = kMediaTick * static_cast<std::int64_t>(stream->ticks - 1);
  std::string message =
      stream->messages.media("inbound", ++stream->inbound_chunk, timestamp, encoded);
  const auto due = line.arrival(now, std::chrono::duration_cast<Millis>(now - *answered));
  if (!due) {
    ++stats.frames_lost;
    return;
  }
  ++stats.frames_sent;
  record(said, encoded, options.max_recorded_bytes);
  if (*due <= now) return send(message);
  later.add(*due, [this, text = std::move(message)](TimePoint) { send(text); });
}

/// What the far party hears, in the codec of the stream. Silence where nothing was played.
void TelnyxSimMedia::Impl::send_outbound() {
  const AudioFormat format = stream->playout.format();
  stream->outbound.resize(format.frame_bytes(), format.silence_byte());
  if (stream->from_application) stream->recode_outbound();
  const Millis timestamp = kMediaTick * static_cast<std::int64_t>(stream->ticks - 1);
  send(stream->messages.media("outbound", ++stream->outbound_chunk, timestamp, stream->outbound));
}

void TelnyxSimMedia::Impl::press(char digit, TimePoint now) {
  if (streaming() && stream->started) send(stream->messages.dtmf(digit, wall.iso(now)));
  if (events.on_digit) events.on_digit(digit, now);
}

// The life of the leg and its stream

TelnyxSimMedia::TelnyxSimMedia(TelnyxSimMediaOptions options, TelnyxMediaEvents events)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(events))) {}

TelnyxSimMedia::~TelnyxSimMedia() = default;

void TelnyxSimMedia::answer(TimePoint now) {
  if (impl_->answered) return;
  impl_->answered = now;
  impl_->next_tick = now + kMediaTick;
}

std::unique_ptr<TelnyxSimMedia::Stream> TelnyxSimMedia::Impl::make_stream(
    WireSink& sink, const TelnyxStreamParams& params) {
  const std::uint32_t rate = params.bidirectional_sampling_rate;
  const AudioFormat asked = telnyx_codec(params.codec, rate).value_or(options.leg_format);
  const AudioFormat sent =
      byte_order(options.codec_surprise.value_or(asked), options.l16_big_endian);
  const AudioFormat from_application =
      byte_order(telnyx_codec(params.bidirectional_codec, rate).value_or(AudioFormat::pcmu()),
                 options.l16_big_endian);
  PlayoutOptions playing;
  playing.format = linear_when_coded(from_application);
  playing.max_queue = options.max_queue;
  playing.start_delay = options.play_delay;
  auto made = std::make_unique<Stream>(sink, params, sent, ids.uuid(), playing, *this);
  made->outbound_format = from_application;
  if (playing.format != from_application) {
    made->from_application = codec_for(from_application);
    made->to_far_party = codec_for(from_application);
    made->linear = codec_for(playing.format);
  }
  if (sent.sample_rate != options.leg_format.sample_rate) {
    auto resampler = Resampler::create(options.leg_format.sample_rate, sent.sample_rate);
    if (resampler) made->resampler.emplace(std::move(*resampler));
  }
  return made;
}

void TelnyxSimMedia::open(WireSink& sink, const TelnyxStreamParams& params, TimePoint now) {
  Impl& me = *impl_;
  if (me.streaming()) return;
  me.stream = me.make_stream(sink, params);
  me.stream_id = me.stream->messages.stream_id();
  me.send(TelnyxStreamMessages::connected(params.auth_token));
  me.later.add(now + me.options.start_delay, [&me](TimePoint) { me.start_stream(); });
}

void TelnyxSimMedia::Impl::start_stream() {
  TelnyxLegIdentity leg = options.leg;
  leg.client_state = client_state;
  stream->started = true;
  send(stream->messages.start(leg, stream->params, stream->inbound));
}

void TelnyxSimMedia::Impl::end_stream(TimePoint now) {
  stream->playout.on_deadline(now);
  stats.unplayed_bytes += stream->playout.queued();
  stream->sink = nullptr;
  later.clear();
}

void TelnyxSimMedia::on_closed(TimePoint now) {
  Impl& me = *impl_;
  if (!me.streaming()) return;
  me.end_stream(now);
  if (me.events.on_stream_lost) me.events.on_stream_lost(now);
}

void TelnyxSimMedia::close(TimePoint now) {
  Impl& me = *impl_;
  if (!me.streaming()) return;
  me.stream->playout.on_deadline(now);
  WireSink& sink = *me.stream->sink;
  if (me.stream->started) me.send(me.stream->messages.stop(me.options.leg));
  me.end_stream(now);
  sink.close(1000, "");
}

void TelnyxSimMedia::drop_stream(TimePoint now) {
  Impl& me = *impl_;
  if (!me.streaming()) return;
  WireSink& sink = *me.stream->sink;
  on_closed(now);
  sink.close(1001, "");
}

void TelnyxSimMedia::hang_up(TimePoint now) {
  close(now);
  impl_->next_tick.reset();
}

void TelnyxSimMedia::set_client_state(std::string base64) {
  impl_->client_state = std::move(base64);
}
void TelnyxSimMedia::set_bridged(bool bridged) { impl_->bridged = bridged; }
void TelnyxSimMedia::hear_peer() { impl_->agent_audible = true; }
void TelnyxSimMedia::set_announcing(bool announcing) { impl_->announcing = announcing; }

Deadline TelnyxSimMedia::next_deadline() const {
  const Impl& me = *impl_;
  const Deadline playing = me.streaming() ? me.stream->playout.next_deadline() : Deadline{};
  return earliest(earliest(me.next_tick, me.later.next_deadline()), playing);
}

void TelnyxSimMedia::on_deadline(TimePoint now) {
  Impl& me = *impl_;
  me.later.run(now);
  if (me.streaming()) me.stream->playout.on_deadline(now);
  while (me.next_tick && *me.next_tick <= now) {
    const bool too_late = now - *me.next_tick > kMaxCatchUp;
    *me.next_tick += kMediaTick;
    if (too_late) {
      ++me.stats.late_ticks;
    } else {
      me.tick(now);
    }
  }
}

bool TelnyxSimMedia::streaming() const noexcept { return impl_->streaming(); }
const std::string& TelnyxSimMedia::stream_id() const noexcept { return impl_->stream_id; }
const LegStats& TelnyxSimMedia::stats() const noexcept { return impl_->stats; }
const Bytes& TelnyxSimMedia::heard() const noexcept { return impl_->heard; }
const Bytes& TelnyxSimMedia::cleared() const noexcept { return impl_->cleared; }
const Bytes& TelnyxSimMedia::said() const noexcept { return impl_->said; }
const Playout* TelnyxSimMedia::playout() const noexcept {
  return impl_->stream ? &impl_->stream->playout : nullptr;
}
const ScriptedCallee& TelnyxSimMedia::callee() const noexcept { return impl_->callee; }
std::optional<TimePoint> TelnyxSimMedia::answered_at() const noexcept { return impl_->answered; }

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
