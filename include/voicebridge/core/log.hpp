#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How bad a line is; `off` is no level of a line.
enum class LogLevel { debug, info, warn, error, off };
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(LogLevel level) noexcept;

/// How a field may be shown. What is private is masked unless the logger was told to show it.
enum class LogPrivacy { open, phone, text };

/// One `key=value` of a log line.
struct VOICEBRIDGE_API LogField {
  /// A text, masked by `p` unless the logger shows it.
  LogField(std::string_view k, std::string_view v, LogPrivacy p = LogPrivacy::open);
  ///@{
  /// `key=value`, the value as text.
  LogField(std::string_view k, const char* v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, long long v);
  LogField(std::string_view k, unsigned long long v);
  LogField(std::string_view k, int v) : LogField(k, static_cast<long long>(v)) {}
  LogField(std::string_view k, long v) : LogField(k, static_cast<long long>(v)) {}
  LogField(std::string_view k, unsigned v) : LogField(k, static_cast<unsigned long long>(v)) {}
  LogField(std::string_view k, unsigned long v) : LogField(k, static_cast<unsigned long long>(v)) {}
  LogField(std::string_view k, double v);
  LogField(std::string_view k, bool v);
  ///@}

  std::string key;                        ///< The name.
  std::string value;                      ///< As text.
  LogPrivacy privacy = LogPrivacy::open;  ///< How it may be shown.
};

/// `LogField phone("to", "+15550100", …)` with the masking of phone numbers.
inline LogField phone_field(std::string_view key, std::string_view e164) {
  return {key, e164, LogPrivacy::phone};
}
/// Words that were said or written: masked unless the logger shows them.
inline LogField text_field(std::string_view key, std::string_view text) {
  return {key, text, LogPrivacy::text};
}

/// One line, as a sink gets it. Valid during the call only.
struct LogRecord {
  LogLevel level;                       ///< How bad it is.
  UnixMillis at;                        ///< When it was logged.
  std::string_view component;           ///< "net", "telnyx", "call" …
  std::string_view message;             ///< One sentence, without the fields.
  const std::vector<LogField>& fields;  ///< Already masked.
};

/// Receives every record at or above the level. Called on the thread that logs; must not block or
/// log itself.
using LogSink = std::function<void(const LogRecord&)>;

/// `2026-11-21T09:30:00.123Z INFO  call: answered call=c_1 to=+1555***00`
VOICEBRIDGE_API std::string format_log_line(const LogRecord& record);
/// One JSON object a line.
VOICEBRIDGE_API std::string format_log_json(const LogRecord& record);

/// What is logged, what of it is shown, and where it goes.
struct LogOptions {
  LogLevel level = LogLevel::info;  ///< What is below it is dropped.
  bool show_phone_numbers = false;  ///< False: they are masked.
  bool show_transcripts = false;    ///< False: words that were said or written are masked.
  LogSink sink;                     ///< Nothing: lines to standard error.
};

/// A cheap, copyable handle. Any thread.
class VOICEBRIDGE_API Logger {
 public:
  Logger();  ///< Drops everything.
  /// Logs by these options.
  explicit Logger(LogOptions options);

  /// Whether such a line would be written: worth asking before something costly is formatted.
  bool enabled(LogLevel level) const noexcept;
  /// Writes one line. @param component The part of the program: "net", "call".
  void log(LogLevel level, std::string_view component, std::string_view message,
           std::initializer_list<LogField> fields = {}) const;
  ///@{
  /// `log` at that level.
  void debug(std::string_view c, std::string_view m, std::initializer_list<LogField> f = {}) const {
    log(LogLevel::debug, c, m, f);
  }
  void info(std::string_view c, std::string_view m, std::initializer_list<LogField> f = {}) const {
    log(LogLevel::info, c, m, f);
  }
  void warn(std::string_view c, std::string_view m, std::initializer_list<LogField> f = {}) const {
    log(LogLevel::warn, c, m, f);
  }
  void error(std::string_view c, std::string_view m, std::initializer_list<LogField> f = {}) const {
    log(LogLevel::error, c, m, f);
  }
  ///@}

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// `+33612345678` → `+3361***78`; other text → `***`.
VOICEBRIDGE_API std::string mask_phone(std::string_view e164);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
