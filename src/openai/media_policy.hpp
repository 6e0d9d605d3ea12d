#pragma once

#include <cstdint>

#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/openai/conversation.hpp"
#include "voicebridge/openai/session_config.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// All that follows from who carries the audio of a session; it is decided here and nowhere else.
///
/// Where the service does, the session is attached to a call that runs already. The call has its
/// codec, its voice and its conversation, the service plays the answers and knows what was heard of
/// them, and the socket lasts as long as the call.
class MediaPolicy {
 public:
  explicit MediaPolicy(MediaOwner owner = MediaOwner::client)
      : attached_(owner == MediaOwner::service) {}

  /// Audio passes the connection, both ways: an utterance begins with its first audio, and what the
  /// caller heard of it is told to the service. Else it begins with its content part, and the
  /// service tells.
  bool carries_audio() const noexcept { return !attached_; }
  /// The conversation may hold what this session has not seen come.
  bool joins_midway() const noexcept { return attached_; }

  /// What of a configuration or change is sent.
  SessionConfig configuration(SessionConfig whole) const;
  SpeechPatch change(SpeechPatch patch) const;
  /// Whether the configuration can do without what the service complains of; the next
  /// `configuration` does. Some calls by SIP cannot be told how to detect the turns' ends.
  bool give_way(const ServiceError& error);

  /// What is going on when silence is wanted.
  struct Sound {
    bool reply_runs;       ///< It was not stopped before.
    bool service_cancels;  ///< The service stops it by itself.
    bool to_be_heard;      ///< Something said is still to be played.
  };
  /// What to send for it.
  struct Stop {
    bool cancel;  ///< The response.
    bool clear;   ///< What the service has not played yet.
  };
  Stop stop(InterruptCause cause, const TurnDetection& turns, const Sound& sound) const noexcept;

  /// Whether a connection that ended, or did not come about, means that the caller has hung up. No
  /// event tells it.
  bool is_end_of_call(std::uint16_t close_code) const noexcept;
  bool is_end_of_call(const Error& error) const noexcept;

 private:
  /// How much of the turn detection is sent.
  enum class Tuning { all, kind, none };

  bool attached_;
  Tuning tuning_ = Tuning::all;
};

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
