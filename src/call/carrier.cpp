#include "voicebridge/call/carrier.hpp"

namespace voicebridge {

std::string_view to_string(AnsweredBy who) noexcept {
  switch (who) {
    case AnsweredBy::human:
      return "human";
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

}  // namespace voicebridge
