#include "voicebridge/net/retry.hpp"

#include <deque>

#include "support/catch.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using voicebridge::testing::ManualScheduler;

namespace {

Result<HttpResponse> answer(int status, HttpHeaders headers = {}) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  return response;
}

RetryOptions seeded() {
  RetryOptions options;
  options.seed = 7;
  return options;
}

std::optional<Millis> first_delay(const Result<HttpResponse>& outcome) {
  return RetryPolicy(seeded()).next_delay(outcome);
}

/// Answers from a list, and notes when it was asked.
class ScriptedClient : public HttpClient {
 public:
  explicit ScriptedClient(std::deque<Result<HttpResponse>> script) : script_(std::move(script)) {}

  void send(HttpRequest request, Scheduler& on, Done done) override {
    asked_at.push_back(on.now());
    bodies.push_back(request.body);
    on.post([done, outcome = script_.front()] { done(outcome); });
    script_.pop_front();
  }

  std::vector<TimePoint> asked_at;
  std::vector<std::string> bodies;

 private:
  std::deque<Result<HttpResponse>> script_;
};

}  // namespace

TEST_CASE("only what may pass by itself is retried") {
  for (const int status : {408, 429, 500, 502, 503, 504}) CHECK(first_delay(answer(status)));
  for (const int status : {200, 201, 301, 400, 401, 403, 404, 409, 422, 501, 505}) {
    INFO(status);
    CHECK_FALSE(first_delay(answer(status)));
  }
  CHECK(first_delay(fail(Errc::unavailable, "refused")));
  CHECK(first_delay(fail(Errc::deadline_exceeded, "late")));
  CHECK_FALSE(first_delay(fail(Errc::payload_too_large, "huge")));
  CHECK_FALSE(first_delay(fail(Errc::cancelled, "gone")));
}

TEST_CASE("the server has the last word on whether to retry") {
  CHECK(first_delay(answer(409, {{"X-Should-Retry", "true"}})));
  CHECK_FALSE(first_delay(answer(500, {{"x-should-retry", "false"}})));
  CHECK(first_delay(answer(500, {{"x-should-retry", "perhaps"}})));
}

TEST_CASE("the server's wish for a delay is followed") {
  CHECK(first_delay(answer(429, {{"Retry-After", "2"}})) == Millis(2000));
  CHECK(first_delay(answer(429, {{"Retry-After", "0"}})) == Millis(0));
  CHECK(first_delay(answer(429, {{"Retry-After", "2"}, {"Retry-After-Ms", "350"}})) == Millis(350));
  CHECK(first_delay(answer(503, {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                 {"Retry-After", "Sun, 06 Nov 1994 08:49:42 GMT"}})) ==
        Millis(5000));
  CHECK(first_delay(answer(503, {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                 {"Retry-After", "Sun, 06 Nov 1994 08:49:30 GMT"}})) == Millis(0));
}

TEST_CASE("a server that wants too long a wait is not asked again") {
  CHECK(first_delay(answer(429, {{"Retry-After", "30"}})) == Millis(30000));
  CHECK_FALSE(first_delay(answer(429, {{"Retry-After", "31"}})));
  CHECK_FALSE(first_delay(answer(429, {{"Retry-After", "9223372036854775807"}})));
  CHECK_FALSE(first_delay(answer(429, {{"Retry-After-Ms", "9223372036854775807"}})));
}

TEST_CASE("a wish that cannot be read leaves the backoff") {
  const std::string text =
      GENERATE("", "soon", "-1", "1.5s", "99999999999999999999", "Sun, 06 Nov 1994 08:49:42 GMT");
  INFO(text);
  const auto delay = first_delay(answer(429, {{"Retry-After", text}}));
  REQUIRE(delay);
  CHECK(*delay >= Millis(125));
  CHECK(*delay <= Millis(250));
}

TEST_CASE("the backoff doubles up to its cap, with half of it at random") {
  RetryOptions options = seeded();
  options.max_attempts = 8;
  options.max_delay = Millis(1500);
  RetryPolicy policy(options);
  for (const long whole : {250, 500, 1000, 1500, 1500, 1500, 1500}) {
    const auto delay = policy.next_delay(answer(500));
    REQUIRE(delay);
    CHECK(delay->count() >= whole / 2);
    CHECK(delay->count() <= whole);
  }
  CHECK_FALSE(policy.next_delay(answer(500)));
  CHECK(policy.attempts() == 8);
}

TEST_CASE("the same seed gives the same delays, another one others") {
  const auto delays = [](std::uint32_t seed) {
    RetryOptions options;
    options.seed = seed;
    options.max_attempts = 6;
    RetryPolicy policy(options);
    std::vector<Millis> all;
    while (const auto delay = policy.next_delay(answer(500))) all.push_back(*delay);
    return all;
  };
  CHECK(delays(3) == delays(3));
  CHECK(delays(3) != delays(4));
}

TEST_CASE("a policy of one attempt, or of no delay, is no special case") {
  RetryOptions once = seeded();
  once.max_attempts = 1;
  CHECK_FALSE(RetryPolicy(once).next_delay(answer(500)));
  RetryOptions eager = seeded();
  eager.base_delay = Millis(0);
  CHECK(RetryPolicy(eager).next_delay(answer(500)) == Millis(0));
}

TEST_CASE("sending with retries waits between attempts and tells the last outcome once") {
  ManualScheduler clock;
  ScriptedClient client(
      {answer(503, {{"Retry-After", "3"}}), fail(Errc::unavailable, "reset"), answer(200)});
  std::vector<int> told;
  HttpRequest request;
  request.body = "same";
  const TimePoint start = clock.now();
  send_with_retry(client, request, RetryPolicy(seeded()), clock, [&](Result<HttpResponse> outcome) {
    told.push_back(outcome ? outcome->status : -1);
  });

  clock.advance(Millis(2999));
  CHECK(client.asked_at.size() == 1);
  CHECK(told.empty());
  clock.advance(Millis(5000));
  REQUIRE(client.asked_at.size() == 3);
  CHECK(client.asked_at[0] == start);
  CHECK(client.asked_at[1] == start + Millis(3000));
  CHECK(client.asked_at[2] > client.asked_at[1]);
  CHECK(client.bodies == std::vector<std::string>{"same", "same", "same"});
  CHECK(told == std::vector<int>{200});
}

TEST_CASE("sending with retries gives up with the last answer") {
  ManualScheduler clock;
  ScriptedClient client({answer(500), answer(500), answer(502)});
  std::vector<int> told;
  send_with_retry(client, {}, RetryPolicy(seeded()), clock,
                  [&](Result<HttpResponse> outcome) { told.push_back(outcome->status); });
  CHECK(told.empty());  // never inside the call
  clock.advance(Millis(60000));
  CHECK(told == std::vector<int>{502});
}

TEST_CASE("how long an answer asks to wait") {
  using Headers = HttpHeaders;
  CHECK_FALSE(retry_after(Headers{}));
  CHECK(retry_after(Headers{{"Retry-After", " 3 "}}) == Millis(3000));
  CHECK(retry_after(Headers{{"Retry-After", "3"}, {"Retry-After-Ms", "250"}}) == Millis(250));
  CHECK(retry_after(Headers{{"Date", "Sat, 21 Nov 2026 10:00:00 GMT"},
                            {"Retry-After", "Sat, 21 Nov 2026 10:00:07 GMT"}}) == Millis(7000));
  CHECK_FALSE(retry_after(Headers{{"Retry-After", "soon"}}));
  CHECK(retry_after(Headers{{"Retry-After-Ms", "9000000000000000000"}}) == Millis(1'000'000'000));
}
