// When and how a leg's media stream is asked for.
#include "support/scripted_http_client.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

struct StreamTown {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::unique_ptr<TelnyxCarrier> carrier;
  std::vector<Result<>> done;

  explicit StreamTown(bool at_dial, AudioFormat format) {
    TelnyxCallControlOptions commands;
    commands.api_key = Secret("KEY");
    auto control = TelnyxCallControl::create(client, commands);
    REQUIRE(control);
    TelnyxStreamServerOptions doors;
    doors.public_app_url = "https://app.example.com";
    auto streams = TelnyxStreamServer::create(
        doors, [](const TelnyxStreamRequest&) { return TelnyxStreamTarget(); });
    REQUIRE(streams);
    TelnyxCarrierOptions options;
    options.connection_id = "1";
    options.caller_id = "+15550100200";
    options.format = format;
    options.stream_at_dial = at_dial;
    auto made = TelnyxCarrier::create(*control, *streams, options);
    REQUIRE(made);
    carrier = std::move(*made);
  }
  void dial(const std::string& call_id) {
    client.answer(200, R"({"data":{"call_control_id":"v3:leg","call_leg_id":"l",)"
                       R"("call_session_id":"s","is_alive":false,"record_type":"call"}})");
    CarrierDial dial;
    dial.call_id = call_id;
    dial.to = "+15550100100";
    carrier->dial(dial, scheduler, [](const Result<std::string>& leg) { CHECK(leg); });
    scheduler.run_ready();
  }
  void start_media(const std::string& call_id) {
    client.answer(200, R"({"data":{"result":"ok"}})");
    carrier->start_media("v3:leg", call_id, scheduler,
                         [this](Result<> result) { done.push_back(std::move(result)); });
    scheduler.run_ready();
    client.answers.clear();
  }
  Json body(std::size_t index) const {
    REQUIRE(client.requests.size() > index);
    auto json = Json::parse(client.requests[index].body);
    REQUIRE(json);
    return std::move(*json);
  }
};

void check_two_way(const Json& body, const std::string& codec, std::int64_t rate) {
  CHECK(body["stream_codec"].string_or("") == codec);
  CHECK(body["stream_bidirectional_codec"].string_or("") == codec);
  CHECK(body["stream_bidirectional_sampling_rate"].integer_or(0) == rate);
  CHECK(body["stream_bidirectional_mode"].string_or("") == "rtp");
  CHECK(body["stream_bidirectional_target_legs"].string_or("") == "self");
  CHECK(body["stream_auth_token"].string_or("").size() > 20);
}

}  // namespace

TEST_CASE("each format is asked for in both directions, with its rate and a token",
          "[telnyx][carrier]") {
  struct Example {
    AudioFormat format;
    std::string codec;
    std::int64_t rate;
  };
  for (const Example& example : {Example{AudioFormat::pcmu(), "PCMU", 8000},
                                 {AudioFormat::pcma(), "PCMA", 8000},
                                 {AudioFormat::l16(8000), "L16", 8000},
                                 {AudioFormat::l16(16000), "L16", 16000},
                                 {{AudioEncoding::l16be, 24000}, "L16", 24000},
                                 {AudioFormat::g722(), "G722", 8000},
                                 {AudioFormat::opus(16000), "OPUS", 16000}}) {
    CAPTURE(example.codec, example.rate);
    StreamTown at_answer(false, example.format);
    at_answer.dial("c_1");
    CHECK(at_answer.body(0)["send_silence_when_idle"].bool_or(false));
    CHECK_FALSE(at_answer.body(0)["stream_url"].exists());
    at_answer.start_media("c_1");
    REQUIRE(at_answer.client.requests.size() == 2);
    CHECK_THAT(at_answer.client.requests[1].url, Catch::EndsWith("/actions/streaming_start"));
    check_two_way(at_answer.body(1), example.codec, example.rate);

    StreamTown at_dial(true, example.format);
    at_dial.dial("c_1");
    check_two_way(at_dial.body(0), example.codec, example.rate);
    CHECK_THAT(at_dial.body(0)["stream_url"].string_or(""),
               Catch::StartsWith("wss://app.example.com/") && Catch::Contains("call_id=c_1"));
    at_dial.start_media("c_1");
    CHECK(at_dial.client.requests.size() == 1);  // Nothing more to ask for.
    REQUIRE(at_dial.done.size() == 1);
    CHECK(at_dial.done[0]);
  }
}

TEST_CASE("with the stream at Dial, a call that comes in has its stream started",
          "[telnyx][carrier]") {
  StreamTown town(true, AudioFormat::pcmu());
  town.dial("c_out");
  town.start_media("c_in");
  REQUIRE(town.client.requests.size() == 2);
  CHECK_THAT(town.client.requests[1].url, Catch::EndsWith("/actions/streaming_start"));
  town.start_media("c_out");
  CHECK(town.client.requests.size() == 2);
  // A stream that was lost is asked for again.
  town.start_media("c_out");
  CHECK(town.client.requests.size() == 3);
}
