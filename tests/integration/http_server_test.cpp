#include "voicebridge/net/http_server.hpp"

#include <array>
#include <thread>

#include "integration/http_fixture.hpp"
#include "support/raw_socket.hpp"

using namespace voicebridge;
using test::get;
using test::RawResponse;
using test::RawSocket;
using test::ServerFixture;

namespace {

std::string request_for(const std::string& line, const std::string& headers = "") {
  return line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

RawResponse ask(const ServerFixture& fixture, const std::string& request) {
  RawSocket socket(fixture.server->port());
  socket.send(request);
  return socket.receive_response();
}

}  // namespace

TEST_CASE("a handler gets the request as it was sent, and its answer goes back") {
  ServerFixture fixture;
  std::promise<HttpServerRequest> seen;
  fixture.server->route("POST", "/calls/{id}",
                        [&](HttpServerRequest request, HttpResponder responder) {
                          seen.set_value(std::move(request));
                          HttpResponse response;
                          response.status = 202;
                          response.headers.add("X-Answer", "yes");
                          response.body = std::string("a\0b", 3);
                          responder.send(std::move(response));
                        });
  fixture.start();

  const std::string body("{\"raw\":\0 }", 10);
  const RawResponse response = ask(
      fixture, request_for("POST /calls/v3%3Ax?y=1", "X-Test: 7\r\nContent-Length: 10\r\n") + body);
  CHECK(response.status == 202);
  CHECK(response.has("X-Answer: yes\r\n"));
  CHECK(response.has("\r\nDate: "));
  CHECK(response.body == std::string("a\0b", 3));

  const HttpServerRequest request = get(seen.get_future());
  CHECK(request.method == "POST");
  CHECK(request.target == "/calls/v3%3Ax?y=1");
  CHECK(request.path == "/calls/v3:x");
  CHECK(request.parameters.at("id") == "v3:x");
  CHECK(request.headers.find("x-test") == "7");
  CHECK(request.body == body);
  CHECK(request.remote_address == "127.0.0.1");
  CHECK(request.shard == &fixture.runtime->shard(0));
}

TEST_CASE("paths and methods without a route are told apart") {
  ServerFixture fixture;
  fixture.with_common_routes();
  fixture.server->websocket("/stream", [](const HttpServerRequest&) { return HttpResponse{}; });
  fixture.start();
  CHECK(ask(fixture, request_for("GET /nowhere")).status == 404);
  const RawResponse wrong_method = ask(fixture, request_for("DELETE /hello"));
  CHECK(wrong_method.status == 405);
  CHECK(wrong_method.has("Allow: GET, HEAD\r\n"));
  const RawResponse plain = ask(fixture, request_for("GET /stream"));
  CHECK(plain.status == 426);
  CHECK(plain.has("Upgrade: websocket\r\n"));
}

TEST_CASE("one connection serves many requests, also when they come at once") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  for (int i = 0; i < 3; ++i) {
    socket.send(request_for("GET /hello"));
    CHECK(socket.receive_response().body == "hello");
  }
  std::string many;
  for (int i = 0; i < 50; ++i) {
    const std::string body = "request " + std::to_string(i);
    many +=
        request_for("POST /echo", "Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
  }
  socket.send(many);
  for (int i = 0; i < 50; ++i)
    REQUIRE(socket.receive_response().body == "request " + std::to_string(i));
  CHECK(fixture.count("net.http.connections") == 1);
  CHECK(fixture.count("net.http.requests") == 53);
}

TEST_CASE("answers of other threads keep the order of the requests") {
  ServerFixture fixture;
  std::vector<std::thread> threads;  // of the shard's thread, until the server is gone
  fixture.server->route("GET", "/{n}", [&](HttpServerRequest request, HttpResponder responder) {
    threads.emplace_back([n = request.parameters.at("n"), responder] { responder.send(200, n); });
  });
  fixture.start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("GET /1") + request_for("GET /2") + request_for("GET /3"));
  for (const char* expected : {"1", "2", "3"}) CHECK(socket.receive_response().body == expected);
  fixture.server.reset();
  for (auto& thread : threads) thread.join();
}

TEST_CASE("HEAD gets the head of GET") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("HEAD /hello") + request_for("GET /hello"));
  const RawResponse head = socket.receive_response(true);
  CHECK(head.status == 200);
  CHECK(head.has("Content-Length: 5\r\n"));
  CHECK(socket.receive_response().body == "hello");
}

