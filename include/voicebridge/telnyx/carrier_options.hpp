#pragma once

#include <string>

#include "voicebridge/audio/format.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Whose calls they are, and how their media begins.
struct TelnyxCarrierOptions {
  std::string connection_id;  ///< The Call Control application; needed to dial.
  std::string caller_id;    ///< +E.164 of the account: who the called person sees; needed to dial.
  std::string webhook_url;  ///< Where the events of our legs go; empty: as the application says.
  AudioFormat format = AudioFormat::pcmu();  ///< Asked for; what the stream's `start` says counts.
  std::string voice = "AWS.Polly.Joanna-Neural";  ///< Of `speak`.
  /// Name the media stream in Dial: saves a round trip after the answer. Calls that come in have
  /// their stream started at the answer all the same.
  bool stream_at_dial = false;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
