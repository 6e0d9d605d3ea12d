#include "voicebridge/core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "voicebridge/core/json.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kMasked = "***";

std::string_view padded_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO ";
    case LogLevel::warn:
      return "WARN ";
    case LogLevel::error:
      return "ERROR";
    case LogLevel::off:
      return "OFF  ";
  }
  return "?????";
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// A value that could be mistaken for more of the line is quoted.
bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
           return is_control(c) || c == ' ' || c == '"' || c == '=' || c == '\\';
         });
}

void append_value(std::string& line, std::string_view value) {
  if (needs_quotes(value)) {
    append_json_string(line, value);
  } else {
    line += value;
  }
}

// Text from outside must not forge a second line.
void append_message(std::string& line, std::string_view message) {
  for (const char c : message) line += is_control(c) ? ' ' : c;
}

void write_to_stderr(const LogRecord& record) {
  std::string line = format_log_line(record);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(),
              stderr);  // One call, so that threads do not mix their lines.
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      return "off";
  }
  return "unknown";
}

LogField::LogField(std::string_view k, std::string_view v, LogPrivacy p)
    : key(k), value(v), privacy(p) {}
LogField::LogField(std::string_view k, long long v) : key(k), value(std::to_string(v)) {}
LogField::LogField(std::string_view k, unsigned long long v) : key(k), value(std::to_string(v)) {}
LogField::LogField(std::string_view k, double v) : key(k), value(fmt::format("{}", v)) {}
LogField::LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}

std::string format_log_line(const LogRecord& record) {
  std::string line = to_iso8601(record.at);
  line += ' ';
  line += padded_name(record.level);
  line += ' ';
  line += record.component;
  line += ": ";
  append_message(line, record.message);
  for (const LogField& field : record.fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

std::string format_log_json(const LogRecord& record) {
  JsonWriter json;
  json.object()
      .field("at", to_iso8601(record.at))
      .field("level", to_string(record.level))
      .field("component", record.component)
      .field("message", record.message);
  for (const LogField& field : record.fields) json.field(field.key, field.value);
  return json.end().take();
}

std::string mask_phone(std::string_view e164) {
  if (!looks_like_e164(e164)) return std::string(kMasked);
  constexpr std::size_t kShownAhead = 5;
  constexpr std::size_t kShownBehind = 2;
  std::string masked(e164.substr(0, kShownAhead));
  masked += kMasked;
  masked += e164.substr(e164.size() - kShownBehind);
  return masked;
}

struct Logger::State {
  LogOptions options;

  LogField shown(const LogField& field) const {
    if (field.privacy == LogPrivacy::phone && !options.show_phone_numbers) {
      return {field.key, mask_phone(field.value)};
    }
    if (field.privacy == LogPrivacy::text && !options.show_transcripts) return {field.key, kMasked};
    return field;
  }
};

Logger::Logger() = default;

Logger::Logger(LogOptions options) {
  if (!options.sink) options.sink = write_to_stderr;
  state_ = std::make_shared<const State>(State{std::move(options)});
}

bool Logger::enabled(LogLevel level) const noexcept {
  return state_ && level != LogLevel::off && level >= state_->options.level;
}

void Logger::log(LogLevel level, std::string_view component, std::string_view message,
                 std::initializer_list<LogField> fields) const {
  if (!enabled(level)) return;
  std::vector<LogField> shown;
  shown.reserve(fields.size());
  for (const LogField& field : fields) shown.push_back(state_->shown(field));
  state_->options.sink({level, unix_now(), component, message, shown});
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