TEST_CASE("a load balancer's HTTP/1.0 check is answered and the connection closed") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send("GET /hello HTTP/1.0\r\n\r\n");
  const RawResponse response = socket.receive_response();
  CHECK(response.status == 200);
  CHECK(response.has("Connection: close\r\n"));
  CHECK(socket.receive().empty());
}

TEST_CASE("malformed requests are answered and the connection closed") {
  struct Bad {
    std::string bytes;
    int status;
  };
  const std::string nul("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 33);
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const Bad bad = GENERATE_COPY(
      Bad{"nonsense\r\n\r\n", 400}, Bad{"GET /\r\n\r\n", 400}, Bad{"GET / HTTP/1.1\r\n\r\n", 400},
      Bad{"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505}, Bad{nul, 400},
      Bad{"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},
      Bad{post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400},
      Bad{post + "Content-Length: -5\r\n\r\n", 400}, Bad{post + "Content-Length: 5x\r\n\r\n", 400},
      Bad{post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      Bad{post + "Transfer-Encoding: gzip\r\n\r\n", 501}, Bad{post + "Expect: cake\r\n\r\n", 417},
      Bad{post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      Bad{post + "Content-Length: 99999999\r\n\r\n", 413},
      Bad{"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'x') + "\r\n\r\n", 431},
      Bad{"GET /" + std::string(20000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      Bad{"\x16\x03\x01\x02\x01\x01\r\n\r\n", 400});
  INFO(bad.bytes.substr(0, 80));
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(bad.bytes);
  const RawResponse response = socket.receive_response();
  CHECK(response.status == bad.status);
  CHECK(response.has("Connection: close\r\n"));
  CHECK(socket.receive_until_end().empty());
  CHECK(fixture.count("net.http.requests") == 0);
  // Nobody else has noticed.
  CHECK(ask(fixture, request_for("GET /hello")).status == 200);
}

TEST_CASE("a client that keeps sending a body that is too large still reads why") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("POST /echo", "Content-Length: 8000000\r\n"));
  const std::string piece(100000, 'x');
  for (int i = 0; i < 80; ++i) REQUIRE(socket.send(piece));
  CHECK(socket.receive_response().status == 413);
}

TEST_CASE("a body in chunks is handed over whole") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("POST /echo", "Transfer-Encoding: chunked\r\n"));
  socket.send("4\r\nwhat\r\n");
  socket.send("1;x=y\r\n \r\n5\r\ncomes\r\n0\r\nTrailer: t\r\n\r\n");
  CHECK(socket.receive_response().body == "what comes");
  socket.send(request_for("GET /hello"));
  CHECK(socket.receive_response().body == "hello");
}

TEST_CASE("a client that waits to be told is told to continue") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("POST /echo", "Expect: 100-continue\r\nContent-Length: 4\r\n"));
  CHECK(socket.receive_response().status == 100);
  socket.send("body");
  CHECK(socket.receive_response().body == "body");
}

TEST_CASE("a client that closes its side after the request still gets the answer") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("GET /hello") + request_for("GET /hello"));
  socket.finish();
  CHECK(socket.receive_response().body == "hello");
  CHECK(socket.receive_response().body == "hello");
  CHECK(socket.receive().empty());
}

TEST_CASE("slow clients are answered or dropped") {
  HttpServerOptions options;
  options.header_timeout = options.body_timeout = options.idle_timeout = Millis(250);
  ServerFixture fixture(options);
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  SECTION("a head that never ends") {
    socket.send("GET /hello HTTP/1.1\r\nX: ");
    CHECK(socket.receive_response().status == 408);
  }
  SECTION("a body that never comes") {
    socket.send(request_for("POST /echo", "Content-Length: 10\r\n") + "half");
    CHECK(socket.receive_response().status == 408);
  }
  SECTION("chunks that never end") {
    socket.send(request_for("POST /echo", "Transfer-Encoding: chunked\r\n") + "5\r\nhalf");
    CHECK(socket.receive_response().status == 408);
  }
  SECTION("nothing at all") {}
  SECTION("nothing after a request") {
    socket.send(request_for("GET /hello"));
    CHECK(socket.receive_response().status == 200);
  }
  CHECK(socket.receive().empty());
}

TEST_CASE("a client that does not read its answer is dropped") {
  HttpServerOptions options;
  options.body_timeout = Millis(60);
  ServerFixture fixture(options);
  fixture.server->route("GET", "/large", [](HttpServerRequest, HttpResponder responder) {
    responder.send(200, std::string(20'000'000, 'x'), "text/plain");
  });
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port(), 4096);
  socket.send(request_for("GET /large"));
  while (fixture.count("net.http.timeouts") == 0) std::this_thread::yield();
  CHECK(socket.receive_until_end().size() < 20'000'000);
}

