#include "voicebridge/core/log.hpp"

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
namespace {

struct Lines {
  std::vector<std::string> text;
  LogSink sink() {
    return [this](const LogRecord& record) {
      const LogRecord fixed{record.level, 0, record.component, record.message, record.fields};
      text.push_back(format_log_line(fixed));
    };
  }
};

LogOptions options_with(Lines& lines) {
  LogOptions options;
  options.sink = lines.sink();
  return options;
}

}  // namespace

TEST_CASE("a log line has time, level, component, message and fields", "[log]") {
  Lines lines;
  const Logger logger(options_with(lines));
  logger.info("call", "answered",
              {{"call", "c_1"}, {"after_ms", 1200}, {"ratio", 0.5}, {"amd", true}});
  REQUIRE(lines.text.size() == 1);
  CHECK(lines.text[0] ==
        "1970-01-01T00:00:00.000Z INFO  call: answered call=c_1 after_ms=1200 ratio=0.5 amd=true");
}

TEST_CASE("private fields are masked unless the host asks for them", "[log]") {
  Lines lines;
  LogOptions options = options_with(lines);
  const auto log_private = [](const Logger& logger) {
    logger.info("call", "dial",
                {phone_field("to", "+33612345678"), text_field("said", "my name is Ann")});
  };
  log_private(Logger(options));
  options.show_phone_numbers = true;
  log_private(Logger(options));
  options.show_phone_numbers = false;
  options.show_transcripts = true;
  log_private(Logger(options));
  REQUIRE(lines.text.size() == 3);
  CHECK(lines.text[0] == "1970-01-01T00:00:00.000Z INFO  call: dial to=+3361***78 said=***");
  CHECK(lines.text[1] == "1970-01-01T00:00:00.000Z INFO  call: dial to=+33612345678 said=***");
  CHECK(lines.text[2] ==
        "1970-01-01T00:00:00.000Z INFO  call: dial to=+3361***78 said=\"my name is Ann\"");
}

TEST_CASE("text from outside cannot forge a line or a field", "[log]") {
  Lines lines;
  const Logger logger(options_with(lines));
  logger.warn("net", "bad\nline",
              {{"path", "/x\r\n2026 ERROR call=1"}, {"empty", ""}, {"quote", "a\"b"}});
  REQUIRE(lines.text.size() == 1);
  CHECK(lines.text[0] ==
        "1970-01-01T00:00:00.000Z WARN  net: bad line path=\"/x\\r\\n2026 ERROR call=1\" "
        "empty=\"\" quote=\"a\\\"b\"");
}

TEST_CASE("the level decides what the sink gets", "[log]") {
  Lines lines;
  LogOptions options = options_with(lines);
  options.level = LogLevel::warn;
  const Logger logger(options);
  logger.debug("a", "1");
  logger.info("a", "2");
  logger.warn("a", "3");
  logger.error("a", "4");
  logger.log(LogLevel::off, "a", "5");
  CHECK(lines.text.size() == 2);
  CHECK_FALSE(logger.enabled(LogLevel::info));
  CHECK(logger.enabled(LogLevel::error));
  options.level = LogLevel::off;
  CHECK_FALSE(Logger(options).enabled(LogLevel::error));
  CHECK_FALSE(Logger().enabled(LogLevel::error));
  Logger().error("a", "goes nowhere");
}

TEST_CASE("a record as JSON is one valid object", "[log]") {
  const std::vector<LogField> fields = {{"to", "+3361***78"}, {"note", "a \"b\"\n"}};
  const std::string line =
      format_log_json({LogLevel::error, 1'795'253'400'123, "telnyx", "refused", fields});
  const auto json = Json::parse(line);
  REQUIRE(json);
  CHECK(json->root()["at"].string() == "2026-11-21T09:30:00.123Z");
  CHECK(json->root()["level"].string() == "error");
  CHECK(json->root()["component"].string() == "telnyx");
  CHECK(json->root()["message"].string() == "refused");
  CHECK(json->root()["note"].string() == "a \"b\"\n");
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("a masked phone number keeps five characters and two", "[log]") {
  CHECK(mask_phone("+33612345678") == "+3361***78");
  CHECK(mask_phone("+155501002") == "+1555***02");
  CHECK(mask_phone("0612345678") == "***");
  CHECK(mask_phone("") == "***");
  CHECK(mask_phone("sip:ann@example.com") == "***");
}

TEST_CASE("levels have names", "[log]") {
  CHECK(to_string(LogLevel::debug) == "debug");
  CHECK(to_string(LogLevel::off) == "off");
  CHECK(to_string(static_cast<LogLevel>(42)) == "unknown");
}

}  // namespace voicebridge
