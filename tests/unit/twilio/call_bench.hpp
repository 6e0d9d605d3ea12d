#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/scripted_http_client.hpp"
#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"
#include "voicebridge/twilio/call_control.hpp"

namespace voicebridge::test {

using namespace twilio;

inline TwilioCallControlOptions options() {
  TwilioCallControlOptions options;
  options.account_sid = kAccount;
  options.auth_token = Secret("2b1f6a0c9d8e7f60112233445566778a");
  options.retry.seed = 1;
  return options;
}

/// Remembers what a request came to.
template <class T>
struct Outcome {
  std::optional<Result<T>> result;
  TwilioCallControl::Done<T> done() {
    return [this](Result<T> r) {
      REQUIRE_FALSE(result);
      result = std::move(r);
    };
  }
  const T& value() const {
    REQUIRE(result);
    REQUIRE(*result);
    return **result;
  }
  const Error& error() const {
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    return result->error();
  }
};

struct CallBench {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  TwilioCallControl control;

  explicit CallBench(TwilioCallControlOptions opts = options())
      : control(make(client, std::move(opts))) {}
  static TwilioCallControl make(HttpClient& client, TwilioCallControlOptions opts) {
    auto made = TwilioCallControl::create(client, std::move(opts));
    REQUIRE(made);
    return *made;
  }
  void answer_sample(std::string_view name) {
    const Json sample = twilio_sample(name);
    client.answer(static_cast<int>(sample["response"]["status"].integer_or(0)),
                  sample["response"]["body"].dump());
  }
  void run() { scheduler.advance(Millis(60000)); }
  /// The request went out as in the sample.
  void check_like(std::string_view name) {
    const Json sample = twilio_sample(name);
    const JsonView wanted = sample["request"];
    REQUIRE(client.requests.size() == 1);
    const HttpRequest& request = client.requests[0];
    CHECK(request.method == wanted["method"].string());
    CHECK(request.url == wanted["url"].string());
    CHECK(request.headers.find("authorization") == wanted["headers"]["Authorization"].string());
    CHECK(request.body == wanted["body"].string_or(""));
  }
  Outcome<Call> create_call() {
    CreateCallRequest request;
    request.to = "+15550100100";
    request.from = "+15550100200";
    request.url = "https://voice.example.com/x";
    Outcome<Call> outcome;
    control.create_call(request, scheduler, outcome.done());
    CHECK_FALSE(outcome.result);
    run();
    return outcome;
  }
};

}  // namespace voicebridge::test
