#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// One session with the model, and who it is: what comes from it is told with it, because for a
/// while a call has two of them, and late words of a lost one.
class ModelLink final : public SpeechObserver {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void from_model(ModelLink& from, std::string_view utterance, const AudioPayload& audio,
                            TimePoint now) = 0;
    virtual void from_model(ModelLink& from, const SpeechEvent& event, TimePoint now) = 0;
    /// What audio from the model touches.
    virtual void speech_footprint(Footprint& to) const = 0;
  };

  ModelLink(Owner& owner, std::unique_ptr<SpeechSession> session)
      : owner_(owner), session_(std::move(session)) {}

  SpeechSession& session() { return *session_; }
  void on_speech_audio(std::string_view utterance, const AudioPayload& audio,
                       TimePoint now) override {
    owner_.from_model(*this, utterance, audio, now);
  }
  void on_speech_event(const SpeechEvent& event, TimePoint now) override {
    owner_.from_model(*this, event, now);
  }

  void speech_footprint(Footprint& to) const override {
    to.add(*this);
    owner_.speech_footprint(to);
  }

  /// A segment of the transcript is its own: it knows what was said there.
  void claim(const std::string& segment) {
    if (own_.size() < kMaxOwn) own_.insert(segment);
  }
  bool said(const std::string& segment) const { return own_.count(segment) != 0; }

  bool ready = false;
  bool closed = false;                      ///< `SpeechClosed` has come.
  std::optional<TimePoint> ends;            ///< When the service ends it.
  std::map<std::string, std::string> told;  ///< The words of each segment it was given as text.

 private:
  Owner& owner_;
  std::unique_ptr<SpeechSession> session_;
  static constexpr std::size_t kMaxOwn = 4000;  ///< More than a transcript keeps.
  std::set<std::string> own_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
