#include "request_body.hpp"

#include <fmt/format.h>

#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::size_t kMaxUrl = 2000;
constexpr std::int64_t kMaxLoops = 100;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

void RequestBody::check(bool good, std::string_view field, std::string_view complaint) {
  if (good || fault_) return;
  Error error;
  error.code = Errc::invalid_argument;
  error.message = fmt::format("{} {}", field, complaint);
  error.field = std::string(field);
  fault_ = std::move(error);
}

void RequestBody::text(std::string_view key, std::string_view value, std::size_t max_length) {
  if (value.empty()) return;
  check(value.size() <= max_length, key, fmt::format("is longer than {} characters", max_length));
  json_.field(key, value);
}

void RequestBody::required(std::string_view key, std::string_view value, std::size_t max_length) {
  check(!value.empty(), key, "is required");
  text(key, value, max_length);
}

void RequestBody::web_url(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  check(starts_with(value, "http://") || starts_with(value, "https://"), key,
        "must be an http:// or https:// URL");
  text(key, value, kMaxUrl);
}

void RequestBody::socket_url(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  check(starts_with(value, "ws://") || starts_with(value, "wss://"), key,
        "must be a ws:// or wss:// URL");
  text(key, value, kMaxUrl);
}

void RequestBody::of_characters(std::string_view key, std::string_view value,
                                std::string_view allowed, std::size_t max_length) {
  check(value.find_first_not_of(allowed) == std::string_view::npos, key,
        fmt::format("may have the characters {} only", allowed));
  text(key, value, max_length);
}

void RequestBody::flag(std::string_view key, std::optional<bool> value) { json_.field(key, value); }

void RequestBody::number(std::string_view key, std::optional<std::int64_t> value, std::int64_t min,
                         std::int64_t max) {
  if (!value) return;
  check(*value >= min && *value <= max, key, fmt::format("must be from {} to {}", min, max));
  json_.field(key, *value);
}

void RequestBody::encoded(std::string_view key, const std::optional<std::string>& plain) {
  if (plain) json_.field(key, base64_encode(ByteView(*plain)));
}

void RequestBody::headers(std::string_view key, const std::vector<SipHeader>& headers) {
  if (headers.empty()) return;
  json_.key(key).array();
  for (const SipHeader& header : headers) {
    check(!header.name.empty(), key, "has a header without a name");
    json_.object().field("name", header.name).field("value", header.value).end();
  }
  json_.end();
}

void RequestBody::named_values(std::string_view key,
                               const std::map<std::string, std::string>& values) {
  if (values.empty()) return;
  json_.key(key).array();
  for (const auto& [name, value] : values) {
    check(!name.empty(), key, "has a value without a name");
    json_.object().field("name", name).field("value", value).end();
  }
  json_.end();
}

void RequestBody::texts(std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  json_.key(key).array();
  for (const std::string& value : values) {
    check(!value.empty(), key, "has an empty entry");
    json_.string(value);
  }
  json_.end();
}

void RequestBody::decimal(std::string_view key, std::optional<double> value, double min,
                          double max) {
  if (!value) return;
  check(*value >= min && *value <= max, key, fmt::format("must be from {} to {}", min, max));
  json_.field(key, *value);
}

void RequestBody::object(std::string_view key, std::string_view json) {
  if (json.empty()) return;
  const auto parsed = Json::parse(json);
  const bool is_object = parsed && parsed->root().is_object();
  check(is_object, key, "must be a JSON object");
  if (is_object) json_.key(key).value(*parsed);
}

void RequestBody::loop(const std::optional<Loop>& loop) {
  if (!loop) return;
  if (loop->infinite) {
    json_.field("loop", "infinity");
  } else {
    number("loop", loop->times, 1, kMaxLoops);
  }
}

Result<std::string> RequestBody::finish() {
  if (fault_) return fail(*fault_);
  return json_.end().take();
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
