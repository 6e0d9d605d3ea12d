#include "net/http_responder.hpp"

#include <thread>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

struct Deliveries {
  HttpResponder responder() {
    return HttpResponder(std::make_shared<HttpResponder::State>(
        [this](HttpResponse response) { statuses.push_back(response.status); }));
  }
  std::vector<int> statuses;
};

}  // namespace

TEST_CASE("the first answer counts") {
  Deliveries deliveries;
  {
    const HttpResponder responder = deliveries.responder();
    const HttpResponder copy = responder;
    copy.send(201, "{}");
    responder.send(202, "{}");
  }
  CHECK(deliveries.statuses == std::vector<int>{201});
}

TEST_CASE("a responder dropped without an answer is a 500, at the last copy") {
  Deliveries deliveries;
  auto responder = std::make_unique<HttpResponder>(deliveries.responder());
  auto copy = std::make_unique<HttpResponder>(*responder);
  responder.reset();
  CHECK(deliveries.statuses.empty());
  copy.reset();
  CHECK(deliveries.statuses == std::vector<int>{500});
}

TEST_CASE("of answers from many threads one is delivered") {
  Deliveries deliveries;
  {
    const HttpResponder responder = deliveries.responder();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([responder, i] { responder.send(200 + i, ""); });
    for (auto& thread : threads) thread.join();
  }
  CHECK(deliveries.statuses.size() == 1);
}
