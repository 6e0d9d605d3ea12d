#include <thread>

#include "integration/http_fixture.hpp"
#include "net/rest_client.hpp"
#include "support/raw_socket.hpp"
#include "voicebridge/net/retry.hpp"

using namespace voicebridge;
using test::get;
using test::RawServer;
using test::RawSocket;
using test::ServerFixture;

namespace {

struct ClientFixture : ServerFixture {
  explicit ClientFixture(HttpServerOptions options = {}) : ServerFixture(std::move(options)) {
    client = make_http_client(*runtime);
  }

  std::future<Result<HttpResponse>> send_async(HttpRequest request) {
    auto promise = std::make_shared<std::promise<Result<HttpResponse>>>();
    client->send(std::move(request), runtime->shard(0), [promise](Result<HttpResponse> outcome) {
      promise->set_value(std::move(outcome));  // throws when called twice
    });
    return promise->get_future();
  }

  Result<HttpResponse> send(HttpRequest request) { return get(send_async(std::move(request))); }

  Result<HttpResponse> fetch(const std::string& target) {
    HttpRequest request;
    request.url = url(target);
    return send(std::move(request));
  }

  std::unique_ptr<HttpClient> client;
};

HttpRequest request_to(std::uint16_t port, const std::string& target = "/") {
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + target;
  return request;
}

/// Takes a request and answers with `bytes`, then closes.
RawServer answering(std::string bytes) {
  return RawServer([bytes = std::move(bytes)](RawSocket& socket) {
    socket.receive();
    socket.send(bytes);
  });
}

}  // namespace

TEST_CASE("a request goes out as it was built and its answer comes back") {
  ClientFixture fixture;
  std::promise<HttpServerRequest> seen;
  fixture.server->route(
      "PATCH", "/v2/calls/{id}", [&](HttpServerRequest request, HttpResponder responder) {
        seen.set_value(std::move(request));
        responder.send(HttpResponse{422, {{"X-Code", "90018"}}, std::string("no\0pe", 5)});
      });
  fixture.start();
  HttpRequest request;
  request.method = "PATCH";
  request.url = fixture.url("/v2/calls/v3%3Aabc?dry=1&x=a%20b");
  request.headers = {{"Authorization", "Bearer key"}, {"Content-Type", "application/json"}};
  request.body = std::string("{\0}", 3);
  const auto response = fixture.send(request);
  REQUIRE(response);
  CHECK(response->status == 422);
  CHECK(response->headers.find("x-code") == "90018");
  CHECK(response->body == std::string("no\0pe", 5));

  const HttpServerRequest arrived = get(seen.get_future());
  CHECK(arrived.target == "/v2/calls/v3%3Aabc?dry=1&x=a%20b");
  CHECK(arrived.headers.find("authorization") == "Bearer key");
  CHECK(arrived.headers.find("content-type") == "application/json");
  CHECK(arrived.headers.find("host") == "127.0.0.1:" + std::to_string(fixture.server->port()));
  CHECK(arrived.body == request.body);
}

TEST_CASE("every method arrives, with and without a body") {
  ClientFixture fixture;
  const std::string method = GENERATE("GET", "POST", "PUT", "PATCH", "DELETE");
  fixture.server->route(method, "/", [](HttpServerRequest request, HttpResponder responder) {
    responder.send(200, request.method + request.body);
  });
  fixture.start();
  HttpRequest request;
  request.method = method;
  request.url = fixture.url("/");
  CHECK(fixture.send(request)->body == method);
  if (method == "GET") return;
  request.body = " with body";
  CHECK(fixture.send(request)->body == method + " with body");
}

TEST_CASE("HEAD and 204 have no body") {
  ClientFixture fixture;
  fixture.server->route(
      "DELETE", "/", [](HttpServerRequest, HttpResponder responder) { responder.send(204, ""); });
  fixture.with_common_routes().start();
  HttpRequest request;
  request.method = "HEAD";
  request.url = fixture.url("/hello");
  const auto head = fixture.send(request);
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->body.empty());
  request.method = "DELETE";
  request.url = fixture.url("/");
  CHECK(fixture.send(request)->status == 204);
}

TEST_CASE("requests to one host share a connection") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  for (int i = 0; i < 50; ++i) REQUIRE(fixture.fetch("/hello")->body == "hello");
  // A connection may come back to cpprestsdk's pool a moment after the answer was told.
  CHECK(fixture.count("net.http.connections") < 25);
}

