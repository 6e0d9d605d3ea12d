#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "openai_conversation.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// How fast the simulated model is.
struct ReplyTiming {
  Millis first_audio{250};  ///< From `response.created`.
  double speed = 8;         ///< Seconds of audio a second.
  Millis piece_min{100};    ///< Audio in one delta.
  Millis piece_max{400};
};

/// One thing a response does, so long after it was created.
struct ReplyStep {
  enum class Kind {
    open,   ///< The output item appears.
    audio,  ///< Bytes `begin` … `end` of the item's audio, and the words `text` of its transcript.
    text,   ///< The words `text` of a text item.
    arguments,  ///< A piece `text` of a call's arguments.
    close,      ///< The output item is complete.
    malformed,  ///< The faults of the scenario.
    unknown,
    cut,
    incomplete,  ///< The response ends here with what was said.
    finish,      ///< The response is complete.
  };
  Micros at{0};
  Kind kind = Kind::finish;
  std::size_t output = 0;
  std::size_t begin = 0, end = 0;
  std::string text;
};

/// When a response does what. `outputs` hold the whole items: an audio part the whole audio and
/// transcript, a call its arguments. The same random numbers give the same plan.
std::deque<ReplyStep> plan_reply(const std::vector<Item>& outputs, const ReplyTiming& timing,
                                 const ReplyFault& fault, SeededRandom& random);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