TEST_CASE("a large answer arrives whole at a client that reads slowly") {
  std::string large;
  for (int i = 0; i < 400'000; ++i) large += std::to_string(i);
  ServerFixture fixture;
  fixture.server->route("GET", "/large", [&](HttpServerRequest, HttpResponder responder) {
    responder.send(200, large, "text/plain");
  });
  fixture.start();
  RawSocket socket(fixture.server->port(), 4096);
  socket.send(request_for("GET /large", "Connection: close\r\n"));
  const std::string all = socket.receive_until_end();
  CHECK(all.substr(all.find("\r\n\r\n") + 4) == large);
}

TEST_CASE("a handler that does not answer in time, or not at all, is answered for") {
  HttpServerOptions options;
  options.handler_timeout = Millis(250);
  ServerFixture fixture(options);
  fixture.server->route("GET", "/drop", [](HttpServerRequest, HttpResponder) {});
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  socket.send(request_for("GET /silent") + request_for("GET /drop") + request_for("GET /hello"));
  CHECK(socket.receive_response().status == 504);
  CHECK(socket.receive_response().status == 500);
  CHECK(socket.receive_response().status == 200);
}

TEST_CASE("an answer that comes after the client, or the server, has gone is dropped") {
  ServerFixture fixture;
  std::promise<HttpResponder> taken;
  fixture.server->route("GET", "/", [&](HttpServerRequest, HttpResponder responder) {
    taken.set_value(std::move(responder));
  });
  fixture.start();
  auto socket = std::make_unique<RawSocket>(fixture.server->port());
  socket->send(request_for("GET /"));
  const HttpResponder responder = get(taken.get_future());
  SECTION("the client") { socket.reset(); }
  SECTION("the server") { fixture.server.reset(); }
  SECTION("the runtime") {
    fixture.server.reset();
    fixture.runtime.reset();
  }
  responder.send(200, "late");
  if (socket) CHECK(socket->receive_until_end().empty());
}

TEST_CASE("no handler runs once the server is destroyed") {
  ServerFixture fixture;
  auto state = std::make_unique<std::atomic<int>>(0);
  fixture.server->route("GET", "/", [&](HttpServerRequest, HttpResponder responder) {
    state->fetch_add(1);  // the sanitizers tell if it is gone
    responder.send(200, "");
  });
  fixture.start();
  std::thread client([port = fixture.server->port()] {
    RawSocket socket(port);
    do {
      socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    } while (!socket.receive().empty());
  });
  while (state->load() < 100) std::this_thread::yield();
  fixture.server.reset();
  state.reset();
  client.join();
}

TEST_CASE("connections beyond the limit are told so") {
  HttpServerOptions options;
  options.max_connections = 2;
  ServerFixture fixture(options);
  fixture.with_common_routes().start();
  RawSocket first(fixture.server->port());
  first.send(request_for("GET /hello"));
  CHECK(first.receive_response().status == 200);
  {
    RawSocket second(fixture.server->port());
    second.send(request_for("GET /hello"));
    CHECK(second.receive_response().status == 200);
    RawSocket third(fixture.server->port());
    CHECK(third.receive_response().status == 503);
    CHECK(third.receive().empty());
  }
  CHECK(fixture.count("net.http.connections_refused") == 1);
  first.send(request_for("GET /hello"));
  CHECK(first.receive_response().status == 200);
}

TEST_CASE("two hundred clients are served by all shards of one port") {
  ServerFixture fixture({}, 2);
  std::array<std::atomic<int>, 2> served{};
  fixture.server->route("GET", "/{n}", [&](HttpServerRequest request, HttpResponder responder) {
    ++served[request.shard == &fixture.runtime->shard(0) ? 0 : 1];
    responder.send(200, request.parameters.at("n"));
  });
  fixture.start();
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 200; ++i) sockets.emplace_back(fixture.server->port());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      sockets[static_cast<std::size_t>(i)].send(request_for("GET /" + std::to_string(i)));
    }
    for (int i = 0; i < 200; ++i) {
      REQUIRE(sockets[static_cast<std::size_t>(i)].receive_response().body == std::to_string(i));
    }
  }
  CHECK(served[0] > 0);
  CHECK(served[1] > 0);
  CHECK(served[0] + served[1] == 600);
}

