#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/telnyx/call_types.hpp"
#include "wire_names.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// Writes the body of a request field by field and keeps the first fault it meets. What is empty or
/// not set is left out.
class RequestBody {
 public:
  static constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();

  RequestBody() { json_.object(); }

  void text(std::string_view key, std::string_view value, std::size_t max_length = kAnyLength);
  void required(std::string_view key, std::string_view value, std::size_t max_length = kAnyLength);
  /// http(s), at most 2000 characters.
  void web_url(std::string_view key, std::string_view value);
  /// ws or wss, at most 2000 characters.
  void socket_url(std::string_view key, std::string_view value);
  /// Text of certain characters only.
  void of_characters(std::string_view key, std::string_view value, std::string_view allowed,
                     std::size_t max_length);
  void flag(std::string_view key, std::optional<bool> value);
  void number(std::string_view key, std::optional<std::int64_t> value, std::int64_t min,
              std::int64_t max);
  template <class Duration>
  void duration(std::string_view key, std::optional<Duration> value, std::int64_t min,
                std::int64_t max) {
    number(key, value ? std::optional<std::int64_t>(value->count()) : std::nullopt, min, max);
  }
  template <class Enum>
  void choice(std::string_view key, std::optional<Enum> value) {
    if (!value) return;
    const std::string_view name = wire_name(*value);
    check(!name.empty(), key, "is none of the values it may have");
    json_.field(key, name);
  }
  /// Plain text that goes out as base64.
  void encoded(std::string_view key, const std::optional<std::string>& plain);
  void headers(std::string_view key, const std::vector<SipHeader>& headers);
  void named_values(std::string_view key, const std::map<std::string, std::string>& values);
  void texts(std::string_view key, const std::vector<std::string>& values);
  void decimal(std::string_view key, std::optional<double> value, double min, double max);
  /// A JSON object of the application's.
  void object(std::string_view key, std::string_view json);
  void loop(const std::optional<Loop>& loop);

  /// Remembers `field` and `complaint` unless `good`.
  void check(bool good, std::string_view field, std::string_view complaint);
  JsonWriter& json() { return json_; }
  Result<std::string> finish();

 private:
  JsonWriter json_;
  std::optional<Error> fault_;
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
