#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/net/http_server.hpp"

namespace voicebridge::test {

/// The value of a future that the other threads owe within ten seconds.
template <class T>
T get(std::future<T> future) {
  if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
    throw std::runtime_error("nothing came");
  }
  return future.get();
}

/// A runtime and a server on a free port of the loopback address.
struct ServerFixture {
  explicit ServerFixture(HttpServerOptions options = {}, unsigned threads = 1) {
    RuntimeOptions runtime_options;
    runtime_options.threads = threads;
    runtime = Runtime::create(runtime_options).value();
    server = HttpServer::create(*runtime, std::move(options)).value();
  }

  /// The routes that most tests need: `/echo` gives the body back, `/silent` never answers.
  ServerFixture& with_common_routes() {
    server->route("POST", "/echo", [](HttpServerRequest request, HttpResponder responder) {
      responder.send(200, std::move(request.body), "application/octet-stream");
    });
    server->route("GET", "/hello", [](HttpServerRequest, HttpResponder responder) {
      responder.send(200, "hello", "text/plain");
    });
    server->route("GET", "/silent", [this](HttpServerRequest, HttpResponder responder) {
      silent.push_back(responder);
      silent_count.fetch_add(1);
    });
    return *this;
  }

  ServerFixture& start() {
    const auto started = server->start();
    REQUIRE(started);
    REQUIRE(server->port() != 0);
    return *this;
  }

  std::uint64_t count(const std::string& counter) {
    return runtime->metrics().counter(counter).value();
  }
  std::string url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + target;
  }

  std::vector<HttpResponder> silent;  ///< Of the shard's thread.
  std::atomic<int> silent_count{0};
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<HttpServer> server;
};

}  // namespace voicebridge::test
