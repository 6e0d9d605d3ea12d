#include "net/chunked_decoder.hpp"

#include "support/catch.hpp"
#include "support/cuts.hpp"

using namespace voicebridge;
using voicebridge::net::ChunkedDecoder;
using Status = ChunkedDecoder::Status;

namespace {

struct Decoded {
  Status status;
  std::string body;
  std::size_t taken;
};

Decoded decode(const test::Pieces& pieces, std::size_t limit = 100) {
  ChunkedDecoder decoder(limit);
  Decoded outcome{Status::more, "", 0};
  for (const auto piece : pieces) {
    const std::size_t taken = decoder.feed(piece, outcome.body);
    outcome.taken += taken;
    if (decoder.status() == Status::more) REQUIRE(taken == piece.size());
  }
  outcome.status = decoder.status();
  return outcome;
}

Status status_of(std::string_view text, std::size_t limit = 100) {
  return decode({text}, limit).status;
}

}  // namespace

TEST_CASE("chunks are joined in every cut, and nothing behind them is taken") {
  const std::string chunked =
      "5\r\nhello\r\n1;name=value\r\n,\r\n0A ; x=\"y\"\r\n chunked w\r\n"
      "00\r\nTrailer: one\r\nOther: two\r\n\r\n";
  test::for_all_cuts(chunked + "GET / HTTP/1.1\r\n", [&](const test::Pieces& pieces) {
    const Decoded outcome = decode(pieces);
    REQUIRE(outcome.status == Status::done);
    REQUIRE(outcome.body == "hello, chunked w");
    REQUIRE(outcome.taken == chunked.size());
  });
}

TEST_CASE("an empty chunked body is a body") { CHECK(status_of("0\r\n\r\n") == Status::done); }

TEST_CASE("no truncation is taken for the end") {
  const std::string chunked = "3\r\nabc\r\n0\r\nT: x\r\n\r\n";
  for (std::size_t size = 0; size < chunked.size(); ++size) {
    INFO(size);
    CHECK(status_of(chunked.substr(0, size)) == Status::more);
  }
}

TEST_CASE("malformed chunks are refused in every cut") {
  const std::string bad =
      GENERATE("\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1 1\r\n", ";a\r\n", "3\nabc\r\n",
               "3\r\nabcd\r\n", "3\r\nabc\n", "3\r\nab\r\n0\r\n\r\n", "3\rabc\r\n", "0\r\n\rx",
               "1\r\r\n", "1;\x01\r\n", "0\r\nT: \x01\r\n\r\n", "0\r\nT: a\nb: c\r\n\r\n");
  INFO(bad);
  test::for_all_cuts(
      bad, [](const test::Pieces& pieces) { REQUIRE(decode(pieces).status == Status::malformed); });
}

TEST_CASE("the body has a limit, which is noticed before the bytes come") {
  CHECK(status_of("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5) == Status::done);
  CHECK(status_of("3\r\nabc\r\n3\r\n", 5) == Status::too_large);
  CHECK(status_of("6\r\n", 5) == Status::too_large);
  CHECK(status_of("ffffffffffffffff\r\n", 5) == Status::too_large);
  CHECK(status_of("ffffffffffffffffffff\r\n", 5) == Status::too_large);
  CHECK(status_of("1\r\n", 0) == Status::too_large);
}

TEST_CASE("size lines and trailers have a limit") {
  const std::string long_line(ChunkedDecoder::kMaxLineBytes - 2, 'x');
  CHECK(status_of("1;" + long_line + "\r\n") == Status::more);
  CHECK(status_of("1;" + long_line + "x") == Status::malformed);
  CHECK(status_of("0\r\nT: " + std::string(ChunkedDecoder::kMaxTrailerBytes, 'x')) ==
        Status::malformed);
  std::string trailers = "0\r\n";
  while (trailers.size() <= 3 + ChunkedDecoder::kMaxTrailerBytes) trailers += "T: x\r\n";
  CHECK(status_of(trailers) == Status::malformed);
}

TEST_CASE("a decoder that is at its end takes nothing") {
  ChunkedDecoder decoder(10);
  std::string body;
  CHECK(decoder.feed("0\r\n\r\n", body) == 5);
  CHECK(decoder.feed("5\r\nhello\r\n", body) == 0);
  CHECK(body.empty());
}
