#include "voicebridge/web/media_session.hpp"

#include "support/catch.hpp"
#include "web_bench.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using Lines = std::vector<std::string>;

TEST_CASE("A good hello is answered by hello, ready and the events behind the last one seen") {
  WebBench bench;
  bench.feed->add(R"({"type":"state","state":"connecting"})");
  bench.feed->add(R"({"type":"state","state":"listening"})");
  bench.hello(1);
  CHECK(bench.sink.sent ==
        Lines{R"({"type":"hello","session_id":"ws_1","agent":"Anna","language":"fr","seq":1})",
              R"({"type":"ready","sample_rate":24000})",
              R"({"type":"state","state":"listening","seq":2})"});
  REQUIRE(bench.ear->starts.size() == 1);
  CHECK(bench.ear->starts[0].call_id == "ws_1");
  CHECK(bench.ear->starts[0].inbound == AudioFormat::l16(24000));
  CHECK(bench.ear->starts[0].outbound == AudioFormat::l16(24000));
  bench.hello();
  CHECK(bench.session->counters().ignored == 1);
  CHECK(bench.hellos.size() == 1);
}

TEST_CASE("Who is not admitted is closed with a code that says why") {
  const auto code_for = [](Errc refusal) {
    WebBench bench;
    bench.refusal = refusal;
    bench.say(R"({"type":"hello","session_id":"ws_1","token":"bad"})");
    CHECK(bench.sink.sent.empty());
    REQUIRE(bench.sink.closed.size() == 1);
    CHECK(bench.ear->stops.empty());
    return bench.sink.closed[0];
  };
  CHECK(code_for(Errc::unauthenticated) == 4401);
  CHECK(code_for(Errc::not_found) == 4401);
  CHECK(code_for(Errc::conflict) == 4409);
  CHECK(code_for(Errc::resource_exhausted) == 4429);
  CHECK(code_for(Errc::unavailable) == 1011);
}

TEST_CASE("What comes before the hello closes the socket") {
  const auto refused = [](auto&& first) {
    WebBench bench;
    first(bench);
    return bench.sink.closed == std::vector<std::uint16_t>{4401} && bench.sink.sent.empty() &&
           bench.said.empty() && bench.hellos.empty();
  };
  CHECK(refused([](WebBench& b) { b.say(R"({"type":"ping"})"); }));
  CHECK(refused([](WebBench& b) { b.say(R"({"type":"text","text":"hello"})"); }));
  CHECK(refused([](WebBench& b) { b.say("not json"); }));
  CHECK(refused([](WebBench& b) { b.say(R"({"type":"hello","session_id":"","token":"good"})"); }));
  CHECK(refused([](WebBench& b) { b.microphone(961); }));
}

TEST_CASE("A hello that does not come in five seconds closes the socket") {
  WebBench bench;
  CHECK(bench.session->next_deadline() == web_time(5000));
  bench.session->on_deadline(web_time(4999));
  CHECK(bench.sink.closed.empty());
  bench.session->on_deadline(web_time(5000));
  CHECK(bench.sink.closed == std::vector<std::uint16_t>{4401});
  CHECK_FALSE(bench.session->next_deadline());
  bench.hello();
  CHECK(bench.hellos.empty());
}

TEST_CASE("The microphone's frames are handed on with their place in time") {
  WebBench bench;
  bench.hello();
  bench.microphone(1920, 40);
  bench.microphone(960, 60);
  bench.microphone(1920, 100);
  CHECK(bench.ear->positions == std::vector<Millis>{Millis(0), Millis(40), Millis(60)});
  CHECK(bench.ear->heard == std::string(4800, 'm'));
  CHECK(bench.session->counters().frames_in == 3);
}

TEST_CASE("A frame that is none is not handed on") {
  WebBench bench;
  bench.hello();
  bench.microphone(0);
  bench.microphone(961);
  bench.microphone(48002);
  CHECK(bench.ear->heard.empty());
  CHECK(bench.session->counters().malformed == 3);
}

