#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "voicebridge/testing/carrier_under_test.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"
#include "voicebridge/testing/sim_leg.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where every byte of the agent's voice went.
struct AudioAccount {
  std::size_t from_model = 0;  ///< Bytes that the model said.
  std::size_t whole = 0;       ///< Bytes of utterances that reached the carrier whole.
  std::size_t begun = 0;       ///< Bytes of interrupted ones that reached it.
  std::size_t cut = 0;         ///< The rest of those: never sent.
  std::size_t padding = 0;     ///< Silence behind the last frame of an utterance.
  std::size_t strange = 0;     ///< Bytes at the carrier that nobody can explain.
  std::string fault;           ///< Where the first of them is.
  /// Whether every byte is explained.
  bool ok() const { return strange == 0 && fault.empty(); }
};

/// Holds what a carrier got against what the model said, utterance by utterance, byte by byte. An
/// utterance that a clear cut off reached the carrier up to that clear; every other one reached it
/// whole. Model and carrier must speak the same format, and the simulator must have kept its audio
/// (`OpenAiSimOptions::keep_audio_bytes`).
/// @param last_cut_short  The call ended before all was sent: the last utterance may end anywhere.
VOICEBRIDGE_API AudioAccount account_audio(const FarEnd& far_end,
                                           const std::vector<const OpenAiSimRecord*>& model,
                                           bool last_cut_short = false);

/// A simulated leg as the suite sees it.
VOICEBRIDGE_API FarEnd far_end_of(const SimLeg& leg);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