TEST_CASE("many requests at once all get their own answer") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  std::vector<std::future<Result<HttpResponse>>> answers;
  for (int i = 0; i < 100; ++i) {
    HttpRequest request;
    request.method = "POST";
    request.url = fixture.url("/echo");
    request.body = std::to_string(i);
    answers.push_back(fixture.send_async(std::move(request)));
  }
  for (int i = 0; i < 100; ++i) {
    const auto answer = get(std::move(answers[static_cast<std::size_t>(i)]));
    REQUIRE(answer);
    REQUIRE(answer->body == std::to_string(i));
  }
}

TEST_CASE("the answer comes on the scheduler that was named, not inside the call") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  std::promise<std::thread::id> told;
  std::promise<std::thread::id> shard;
  fixture.runtime->shard(0).post([&] { shard.set_value(std::this_thread::get_id()); });
  fixture.client->send(request_to(fixture.server->port(), "/hello"), fixture.runtime->shard(0),
                       [&](Result<HttpResponse>) { told.set_value(std::this_thread::get_id()); });
  CHECK(get(told.get_future()) == get(shard.get_future()));
}

TEST_CASE("what a callback holds is let go on its scheduler, when it has run") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  const auto held = std::make_shared<int>(7);
  HttpRequest request = request_to(fixture.server->port(), "/silent");
  request.timeout = Millis(30);  // cpprestsdk holds on to a cancelled request the longest
  std::promise<void> told;
  fixture.client->send(request, fixture.runtime->shard(0),
                       [&told, held](Result<HttpResponse>) { told.set_value(); });
  get(told.get_future());
  std::promise<long> users;
  fixture.runtime->shard(0).post([&] { users.set_value(held.use_count()); });
  CHECK(get(users.get_future()) == 1);
}

TEST_CASE("redirects are answers like any other") {
  ClientFixture fixture;
  fixture.server->route("GET", "/", [](HttpServerRequest, HttpResponder responder) {
    responder.send(HttpResponse{302, {{"Location", "/elsewhere"}}, ""});
  });
  fixture.start();
  const auto response = fixture.fetch("/");
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(response->headers.find("location") == "/elsewhere");
}

TEST_CASE("a server that does not answer in time is given up") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  HttpRequest request;
  request.timeout = Millis(60);
  SECTION("never") {
    request.url = fixture.url("/silent?key=hunter2");
    const auto outcome = fixture.send(request);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Errc::deadline_exceeded);
    CHECK(outcome.error().retryable);
    CHECK(outcome.error().message.find("hunter2") == std::string::npos);
    CHECK(outcome.error().message.find("127.0.0.1") != std::string::npos);
  }
  SECTION("in drops that keep coming") {
    RawServer drip([](RawSocket& socket) {
      socket.receive();
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      while (socket.send("x")) std::this_thread::yield();
    });
    request.url = request_to(drip.port()).url;
    request.max_response_bytes = 1 << 30;
    const auto outcome = fixture.send(request);
    // Should the drops be quick enough to fill it, the answer is whole.
    if (!outcome) CHECK(outcome.error().code == Errc::deadline_exceeded);
  }
}

TEST_CASE("an answer beyond the limit is refused") {
  ClientFixture fixture;
  fixture.start();
  SECTION("by its length") {
    const RawServer server = answering("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
    HttpRequest request = request_to(server.port());
    request.max_response_bytes = 1000;
    CHECK(fixture.send(request).error().code == Errc::payload_too_large);
  }
  SECTION("as it grows without an end") {
    const RawServer server([](RawSocket& socket) {
      socket.receive();
      socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (socket.send("400\r\n" + std::string(1024, 'x') + "\r\n")) {
      }
    });
    HttpRequest request = request_to(server.port());
    request.max_response_bytes = 100'000;
    CHECK(fixture.send(request).error().code == Errc::payload_too_large);
  }
  SECTION("at the limit it is taken") {
    const RawServer server = answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour");
    HttpRequest request = request_to(server.port());
    request.max_response_bytes = 4;
    CHECK(fixture.send(request)->body == "four");
  }
}

TEST_CASE("answers in chunks, or up to the end of the connection, are whole") {
  ClientFixture fixture;
  fixture.start();
  const RawServer chunked = answering(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(fixture.send(request_to(chunked.port()))->body == "abcde");
  const RawServer until_end = answering("HTTP/1.0 200 OK\r\n\r\nto the end");
  CHECK(fixture.send(request_to(until_end.port()))->body == "to the end");
}

TEST_CASE("a server that is not there, or breaks off, is unavailable") {
  ClientFixture fixture;
  fixture.start();
  SECTION("nobody listens") {
    const auto outcome = fixture.send(request_to(test::unused_port(), "/?key=hunter2"));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Errc::unavailable);
    CHECK(outcome.error().retryable);
    CHECK(outcome.error().message.find("hunter2") == std::string::npos);
  }
  SECTION("it closes without a word, in the head, in the body, in a chunk, or talks nonsense") {
    const std::string bytes =
        GENERATE("", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhal",
                 "SSH-2.0-dropbear\r\n\r\n");
    INFO(bytes);
    const RawServer server = answering(bytes);
    const auto outcome = fixture.send(request_to(server.port()));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Errc::unavailable);
  }
}

