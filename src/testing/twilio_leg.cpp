#include "testing/twilio_leg.hpp"

#include <algorithm>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::uint32_t kTwilioRate = 8000;
constexpr std::size_t kTwilioFrame = kTwilioRate / 50;
/// Of each record; beyond it only counts go on.
constexpr std::size_t kMaxRecordedAudio = 16 << 20;

void record_audio(Bytes& out, ByteView bytes) {
  const std::size_t room = kMaxRecordedAudio - std::min(kMaxRecordedAudio, out.size());
  const ByteView part = bytes.subview(0, room);
  out.insert(out.end(), part.begin(), part.end());
}

/// Twilio's sockets are TCP and keep the order.
MediaFaults in_order(MediaFaults faults) {
  faults.reorder = 0;
  return faults;
}

}  // namespace

TwilioLeg::TwilioLeg(const CallPlan& plan, std::uint64_t seed, TwilioWarnings& warnings,
                     TwilioLegEvents events)
    : plan_(plan),
      warnings_(warnings),
      events_(std::move(events)),
      line_(in_order(plan.faults), seed),
      callee_(plan.script, plan.idle, kTwilioRate, seed),
      ear_(codec_for(AudioFormat::pcmu())),
      mouth_(codec_for(AudioFormat::pcmu())) {}

void TwilioLeg::answer(TimePoint now) {
  if (!answered_) answered_ = now;
}

void TwilioLeg::hang_up(TimePoint now) {
  over_ = true;
  for (const auto& stream : streams_) stream->close(now);
}

TwilioStream& TwilioLeg::add_stream(TwilioStreamSetup setup, const TwilioMediaChaos& chaos) {
  PlayoutOptions playing;
  playing.max_queue = plan_.max_queue;
  playing.start_delay = plan_.play_delay;
  TwilioStreamHost& host = *this;
  streams_.push_back(
      std::make_unique<TwilioStream>(std::move(setup), playing, chaos, host, stats_, warnings_));
  return *streams_.back();
}

TwilioStream* TwilioLeg::find_stream(std::string_view sid_or_name) {
  // The latest of a name counts.
  for (auto stream = streams_.rbegin(); stream != streams_.rend(); ++stream) {
    const TwilioStreamSetup& setup = (*stream)->setup();
    if (setup.sid == sid_or_name || setup.name == sid_or_name) return stream->get();
  }
  return nullptr;
}

// --- steps --------------------------------------------------------------------------------------

void TwilioLeg::speak(TimePoint now) {
  for (const auto& stream : streams_) stream->on_deadline(now);
  const ScriptedCallee::Tick tick = callee_.tick(std::exchange(agent_audible_, false));
  callee_spoke_ = tick.samples != nullptr;
  said_now_.clear();
  if (callee_spoke_) said_now_.assign(tick.samples, tick.samples + callee_.frame_samples());
  if (tick.digit != 0) {
    for (const auto& stream : streams_) stream->send_digit(tick.digit);
    events_.on_digit(tick.digit, now);
  }
  if (tick.hangup) events_.on_callee_hangup(now);
}

void TwilioLeg::speak_for_peer(const TwilioFrame& frame, TimePoint now) {
  for (const auto& stream : streams_) stream->on_deadline(now);
  said_now_ = frame;
  said_now_.resize(kTwilioFrame);
  callee_spoke_ = true;
}

TwilioFrame TwilioLeg::take_played() { return std::exchange(played_, {}); }

void TwilioLeg::hear(TwilioFrame frame, bool audible, TimePoint due, TimePoint now) {
  heard_now_ = std::move(frame);
  agent_audible_ = audible || agent_audible_;
  if (over_) return;
  for (const auto& stream : streams_) {
    if (stream->open()) send_frame(*stream, due, now);
  }
}

void TwilioLeg::send_frame(TwilioStream& stream, TimePoint due, TimePoint now) {
  const TwilioStreamSetup& setup = stream.setup();
  if (setup.inbound_track && callee_spoke_) {
    Bytes audio;
    (void)mouth_->encode(said_now_, audio);  // G.711 takes all.
    const auto arrival = line_.arrival(now, std::chrono::duration_cast<Millis>(now - *answered_));
    if (!arrival) {
      ++stats_.frames_lost;
    } else {
      if (setup.two_way && !stream.slow_reader()) {
        ++stats_.frames_sent;
        record_audio(said_, audio);
      }
      stream.send_media("inbound", audio, {due, *arrival}, now);
    }
  }
  if (setup.outbound_track) {
    Samples samples = heard_now_;
    samples.resize(kTwilioFrame);
    Bytes audio;
    (void)mouth_->encode(samples, audio);
    stream.send_media("outbound", audio, {due, now}, now);
  }
}

// --- what the streams play ----------------------------------------------------------------------

void TwilioLeg::on_heard(ByteView audio) {
  stats_.heard_bytes += audio.size();
  record_audio(heard_, audio);
  const std::size_t before = played_.size();
  (void)ear_->decode(audio, played_);
  if (is_audible(SampleView(played_).subview(before))) agent_audible_ = true;
}

void TwilioLeg::on_cleared(ByteView audio) {
  stats_.cleared_bytes += audio.size();
  record_audio(cleared_, audio);
}

void TwilioLeg::on_echoed(std::string_view mark) { callee_.on_mark(mark); }

Deadline TwilioLeg::next_deadline() const {
  Deadline next;
  for (const auto& stream : streams_) next = earliest(next, stream->next_deadline());
  return next;
}

void TwilioLeg::on_deadline(TimePoint now) {
  for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i]->on_deadline(now);
}

bool TwilioLeg::streaming() const noexcept {
  return std::any_of(streams_.begin(), streams_.end(), [](const auto& s) { return s->open(); });
}

const Playout* TwilioLeg::playout() const noexcept {
  const auto found = std::find_if(streams_.rbegin(), streams_.rend(),
                                  [](const auto& stream) { return stream->setup().two_way; });
  return found == streams_.rend() ? nullptr : &(*found)->playout();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
