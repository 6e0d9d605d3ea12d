#include "net/http_response_writer.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace voicebridge::net;

namespace {

HttpResponse response_of(int status, std::string body = "", HttpHeaders headers = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

HttpResponseContext context() {
  HttpResponseContext context;
  context.date = 784111777;
  return context;
}

const std::string kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

}  // namespace

TEST_CASE("a response is written with its length and date") {
  CHECK(write_http_response(response_of(200, "hi", {{"Content-Type", "text/plain"}}), context()) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n" + kDate + "\r\nhi");
  CHECK(write_http_response(response_of(299), context()) ==
        "HTTP/1.1 299 \r\nContent-Length: 0\r\n" + kDate + "\r\n");
}

TEST_CASE("the connection's fate is told where it is not understood") {
  HttpResponseContext closing = context();
  closing.keep_alive = false;
  CHECK(write_http_response(response_of(200), closing) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + kDate + "Connection: close\r\n\r\n");
  HttpResponseContext old = context();
  old.to_http_1_0 = true;
  CHECK(write_http_response(response_of(200), old) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + kDate + "Connection: keep-alive\r\n\r\n");
}

TEST_CASE("HEAD gets the length without the body, 204 and 304 neither") {
  HttpResponseContext head = context();
  head.to_head = true;
  CHECK(write_http_response(response_of(200, "hello"), head) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + kDate + "\r\n");
  CHECK(write_http_response(response_of(204, "x"), context()) ==
        "HTTP/1.1 204 No Content\r\n" + kDate + "\r\n");
  CHECK(write_http_response(response_of(304, "x"), context()) ==
        "HTTP/1.1 304 Not Modified\r\n" + kDate + "\r\n");
}

TEST_CASE("a handler has no say in the framing") {
  const HttpHeaders headers{{"content-length", "99"},
                            {"Transfer-Encoding", "chunked"},
                            {"Connection", "upgrade"},
                            {"date", "now"},
                            {"X", "kept"}};
  CHECK(write_http_response(response_of(200, "hi", headers), context()) ==
        "HTTP/1.1 200 OK\r\nX: kept\r\nContent-Length: 2\r\n" + kDate + "\r\nhi");
}

TEST_CASE("a response that would break the message becomes a 500") {
  const HttpResponse bad =
      GENERATE(response_of(200, "", {{"X", "a\r\nSet-Cookie: b"}}),
               response_of(200, "", {{"X", "a\nb"}}), response_of(200, "", {{"X\r\nY", "a"}}),
               response_of(200, "", {{"X Y", "a"}}), response_of(200, "", {{"", "a"}}),
               response_of(0), response_of(101), response_of(199), response_of(600));
  const std::string written = write_http_response(bad, context());
  CHECK(written.rfind("HTTP/1.1 500 Internal Server Error\r\n", 0) == 0);
  CHECK(written.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("errors are JSON") {
  const HttpResponse error = http_error(413, "body \"too\" large");
  CHECK(error.status == 413);
  CHECK(error.headers.find("content-type") == "application/json");
  CHECK(error.body == R"({"error":{"code":"payload_too_large","message":"body \"too\" large"}})");
}