TEST_CASE("a stop lets running requests end and takes no new ones") {
  ServerFixture fixture({}, 2);
  fixture.with_common_routes().start();
  RawSocket idle(fixture.server->port());
  RawSocket busy(fixture.server->port());
  busy.send(request_for("GET /silent"));
  while (fixture.silent_count == 0) std::this_thread::yield();

  std::promise<bool> stopped;
  fixture.server->stop(Millis(10000), [&] { stopped.set_value(true); });
  CHECK(idle.receive().empty());
  auto done = stopped.get_future();
  CHECK(done.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  fixture.silent[0].send(200, "after all");
  const RawResponse response = busy.receive_response();
  CHECK(response.body == "after all");
  CHECK(response.has("Connection: close\r\n"));
  CHECK(busy.receive().empty());
  busy.finish();
  CHECK(get(std::move(done)));
  CHECK_THROWS(RawSocket(fixture.server->port()));
}

TEST_CASE("a stop cuts what has not ended after the grace") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket busy(fixture.server->port());
  busy.send(request_for("GET /silent"));
  while (fixture.silent_count == 0) std::this_thread::yield();
  std::promise<bool> first;
  std::promise<bool> second;
  fixture.server->stop(Millis(20), [&] { first.set_value(true); });
  fixture.server->stop(Millis(0), [&] { second.set_value(true); });
  CHECK(busy.receive().empty());
  CHECK(get(first.get_future()));
  CHECK(get(second.get_future()));
}

TEST_CASE("a server that was never started stops, too") {
  ServerFixture fixture;
  std::promise<bool> stopped;
  fixture.server->stop(Millis(0), [&] { stopped.set_value(true); });
  CHECK(get(stopped.get_future()));
}

TEST_CASE("what cannot be served is said at the start") {
  const auto runtime = Runtime::create({}).value();
  HttpServerOptions options;
  SECTION("half of a certificate") {
    options.tls_key_file = "key.pem";
    const auto server = HttpServer::create(*runtime, options);
    REQUIRE_FALSE(server);
    CHECK(server.error().field == "tls_certificate_file");
  }
  SECTION("a certificate that is not there") {
    options.tls_key_file = options.tls_certificate_file = "/nonexistent.pem";
    CHECK_FALSE(HttpServer::create(*runtime, options));
  }
  SECTION("heads larger than the parser takes") {
    options.max_header_bytes = 16001;
    CHECK(HttpServer::create(*runtime, options).error().field == "max_header_bytes");
  }
  SECTION("an address that is none") {
    options.address = "localhost:80";
    const auto server = HttpServer::create(*runtime, options).value();
    CHECK(server->start().error().field == "address");
  }
  SECTION("a route that is none") {
    const auto server = HttpServer::create(*runtime, options).value();
    server->route("GET", "no-slash", [](HttpServerRequest, HttpResponder) {});
    server->route("GET", "/fine", [](HttpServerRequest, HttpResponder) {});
    CHECK(server->start().error().field == "pattern");
  }
  SECTION("a second start") {
    const auto server = HttpServer::create(*runtime, options).value();
    CHECK(server->start());
    CHECK(server->start().error().code == Errc::conflict);
  }
}

TEST_CASE("a port that is taken is reported, also where shards share theirs") {
  const unsigned threads = GENERATE(1u, 2u);
  ServerFixture first({}, threads);
  first.start();
  HttpServerOptions options;
  options.port = first.server->port();
  ServerFixture second(options, threads);
  const auto started = second.server->start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::conflict);
  CHECK(started.error().field == "port");
}

TEST_CASE("a server serves on a loop that the application drives") {
  RuntimeOptions runtime_options;
  runtime_options.threads = 0;
  const auto runtime = Runtime::create(runtime_options).value();
  auto server = HttpServer::create(*runtime).value();
  server->route("GET", "/",
                [](HttpServerRequest, HttpResponder responder) { responder.send(200, "polled"); });
  REQUIRE(server->start());
  auto answer = std::async(std::launch::async, [port = server->port()] {
    RawSocket socket(port);
    socket.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return socket.receive_response().body;
  });
  while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) runtime->poll();
  CHECK(answer.get() == "polled");
}

TEST_CASE("a runtime that ends takes open connections with it") {
  ServerFixture fixture;
  fixture.with_common_routes().start();
  RawSocket idle(fixture.server->port());
  RawSocket busy(fixture.server->port());
  busy.send(request_for("GET /silent"));
  while (fixture.silent_count == 0) std::this_thread::yield();
  fixture.runtime->stop();
  fixture.server.reset();
  fixture.runtime.reset();
  CHECK(idle.receive().empty());
  CHECK(busy.receive().empty());
}