TEST_CASE("A page cannot send much more audio than time passes") {
  WebBench bench;
  bench.hello();
  for (int i = 0; i < 300; ++i) bench.microphone(1920, 0);
  CHECK(bench.session->counters().frames_in == 125);  // 5 s
  CHECK(bench.session->counters().too_fast == 175);
  bench.microphone(1920, 40);
  CHECK(bench.session->counters().frames_in == 126);
}

TEST_CASE("Audio goes out in frames of 40 ms at most") {
  WebBench bench;
  bench.hello();
  bench.sink.sent.clear();
  CHECK(bench.speak(4800));
  CHECK(bench.sink.sent == Lines{"<1920>", "<1920>", "<960>"});
  CHECK(bench.sink.audio.size() == 4800);
  CHECK(bench.session->counters().bytes_out == 4800);
}

TEST_CASE("Audio that does not fit is refused whole") {
  WebBench bench;
  CHECK_FALSE(bench.speak(960));  // before the hello
  bench.hello();
  CHECK_FALSE(bench.speak(961));
  CHECK_FALSE(bench.speak(31 * 48000));
  const Bytes other(160, 0xFF);
  CHECK_FALSE(bench.session->send_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), other)));
  CHECK_FALSE(
      bench.session->send_audio(AudioPayload::from_base64(AudioFormat::l16(24000), "%%%%")));
  bench.sink.waiting = 256 * 1024;
  CHECK_FALSE(bench.speak(960));
  bench.sink.waiting = 0;
  bench.sink.status = SendStatus::dropped;
  CHECK_FALSE(bench.speak(960));
  CHECK(bench.sink.audio.empty());
  CHECK(bench.session->counters().dropped_out == 7);
  bench.sink.status = SendStatus::sent;
  CHECK(bench.session->send_audio(AudioPayload::from_base64(AudioFormat::l16(24000), "AAAA")) ==
        false);  // three bytes
  CHECK(bench.session->send_audio(AudioPayload::from_base64(AudioFormat::l16(24000), "AAAAAA==")));
}

TEST_CASE("Marks come back by their names, whatever order the page answers in") {
  WebBench bench;
  bench.hello();
  bench.sink.sent.clear();
  bench.session->send_mark("a");
  bench.session->send_mark("b \"quoted\"");
  bench.session->send_mark("");
  CHECK(bench.sink.sent == Lines{R"({"type":"mark","name":"1"})", R"({"type":"mark","name":"2"})"});
  bench.say(R"({"type":"played","name":"2"})");
  bench.say(R"({"type":"played","name":"1"})");
  bench.say(R"({"type":"played","name":"1"})");
  bench.say(R"({"type":"played","name":"x"})");
  bench.say(R"({"type":"played","name":"99999999999999999999999"})");
  CHECK(bench.ear->marks == Lines{"b \"quoted\"", "a"});
  CHECK(bench.session->counters().ignored == 3);
}

TEST_CASE("A thousand marks wait at most; the oldest are forgotten") {
  WebBench bench;
  bench.hello();
  for (int i = 1; i <= 1001; ++i) bench.session->send_mark("m" + std::to_string(i));
  bench.say(R"({"type":"played","name":"1"})");
  bench.say(R"({"type":"played","name":"2"})");
  CHECK(bench.ear->marks == Lines{"m2"});
}

TEST_CASE("Positions are of the audio since the last clear, and exact") {
  WebBench bench;
  bench.hello();
  bench.speak(9600);  // 4800 samples, 200 ms
  bench.say(R"({"type":"position","played_samples":2400})", 100);
  CHECK(bench.ear->played == std::vector<Micros>{Micros(100000)});
  bench.session->clear();
  CHECK(bench.sink.sent.back() == R"({"type":"clear"})");
  CHECK(bench.sink.sent[bench.sink.sent.size() - 2] == R"({"type":"mark","name":"1"})");
  bench.speak(4800);
  // On its way when the page was told to clear: of what was before.
  bench.say(R"({"type":"position","played_samples":3000})", 120);
  CHECK(bench.ear->played.size() == 1);
  bench.say(R"({"type":"played","name":"1","dropped":true,"played_samples":3100})", 130);
  CHECK(bench.ear->marks.empty());
  bench.say(R"({"type":"position","played_samples":4300})", 180);
  CHECK(bench.ear->played.back() == Micros(50000));
  CHECK(bench.session->counters().bad_positions == 0);
}

