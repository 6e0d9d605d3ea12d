#include "net/http_session.hpp"

#include "support/catch.hpp"
#include "support/cuts.hpp"

using namespace voicebridge;
using namespace voicebridge::net;
using Stage = HttpSession::Stage;

namespace {

/// A session with its peer and its owner: answers what is asked, takes what is written.
struct Peer {
  explicit Peer(HttpServerOptions peer_options = {})
      : options(std::move(peer_options)), counters(metrics), session(options, counters, now) {}

  void say(std::string_view bytes) { session.receive(bytes, now); }

  void answer(int status = 200, const std::string& body = "ok") {
    HttpResponse response;
    response.status = status;
    response.body = body;
    session.respond(session.request_number(), response, now);
  }

  /// What the session says, all of it sent.
  std::string hear() {
    std::string heard = session.take_output();
    session.output_sent(now);
    return heard;
  }

  /// The number after "HTTP/1.1 "; 0 when nothing was said.
  int hear_status() {
    const std::string heard = hear();
    return heard.empty() ? 0 : std::stoi(heard.substr(9, 3));
  }

  void wait(Millis time) {
    now += time;
    session.on_deadline(now);
  }

  TimePoint now{std::chrono::hours(1)};
  MetricsRegistry metrics;
  HttpServerOptions options;
  HttpCounters counters;
  HttpSession session;
};

const std::string kGetSpaced = "GET /a%20b?c=d HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kClosing = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const std::string kWaiting =
    "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";

}  // namespace

TEST_CASE("requests are served one after another on one connection") {
  Peer peer;
  for (int round = 0; round < 3; ++round) {
    peer.say(kGetSpaced);
    REQUIRE(peer.session.stage() == Stage::offering);
    const HttpServerRequest request = peer.session.take_request(peer.now);
    CHECK(request.method == "GET");
    CHECK(request.target == "/a%20b?c=d");
    CHECK(request.path == "/a b");
    CHECK(peer.session.stage() == Stage::handling);
    CHECK_FALSE(peer.session.has_output());
    peer.answer();
    CHECK(peer.hear_status() == 200);
    CHECK(peer.session.stage() == Stage::reading);
  }
  CHECK(peer.counters.requests.value() == 3);
}

TEST_CASE("pipelined requests wait their turn, in every cut") {
  test::for_all_cuts(kGetSpaced + kGetSpaced + kClosing, [](const test::Pieces& pieces) {
    Peer peer;
    int served = 0;
    for (const auto piece : pieces) {
      peer.say(piece);
      while (peer.session.stage() == Stage::offering) {
        peer.session.take_request(peer.now);
        peer.answer(200 + served++);
        REQUIRE(peer.hear_status() == 199 + served);
      }
    }
    REQUIRE(served == 3);
    REQUIRE(peer.session.stage() == Stage::lingering);
  });
}

