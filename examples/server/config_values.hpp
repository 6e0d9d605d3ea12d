#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config_variables.hpp"
#include "voicebridge/core/phone_number.hpp"
#include "voicebridge/net/http.hpp"

// How the text of a variable becomes a value of the configuration; for its tables.

namespace server::values {

using voicebridge::Errc;
using voicebridge::fail;
using voicebridge::Result;
using voicebridge::Secret;

inline Result<> wrong(std::string message) {
  return fail(Errc::invalid_argument, std::move(message));
}

template <std::string Config::*Member>
Result<> text(Config& config, const std::string& value) {
  config.*Member = value;
  return {};
}

template <Secret Config::*Member>
Result<> secret(Config& config, const std::string& value) {
  config.*Member = Secret(value);
  return {};
}

template <bool Config::*Member>
Result<> flag(Config& config, const std::string& value) {
  if (value != "0" && value != "1") return wrong("must be 0 or 1");
  config.*Member = value == "1";
  return {};
}

inline Result<int> whole_number(const std::string& value, int low, int high) {
  char* end = nullptr;
  const long number = std::strtol(value.c_str(), &end, 10);
  if (value.empty() || *end != '\0' || number < low || number > high) {
    return fail(Errc::invalid_argument, "must be a whole number from " + std::to_string(low) +
                                            " to " + std::to_string(high));
  }
  return static_cast<int>(number);
}

template <int Config::*Member, int Low, int High>
Result<> number(Config& config, const std::string& value) {
  const Result<int> parsed = whole_number(value, Low, High);
  if (!parsed) return fail(parsed.error());
  config.*Member = *parsed;
  return {};
}

/// An address with one of the schemes, which come as "http https".
template <std::string Config::*Member>
Result<> url(Config& config, const std::string& value, std::string_view schemes) {
  if (value.empty()) return {};
  const auto parsed = voicebridge::parse_url(value);
  if (!parsed ||
      (' ' + std::string(schemes) + ' ').find(' ' + parsed->scheme + ' ') == std::string::npos) {
    return wrong("must be an address that begins with " +
                 std::string(schemes.substr(schemes.rfind(' ') + 1)) + "://");
  }
  config.*Member = value;
  while (!(config.*Member).empty() && (config.*Member).back() == '/') (config.*Member).pop_back();
  return {};
}

template <std::string Config::*Member>
Result<> http_url(Config& config, const std::string& value) {
  return url<Member>(config, value, "http https");
}

template <std::string Config::*Member>
Result<> ws_url(Config& config, const std::string& value) {
  return url<Member>(config, value, "ws wss");
}

template <std::string Config::*Member>
Result<> caller_id(Config& config, const std::string& value) {
  if (!value.empty() && !voicebridge::looks_like_e164(value)) {
    return wrong("must be a number in international form, such as +12025550100");
  }
  config.*Member = value;
  return {};
}

/// Pieces between separators, without the blanks around them; empty ones left out.
inline std::vector<std::string> pieces_of(const std::string& text, char separator) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    const std::string piece = text.substr(begin, end - begin);
    const std::size_t first = piece.find_first_not_of(" \t");
    if (first != std::string::npos) {
      pieces.push_back(piece.substr(first, piece.find_last_not_of(" \t") - first + 1));
    }
    begin = end + 1;
  }
  return pieces;
}

}  // namespace server::values