TEST_CASE("A page that does not say where it cleared is believed no positions after that") {
  WebBench bench;
  bench.hello();
  bench.speak(9600);
  bench.session->clear();
  bench.speak(9600);
  bench.session->send_mark("behind");
  bench.say(R"({"type":"played","name":"1","dropped":true})");
  bench.say(R"({"type":"position","played_samples":4000})");
  CHECK(bench.ear->played.empty());
  bench.say(R"({"type":"played","name":"2"})");
  CHECK(bench.ear->marks == Lines{"behind"});
}

TEST_CASE("A position that cannot be is ignored") {
  WebBench bench;
  bench.hello();
  bench.speak(9600);
  bench.say(R"({"type":"position","played_samples":4801})");
  bench.say(R"({"type":"position","played_samples":4000})");
  bench.say(R"({"type":"position","played_samples":3999})");
  CHECK(bench.ear->played.size() == 1);
  CHECK(bench.session->counters().bad_positions == 2);
}

TEST_CASE("Marks that a clear dropped come back, and are not taken for later ones") {
  WebBench bench;
  bench.hello();
  bench.session->send_mark("x");
  bench.session->clear();
  bench.session->send_mark("x");
  bench.say(R"({"type":"played","name":"1","dropped":true})");
  CHECK(bench.ear->marks == Lines{"x"});
  bench.say(R"({"type":"played","name":"3"})");
  CHECK(bench.ear->marks == Lines{"x", "x"});
}

TEST_CASE("What is no matter of audio goes to the application") {
  WebBench bench;
  bench.hello();
  bench.sink.sent.clear();
  bench.say(R"({"type":"text","text":"Bonjour"})");
  bench.say(R"({"type":"call"})");
  bench.say(R"({"type":"ping"})");
  CHECK(bench.sink.sent == Lines{R"({"type":"pong"})"});
  REQUIRE(bench.said.size() == 2);
  CHECK(std::get<web::PageText>(bench.said[0]).text == "Bonjour");
  CHECK(std::holds_alternative<web::PageCall>(bench.said[1]));
}

TEST_CASE("Too many malformed messages close the socket, and the stream with a reason") {
  WebBench bench;
  bench.hello();
  for (int i = 0; i < 100; ++i) bench.say("{", i * 10);
  CHECK(bench.sink.closed.empty());
  bench.say("{", 2000);
  CHECK(bench.sink.closed == std::vector<std::uint16_t>{1008});
  REQUIRE(bench.ear->stops.size() == 1);
  REQUIRE(bench.ear->stops[0]);
  CHECK(bench.ear->stops[0]->code == Errc::protocol_error);
  bench.session->on_socket_closed(1008, web_time(2001));
  CHECK(bench.ear->stops.size() == 1);
}

TEST_CASE("A flood of messages counts as malformed") {
  WebBench bench;
  bench.hello();
  for (int i = 0; i < 1099; ++i) bench.say(R"({"type":"ping"})");
  CHECK(bench.sink.closed.empty());
  CHECK(bench.session->counters().malformed == 100);
  bench.say(R"({"type":"ping"})", 1000);
  CHECK(bench.session->counters().malformed == 100);
}

TEST_CASE("A microphone that stays away is told once until it comes back") {
  WebBench bench;
  bench.hello();
  CHECK(bench.session->next_deadline() == web_time(10000));
  bench.session->on_deadline(web_time(10000));
  REQUIRE(bench.troubles.size() == 1);
  CHECK_FALSE(bench.session->next_deadline());
  bench.microphone(1920, 11000);
  CHECK(bench.session->next_deadline() == web_time(21000));
  CHECK(bench.session->counters().gaps == 1);
  CHECK(bench.sink.closed.empty());
}

