#pragma once

#include "voicebridge/agent/call_options.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Whether a call is being recorded: not before what the profile wants first, not while something
/// private is entered, and never again once the caller has refused. Sans-I/O.
class RecordingPolicy {
 public:
  enum class Step { none, announce, start, pause, resume, stop };

  explicit RecordingPolicy(const RecordingOptions& options) : options_(options) {}

  Step audio_flows();
  /// A person listens.
  Step person_listens();
  /// The announcement was said. @param whole  It was heard to its end.
  Step announced(bool whole);
  /// The caller has agreed, or has refused or taken it back.
  Step consent(bool agreed);
  /// Something is entered that belongs in no recording …
  Step private_begins();
  Step private_ends();
  Step over();

  /// The announcement is due, or is being said.
  bool announcing() const { return state_ == State::announcing; }
  bool awaits_consent() const { return state_ == State::asking; }
  bool running() const { return state_ == State::running; }

 private:
  enum class State { idle, announcing, asking, running, off };
  Step begin();

  const RecordingOptions options_;
  State state_ = State::idle;
  unsigned announcements_ = 0;
  bool private_ = false;
  bool started_ = false;  ///< The recorder has been told to start.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
