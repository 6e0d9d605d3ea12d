#include "voicebridge/agent/quiet_hours.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr int kDay = 24 * 60;
/// Clocks differ by quarters of an hour.
constexpr int kStep = 15;
constexpr CountryClocks kWorld{-12 * 60, 14 * 60};

struct Entry {
  std::string_view country;
  int west;
  int east;
};

/// In the order of their codes. Least and most of all zones of a country over a year.
constexpr Entry kCountries[] = {
    {"AC", 0, 0},       {"AD", 60, 120},    {"AE", 240, 240},   {"AF", 270, 270},
    {"AG", -240, -240}, {"AI", -240, -240}, {"AL", 60, 120},    {"AM", 240, 240},
    {"AO", 60, 60},     {"AQ", -180, 780},  {"AR", -180, -180}, {"AS", -660, -660},
    {"AT", 60, 120},    {"AU", 480, 660},   {"AW", -240, -240}, {"AX", 120, 180},
    {"AZ", 240, 240},   {"BA", 60, 120},    {"BB", -240, -240}, {"BD", 360, 360},
    {"BE", 60, 120},    {"BF", 0, 0},       {"BG", 120, 180},   {"BH", 180, 180},
    {"BI", 120, 120},   {"BJ", 60, 60},     {"BL", -240, -240}, {"BM", -240, -180},
    {"BN", 480, 480},   {"BO", -240, -240}, {"BQ", -240, -240}, {"BR", -300, -120},
    {"BS", -300, -240}, {"BT", 360, 360},   {"BW", 120, 120},   {"BY", 180, 180},
    {"BZ", -360, -360}, {"CA", -480, -150}, {"CC", 390, 390},   {"CD", 60, 120},
    {"CF", 60, 60},     {"CG", 60, 60},     {"CH", 60, 120},    {"CI", 0, 0},
    {"CK", -600, -600}, {"CL", -360, -180}, {"CM", 60, 60},     {"CN", 360, 480},
    {"CO", -300, -300}, {"CR", -360, -360}, {"CU", -300, -240}, {"CV", -60, -60},
    {"CW", -240, -240}, {"CX", 420, 420},   {"CY", 120, 180},   {"CZ", 60, 120},
    {"DE", 60, 120},    {"DJ", 180, 180},   {"DK", 60, 120},    {"DM", -240, -240},
    {"DO", -240, -240}, {"DZ", 60, 60},     {"EC", -360, -300}, {"EE", 120, 180},
    {"EG", 120, 180},   {"EH", 0, 60},      {"ER", 180, 180},   {"ES", 0, 120},
    {"ET", 180, 180},   {"FI", 120, 180},   {"FJ", 720, 720},   {"FK", -180, -180},
    {"FM", 600, 660},   {"FO", 0, 60},      {"FR", 60, 120},    {"GA", 60, 60},
    {"GB", 0, 60},      {"GD", -240, -240}, {"GE", 240, 240},   {"GF", -180, -180},
    {"GG", 0, 60},      {"GH", 0, 0},       {"GI", 60, 120},    {"GL", -240, 0},
    {"GM", 0, 0},       {"GN", 0, 0},       {"GP", -240, -240}, {"GQ", 60, 60},
    {"GR", 120, 180},   {"GS", -120, -120}, {"GT", -360, -360}, {"GU", 600, 600},
    {"GW", 0, 0},       {"GY", -240, -240}, {"HK", 480, 480},   {"HN", -360, -360},
    {"HR", 60, 120},    {"HT", -300, -240}, {"HU", 60, 120},    {"ID", 420, 540},
    {"IE", 0, 60},      {"IL", 120, 180},   {"IM", 0, 60},      {"IN", 330, 330},
    {"IO", 360, 360},   {"IQ", 180, 180},   {"IR", 210, 210},   {"IS", 0, 0},
    {"IT", 60, 120},    {"JE", 0, 60},      {"JM", -300, -300}, {"JO", 180, 180},
    {"JP", 540, 540},   {"KE", 180, 180},   {"KG", 360, 360},   {"KH", 420, 420},
    {"KI", 720, 840},   {"KM", 180, 180},   {"KN", -240, -240}, {"KP", 540, 540},
    {"KR", 540, 540},   {"KW", 180, 180},   {"KY", -300, -300}, {"KZ", 300, 300},
    {"LA", 420, 420},   {"LB", 120, 180},   {"LC", -240, -240}, {"LI", 60, 120},
    {"LK", 330, 330},   {"LR", 0, 0},       {"LS", 120, 120},   {"LT", 120, 180},
    {"LU", 60, 120},    {"LV", 120, 180},   {"LY", 120, 120},   {"MA", 0, 60},
    {"MC", 60, 120},    {"MD", 120, 180},   {"ME", 60, 120},    {"MF", -240, -240},
    {"MG", 180, 180},   {"MH", 720, 720},   {"MK", 60, 120},    {"ML", 0, 0},
    {"MM", 390, 390},   {"MN", 420, 480},   {"MO", 480, 480},   {"MP", 600, 600},
    {"MQ", -240, -240}, {"MR", 0, 0},       {"MS", -240, -240}, {"MT", 60, 120},
    {"MU", 240, 240},   {"MV", 300, 300},   {"MW", 120, 120},   {"MX", -480, -300},
    {"MY", 480, 480},   {"MZ", 120, 120},   {"NA", 120, 120},   {"NC", 660, 660},
    {"NE", 60, 60},     {"NF", 660, 720},   {"NG", 60, 60},     {"NI", -360, -360},
    {"NL", 60, 120},    {"NO", 60, 120},    {"NP", 345, 345},   {"NR", 720, 720},
    {"NU", -660, -660}, {"NZ", 720, 825},   {"OM", 240, 240},   {"PA", -300, -300},
    {"PE", -300, -300}, {"PF", -600, -540}, {"PG", 600, 660},   {"PH", 480, 480},
    {"PK", 300, 300},   {"PL", 60, 120},    {"PM", -180, -120}, {"PN", -480, -480},
    {"PR", -240, -240}, {"PS", 120, 180},   {"PT", -60, 60},    {"PW", 540, 540},
    {"PY", -180, -180}, {"QA", 180, 180},   {"RE", 240, 240},   {"RO", 120, 180},
    {"RS", 60, 120},    {"RU", 120, 720},   {"RW", 120, 120},   {"SA", 180, 180},
    {"SB", 660, 660},   {"SC", 240, 240},   {"SD", 120, 120},   {"SE", 60, 120},
    {"SG", 480, 480},   {"SH", 0, 0},       {"SI", 60, 120},    {"SJ", 60, 120},
    {"SK", 60, 120},    {"SL", 0, 0},       {"SM", 60, 120},    {"SN", 0, 0},
    {"SO", 180, 180},   {"SR", -180, -180}, {"SS", 120, 120},   {"ST", 0, 0},
    {"SV", -360, -360}, {"SX", -240, -240}, {"SY", 180, 180},   {"SZ", 120, 120},
    {"TA", 0, 0},       {"TC", -300, -240}, {"TD", 60, 60},     {"TF", 300, 300},
    {"TG", 0, 0},       {"TH", 420, 420},   {"TJ", 300, 300},   {"TK", 780, 780},
    {"TL", 540, 540},   {"TM", 300, 300},   {"TN", 60, 60},     {"TO", 780, 780},
    {"TR", 180, 180},   {"TT", -240, -240}, {"TV", 720, 720},   {"TW", 480, 480},
    {"TZ", 180, 180},   {"UA", 120, 180},   {"UG", 180, 180},   {"UM", -660, 720},
    {"US", -600, -240}, {"UY", -180, -180}, {"UZ", 300, 300},   {"VA", 60, 120},
    {"VC", -240, -240}, {"VE", -240, -240}, {"VG", -240, -240}, {"VI", -240, -240},
    {"VN", 420, 420},   {"VU", 660, 660},   {"WF", 720, 720},   {"WS", 780, 780},
    {"XK", 60, 120},    {"YE", 180, 180},   {"YT", 180, 180},   {"ZA", 120, 120},
    {"ZM", 120, 120},   {"ZW", 120, 120}};

