#include "net/http_head.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace voicebridge::net;

namespace {

/// The status a head is refused with; 0 when it is taken.
int fault_of(std::string_view head) {
  const auto parsed = parse_http_head(head);
  return parsed ? 0 : parsed.error().status;
}

HttpHead parse(std::string_view head) {
  auto parsed = parse_http_head(head);
  REQUIRE(parsed);
  return std::move(*parsed);
}

const std::string kHost = "Host: a\r\n";

std::string with(const std::string& lines) {
  return "POST / HTTP/1.1\r\n" + kHost + lines + "\r\n";
}

}  // namespace

TEST_CASE("a head is read") {
  const HttpHead head = parse(
      "POST /tools/save_lead?x=1 HTTP/1.1\r\nHost: example.com\r\nX-One:  padded \t\r\nx-two:\r\n"
      "Content-Length: 12\r\n\r\n");
  CHECK(head.method == "POST");
  CHECK(head.target == "/tools/save_lead?x=1");
  CHECK(head.http_1_1);
  CHECK(head.headers.find("host") == "example.com");
  CHECK(head.headers.find("x-one") == "padded");
  CHECK(head.headers.find("X-Two") == "");
  CHECK(head.content_length == 12u);
  CHECK_FALSE(head.chunked);
  CHECK(head.has_body());
}

TEST_CASE("repeated ordinary headers are joined") {
  CHECK(parse(with("Accept: a\r\naccept: b\r\n")).headers.find("accept") == "a, b");
}

TEST_CASE("keep-alive follows version and Connection") {
  const auto keeps = [](const std::string& version, const std::string& lines) {
    return parse("GET / " + version + "\r\n" + kHost + lines + "\r\n").keep_alive();
  };
  CHECK(keeps("HTTP/1.1", ""));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: upgrade, Close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.0", ""));
  CHECK(keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"));
}

TEST_CASE("an HTTP/1.0 health check needs no Host") {
  const HttpHead head = parse("GET /health HTTP/1.0\r\n\r\n");
  CHECK_FALSE(head.http_1_1);
  CHECK(head.target == "/health");
}

TEST_CASE("the absolute form of a target is brought into the origin form") {
  CHECK(parse("GET http://a.example/x?y HTTP/1.1\r\n" + kHost + "\r\n").target == "/x?y");
  CHECK(parse("OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n").target == "*");
}

TEST_CASE("broken request lines are refused") {
  const char* const line = GENERATE(
      "", " ", "GET", "GET /", "GET / ", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
      "GET / HTTP/1.1\r", "GET /\tHTTP/1.1", "GET / http/1.1", "GET / HTTP/11", "GET / HTTP/1.1x",
      "G(T / HTTP/1.1", "GET a HTTP/1.1", "GET * HTTP/1.1", "GET a:80 HTTP/1.1",
      "GET /\xc3\xa9 HTTP/1.1", "GET /a\x01 HTTP/1.1", "GET /a b HTTP/1.1", "\x16\x03\x01\x02");
  INFO(line);
  CHECK(fault_of(std::string(line) + "\r\n" + kHost + "\r\n") == 400);
}

TEST_CASE("other versions are named as such") {
  CHECK(fault_of("GET / HTTP/2.0\r\n" + kHost + "\r\n") == 505);
  CHECK(fault_of("GET / HTTP/1.2\r\n" + kHost + "\r\n") == 505);
  CHECK(fault_of("PRI * HTTP/2.0\r\n\r\n") == 505);
}

TEST_CASE("broken header lines are refused") {
  const std::string line =
      GENERATE("no colon", ": no name", "a b: c", "Content-Length : 5", " folded: line", "\tfolded",
               "a\tb: c", "bare\rreturn: x", "x: bare\rreturn", "x: bare\nfeed", "x: \x01",
               "x: \x7f", "\xc3\xa9: x");
  INFO(line);
  CHECK(fault_of(with(line + "\r\n")) == 400);
  CHECK(fault_of("GET / HTTP/1.1\r\n" + line + "\r\n" + kHost + "\r\n") == 400);
}

TEST_CASE("a NUL byte in a header is refused") {
  CHECK(fault_of(with(std::string("x: a\0b\r\n", 8))) == 400);
}

TEST_CASE("a folded line is refused also when it looks like a header") {
  CHECK(fault_of(with("A: b\r\n Content-Length: 5\r\n")) == 400);
}

TEST_CASE("Host is needed in HTTP/1.1, once") {
  CHECK(fault_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(fault_of(with("Host: b\r\n")) == 400);
  CHECK(fault_of("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 0);
}

TEST_CASE("the length of a body is read strictly") {
  const std::string bad =
      GENERATE("", "-1", "+5", "5x", "0x5", "5 5", "5, 5", "5,6", "1.0", "five", "5;", "-0");
  INFO(bad);
  CHECK(fault_of(with("Content-Length: " + bad + "\r\n")) == 400);
}

TEST_CASE("lengths and codings that two readers could take differently are refused") {
  CHECK(fault_of(with("Content-Length: 5\r\nContent-Length: 6\r\n")) == 400);
  CHECK(fault_of(with("Content-Length: 5\r\ncontent-length: 5\r\n")) == 400);
  CHECK(fault_of(with("Content-Length:\r\nContent-Length: 5\r\n")) == 400);
  CHECK(fault_of(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(fault_of(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(fault_of("POST / HTTP/1.0\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(fault_of(with("Transfer-Encoding: gzip, chunked\r\n")) == 501);
  CHECK(fault_of(with("Transfer-Encoding: identity\r\n")) == 501);
  CHECK(fault_of(with("Transfer-Encoding:\r\n")) == 501);
}

TEST_CASE("a length beyond any number is too large, not malformed") {
  CHECK(fault_of(with("Content-Length: 99999999999999999999999\r\n")) == 413);
  CHECK(parse(with("Content-Length: 18446744073709551615\r\n")).content_length ==
        18446744073709551615u);
}

TEST_CASE("bodies are told apart") {
  CHECK(parse(with("Transfer-Encoding: Chunked\r\n")).chunked);
  CHECK_FALSE(parse(with("Content-Length: 0\r\n")).has_body());
  CHECK_FALSE(parse(with("")).has_body());
}

TEST_CASE("expectations other than 100-continue are refused") {
  CHECK(fault_of(with("Expect: 100-Continue\r\n")) == 0);
  CHECK(fault_of(with("Expect: cake\r\n")) == 417);
}

TEST_CASE("no truncation of a head is taken for one") {
  const std::string head = with("Content-Length: 3\r\nA: b\r\n");
  REQUIRE(fault_of(head) == 0);
  for (std::size_t size = 0; size < head.size(); ++size) {
    INFO(size);
    CHECK(fault_of(head.substr(0, size)) == 400);
  }
}
