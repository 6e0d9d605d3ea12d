#include "net/http_date.hpp"

#include <array>
#include <cstdio>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Days from 1970-01-01 to a date of the Gregorian calendar; `month` counts from 1.
long days_from_civil(long year, int month, int day) {
  year -= month <= 2;
  const long era = (year >= 0 ? year : year - 399) / 400;
  const long year_of_era = year - era * 400;
  const long day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

}  // namespace

std::string format_http_date(std::time_t at) {
  std::tm utc{};
  gmtime_r(&at, &utc);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                 kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900,
                                 utc.tm_hour, utc.tm_min, utc.tm_sec);
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
  const std::string line(text);
  std::array<char, 4> day_name{};
  std::array<char, 4> month_name{};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, end = 0;
  const int fields =
      std::sscanf(line.c_str(), "%3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", day_name.data(),
                  &day, month_name.data(), &year, &hour, &minute, &second, &end);
  if (fields != 7 || end != static_cast<int>(line.size())) return std::nullopt;
  for (std::size_t month = 0; month < kMonths.size(); ++month) {
    if (std::string_view(month_name.data()) != kMonths[month]) continue;
    if (day < 1 || day > 31 || year < 1970 || hour > 23 || minute > 59 || second > 60) break;
    const long days = days_from_civil(year, static_cast<int>(month) + 1, day);
    return static_cast<std::time_t>(days) * 86400 + hour * 3600 + minute * 60 + second;
  }
  return std::nullopt;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