TEST_CASE("the end is orderly: the answer, then silence until the peer closes") {
  Peer peer;
  peer.say(kClosing + kGetSpaced);
  peer.session.take_request(peer.now);
  peer.answer();
  CHECK(peer.hear().find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(peer.session.stage() == Stage::lingering);
  peer.say(kGetSpaced);
  CHECK(peer.session.stage() == Stage::lingering);

  SECTION("the peer closes") { peer.session.receive_end(); }
  SECTION("the peer never does") {
    peer.wait(HttpSession::kLingerTimeout - Millis(1));
    CHECK(peer.session.stage() == Stage::lingering);
    peer.wait(Millis(1));
  }
  CHECK(peer.session.stage() == Stage::closed);
  CHECK_FALSE(peer.session.next_deadline());
  CHECK(peer.counters.requests.value() == 1);
}

TEST_CASE("HTTP/1.0 ends after one answer") {
  Peer peer;
  peer.say("GET /health HTTP/1.0\r\n\r\n");
  peer.session.take_request(peer.now);
  peer.answer();
  CHECK(peer.hear_status() == 200);
  CHECK(peer.session.stage() == Stage::lingering);
}

TEST_CASE("a client that waits for 100 Continue gets it once") {
  Peer peer;
  peer.say(kWaiting);
  CHECK(peer.hear() == "HTTP/1.1 100 Continue\r\n\r\n");
  peer.say("h");
  CHECK_FALSE(peer.session.has_output());
  peer.say("i");
  REQUIRE(peer.session.stage() == Stage::offering);
  CHECK(peer.session.take_request(peer.now).body == "hi");
}

TEST_CASE("a client that does not wait is not told to continue") {
  Peer peer;
  peer.say(kWaiting + "h");
  CHECK_FALSE(peer.session.has_output());
}

TEST_CASE("a body that is too large is refused before it is asked for") {
  HttpServerOptions options;
  options.max_body_bytes = 1;
  Peer peer(options);
  peer.say(kWaiting);
  CHECK(peer.hear_status() == 413);
  CHECK(peer.session.stage() == Stage::lingering);
  CHECK(peer.counters.faults.value() == 1);
}

TEST_CASE("a malformed request is answered and ends the connection, what is behind it unread") {
  Peer peer;
  peer.say("nonsense\r\n\r\n" + kGetSpaced);
  CHECK(peer.hear_status() == 400);
  CHECK(peer.session.stage() == Stage::lingering);
  CHECK(peer.counters.requests.value() == 0);
  CHECK(peer.counters.faults.value() == 1);
}

TEST_CASE("HEAD is answered without a body") {
  Peer peer;
  peer.say("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  peer.session.take_request(peer.now);
  peer.answer(200, "hello");
  const std::string heard = peer.hear();
  CHECK(heard.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(heard.substr(heard.size() - 4) == "\r\n\r\n");
}

TEST_CASE("a head that does not end in time is answered 408, whatever trickles in") {
  Peer peer;
  peer.say("GET / HT");
  for (int second = 0; second < 9; ++second) {
    peer.wait(Millis(1000));
    peer.say("T");
  }
  CHECK(peer.session.stage() == Stage::reading);
  peer.wait(Millis(1000));
  CHECK(peer.hear_status() == 408);
  CHECK(peer.session.stage() == Stage::lingering);
  CHECK(peer.counters.timeouts.value() == 1);
}

TEST_CASE("a body that does not end in time is answered 408") {
  Peer peer;
  peer.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
  for (int second = 0; second < 19; ++second) {
    peer.wait(Millis(1000));
    peer.say("x");
  }
  CHECK_FALSE(peer.session.has_output());
  peer.wait(Millis(1000));
  CHECK(peer.hear_status() == 408);
}

TEST_CASE("idle connections close without a word") {
  Peer peer;
  SECTION("before the first request, after the header time-out") {
    peer.wait(peer.options.header_timeout - Millis(1));
    CHECK(peer.session.stage() == Stage::reading);
  }
  SECTION("between requests, after the idle time-out") {
    peer.say(kGetSpaced);
    peer.session.take_request(peer.now);
    peer.answer();
    peer.hear();
    peer.wait(peer.options.idle_timeout - Millis(1));
    CHECK(peer.session.stage() == Stage::reading);
  }
  peer.wait(Millis(1));
  CHECK(peer.session.stage() == Stage::closed);
  CHECK_FALSE(peer.session.has_output());
}

TEST_CASE("a handler that does not answer in time is answered for, and too late then") {
  Peer peer;
  peer.say(kGetSpaced);
  peer.session.take_request(peer.now);
  const std::uint64_t slow = peer.session.request_number();
  peer.wait(peer.options.handler_timeout);
  CHECK(peer.hear_status() == 504);
  CHECK(peer.session.stage() == Stage::reading);

  peer.say(kGetSpaced);
  peer.session.take_request(peer.now);
  peer.session.respond(slow, HttpResponse{200, {}, "late"}, peer.now);
  CHECK_FALSE(peer.session.has_output());
  peer.answer(201);
  CHECK(peer.hear_status() == 201);
}

TEST_CASE("only the first answer to a request is written") {
  Peer peer;
  peer.say(kGetSpaced);
  peer.session.take_request(peer.now);
  peer.answer(200);
  peer.answer(201);
  CHECK(peer.hear_status() == 200);
  CHECK_FALSE(peer.session.has_output());
}

TEST_CASE("a peer that does not take its answer is cut, one that takes it slowly is not") {
  Peer peer;
  peer.say(kGetSpaced);
  peer.session.take_request(peer.now);
  peer.answer();
  peer.session.take_output();
  for (int second = 0; second < 60; ++second) {
    peer.wait(Millis(1000));
    peer.session.output_progress(peer.now);
  }
  CHECK(peer.session.stage() == Stage::sending);
  peer.wait(peer.options.body_timeout);
  CHECK(peer.session.stage() == Stage::closed);
}

TEST_CASE("a peer that closes its side") {
  Peer peer;
  SECTION("between requests is gone") {
    peer.session.receive_end();
    CHECK(peer.session.stage() == Stage::closed);
  }
  SECTION("within a request is gone") {
    peer.say("GET / HTTP");
    peer.session.receive_end();
    CHECK(peer.session.stage() == Stage::closed);
  }
  SECTION("behind requests still gets every answer") {
    peer.say(kGetSpaced + kGetSpaced);
    peer.session.take_request(peer.now);
    peer.session.receive_end();
    peer.answer();
    CHECK(peer.hear_status() == 200);
    REQUIRE(peer.session.stage() == Stage::offering);
    peer.session.take_request(peer.now);
    peer.answer();
    CHECK(peer.hear_status() == 200);
    CHECK(peer.session.stage() == Stage::closed);
  }
}

TEST_CASE("draining closes what is idle and ends what runs") {
  Peer peer;
  SECTION("idle") {
    peer.session.drain();
    CHECK(peer.session.stage() == Stage::closed);
  }
  SECTION("within a head") {
    peer.say(kGetSpaced.substr(0, 10));
    peer.session.drain();
    peer.say(kGetSpaced.substr(10) + kGetSpaced);
    peer.session.take_request(peer.now);
    peer.answer();
    CHECK(peer.hear().find("Connection: close") != std::string::npos);
    CHECK(peer.session.stage() == Stage::lingering);
  }
  SECTION("while the answer goes out") {
    peer.say(kGetSpaced + kGetSpaced);
    peer.session.take_request(peer.now);
    peer.answer();
    peer.session.drain();
    CHECK(peer.hear_status() == 200);
    CHECK(peer.session.stage() == Stage::lingering);
  }
}

TEST_CASE("a connection that becomes a WebSocket gives up what came behind the head") {
  Peer peer;
  peer.say(kGetSpaced + "frame");
  peer.session.take_request(peer.now);
  CHECK(peer.session.raw_head() == kGetSpaced);
  peer.say("s");
  CHECK(peer.session.detach() == "frames");
  CHECK(peer.session.stage() == Stage::closed);
}
