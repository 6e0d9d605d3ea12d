#include "voicebridge/agent/dial_policy.hpp"

#include <algorithm>
#include <chrono>

#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr UnixMillis kDay = 24 * 60 * 60 * 1000;
constexpr std::size_t kPage = 200;

/// Outbound calls that the filter lets through, counted up to `limit`.
Result<std::size_t> count_outbound(CallFilter filter, std::size_t limit, CallStore& calls) {
  std::size_t count = 0;
  filter.limit = std::min(limit, kPage);
  for (;;) {
    auto page = calls.search(filter);
    if (!page) return fail(page.error());
    count += static_cast<std::size_t>(
        std::count_if(page->calls.begin(), page->calls.end(),
                      [](const StoredCall& call) { return call.direction == "outbound"; }));
    if (count >= limit || page->next.empty()) return count;
    filter.cursor = std::move(page->next);
  }
}

/// By the clocks of the number's area where they are known, or of its country.
std::optional<Millis> rest_for(const QuietHours& quiet, const std::string& e164,
                               const std::string& region, UnixMillis now) {
  const auto area = clocks_of_area(e164);
  return area ? quiet_for(quiet, *area, now) : quiet_for(quiet, region, now);
}

Result<> below(std::size_t limit, CallFilter filter, CallStore& calls, const char* message) {
  if (limit == 0) return {};
  const auto made = count_outbound(std::move(filter), limit, calls);
  if (!made) return fail(made.error());
  if (*made < limit) return {};
  return fail(Errc::resource_exhausted, message, "to");
}

}  // namespace

Result<> DialPolicy::check(const std::string& e164, UnixMillis now, CallStore& calls) const {
  const PhoneFacts facts = phone_facts(e164);
  if (facts.at_a_price) {
    return fail(Errc::permission_denied, "calls to such numbers cost more than a call", "to");
  }
  if (!countries.empty() &&
      std::find(countries.begin(), countries.end(), facts.region) == countries.end()) {
    return fail(Errc::permission_denied, "numbers of this country are not called", "to");
  }
  if (const auto rest = quiet ? rest_for(*quiet, e164, facts.region, now) : std::nullopt) {
    Error error = fail(Errc::resource_exhausted,
                       "it may be too late or too early to call there: these are quiet hours", "to")
                      .value();
    error.retry_after = *rest;
    return tl::unexpected(std::move(error));
  }
  CallFilter last_day;
  last_day.created_from = now - kDay;
  CallFilter to_it = last_day;
  to_it.to = e164;
  if (auto few = below(calls_to_a_number, to_it, calls,
                       "this number was called as often as it may be in a day");
      !few) {
    return few;
  }
  return below(calls_a_day, last_day, calls, "as many calls were made as may be in a day");
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
