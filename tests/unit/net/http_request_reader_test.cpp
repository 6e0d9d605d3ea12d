#include "net/http_request_reader.hpp"

#include "support/catch.hpp"
#include "support/cuts.hpp"

using namespace voicebridge;
using voicebridge::net::HttpReaderLimits;
using voicebridge::net::HttpRequestReader;
using State = HttpRequestReader::State;

namespace {

/// Reads all requests from `pieces`: "METHOD target [body]" of each, then "state" of what is left.
std::vector<std::string> read_all(const test::Pieces& pieces, HttpReaderLimits limits = {}) {
  HttpRequestReader reader(limits);
  std::vector<std::string> seen;
  for (std::string_view piece : pieces) {
    while (!piece.empty() && reader.state() != State::failed) {
      const std::size_t taken = reader.feed(piece);
      piece.remove_prefix(taken);
      if (reader.state() != State::complete) {
        if (reader.state() != State::failed) REQUIRE(piece.empty());
        continue;
      }
      seen.push_back(reader.head().method + " " + reader.head().target + " [" + reader.take_body() +
                     "]");
      reader.reset();
    }
  }
  if (reader.state() == State::failed) seen.push_back(std::to_string(reader.fault().status));
  if (reader.state() == State::head) seen.push_back("head");
  if (reader.state() == State::body) seen.push_back("body");
  return seen;
}

using Seen = std::vector<std::string>;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kPost = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
const std::string kChunked =
    "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n";

}  // namespace

TEST_CASE("pipelined requests are told apart in every cut") {
  const Seen expected{"GET /a []", "POST /b [hello]", "PUT /c [abcde]", "GET /a []"};
  test::for_all_cuts(kGet + kPost + kChunked + kGet,
                     [&](const test::Pieces& pieces) { REQUIRE(read_all(pieces) == expected); });
}

TEST_CASE("a reader takes no byte of the next request") {
  HttpRequestReader reader({});
  CHECK(reader.feed(kPost + kGet) == kPost.size());
  CHECK(reader.state() == State::complete);
  CHECK(reader.feed(kGet) == 0);
  CHECK(reader.raw_head() == kPost.substr(0, kPost.size() - 5));
}

TEST_CASE("empty lines before a request are read over") {
  CHECK(read_all({"\r\n\r\n" + kGet}) == Seen{"GET /a []"});
  HttpRequestReader reader({});
  reader.feed("\r\n");
  CHECK(reader.state() == State::idle);
}

TEST_CASE("no truncation makes a request") {
  const std::string all = kPost;
  for (std::size_t size = 1; size < all.size(); ++size) {
    const bool in_head = size < all.size() - 5;
    INFO(size);
    CHECK(read_all({std::string_view(all).substr(0, size)}) == Seen{in_head ? "head" : "body"});
  }
}

TEST_CASE("the head has a limit") {
  HttpReaderLimits limits;
  limits.max_head_bytes = 200;
  const std::string start = "GET /a HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string fits = start + std::string(200 - start.size() - 4, 'x') + "\r\n\r\n";
  REQUIRE(fits.size() == 200);
  test::for_all_cuts(fits, [&](const test::Pieces& pieces) {
    REQUIRE(read_all(pieces, limits) == Seen{"GET /a []"});
  });
  const std::string too_large = start + std::string(200 - start.size() - 3, 'x') + "\r\n\r\n";
  test::for_all_cuts(too_large, [&](const test::Pieces& pieces) {
    REQUIRE(read_all(pieces, limits) == Seen{"431"});
  });
}

TEST_CASE("a request line that never ends is told to be too long") {
  HttpReaderLimits limits;
  limits.max_head_bytes = 100;
  CHECK(read_all({"GET /" + std::string(200, 'a')}, limits) == Seen{"414"});
  CHECK(read_all(test::cut_evenly("GET /" + std::string(200, 'a'), 1), limits) == Seen{"414"});
}

TEST_CASE("a head of the largest size meets no other limit but a clean refusal") {
  // websocketpp's parser counts one byte more a line: many short lines may meet its limit first.
  std::string head = "GET /a HTTP/1.1\r\nHost: h\r\n";
  while (head.size() < 15990) head += "A: b\r\n";
  CHECK(read_all({head + "\r\n"}) == Seen{"431"});
}

TEST_CASE("the body has a limit, known from the head or from the chunks") {
  HttpReaderLimits limits;
  limits.max_body_bytes = 5;
  CHECK(read_all({kPost}, limits) == Seen{"POST /b [hello]"});
  CHECK(read_all({kChunked}, limits) == Seen{"PUT /c [abcde]"});
  limits.max_body_bytes = 4;
  test::for_all_cuts(
      kPost, [&](const test::Pieces& pieces) { REQUIRE(read_all(pieces, limits) == Seen{"413"}); });
  test::for_all_cuts(kChunked, [&](const test::Pieces& pieces) {
    REQUIRE(read_all(pieces, limits) == Seen{"413"});
  });
}

TEST_CASE("malformed requests fail the same way in every cut") {
  const std::string bad = GENERATE(
      std::string("nonsense\r\n\r\n"), std::string("GET / HTTP/1.1\r\n\r\n"),
      std::string("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n"),
      std::string("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
      std::string("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nx"),
      std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
  test::for_all_cuts(bad,
                     [](const test::Pieces& pieces) { REQUIRE(read_all(pieces) == Seen{"400"}); });
}

TEST_CASE("a client that waits for 100 Continue is recognised until its body begins") {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  HttpRequestReader reader({});
  reader.feed(head);
  CHECK(reader.expects_continue());
  reader.feed("h");
  CHECK_FALSE(reader.expects_continue());
  reader.feed("i");
  CHECK(reader.state() == State::complete);

  HttpRequestReader impatient({});
  impatient.feed(head + "h");
  CHECK_FALSE(impatient.expects_continue());

  HttpRequestReader old({});
  old.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK_FALSE(old.expects_continue());
}

TEST_CASE("bytes of any value in a body come through") {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += static_cast<char>(i * 7);
  HttpRequestReader reader({});
  reader.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + body);
  REQUIRE(reader.state() == State::complete);
  CHECK(reader.take_body() == body);
}

TEST_CASE("random bytes never crash the reader nor make it take more than it got") {
  std::mt19937 random(42);
  for (int round = 0; round < 3000; ++round) {
    std::string text = (round % 3 == 0 ? kPost : round % 3 == 1 ? kChunked : kGet) + kGet;
    for (int n = 0; n < 1 + round % 4; ++n)
      text[random() % text.size()] = static_cast<char>(random());
    CHECK_NOTHROW(read_all(test::cut_randomly(text, static_cast<unsigned>(round))));
  }
}
