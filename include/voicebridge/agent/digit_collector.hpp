#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a caller is asked to enter, such as an account number.
struct DigitRules {
  std::size_t max_digits = 20;       ///< 1 to 64: complete with so many.
  std::size_t min_digits = 1;        ///< Fewer are not enough.
  std::string terminators = "#";     ///< Keys that end it and are no part of it; may be empty.
  std::string valid = "0123456789";  ///< Other keys are passed over, and counted.
  Millis first_key_timeout{10000};   ///< From the beginning.
  Millis inter_digit_timeout{4000};  ///< From each key.
  Millis total_timeout{60000};       ///< From the beginning; 1 s to 10 min.
  bool voice_ends = false;           ///< Who speaks does not want to enter anything.
};

/// How a collection came to its end.
enum class DigitsEnd { complete, terminator, timeout, voice, hang_up, replaced };
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(DigitsEnd how) noexcept;

/// What somebody entered.
struct CollectedDigits {
  std::string digits;                  ///< Without the terminator.
  DigitsEnd how = DigitsEnd::timeout;  ///< Why it is over.
  bool enough = false;                 ///< At least `DigitRules::min_digits`.
  std::size_t passed_over = 0;         ///< Keys that were not valid.
};

/// Collects the keys of one entry. Sans-I/O; after the result it does nothing any more.
class VOICEBRIDGE_API DigitCollector {
 public:
  /// @return `Errc::invalid_argument` naming the field of `DigitRules`.
  static Result<DigitCollector> create(DigitRules rules, TimePoint now);

  /// A key: 0-9, A-D, * or #. The result when it was the last one.
  std::optional<CollectedDigits> key(char key, TimePoint now);
  /// The caller speaks.
  std::optional<CollectedDigits> voice();
  /// Nothing more will come.
  CollectedDigits end(DigitsEnd how);

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// The result when a timeout has ended it.
  std::optional<CollectedDigits> on_deadline(TimePoint now);

 private:
  DigitCollector(DigitRules rules, TimePoint now);

  DigitRules rules_;
  TimePoint ends_at_;
  TimePoint next_key_by_;
  std::string digits_;
  std::size_t passed_over_ = 0;
  bool over_ = false;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
