#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("speak and playback take turns; stop, hang-up and the beep of a machine end them") {
  Network net;
  net.carrier.plan_next(
      "",
      plan(R"({"amd":{"result":"machine","greeting":"beep_detected","greeting_delay_ms":9000}})"));
  const std::string id = net.dial(R"(,"answering_machine_detection":"premium")");
  net.run(Millis(1200));
  net.act(id, "speak", R"({"payload":"twenty characters ..","voice":"v"})");  // 1.3 s
  net.act(id, "playback_start", R"({"audio_url":"https://x.test/a.mp3","loop":"infinity"})");
  net.run(Millis(1299));
  CHECK_FALSE(net.event("call.speak.ended")["data"]["payload"].exists());
  net.run(Millis(101));
  CHECK(net.event("call.speak.ended")["data"]["payload"]["status"].string_or("") == "completed");
  CHECK(net.event("call.playback.started")["data"]["payload"]["media_url"].string_or("") ==
        "https://x.test/a.mp3");
  CHECK(net.act(id, "playback_stop") == "200");
  net.run(Millis(100));
  CHECK(net.event("call.playback.ended")["data"]["payload"]["status"].string_or("") == "cancelled");
  net.run(Millis(4000));
  net.posts.clear();
  net.answered = 0;
  net.act(id, "speak", R"({"payload":"twenty characters ..","voice":"v","loop":9})");
  net.run(Millis(8000));
  CHECK(net.event("call.speak.ended")["data"]["payload"]["status"].string_or("") ==
        "cancelled_amd");
  net.posts.clear();
  net.answered = 0;
  net.act(id, "speak", R"({"payload":"twenty characters ..","voice":"v"})");
  net.act(id, "hangup");
  net.run(Millis(100));
  CHECK(net.event("call.speak.ended")["data"]["payload"]["status"].string_or("") == "call_hangup");
}

TEST_CASE("a hundred announcements may wait, more are refused") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  const char* speak = R"({"payload":"hi","voice":"v"})";
  for (int i = 0; i < 100; ++i) CHECK(net.act(id, "speak", speak) == "200");
  CHECK(net.act(id, "speak", speak) == "429 10011");
  CHECK(net.act(id, "playback_start", R"({"media_name":"x"})") == "429 10011");
  CHECK(net.act(id, "playback_stop") == "200");
  CHECK(net.act(id, "speak", speak) == "200");
}

TEST_CASE("gather collects keys until the terminator, the maximum, a timeout or a stop") {
  const auto gathered = [](const char* script, const char* request, Millis wait) {
    Network net;
    net.carrier.plan_next("", plan(script));
    const std::string id = net.dial();
    net.run(Millis(1100));
    CHECK(net.act(id, "gather", request) == "200");
    net.run(wait);
    const Json ended = net.event("call.gather.ended");
    return ended["data"]["payload"]["digits"].string_or("-") + " " +
           ended["data"]["payload"]["status"].string_or("-");
  };
  const char* keys = R"({"script":[{"wait":"ms","ms":300},{"dtmf":"503#"}]})";
  CHECK(gathered(keys, "{}", Millis(3000)) == "503 valid");
  CHECK(gathered(keys, R"({"maximum_digits":2})", Millis(3000)) == "50 valid");
  CHECK(gathered(keys, R"({"terminating_digit":"*","inter_digit_timeout_millis":1000})",
                 Millis(4000)) == "503# valid");
  CHECK(gathered(keys, R"({"valid_digits":"3"})", Millis(3000)) == "3 valid");
  CHECK(gathered(R"({})", "{}", Millis(4000)) == "- -");
  CHECK(gathered(R"({})", "{}", Millis(6000)) == " timeout");
  CHECK(gathered(R"({"hangup_after_ms":1000})", "{}", Millis(4000)) == " call_hangup");
}

TEST_CASE("recording is saved after it stops, also by the hang-up") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(id, "record_start", R"({"format":"mp3","channels":"dual"})") == "200");
  net.act(id, "hangup");
  net.run(Millis(3000));
  CHECK(net.types().back() == "call.recording.saved");
  CHECK(net.event("call.recording.saved")["data"]["payload"]["channels"].string_or("") == "dual");
}

TEST_CASE("transfer rings a second leg and bridges; a busy target leaves the first alive") {
  Network net;
  const std::string a = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(a, "transfer", R"({"to":"+33155556666"})") == "200");
  net.run(Millis(3000));
  const auto calls = net.carrier.calls();
  REQUIRE(calls.size() == 2);
  CHECK(net.count("call.bridged") == 2);
  net.act(calls[1], "hangup");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 0);

  Network busy;
  const std::string first = busy.dial();
  busy.run(Millis(1200));
  busy.carrier.plan_next("+33155556666", plan(R"({"outcome":"busy"})"));
  busy.act(first, "transfer", R"({"to":"+33155556666"})");
  busy.run(Millis(3000));
  CHECK(busy.carrier.active_calls() == 1);
}

TEST_CASE("bridge joins two answered legs and park_after_unbridge keeps one of them") {
  Network net;
  const std::string a = net.dial();
  const std::string b = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(a, "bridge",
                R"({"call_control_id":")" + b + R"(","park_after_unbridge":"self"})") == "200");
  net.act(b, "hangup");
  net.run(Millis(100));
  CHECK(net.carrier.active_calls() == 1);
  CHECK(net.act(a, "hangup") == "200");
}

TEST_CASE("client_state of any command is echoed from then on") {
  Network net;
  const std::string id = net.dial();
  net.run(Millis(1200));
  CHECK(net.event("call.answered")["data"]["payload"]["client_state"].is_null());
  net.act(id, "hangup", R"({"client_state":"bmV3"})");
  net.run(Millis(100));
  CHECK(net.event("call.hangup")["data"]["payload"]["client_state"].string_or("") == "bmV3");
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