TEST_CASE("requests that must not go out do not") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  HttpRequest request = request_to(fixture.server->port(), "/hello");
  SECTION("without a URL") {
    request.url = "not a url";
    CHECK(fixture.send(request).error().field == "url");
  }
  SECTION("with a header that breaks the head") {
    request.headers.add("X", "a\r\nInjected: yes");
    CHECK(fixture.send(request).error().field == "headers");
  }
  SECTION("with a header name that is none") {
    request.headers.add("X Y", "a");
    CHECK(fixture.send(request).error().field == "headers");
  }
  SECTION("with a method that is none") {
    request.method = "GET / HTTP/1.1\r\nX:";
    CHECK(fixture.send(request).error().field == "method");
  }
  CHECK(fixture.count("net.http.connections") == 0);
}

TEST_CASE("the number of requests under way has a limit") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  Counter refused;
  net::RestClientOptions options;
  options.max_pending = 2;
  const auto client = net::make_rest_client(options, refused);
  std::vector<std::promise<Result<HttpResponse>>> told(3);
  for (auto& promise : told) {
    client->send(request_to(fixture.server->port(), "/silent"), fixture.runtime->shard(0),
                 [&](Result<HttpResponse> outcome) { promise.set_value(std::move(outcome)); });
  }
  CHECK(get(told[2].get_future()).error().code == Errc::resource_exhausted);
  CHECK(refused.value() == 1);
  client->shut_down();
  CHECK(get(told[0].get_future()).error().code == Errc::cancelled);
  CHECK(get(told[1].get_future()).error().code == Errc::cancelled);
}

TEST_CASE("a request after the end is cancelled as well") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  Counter refused;
  const auto client = net::make_rest_client({}, refused);
  client->shut_down();
  std::promise<Result<HttpResponse>> told;
  client->send(request_to(fixture.server->port(), "/hello"), fixture.runtime->shard(0),
               [&](Result<HttpResponse> outcome) { told.set_value(std::move(outcome)); });
  CHECK(get(told.get_future()).error().code == Errc::cancelled);
}

TEST_CASE("what is pending when the client or the runtime goes is cancelled, once") {
  ClientFixture fixture;
  fixture.with_common_routes().start();
  std::vector<std::future<Result<HttpResponse>>> pending;
  for (int i = 0; i < 10; ++i)
    pending.push_back(fixture.send_async(request_to(fixture.server->port(), "/silent")));
  while (fixture.silent_count < 10) std::this_thread::yield();
  SECTION("the client") { fixture.client.reset(); }
  SECTION("the runtime") {
    fixture.runtime->stop();
    for (auto& answer : pending) answer.wait();
    fixture.client.reset();
    fixture.server.reset();
    fixture.runtime.reset();
  }
  for (auto& answer : pending) CHECK(get(std::move(answer)).error().code == Errc::cancelled);
}

TEST_CASE("a client dies safely at any moment of its requests") {
  for (int round = 0; round < 30; ++round) {
    ClientFixture fixture;
    fixture.with_common_routes().start();
    std::vector<std::future<Result<HttpResponse>>> pending;
    for (int i = 0; i < 4; ++i)
      pending.push_back(fixture.send_async(request_to(fixture.server->port(), "/hello")));
    for (int i = 0; i < round * 20; ++i) std::this_thread::yield();
    fixture.client.reset();
    for (auto& answer : pending) {
      const auto outcome = get(std::move(answer));
      if (!outcome) REQUIRE(outcome.error().code == Errc::cancelled);
    }
  }
}

TEST_CASE("retries reach a server that recovers") {
  ClientFixture fixture;
  std::atomic<int> asked{0};
  fixture.server->route("POST", "/", [&](HttpServerRequest request, HttpResponder responder) {
    if (++asked < 3) return responder.send(503, "");
    responder.send(200, std::move(request.body));
  });
  fixture.start();
  HttpRequest request = request_to(fixture.server->port());
  request.method = "POST";
  request.body = "again";
  RetryOptions options;
  options.base_delay = Millis(1);
  std::promise<Result<HttpResponse>> told;
  send_with_retry(*fixture.client, request, RetryPolicy(options), fixture.runtime->shard(0),
                  [&](Result<HttpResponse> outcome) { told.set_value(std::move(outcome)); });
  const auto outcome = get(told.get_future());
  REQUIRE(outcome);
  CHECK(outcome->body == "again");
  CHECK(asked == 3);
}
