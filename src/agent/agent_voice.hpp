#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "voicebridge/agent/playback.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where the agent's voice is played, and what is known of it there. This is all that tells a call
/// whose audio passes through here from one that the model service carries.
class AgentVoice {
 public:
  virtual ~AgentVoice() = default;
  /// The caller hears the agent, or is about to.
  virtual bool audible(TimePoint now) const = 0;
  /// All that was said has been heard.
  virtual bool drained() const = 0;
  /// When the last of it should have been heard, whatever is told of it; none: nobody can say.
  virtual Deadline estimated_end(TimePoint now) const = 0;
  /// The model begins to speak.
  virtual void begin(std::string_view utterance) = 0;
  /// The model has made all of it.
  virtual void finish(std::string_view utterance, bool complete, TimePoint now) = 0;
  /// Stops it. Empty where the one who plays it tells later how much was heard.
  virtual Playback::Cut stop(TimePoint now) = 0;
};

/// Played by the carrier from the leg's media stream, and counted here.
class LegVoice final : public AgentVoice {
 public:
  explicit LegVoice(Playback& playback) : playback_(playback) {}
  bool audible(TimePoint now) const override { return playback_.audible(now); }
  bool drained() const override { return playback_.drained(); }
  Deadline estimated_end(TimePoint now) const override { return playback_.estimated_end(now); }
  void begin(std::string_view) override {}
  void finish(std::string_view utterance, bool, TimePoint now) override {
    playback_.finish(utterance, now);
  }
  Playback::Cut stop(TimePoint now) override { return playback_.clear(now); }

 private:
  Playback& playback_;
};

/// Played by the model service, which tells when it begins and ends, one reply after the other.
class ServiceVoice final : public AgentVoice {
 public:
  bool audible(TimePoint) const override;
  bool drained() const override { return spoken_.empty(); }
  Deadline estimated_end(TimePoint) const override { return {}; }
  void begin(std::string_view utterance) override;
  void finish(std::string_view utterance, bool complete, TimePoint now) override;
  Playback::Cut stop(TimePoint) override { return {}; }

  void reply_began() { ++reply_; }
  void playout_began(std::string_view utterance);
  /// Ends all of the reply it belongs to, and of those before: they are played in order.
  void playout_ended(std::string_view utterance);
  /// The session was lost, and with it what is known.
  void forget() { spoken_.clear(); }

 private:
  struct Spoken {
    std::string utterance;
    unsigned reply;
    bool playing;
  };
  std::deque<Spoken>::iterator find(std::string_view utterance);

  static constexpr std::size_t kMaxSpoken = 64;  ///< Older ones are taken for heard.
  std::deque<Spoken> spoken_;
  unsigned reply_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
