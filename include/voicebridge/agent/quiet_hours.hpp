#pragma once

#include <optional>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Hours in which nobody is called, by the clock of whoever is called.
struct QuietHours {
  int from = 21 * 60;  ///< Minutes from midnight.
  int until = 8 * 60;  ///< Earlier than `from`: of the next day.

  /// `21:00-08:00`, in steps of a minute. @return `Errc::invalid_argument`, also when the two are
  /// the same.
  static VOICEBRIDGE_API Result<QuietHours> parse(std::string_view text);
};

/// What the clocks of a country, or of a part of one, show, in minutes from UTC, daylight saving
/// time included.
struct CountryClocks {
  int west = 0;  ///< The least.
  int east = 0;  ///< The most.
};
/// By the IANA time zone database of 2025 (b). Nothing: there is no such country.
/// @param country  ISO 3166, "FR".
VOICEBRIDGE_API std::optional<CountryClocks> clocks_of(std::string_view country);

/// The clocks where a number of the United States or of Canada was given out, by its area code.
/// Nothing: a number of elsewhere, or a code that is not known or of no place. Whoever has moved
/// may have kept their number.
/// @param e164  "+12125550100"
VOICEBRIDGE_API std::optional<CountryClocks> clocks_of_area(std::string_view e164);

/// How long from `now` on nobody may be called; nothing: they may be called now.
///
/// Where exactly somebody is a number does not tell: it must be no quiet hour by any of the clocks,
/// nor by those of the other half of the year. A day is told where the clocks leave no hour.
VOICEBRIDGE_API std::optional<Millis> quiet_for(const QuietHours& hours, CountryClocks clocks,
                                                UnixMillis now);
/// The same for a country. One that is not known has all clocks of the world.
VOICEBRIDGE_API std::optional<Millis> quiet_for(const QuietHours& hours, std::string_view country,
                                                UnixMillis now);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
