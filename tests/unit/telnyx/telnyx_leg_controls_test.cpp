// What Telnyx can do with a leg beside carrying it.
#include "support/scripted_http_client.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

struct ControlTown {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::unique_ptr<TelnyxCarrier> carrier;

  ControlTown() {
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
    auto made = TelnyxCarrier::create(*control, *streams, options);
    REQUIRE(made);
    carrier = std::move(*made);
  }
};

}  // namespace

TEST_CASE("a recording at Telnyx is paused, goes on and ends by commands of its own",
          "[telnyx][carrier][recording]") {
  struct Example {
    CarrierRecording change;
    std::string action;
  };
  const auto example = GENERATE(Example{CarrierRecording::pause, "record_pause"},
                                Example{CarrierRecording::resume, "record_resume"},
                                Example{CarrierRecording::stop, "record_stop"});
  ControlTown town;
  town.client.answer(200, R"({"data":{"result":"ok"}})");
  std::vector<Result<>> done;
  town.carrier->controls()->change_recording("v3:leg", "rec-1", example.change, town.scheduler,
                                             [&](const Result<>& r) { done.push_back(r); });
  town.scheduler.run_ready();
  REQUIRE(done.size() == 1);
  CHECK(done[0]);
  REQUIRE(town.client.requests.size() == 1);
  const std::string& url = town.client.requests[0].url;
  CAPTURE(url);
  CHECK(url.find("/actions/" + example.action) == url.size() - 9 - example.action.size());
  const auto body = Json::parse(town.client.requests[0].body);
  REQUIRE(body);
  CHECK((*body)["recording_id"].string_or("") == "rec-1");
}

TEST_CASE("a pause that Telnyx refuses is an error", "[telnyx][carrier][recording]") {
  ControlTown town;
  town.client.answer(422, R"({"errors":[{"code":"90018","title":"Call has already ended"}]})");
  std::vector<Result<>> done;
  town.carrier->controls()->change_recording("v3:leg", "", CarrierRecording::pause, town.scheduler,
                                             [&](const Result<>& r) { done.push_back(r); });
  town.scheduler.run_ready();
  REQUIRE(done.size() == 1);
  CHECK_FALSE(done[0]);
}
