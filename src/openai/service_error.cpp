#include "openai/service_error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {
namespace {

struct KnownError {
  std::string_view code;
  Errc meaning;
  Gravity gravity;
};

constexpr KnownError kKnownErrors[] = {
    {"beta_api_shape_disabled", Errc::unsupported, Gravity::fatal},
    {"call_id_not_found", Errc::not_found, Gravity::over},
    {"cannot_update_voice", Errc::conflict, Gravity::recoverable},
    {"conversation_already_has_active_response", Errc::conflict, Gravity::benign},
    {"input_audio_buffer_commit_empty", Errc::conflict, Gravity::benign},
    {"insufficient_quota", Errc::resource_exhausted, Gravity::fatal},
    {"invalid_api_key", Errc::unauthenticated, Gravity::fatal},
    {"invalid_event", Errc::invalid_argument, Gravity::recoverable},
    {"invalid_value", Errc::invalid_argument, Gravity::recoverable},
    {"item_delete_invalid_item_id", Errc::not_found, Gravity::benign},
    {"item_retrieve_invalid_item_id", Errc::not_found, Gravity::benign},
    {"item_truncate_invalid_item_id", Errc::not_found, Gravity::benign},
    {"missing_required_parameter", Errc::invalid_argument, Gravity::recoverable},
    {"model_not_found", Errc::not_found, Gravity::fatal},
    {"rate_limit_exceeded", Errc::resource_exhausted, Gravity::recoverable},
    {"response_cancel_not_active", Errc::conflict, Gravity::benign},
    {"server_error", Errc::unavailable, Gravity::recoverable},
    {"server_is_overloaded", Errc::unavailable, Gravity::recoverable},
    {"session_expired", Errc::unavailable, Gravity::over},
    {"slow_down", Errc::resource_exhausted, Gravity::recoverable},
    {"unknown_parameter", Errc::invalid_argument, Gravity::recoverable},
    {"unsupported_content_type", Errc::unsupported, Gravity::benign},
};

/// No complete list is published: what is unknown is recoverable, and its type says a little about
/// it.
KnownError lookup(const ServiceError& error) noexcept {
  const auto known =
      std::find_if(std::begin(kKnownErrors), std::end(kKnownErrors),
                   [&](const KnownError& entry) { return entry.code == error.code; });
  if (known != std::end(kKnownErrors)) return *known;
  const bool theirs = error.type == "server_error";
  return {{}, theirs ? Errc::unavailable : Errc::invalid_argument, Gravity::recoverable};
}

/// "2m1.5s", "520ms": as many of number and unit as there are.
Millis read_duration(std::string_view text) {
  constexpr double kLongest = 24 * 3600e3;
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ms", 1}, {"h", 3600e3}, {"m", 60e3}, {"s", 1e3}};
  double millis = 0;
  for (;;) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string number(text.substr(0, std::min<std::size_t>(digits, 12)));
    text.remove_prefix(digits);
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& known) {
      return text.substr(0, known.first.size()) == known.first;
    });
    if (number.empty() || unit == std::end(kUnits)) break;
    millis += std::strtod(number.c_str(), nullptr) * unit->second;
    text.remove_prefix(unit->first.size());
  }
  return Millis(static_cast<std::int64_t>(std::ceil(std::min(millis, kLongest))));
}

/// "Rate limit reached … Please try again in 6.2s. Visit …": nowhere else is the wait told.
std::optional<Millis> wait_in(std::string_view message) {
  constexpr std::string_view kPhrase = "try again in ";
  const std::size_t at = message.find(kPhrase);
  if (at == std::string_view::npos) return std::nullopt;
  const Millis wait = read_duration(message.substr(at + kPhrase.size()));
  return wait > Millis(0) ? std::optional<Millis>(wait) : std::nullopt;
}

bool may_succeed_later(const KnownError& known) {
  return known.gravity != Gravity::fatal &&
         (known.meaning == Errc::unavailable || known.meaning == Errc::resource_exhausted);
}

}  // namespace

Gravity gravity_of(const ServiceError& error) noexcept { return lookup(error).gravity; }

bool is_known(const ServiceError& error) noexcept { return !lookup(error).code.empty(); }

Error to_error(const ServiceError& error) {
  const KnownError known = lookup(error);
  Error result = make_error(known.meaning, error.message.empty() ? "no message" : error.message);
  result.field = error.param;
  result.provider_code = error.code;
  result.retryable = may_succeed_later(known);
  if (result.retryable) result.retry_after = wait_in(error.message);
  return result;
}

Error make_error(Errc code, std::string message) {
  Error error = fail(code, std::move(message)).value();
  error.origin = "openai";
  return error;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
