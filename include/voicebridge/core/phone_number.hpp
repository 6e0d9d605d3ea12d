#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Brings a phone number as a person writes it into E.164 (`+33612345678`), by libphonenumber.
/// @param text  The number, at most 100 bytes; national forms need `region`.
/// @param region  ISO 3166 country of national forms, "FR"; empty: only international forms are
/// accepted.
/// @return `Errc::invalid_argument` with a sentence that says what is wrong: too short, unknown
/// country code, not a number.
VOICEBRIDGE_API Result<std::string> normalize_phone(std::string_view text,
                                                    std::string_view region = {});

/// What the numbering plan of its country says of a number.
struct PhoneFacts {
  std::string region;       ///< ISO 3166: "FR"; of a plan of several countries the main one, when
                            ///< the number tells no better. Empty: no country's.
  bool at_a_price = false;  ///< A premium, shared-cost or personal number: who calls it pays its
                            ///< owner.
};

/// By libphonenumber, for a number in E.164.
VOICEBRIDGE_API PhoneFacts phone_facts(std::string_view e164);

/// Whether the text is `+` and 8 to 15 digits, the first not 0: form only, no look-up.
VOICEBRIDGE_API bool looks_like_e164(std::string_view text) noexcept;

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
