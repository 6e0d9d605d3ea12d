// The two ways that audio comes: from the caller's stream and from the model's session.
#include <utility>

#include "agent/live_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Stands between the call and its model so that the call's timer follows what the model causes.
class LiveCall::ObservedSpeech final : public SpeechSession, private SpeechObserver {
 public:
  ObservedSpeech(std::unique_ptr<SpeechSession> inner, LiveCall& call)
      : inner_(std::move(inner)), call_(call) {}

  void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) override {
    observer_ = &observer;
    inner_->start(std::move(spec), *this, now);
  }
  void append_audio(const AudioPayload& audio, TimePoint now) override {
    inner_->append_audio(audio, now);
  }
  void request(SpeechRequest request, TimePoint now) override {
    inner_->request(std::move(request), now);
  }
  void interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                 TimePoint now) override {
    inner_->interrupt(cause, heard, now);
  }
  void reconfigure(SpeechPatch patch, TimePoint now) override {
    inner_->reconfigure(std::move(patch), now);
  }
  void close(TimePoint now) override { inner_->close(now); }
  void footprint(Footprint& to) const override {
    to.add(*this);
    inner_->footprint(to);
  }

 private:
  void on_speech_audio(std::string_view utterance, const AudioPayload& audio,
                       TimePoint now) override {
    observer_->on_speech_audio(utterance, audio, now);
    if (call_.downlink_) {
      call_.downlink_->record(std::chrono::duration_cast<Micros>(call_.now() - now));
    }
    call_.rearm();
  }
  void on_speech_event(const SpeechEvent& event, TimePoint now) override {
    // The call may end and let go of everything in here.
    const std::shared_ptr<LiveCall> keep = call_.shared_from_this();
    observer_->on_speech_event(event, now);
    keep->rearm();
  }

  void speech_footprint(Footprint& to) const override {
    to.add(*this);
    call_.own_footprint(to);
    observer_->speech_footprint(to);
  }

  std::unique_ptr<SpeechSession> inner_;
  LiveCall& call_;
  SpeechObserver* observer_ = nullptr;
};

/// Hears one media stream. What an earlier one of the same call still tells does not count.
class LiveCall::Ear final : public MediaObserver {
 public:
  Ear(std::shared_ptr<LiveCall> call, unsigned number) : call_(std::move(call)), number_(number) {}

  void on_media_start(const MediaStart& start, TimePoint now) override {
    if (counts()) call_->on_media_start(start, now);
  }
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) override {
    if (counts()) call_->on_media_audio(audio, position, now);
  }
  void on_media_mark(std::string_view name, TimePoint now) override {
    if (counts()) call_->on_media_mark(name, now);
  }
  void on_media_played(Micros played, TimePoint now) override {
    if (counts()) call_->on_media_played(played, now);
  }
  void on_media_dtmf(char digit, TimePoint now) override {
    if (counts()) call_->on_media_dtmf(digit, now);
  }
  void on_media_stop(const std::optional<Error>& why, TimePoint now) override {
    if (counts()) call_->on_media_stop(why, now);
  }
  void audio_footprint(Footprint& to) const override {
    to.add(*this);
    call_->audio_footprint(to);
  }

 private:
  bool counts() const { return number_ == call_->streams_; }

  std::shared_ptr<LiveCall> call_;
  unsigned number_;
};

std::shared_ptr<MediaObserver> LiveCall::attach(std::shared_ptr<MediaStream> stream) {
  if (plan_.kind == Kind::service || state_ == CallState::ended) return nullptr;
  begin();
  if (streaming_) {
    // A caller who comes back may be quicker than the word that their old stream has ended.
    if (!session_->is_leaving()) return nullptr;
    on_media_stop({}, now());
  }
  // What plays into the stream before would go on after it is gone.
  if (!session_->takes_media()) return nullptr;
  stream_ = std::move(stream);
  streaming_ = true;
  ++streams_;
  session_->attach_media(stream_.get());
  return std::make_shared<Ear>(shared_from_this(), streams_);
}

void LiveCall::on_media_start(const MediaStart& start, TimePoint now) {
  media_started_ = true;
  session_->on_media_start(start, now);
  rearm();
}

void LiveCall::on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) {
  session_->on_media_audio(audio, position, now);
  if (uplink_) uplink_->record(std::chrono::duration_cast<Micros>(this->now() - now));
  // A frame of the caller moves the gap's deadline only, and brings none nearer than that.
  const bool soon = timer_.fires_by(now + plan_.options.gap_after);
  if (!soon || plan_.options.local_vad) rearm();
}

void LiveCall::on_media_played(Micros played, TimePoint now) {
  session_->on_media_played(played, now);
  rearm();
}

void LiveCall::on_media_mark(std::string_view name, TimePoint now) {
  session_->on_media_mark(name, now);
  rearm();
}

void LiveCall::on_media_dtmf(char digit, TimePoint now) {
  if (!plan_.watcher || !plan_.watcher->on_leg_key(plan_.call_id, digit)) {
    session_->on_media_dtmf(digit, now);
  }
  rearm();
}

void LiveCall::on_media_stop(const std::optional<Error>& why, TimePoint now) {
  streaming_ = false;
  media_started_ = false;
  session_->on_media_stop(why, now);
  rearm();
}

void LiveCall::own_footprint(Footprint& to) const {
  to.add(plan_.options.gap_after);
  to.add(plan_.options.local_vad);
  to.add(session_);
  to.add(streams_);
  to.add(timer_);
  to.add(downlink_);
}

void LiveCall::audio_footprint(Footprint& to) const {
  own_footprint(to);
  session_->audio_footprint(to);
}

std::unique_ptr<SpeechSession> LiveCall::open_speech() {
  const auto& open = plan_.open_speech ? plan_.open_speech : shop_->parts.open_speech;
  std::unique_ptr<SpeechSession> inner = open(scheduler_);
  if (!inner) return nullptr;
  return std::make_unique<ObservedSpeech>(std::move(inner), *this);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
