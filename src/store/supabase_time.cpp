#include <cstdint>
#include <cstdlib>

#include "store/supabase_rest.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail::supabase {
namespace {

/// Takes pieces off the front of a text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}
  std::int64_t digits(std::size_t count) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!next_is_digit()) {
        good_ = false;
        return 0;
      }
      number = number * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return number;
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) { good_ = take(c) && good_; }
  /// The digits behind a point, cut to thousandths.
  std::int64_t thousandths() {
    std::int64_t number = 0;
    good_ = next_is_digit() && good_;
    for (int place = 0; next_is_digit(); ++place, rest_.remove_prefix(1)) {
      if (place < 3) number += (rest_.front() - '0') * (place == 0 ? 100 : place == 1 ? 10 : 1);
    }
    return number;
  }
  bool done() const { return good_ && rest_.empty(); }
  bool at_end() const { return rest_.empty(); }

 private:
  bool next_is_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  std::string_view rest_;
  bool good_ = true;
};

/// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`).
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;  // Four digits: never negative.
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

}  // namespace

std::optional<UnixMillis> read_time(std::string_view text) {
  TimeReader in(text);
  const std::int64_t year = in.digits(4);
  in.need('-');
  const std::int64_t month = in.digits(2);
  in.need('-');
  const std::int64_t day = in.digits(2);
  if (!in.take('T')) in.need(' ');
  const std::int64_t hour = in.digits(2);
  in.need(':');
  const std::int64_t minute = in.digits(2);
  in.need(':');
  const std::int64_t second = in.digits(2);
  const std::int64_t millis = in.take('.') ? in.thousandths() : 0;
  std::int64_t offset = 0;  // Minutes.
  if (!in.take('Z')) {
    const std::int64_t sign = in.take('-') ? -1 : 1;
    if (sign > 0) in.need('+');
    offset = in.digits(2) * 60;
    if (!in.at_end()) {
      in.take(':');
      offset += in.digits(2);
    }
    offset *= sign;
  }
  if (!in.done() || year == 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
      minute > 59 || second > 60) {
    return std::nullopt;
  }
  const std::int64_t minutes = (days_of(year, month, day) * 24 + hour) * 60 + minute - offset;
  return (minutes * 60 + second) * 1000 + millis;
}

}  // namespace detail::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
