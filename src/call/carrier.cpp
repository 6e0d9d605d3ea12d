#include "voicebridge/call/carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string_view to_string(AnsweredBy who) noexcept {
  switch (who) {
    case AnsweredBy::human:
      return "human";
    case AnsweredBy::human_residence:
      return "human_residence";
    case AnsweredBy::human_business:
      return "human_business";
    case AnsweredBy::machine:
      return "machine";
    case AnsweredBy::fax:
      return "fax";
    case AnsweredBy::silence:
      return "silence";
    case AnsweredBy::not_sure:
      return "not_sure";
  }
  return "unknown";
}

std::string_view to_string(GreetingEnd how) noexcept {
  switch (how) {
    case GreetingEnd::beep:
      return "beep";
    case GreetingEnd::no_beep:
      return "no_beep";
    case GreetingEnd::prompt_ended:
      return "prompt_ended";
  }
  return "unknown";
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
