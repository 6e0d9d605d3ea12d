#include "voicebridge/agent/digit_collector.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMostDigits = 64;
constexpr Millis kShortestEntry{1000};
constexpr Millis kLongestEntry{600000};

bool are_keys(const std::string& keys) {
  return keys.find_first_not_of("0123456789ABCD*#") == std::string::npos;
}

}  // namespace

std::string_view to_string(DigitsEnd how) noexcept {
  switch (how) {
    case DigitsEnd::complete:
      return "complete";
    case DigitsEnd::terminator:
      return "terminator";
    case DigitsEnd::timeout:
      return "timeout";
    case DigitsEnd::voice:
      return "voice";
    case DigitsEnd::hang_up:
      return "hang_up";
    case DigitsEnd::replaced:
      return "replaced";
  }
  return "unknown";
}

Result<DigitCollector> DigitCollector::create(DigitRules rules, TimePoint now) {
  if (rules.max_digits < 1 || rules.max_digits > kMostDigits) {
    return fail(Errc::invalid_argument, "must be 1 to 64", "max_digits");
  }
  if (rules.min_digits > rules.max_digits) {
    return fail(Errc::invalid_argument, "must not be more than max_digits", "min_digits");
  }
  if (!are_keys(rules.terminators)) {
    return fail(Errc::invalid_argument, "must be of 0-9, A-D, * and #", "terminators");
  }
  if (rules.valid.empty() || !are_keys(rules.valid)) {
    return fail(Errc::invalid_argument, "must be some of 0-9, A-D, * and #", "valid");
  }
  if (rules.first_key_timeout <= Millis(0)) {
    return fail(Errc::invalid_argument, "must be more than 0", "first_key_timeout");
  }
  if (rules.inter_digit_timeout <= Millis(0)) {
    return fail(Errc::invalid_argument, "must be more than 0", "inter_digit_timeout");
  }
  if (rules.total_timeout < kShortestEntry || rules.total_timeout > kLongestEntry) {
    return fail(Errc::invalid_argument, "must be one second to ten minutes", "total_timeout");
  }
  return DigitCollector(std::move(rules), now);
}

DigitCollector::DigitCollector(DigitRules rules, TimePoint now)
    : rules_(std::move(rules)),
      ends_at_(now + rules_.total_timeout),
      next_key_by_(now + rules_.first_key_timeout) {}

std::optional<CollectedDigits> DigitCollector::key(char key, TimePoint now) {
  if (over_) return std::nullopt;
  next_key_by_ = now + rules_.inter_digit_timeout;
  if (rules_.terminators.find(key) != std::string::npos) return end(DigitsEnd::terminator);
  if (rules_.valid.find(key) == std::string::npos) {
    ++passed_over_;
    return std::nullopt;
  }
  digits_.push_back(key);
  if (digits_.size() < rules_.max_digits) return std::nullopt;
  return end(DigitsEnd::complete);
}

std::optional<CollectedDigits> DigitCollector::voice() {
  if (over_ || !rules_.voice_ends) return std::nullopt;
  return end(DigitsEnd::voice);
}

CollectedDigits DigitCollector::end(DigitsEnd how) {
  over_ = true;
  CollectedDigits collected;
  collected.how = how;
  collected.enough = digits_.size() >= rules_.min_digits;
  collected.passed_over = passed_over_;
  collected.digits.swap(digits_);
  return collected;
}

Deadline DigitCollector::next_deadline() const {
  if (over_) return {};
  return std::min(ends_at_, next_key_by_);
}

std::optional<CollectedDigits> DigitCollector::on_deadline(TimePoint now) {
  const Deadline due = next_deadline();
  if (!due || now < *due) return std::nullopt;
  return end(DigitsEnd::timeout);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
