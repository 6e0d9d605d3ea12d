#include "voicebridge/telnyx/telnyx_conference.hpp"

#include "support/scripted_http_client.hpp"
#include "unit/telnyx/samples.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kMade =
    R"({"data":{"record_type":"conference","id":"conf-1","name":"talk_1","status":"in_progress"}})";
constexpr const char* kDone = R"({"data":{"result":"ok"}})";
constexpr const char* kInUse =
    R"({"errors":[{"code":"90045","title":"Not allowed while media streaming is in use"}]})";
constexpr const char* kOver = R"({"errors":[{"code":"90018","title":"Call has already ended"}]})";

struct ConferenceBench {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::vector<Result<>> results;
  std::unique_ptr<TelnyxConference> conference;

  ConferenceBench() {
    TelnyxCallControlOptions options;
    options.api_base = "http://127.0.0.1:9/v2";
    options.api_key = Secret("KEY123");
    options.retry.seed = 1;
    auto control = TelnyxCallControl::create(client, options);
    REQUIRE(control);
    TelnyxStreamServerOptions doors;
    doors.stream_url = "ws://app.test/stream";
    auto streams = TelnyxStreamServer::create(
        doors, [](const TelnyxStreamRequest&) { return Result<TelnyxStreamTarget>(); });
    REQUIRE(streams);
    conference = std::make_unique<TelnyxConference>(std::move(*control), std::move(*streams));
  }
  static ConferenceParties parties() { return {"talk_1", "leg-caller", "leg-person", "call_1"}; }
  ConferenceControl::Done done() {
    return [this](Result<> result) { results.push_back(std::move(result)); };
  }
  const Result<>& result() {
    scheduler.advance(Millis(60000));
    REQUIRE(results.size() == 1);
    return results[0];
  }
  /// "POST conferences/conf-1/actions/join"
  std::vector<std::string> asked() const {
    std::vector<std::string> paths;
    for (const HttpRequest& request : client.requests) {
      paths.push_back(request.method + ' ' + request.url.substr(request.url.find("/v2/") + 4));
    }
    return paths;
  }
  Json body(std::size_t index) const { return *Json::parse(client.requests.at(index).body); }
  void join() { conference->join(parties(), scheduler, done()); }
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("a caller and a person are joined, and the agent's streams end behind that",
          "[telnyx][conference]") {
  ConferenceBench b;
  b.client.answer(200, kMade);
  for (int i = 0; i < 4; ++i) b.client.answer(200, kDone);
  b.join();
  CHECK(b.result());
  CHECK(b.asked() == Paths{"POST conferences", "POST conferences/conf-1/actions/join",
                           "POST calls/leg-person/actions/streaming_stop",
                           "POST calls/leg-caller/actions/streaming_stop",
                           "PATCH conferences/conf-1/participants/leg-caller"});
  CHECK(b.body(0)["call_control_id"].string_or("") == "leg-caller");
  CHECK(b.body(1)["call_control_id"].string_or("") == "leg-person");
  // Whoever leaves, the other does not stay alone.
  CHECK(b.body(1)["end_conference_on_exit"].bool_or(false));
  CHECK(b.body(4)["end_conference_on_exit"].bool_or(false));
}

TEST_CASE("a stream that is in the way is stopped, and the command sent again by another id",
          "[telnyx][conference]") {
  ConferenceBench b;
  b.client.answer(422, kInUse);
  b.client.answer(200, kDone);
  b.client.answer(200, kMade);
  b.client.answer(422, kInUse);
  b.client.answer(200, kDone);
  for (int i = 0; i < 4; ++i) b.client.answer(200, kDone);
  b.join();
  CHECK(b.result());
  const Paths asked = b.asked();
  REQUIRE(asked.size() == 9);
  CHECK(asked[1] == "POST calls/leg-caller/actions/streaming_stop");
  CHECK(asked[2] == "POST conferences");
  CHECK(b.body(0)["command_id"].string_or("") != b.body(2)["command_id"].string_or(""));
  CHECK(asked[4] == "POST calls/leg-person/actions/streaming_stop");
  CHECK(b.body(3)["command_id"].string_or("") != b.body(5)["command_id"].string_or(""));
}

TEST_CASE("a join that is refused tells so, once", "[telnyx][conference]") {
  ConferenceBench b;
  SECTION("no conference, also without the stream") {
    b.client.answer(422, kInUse);
    b.client.answer(200, kDone);
    b.client.answer(422, kInUse);
  }
  SECTION("the person is gone") {
    b.client.answer(200, kMade);
    b.client.answer(422, kOver);
  }
  b.join();
  REQUIRE_FALSE(b.result());
  CHECK(b.client.requests.size() <= 3);
}

TEST_CASE("a caller who is taken back leaves the conference and gets a new stream",
          "[telnyx][conference]") {
  ConferenceBench b;
  SECTION("out of a conference") {
    b.client.answer(200, kMade);
    b.client.answer(422, kOver);
    b.join();
    CHECK_FALSE(b.result());
    b.results.clear();
    b.client.requests.clear();
    for (int i = 0; i < 3; ++i) b.client.answer(200, kDone);
    b.conference->take_back(b.parties(), b.scheduler, b.done());
    CHECK(b.result());
    CHECK(b.asked() == Paths{"POST conferences/conf-1/actions/leave",
                             "POST calls/leg-caller/actions/streaming_stop",
                             "POST calls/leg-caller/actions/streaming_start"});
    CHECK(b.body(2)["stream_url"].exists());
  }
  SECTION("that never was") {
    for (int i = 0; i < 2; ++i) b.client.answer(200, kDone);
    b.conference->take_back(b.parties(), b.scheduler, b.done());
    CHECK(b.result());
    CHECK(b.asked() == Paths{"POST calls/leg-caller/actions/streaming_stop",
                             "POST calls/leg-caller/actions/streaming_start"});
  }
}

TEST_CASE("what is not there is ended without a word", "[telnyx][conference]") {
  ConferenceBench b;
  b.conference->end(b.parties(), b.scheduler, b.done());
  CHECK(b.result());
  CHECK(b.client.requests.empty());
}
