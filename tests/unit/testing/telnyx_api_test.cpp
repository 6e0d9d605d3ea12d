#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("dial names the parameter that is wrong") {
  Network net;
  const auto dial = [&](const std::string& body) { return net.post("/v2/calls", body); };
  CHECK(dial("{") == "400 10023");
  CHECK(dial("[]") == "400 10023");
  CHECK(dial("{}") == "422 10004 /connection_id");
  CHECK(dial(R"({"connection_id":"1","from":"+33199001234"})") == "422 10004 /to");
  CHECK(dial(R"({"connection_id":"1","to":"","from":"+33199001234"})") == "422 10004 /to");
  CHECK(dial(R"({"connection_id":"1","to":"0612","from":"+33199001234"})") == "422 10016 /to");
  CHECK(dial(R"({"connection_id":"1","to":7,"from":"+33199001234"})") == "422 10026 /to");
  const auto with = [&](const char* more) {
    return dial(std::string(R"({"connection_id":"1","to":"+33639981234","from":"+33199001234",)") +
                more + "}");
  };
  CHECK(with(R"("timeout_secs":4)") == "422 10033 /timeout_secs");
  CHECK(with(R"("timeout_secs":"30")") == "422 10026 /timeout_secs");
  CHECK(with(R"("time_limit_secs":14401)") == "422 10033 /time_limit_secs");
  CHECK(with(R"("answering_machine_detection":"Premium")") ==
        "422 10032 /answering_machine_detection");
  CHECK(with(R"("stream_bidirectional_sampling_rate":44100)") ==
        "422 10032 /stream_bidirectional_sampling_rate");
  CHECK(with(R"("stream_bidirectional_codec":"pcmu")") == "422 10032 /stream_bidirectional_codec");
  CHECK(with(R"("stream_url":"https://app.test")") == "422 10003 /stream_url");
  CHECK(with(R"("webhook_url":"nonsense")") == "422 10003 /webhook_url");
  CHECK(with(R"("client_state":"not base64!")") == "422 90017 /client_state");
  CHECK(with(R"("link_to":"v3:nobody")") == "422 90015 /link_to");
  CHECK(with(R"("bridge_on_answer":"yes")") == "422 10026 /bridge_on_answer");
  CHECK(with(R"("retry_on_timeout":false)") == "200");

  auto options = Network::default_options();
  options.connection_id = "42";
  options.channel_limit = 1;
  Network strict(options);
  CHECK(strict.post("/v2/calls",
                    R"({"connection_id":"1","to":"+33639981234","from":"+33199001234"})") ==
        "422 10015 /connection_id");
  const std::string good = R"({"connection_id":"42","to":["+33639981234"],"from":"+33199001234"})";
  CHECK(strict.post("/v2/calls", good) == "200");
  CHECK(strict.post("/v2/calls", good) == "403 90041");
}

TEST_CASE("keys, routes and states are checked before a command runs") {
  Network net;
  SimApiRequest request{"POST", "/v2/calls", {}, "{}"};
  CHECK(Network::summary(net.carrier.on_request(request, kStart).response) == "401 10009");
  request.headers.add("Authorization", "Bearer WRONG");
  CHECK(Network::summary(net.carrier.on_request(request, kStart).response) == "401 10009");
  CHECK(net.post("/v2/elsewhere") == "404 10007");
  CHECK(net.post("/v2/calls/x") == "404 10007");
  CHECK(net.act("x", "mute") == "404 10007");
  CHECK(net.act("x", "dial") == "404 10007");
  CHECK(Network::summary(net.request("GET", "/v2/calls", "").response) == "404 10007");
  CHECK(Network::summary(net.request("GET", "/v2/calls/nobody", "").response) == "404 10007");
  CHECK(net.act("v3:nobody", "hangup") == "422 90015 /call_control_id");

  const std::string id = net.dial();
  CHECK(net.act(id, "speak", R"({"payload":"hi","voice":"female"})") == "422 90034");
  CHECK(net.act(id, "record_start", R"({"format":"mp3","channels":"dual"})") == "422 90020");
  CHECK(net.act(id, "answer") == "422 90102");
  CHECK(net.act(id, "reject", R"({"cause":"USER_BUSY"})") == "422 90102");
  net.run(Millis(2000));
  CHECK(net.act(id, "speak", R"({"payload":"hi"})") == "422 10004 /voice");
  CHECK(net.act(id, "send_dtmf", R"({"digits":"1","duration_millis":99})") ==
        "422 10033 /duration_millis");
  CHECK(net.act(id, "send_dtmf", R"({"digits":"xyz"})") == "422 10032 /digits");
  CHECK(net.act(id, "send_dtmf", R"({"digits":"12wW#"})") == "200");
  CHECK(net.act(id, "playback_start") == "422 10004 /audio_url");
  CHECK(net.act(id, "streaming_start") == "422 10004 /stream_url");
  CHECK(net.act(id, "streaming_stop") == "422 90048");
  CHECK(net.act(id, "bridge", R"({"call_control_id":"v3:nobody"})") ==
        "422 90015 /call_control_id");
}

TEST_CASE("rate limit headers count down and the limit answers 429") {
  auto options = Network::default_options();
  options.rate_limit = 2;
  Network net(options);
  const auto first = net.request("GET", "/v2/calls/x", "");
  CHECK(first.response.headers.find("x-ratelimit-limit") == "2");
  CHECK(first.response.headers.find("x-ratelimit-remaining") == "1");
  net.request("GET", "/v2/calls/x", "");
  CHECK(Network::summary(net.request("GET", "/v2/calls/x", "").response) == "429 10011");
  net.run(Millis(1000));
  CHECK(Network::summary(net.request("GET", "/v2/calls/x", "").response) == "404 10007");
}

TEST_CASE("the same command_id is carried out once in 60 seconds") {
  Network net;
  const std::string first = net.dial(R"(,"command_id":"c1")");
  CHECK(net.dial(R"(,"command_id":"c1")") == first);
  CHECK(net.dial(R"(,"command_id":"c2")") != first);
  CHECK(net.carrier.calls().size() == 2);
  CHECK(net.carrier.requests()[1].repeated);
  net.run(Millis(2000));
  const char* speak = R"({"payload":"hi","voice":"v","command_id":"s1"})";
  CHECK(net.act(first, "speak", speak) == "200");
  CHECK(net.act(first, "speak", speak) == "200");
  net.run(Millis(3000));
  CHECK(net.count("call.speak.started") == 1);
  net.run(Millis(60000));
  net.act(first, "speak", speak);
  net.run(Millis(3000));
  CHECK(net.count("call.speak.started") == 2);
}

TEST_CASE("injected failures replace the answer, or only the answer") {
  Network net;
  net.carrier.inject({"dial", 2, 500, Millis(700), false});
  const auto failed = net.request("POST", "/v2/calls", "{}");
  CHECK(failed.response.status == 500);
  CHECK(failed.delay == Millis(700));
  CHECK(net.dial().empty());
  CHECK(net.carrier.calls().empty());
  CHECK_FALSE(net.dial().empty());

  net.carrier.inject({"dial", 1, 0, Millis(0), true});
  const auto lost = net.request(
      "POST", "/v2/calls",
      R"({"connection_id":"1","to":"+33639981234","from":"+33199001234","command_id":"k"})");
  CHECK_FALSE(lost.answered);
  CHECK(net.carrier.calls().size() == 2);
  CHECK_FALSE(net.dial(R"(,"command_id":"k")").empty());
  CHECK(net.carrier.calls().size() == 2);
  net.carrier.inject({"", 1, 429, Millis(0), false});
  CHECK(net.post("/v2/calls") == "429 10011");
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