/// `21:00`, as minutes; -1 for anything else.
int minutes_of(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return -1;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : -1;
}

bool is_quiet(const QuietHours& hours, int minute) {
  minute = ((minute % kDay) + kDay) % kDay;
  if (hours.from < hours.until) return minute >= hours.from && minute < hours.until;
  return minute >= hours.from || minute < hours.until;
}

bool is_quiet_somewhere(const QuietHours& hours, const CountryClocks& clocks, int utc_minute) {
  for (int offset = clocks.west; offset <= clocks.east; offset += kStep) {
    if (is_quiet(hours, utc_minute + offset)) return true;
  }
  return false;
}

}  // namespace

Result<QuietHours> QuietHours::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  QuietHours hours;
  hours.from = minutes_of(text.substr(0, dash));
  hours.until = dash == std::string_view::npos ? -1 : minutes_of(text.substr(dash + 1));
  if (hours.from < 0 || hours.until < 0 || hours.from == hours.until) {
    return fail(Errc::invalid_argument, "must be two times of the day, such as 21:00-08:00");
  }
  return hours;
}

std::optional<CountryClocks> clocks_of(std::string_view country) {
  const auto found = std::lower_bound(
      std::begin(kCountries), std::end(kCountries), country,
      [](const Entry& entry, std::string_view code) { return entry.country < code; });
  if (found == std::end(kCountries) || found->country != country) return std::nullopt;
  return CountryClocks{found->west, found->east};
}

std::optional<Millis> quiet_for(const QuietHours& hours, std::string_view country, UnixMillis now) {
  return quiet_for(hours, clocks_of(country).value_or(kWorld), now);
}

std::optional<Millis> quiet_for(const QuietHours& hours, CountryClocks clocks, UnixMillis now) {
  constexpr UnixMillis kMinute = 60 * 1000;
  const auto minute = static_cast<int>(now / kMinute % kDay);
  if (!is_quiet_somewhere(hours, clocks, minute)) return std::nullopt;
  int wait = 1;
  while (wait < kDay && is_quiet_somewhere(hours, clocks, minute + wait)) ++wait;
  return Millis(wait * kMinute - now % kMinute);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
