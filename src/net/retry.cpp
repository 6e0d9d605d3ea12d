#include "voicebridge/net/retry.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <random>

#include "net/ascii.hpp"
#include "net/http_date.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

bool is_transient(int status) {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

bool should_retry(const Result<HttpResponse>& outcome) {
  if (!outcome) return outcome.error().retryable;
  if (const auto told = outcome->headers.find("x-should-retry")) {
    if (net::equals_ignore_case(*told, "true")) return true;
    if (net::equals_ignore_case(*told, "false")) return false;
  }
  return is_transient(outcome->status);
}

std::optional<long> whole_number(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// Longer waits than this are all the same: too long. Keeps the arithmetic within its range.
constexpr long kLongestSeconds = 1'000'000;

/// The state of one send_with_retry: kept alive by whatever it waits for.
struct Retrying : std::enable_shared_from_this<Retrying> {
  Retrying(HttpClient& c, HttpRequest r, RetryPolicy p, Scheduler& s, HttpClient::Done d)
      : client(c), request(std::move(r)), policy(p), on(s), done(std::move(d)) {}

  void attempt() {
    client.send(request, on, [self = shared_from_this()](Result<HttpResponse> outcome) {
      self->told(std::move(outcome));
    });
  }

  void told(Result<HttpResponse> outcome) {
    const auto delay = policy.next_delay(outcome);
    if (!delay) return done(std::move(outcome));
    on.run_at(on.now() + *delay, [self = shared_from_this()] { self->attempt(); });
  }

  HttpClient& client;
  const HttpRequest request;
  RetryPolicy policy;
  Scheduler& on;
  const HttpClient::Done done;
};

/// Seconds until a used-up quota is filled again.
std::optional<Millis> rate_limit_reset(const HttpHeaders& headers) {
  const auto remaining = headers.find("x-ratelimit-remaining");
  const auto reset = headers.find("x-ratelimit-reset");
  if (!remaining || !reset || net::trim(*remaining) != "0") return std::nullopt;
  const auto seconds = whole_number(net::trim(*reset));
  if (!seconds) return std::nullopt;
  return Millis(std::min(*seconds, kLongestSeconds) * 1000);
}

}  // namespace

std::optional<Millis> retry_after(const HttpHeaders& headers) {
  if (const auto text = headers.find("retry-after-ms")) {
    if (const auto millis = whole_number(net::trim(*text))) {
      return Millis(std::min(*millis, kLongestSeconds * 1000));
    }
  }
  const auto text = headers.find("retry-after");
  if (!text) return rate_limit_reset(headers);
  if (const auto seconds = whole_number(net::trim(*text))) {
    return Millis(std::min(*seconds, kLongestSeconds) * 1000);
  }
  // The answer's own Date is the reference, so that neither a clock nor its error comes in.
  const auto until = net::parse_http_date(*text);
  const auto date = headers.find("date");
  const auto from = date ? net::parse_http_date(*date) : std::nullopt;
  if (!until || !from) return std::nullopt;
  return Millis(std::clamp<long>(*until - *from, 0, kLongestSeconds) * 1000);
}

RetryPolicy::RetryPolicy(RetryOptions options)
    : options_(options), random_(options.seed != 0 ? options.seed : std::random_device{}()) {}

std::optional<Millis> RetryPolicy::next_delay(const Result<HttpResponse>& outcome) {
  ++attempts_;
  if (attempts_ >= options_.max_attempts || !should_retry(outcome)) return std::nullopt;
  if (const auto wish = outcome ? retry_after(outcome->headers) : std::nullopt) {
    return *wish > options_.max_retry_after ? std::nullopt : wish;
  }
  return backoff();
}

Millis RetryPolicy::backoff() {
  Millis whole = options_.base_delay;
  for (unsigned n = 1; n < attempts_ && whole < options_.max_delay; ++n) whole *= 2;
  whole = std::min(whole, options_.max_delay);
  std::minstd_rand random(random_);
  random_ = static_cast<std::uint32_t>(random());
  const Millis half = whole / 2;
  return half + Millis(random_ % static_cast<std::uint32_t>((whole - half).count() + 1));
}

void send_with_retry(HttpClient& client, HttpRequest request, RetryPolicy policy, Scheduler& on,
                     HttpClient::Done done) {
  std::make_shared<Retrying>(client, std::move(request), policy, on, std::move(done))->attempt();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
