#include "testing/telnyx_parameters.hpp"

#include <algorithm>
#include <utility>

#include "voicebridge/core/base64.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Kind = TelnyxParameter::Kind;

constexpr std::size_t kMaxUrl = 2000;

/// Whether `value` is one of "a, b, c".
bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t comma = choices.find(", ");
    if (choices.substr(0, comma) == value) return true;
    choices = comma == std::string_view::npos ? std::string_view() : choices.substr(comma + 2);
  }
  return false;
}

bool is_url(std::string_view text, std::string_view scheme, std::string_view secure_scheme) {
  const auto url = parse_url(text);
  return text.size() <= kMaxUrl && url && (url->scheme == scheme || url->scheme == secure_scheme);
}

bool is_phone_number(std::string_view text) {
  const std::string_view digits = text.substr(0, text.find(','));  // ",digits" are keys to press
  if (digits.size() < 3 || digits.size() > 16 || digits[0] != '+' || digits[1] == '0') return false;
  return digits.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

std::optional<TelnyxApiError> check_integer(const TelnyxParameter& rule, JsonView value) {
  const auto number = value.integer();
  if (!number) return wrong_type(rule.name, "an integer");
  if (!rule.choices.empty() && !is_choice(rule.choices, std::to_string(*number))) {
    return not_in_enum(rule.name, rule.choices);
  }
  if (rule.max != 0 && (*number < rule.min || *number > rule.max)) {
    return out_of_range(rule.name, rule.min, rule.max);
  }
  return std::nullopt;
}

std::optional<TelnyxApiError> check_text(const TelnyxParameter& rule, std::string_view text) {
  switch (rule.kind) {
    case Kind::base64:
      if (!base64_decode(text)) return invalid_client_state();
      break;
    case Kind::url:
      if (!is_url(text, "http", "https")) return invalid_url(rule.name);
      break;
    case Kind::stream_url:
      if (!is_url(text, "ws", "wss")) return invalid_url(rule.name);
      break;
    case Kind::e164:
      if (text.substr(0, 4) != "sip:" && !is_phone_number(text)) return not_e164(rule.name);
      break;
    default:
      break;
  }
  if (!rule.choices.empty() && !is_choice(rule.choices, text))
    return not_in_enum(rule.name, rule.choices);
  const auto length = static_cast<long long>(text.size());
  if (rule.max != 0 && (length < rule.min || length > rule.max)) {
    return out_of_range(rule.name, rule.min, rule.max);
  }
  return std::nullopt;
}

std::optional<TelnyxApiError> check(const TelnyxParameter& rule, JsonView value) {
  const bool blank = !value.exists() || value.is_null() || value.string() == std::string_view();
  if (blank) return rule.required ? std::optional(missing_parameter(rule.name)) : std::nullopt;
  switch (rule.kind) {
    case Kind::any:
      return std::nullopt;
    case Kind::integer:
      return check_integer(rule, value);
    case Kind::list:
      return value.is_array() ? std::nullopt : std::optional(wrong_type(rule.name, "an array"));
    case Kind::boolean:
      return value.is_bool() ? std::nullopt : std::optional(wrong_type(rule.name, "a boolean"));
    default:
      break;
  }
  // `to` may be a list of numbers.
  if (rule.kind == Kind::e164 && value.is_array() && value.size() > 0)
    return check(rule, value.at(0));
  const auto text = value.string();
  return text ? check_text(rule, *text) : std::optional(wrong_type(rule.name, "a string"));
}

}  // namespace

std::optional<TelnyxApiError> check(const TelnyxParameters& parameters, JsonView body) {
  for (const TelnyxParameter& rule : parameters) {
    if (auto error = check(rule, body[rule.name])) return error;
  }
  return std::nullopt;
}

std::vector<std::string> unknown_names(const TelnyxParameters& parameters, JsonView body) {
  std::vector<std::string> unknown;
  for (const JsonView::Member& member : body.members()) {
    const bool known =
        std::any_of(parameters.begin(), parameters.end(),
                    [&](const TelnyxParameter& rule) { return rule.name == member.key; });
    if (!known) unknown.emplace_back(member.key);
  }
  return unknown;
}

std::optional<TelnyxStreamParams> stream_params(JsonView body, bool full) {
  TelnyxStreamParams params;
  params.url = body["stream_url"].string_or("");
  if (params.url.empty()) return std::nullopt;
  params.track = body["stream_track"].string_or(params.track);
  params.codec = body["stream_codec"].string_or(params.codec);
  params.bidirectional_mode =
      body["stream_bidirectional_mode"].string_or(params.bidirectional_mode);
  params.bidirectional_codec =
      body["stream_bidirectional_codec"].string_or(params.bidirectional_codec);
  params.bidirectional_target_legs =
      body["stream_bidirectional_target_legs"].string_or(params.bidirectional_target_legs);
  if (!full) return params;
  params.bidirectional_sampling_rate = static_cast<std::uint32_t>(
      body["stream_bidirectional_sampling_rate"].integer_or(params.bidirectional_sampling_rate));
  params.auth_token = body["stream_auth_token"].string_or("");
  params.establish_before_originate = body["stream_establish_before_call_originate"].bool_or(false);
  for (const JsonView parameter : body["custom_parameters"].elements()) {
    params.custom_parameters.emplace_back(parameter["name"].string_or(""),
                                          parameter["value"].string_or(""));
  }
  return params;
}

WebhookTarget webhook_target(JsonView body, WebhookTarget application) {
  const std::string url = body["webhook_url"].string_or("");
  if (!url.empty()) application.url = url;
  for (const JsonView::Member& event : body["webhook_urls"].members()) {
    application.urls[std::string(event.key)] = event.value.string_or("");
  }
  for (const JsonView::Member& event : body["webhook_retries_policies"].members()) {
    std::vector<Millis>& pauses = application.policies[std::string(event.key)];
    pauses.clear();
    for (const JsonView pause : event.value["retries_ms"].elements())
      pauses.emplace_back(pause.integer_or(0));
  }
  return application;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
