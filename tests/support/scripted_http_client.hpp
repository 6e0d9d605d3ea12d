#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge::test {

/// Gives the answers it was told to, one a request, and writes the requests down.
class ScriptedHttpClient : public HttpClient {
 public:
  void send(HttpRequest request, Scheduler& on, Done done) override {
    requests.push_back(std::move(request));
    REQUIRE_FALSE(answers.empty());
    on.post([done = std::move(done), answer = answers.front()] { done(answer); });
    answers.pop_front();
  }
  void answer(int status, std::string body, HttpHeaders headers = {}) {
    HttpResponse response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    answers.emplace_back(std::move(response));
  }
  void no_answer(Errc why) { answers.emplace_back(fail(why, "nothing came")); }

  std::deque<Result<HttpResponse>> answers;
  std::vector<HttpRequest> requests;
};

}  // namespace voicebridge::test
