#pragma once

#include <optional>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {

/// Hours in which nobody is called, by the clock of whoever is called.
struct QuietHours {
  int from = 21 * 60;  ///< Minutes from midnight.
  int until = 8 * 60;  ///< Earlier than `from`: of the next day.

  /// `21:00-08:00`, in steps of a minute. @return `Errc::invalid_argument`, also when the two are
  /// the same.
  static VOICEBRIDGE_API Result<QuietHours> parse(std::string_view text);
};

/// What the clocks of a country show, in minutes from UTC, daylight saving time included.
struct CountryClocks {
  int west = 0;  ///< The least.
  int east = 0;  ///< The most.
};
/// By the IANA time zone database of 2025 (b). Nothing: there is no such country.
/// @param country  ISO 3166, "FR".
VOICEBRIDGE_API std::optional<CountryClocks> clocks_of(std::string_view country);

/// How long from `now` on nobody may be called in a country; nothing: they may be called now.
///
/// A number does not tell where in its country its owner is: it must be no quiet hour by any of the
/// country's clocks, nor by those of the other half of the year. A country that is not known has
/// all clocks of the world; a day's quiet is told then, or where the clocks leave no hour.
VOICEBRIDGE_API std::optional<Millis> quiet_for(const QuietHours& hours, std::string_view country,
                                                UnixMillis now);

}  // namespace voicebridge