TEST_CASE("The end of the audio is not the end of the socket") {
  WebBench bench;
  bench.hello();
  bench.session->close();
  bench.session->close();
  CHECK(bench.wakes == 1);
  CHECK(bench.ear->stops.empty());  // not inside the call
  CHECK_FALSE(bench.speak(960));
  bench.session->on_wake(web_time(1));
  REQUIRE(bench.ear->stops.size() == 1);
  CHECK_FALSE(bench.ear->stops[0]);
  bench.sink.sent.clear();
  bench.feed->add(R"({"type":"call","state":"ringing"})");
  CHECK(bench.wakes == 2);
  bench.session->on_wake(web_time(2));
  CHECK(bench.sink.sent == Lines{R"({"type":"call","state":"ringing","seq":1})"});
  bench.microphone(1920, 3);
  CHECK(bench.ear->heard.empty());
  CHECK(bench.sink.closed.empty());
}

TEST_CASE("When the feed is closed the socket closes behind the last event") {
  WebBench bench;
  bench.hello();
  bench.feed->add(R"({"type":"bye","reason":"hangup"})");
  bench.feed->close();
  bench.session->on_wake(web_time(5));
  CHECK(bench.sink.sent.back() == R"({"type":"bye","reason":"hangup","seq":1})");
  CHECK(bench.sink.closed == std::vector<std::uint16_t>{1000});
  bench.session->on_socket_closed(1000, web_time(6));
  REQUIRE(bench.ear->stops.size() == 1);
  CHECK_FALSE(bench.ear->stops[0]);
}

TEST_CASE("A slow page gets its events when it can take them") {
  WebBench bench(false);
  bench.hello();
  bench.sink.sent.clear();
  bench.sink.waiting = 64 * 1024;
  for (int i = 0; i < 40; ++i) bench.feed->add(R"({"type":"a"})");
  bench.session->on_wake(web_time(1));
  CHECK(bench.sink.sent.empty());
  bench.sink.waiting = 0;
  bench.session->on_writable(web_time(2));
  REQUIRE(bench.sink.sent.size() == 40);
  CHECK(bench.sink.sent.back() == R"({"type":"a","seq":40})");
}

TEST_CASE("A page that comes for events kept no longer is told so, and gets the rest") {
  WebBench bench(false);
  for (int i = 0; i < 510; ++i) bench.feed->add(R"({"type":"a"})");
  bench.hello(3);
  REQUIRE(bench.sink.sent.size() == 502);
  CHECK(bench.sink.sent[1].find(R"("code":"events_lost")") != std::string::npos);
  CHECK(bench.sink.sent[1].find(R"("seq":10)") != std::string::npos);
  CHECK(bench.sink.sent[2] == R"({"type":"a","seq":11})");
  CHECK(bench.session->counters().events_lost == 7);
}

TEST_CASE("A socket for events alone has no audio") {
  WebBench bench(false);
  bench.hello();
  CHECK(bench.sink.sent.size() == 1);
  CHECK(bench.ear->starts.empty());
  bench.microphone(1920);
  CHECK(bench.session->counters().malformed == 1);
  CHECK_FALSE(bench.session->next_deadline());
  bench.session->on_socket_closed(1006, web_time(1));
  CHECK(bench.ear->stops.empty());
}

TEST_CASE("A page that leaves ends the stream without a fault; a lost socket is one") {
  const auto stop = [](std::uint16_t code) {
    WebBench bench;
    bench.hello();
    bench.session->on_socket_closed(code, web_time(9));
    REQUIRE(bench.ear->stops.size() == 1);
    bench.session->on_socket_closed(code, web_time(9));
    CHECK_FALSE(bench.speak(960));
    CHECK(bench.ear->stops.size() == 1);
    return bench.ear->stops[0];
  };
  CHECK_FALSE(stop(1000));
  CHECK_FALSE(stop(1001));
  REQUIRE(stop(1006));
  CHECK(stop(1006)->code == Errc::unavailable);
}

TEST_CASE("A stream that is refused after it was given away is told of its end") {
  WebBench bench;
  std::vector<std::shared_ptr<void>> listeners;
  for (int i = 0; i < 4; ++i) listeners.push_back(bench.feed->listen([] {}));
  bench.hello();
  CHECK(bench.sink.closed == std::vector<std::uint16_t>{4429});
  CHECK(bench.ear->starts.empty());
  REQUIRE(bench.ear->stops.size() == 1);
  CHECK(bench.ear->stops[0]);
}
