#include "voicebridge/telnyx/call_control.hpp"

#include "support/scripted_http_client.hpp"
#include "unit/telnyx/samples.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;

namespace {

/// Answers with the samples.
struct ScriptedClient : ScriptedHttpClient {
  void answer_sample(std::string_view name) {
    const std::string text(name);
    const bool error = text.rfind("http.error.", 0) == 0;
    answer(error ? std::stoi(text.substr(11, 3)) : 200, telnyx_sample(name));
  }
};

const std::string kCall = "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg";

struct Bench {
  ScriptedClient client;
  voicebridge::testing::ManualScheduler scheduler;
  TelnyxCallControl control = make(client);
  std::vector<Result<CommandResult>> results;
  std::vector<Result<DialedCall>> dialed;

  static TelnyxCallControl make(HttpClient& client) {
    TelnyxCallControlOptions options;
    options.api_base = "http://127.0.0.1:9/v2/";
    options.api_key = Secret("KEY123");
    options.retry.seed = 1;
    options.make_command_id = [] { return std::string("made-up-id"); };
    auto made = TelnyxCallControl::create(client, options);
    REQUIRE(made);
    return *made;
  }
  TelnyxCallControl::Done done() {
    return [this](Result<CommandResult> result) { results.push_back(std::move(result)); };
  }
  void hangup() { control.hangup(kCall, {}, scheduler, done()); }
  void dial(DialRequest request) {
    control.dial(std::move(request), scheduler,
                 [this](Result<DialedCall> call) { dialed.push_back(std::move(call)); });
  }
  void run() { scheduler.advance(Millis(60000)); }
  /// The error of one command that gets one answer.
  Error error_of(std::string_view sample) {
    client.answer_sample(sample);
    control.speak(kCall, speech(), scheduler, done());
    run();
    REQUIRE(results.size() == 1);
    REQUIRE_FALSE(results[0]);
    return results[0].error();
  }
  static SpeakRequest speech() {
    SpeakRequest speak;
    speak.payload = "hello";
    speak.voice = "male";
    return speak;
  }
};

DialRequest dial_request() {
  DialRequest dial;
  dial.connection_id = "1494404757140276705";
  dial.to = {"+33639981234"};
  dial.from = "+33199001234";
  return dial;
}

}  // namespace

TEST_CASE("a command goes to the leg's action with key and command id", "[telnyx][control]") {
  Bench b;
  b.client.answer_sample("http.command.response");
  b.hangup();
  CHECK(b.results.empty());
  b.run();
  REQUIRE(b.client.requests.size() == 1);
  const HttpRequest& request = b.client.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.url ==
        "http://127.0.0.1:9/v2/calls/v3%3AMdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg"
        "/actions/hangup");
  CHECK(request.headers.find("Authorization") == "Bearer KEY123");
  CHECK(request.headers.find("Content-Type") == "application/json");
  CHECK(request.timeout == Millis(2000));
  CHECK(request.body == R"({"command_id":"made-up-id"})");
  REQUIRE(b.results.size() == 1);
  REQUIRE(b.results[0]);
  CHECK(b.results[0]->command_id == "made-up-id");
  CHECK_FALSE(b.results[0]->call_had_ended);
}

TEST_CASE("each command has its own path", "[telnyx][control]") {
  Bench b;
  TransferRequest transfer;
  transfer.to = "+33639981234";
  BridgeRequest bridge;
  bridge.call_control_id = "v3:other";
  SendDtmfRequest dtmf;
  dtmf.digits = "1";
  PlaybackStartRequest play;
  play.media_name = "m";
  StreamingStartRequest stream;
  stream.stream.url = "wss://x";
  for (int i = 0; i < 16; ++i) b.client.answer_sample("http.command.response");
  b.control.answer(kCall, {}, b.scheduler, b.done());
  b.control.reject(kCall, {}, b.scheduler, b.done());
  b.control.hangup(kCall, {}, b.scheduler, b.done());
  b.control.speak(kCall, Bench::speech(), b.scheduler, b.done());
  b.control.playback_start(kCall, play, b.scheduler, b.done());
  b.control.playback_stop(kCall, {}, b.scheduler, b.done());
  b.control.send_dtmf(kCall, dtmf, b.scheduler, b.done());
  b.control.streaming_start(kCall, stream, b.scheduler, b.done());
  b.control.streaming_stop(kCall, {}, b.scheduler, b.done());
  b.control.transfer(kCall, transfer, b.scheduler, b.done());
  b.control.bridge(kCall, bridge, b.scheduler, b.done());
  b.control.record_start(kCall, {}, b.scheduler, b.done());
  b.control.record_stop(kCall, {}, b.scheduler, b.done());
  b.control.gather(kCall, {}, b.scheduler, b.done());
  b.control.gather_stop(kCall, {}, b.scheduler, b.done());
  b.run();
  std::vector<std::string> actions;
  for (const auto& request : b.client.requests) {
    actions.push_back(request.url.substr(request.url.rfind('/') + 1));
    CHECK(parsed(request.body)["command_id"].string() == "made-up-id");
  }
  CHECK(actions == std::vector<std::string>{"answer", "reject", "hangup", "speak", "playback_start",
                                            "playback_stop", "send_dtmf", "streaming_start",
                                            "streaming_stop", "transfer", "bridge", "record_start",
                                            "record_stop", "gather", "gather_stop"});
  CHECK(b.results.size() == 15);
}

TEST_CASE("Dial gives the new leg", "[telnyx][control]") {
  Bench b;
  b.client.answer_sample("http.dial.response");
  b.dial(dial_request());
  b.run();
  CHECK(b.client.requests.at(0).url == "http://127.0.0.1:9/v2/calls");
  CHECK(b.client.requests.at(0).timeout == Millis(5000));
  REQUIRE(b.dialed.size() == 1);
  REQUIRE(b.dialed[0]);
  CHECK(b.dialed[0]->call_control_id == kCall);
  CHECK(b.dialed[0]->call_leg_id == "428c31b6-7af4-4bcb-b7f5-5013ef9657c1");
  CHECK(b.dialed[0]->call_session_id == "428c31b6-abf3-3bc1-b7f4-5013ef9657c1");
  CHECK(b.dialed[0]->command_id == "made-up-id");
}

TEST_CASE("a command id of one's own is kept", "[telnyx][control]") {
  Bench b;
  b.client.answer_sample("http.command.response");
  HangupRequest hangup;
  hangup.command_id = "mine";
  b.control.hangup(kCall, hangup, b.scheduler, b.done());
  b.run();
  CHECK(parsed(b.client.requests.at(0).body)["command_id"].string() == "mine");
  CHECK(b.results.at(0)->command_id == "mine");
}

TEST_CASE("a wrong request is not sent", "[telnyx][control]") {
  Bench b;
  b.dial({});
  b.control.speak(kCall, {}, b.scheduler, b.done());
  b.control.hangup("", {}, b.scheduler, b.done());
  CHECK(b.dialed.empty());
  CHECK(b.results.empty());
  b.run();
  CHECK(b.client.requests.empty());
  CHECK(b.dialed.at(0).error().field == "connection_id");
  CHECK(b.results.at(0).error().field == "payload");
  CHECK(b.results.at(1).error().field == "call_control_id");
}

TEST_CASE("a command without an answer, with 5xx or 429 is repeated unchanged",
          "[telnyx][control]") {
  Bench b;
  b.client.no_answer(Errc::deadline_exceeded);
  b.client.answer_sample("http.error.503.10007");
  b.client.answer_sample("http.dial.response");
  b.dial(dial_request());
  b.run();
  REQUIRE(b.client.requests.size() == 3);
  CHECK(b.client.requests[1].body == b.client.requests[0].body);
  CHECK(b.client.requests[2].body == b.client.requests[0].body);
  CHECK(parsed(b.client.requests[0].body)["command_id"].string() == "made-up-id");
  REQUIRE(b.dialed.size() == 1);
  CHECK(b.dialed[0]);
}

TEST_CASE("429 waits as long as the server says", "[telnyx][control]") {
  Bench b;
  b.client.answer(429, telnyx_sample("http.error.429.10011"), {{"Retry-After", "2"}});
  b.client.answer_sample("http.command.response");
  b.hangup();
  b.scheduler.advance(Millis(1999));
  CHECK(b.client.requests.size() == 1);
  b.scheduler.advance(Millis(1));
  CHECK(b.client.requests.size() == 2);
  CHECK(b.results.at(0));
}

TEST_CASE("what fails three times is told once", "[telnyx][control]") {
  Bench b;
  for (int i = 0; i < 3; ++i) b.client.no_answer(Errc::unavailable);
  b.hangup();
  b.run();
  REQUIRE(b.results.size() == 1);
  REQUIRE_FALSE(b.results[0]);
  CHECK(b.results[0].error().code == Errc::unavailable);
  CHECK(b.results[0].error().origin == "telnyx");
  CHECK(b.results[0].error().retryable);
  CHECK(b.client.requests.size() == 3);
}

TEST_CASE("to end what has ended is a success, to do something with it is not",
          "[telnyx][control]") {
  Bench b;
  for (int i = 0; i < 8; ++i) b.client.answer_sample("http.error.422.90018.call_already_ended");
  b.hangup();
  b.control.playback_stop(kCall, {}, b.scheduler, b.done());
  b.control.streaming_stop(kCall, {}, b.scheduler, b.done());
  b.control.record_stop(kCall, {}, b.scheduler, b.done());
  b.control.gather_stop(kCall, {}, b.scheduler, b.done());
  b.control.reject(kCall, {}, b.scheduler, b.done());
  b.run();
  REQUIRE(b.results.size() == 6);
  for (const auto& result : b.results) {
    REQUIRE(result);
    CHECK(result->call_had_ended);
  }
  b.control.speak(kCall, Bench::speech(), b.scheduler, b.done());
  b.control.answer(kCall, {}, b.scheduler, b.done());
  b.run();
  REQUIRE(b.results.size() == 8);
  for (std::size_t i = 6; i < 8; ++i) {
    REQUIRE_FALSE(b.results[i]);
    CHECK(b.results[i].error().code == Errc::conflict);
    CHECK(b.results[i].error().provider_code == "90018");
  }
}

TEST_CASE("the errors of Telnyx keep code, status and field", "[telnyx][control]") {
  Bench b;
  const Error error = b.error_of("http.error.422.10004.missing_required_parameter");
  CHECK(error.code == Errc::invalid_argument);
  CHECK(error.origin == "telnyx");
  CHECK(error.http_status == 422);
  CHECK(error.provider_code == "10004");
  CHECK(error.field == "to");
  CHECK(error.message ==
        "Missing required parameter: The 'to' parameter is required and cannot be blank.");
  CHECK_FALSE(error.retryable);
}

TEST_CASE("every error sample has its meaning", "[telnyx][control]") {
  struct Meaning {
    const char* sample;
    Errc code;
    bool retryable;
  };
  const Meaning meanings[] = {
      {"http.error.400.10015.invalid_characters", Errc::invalid_argument, false},
      {"http.error.401.10009", Errc::unauthenticated, false},
      {"http.error.403.10010", Errc::permission_denied, false},
      {"http.error.403.90041.channel_limit", Errc::resource_exhausted, true},
      {"http.error.404.10007.resource_not_found", Errc::not_found, false},
      {"http.error.422.10011.srtp_not_supported_for_pstn", Errc::invalid_argument, false},
      {"http.error.422.10016.invalid_phone_number_format", Errc::invalid_argument, false},
      {"http.error.422.10033.value_outside_range", Errc::invalid_argument, false},
      {"http.error.422.90015.invalid_call_control_id", Errc::invalid_argument, false},
      {"http.error.422.90034.call_not_answered", Errc::conflict, false},
      {"http.error.422.90045.media_streaming_used", Errc::conflict, false},
  };
  for (const Meaning& meaning : meanings) {
    INFO(meaning.sample);
    Bench b;
    const Error error = b.error_of(meaning.sample);
    CHECK(error.code == meaning.code);
    CHECK(error.retryable == meaning.retryable);
    CHECK(b.client.requests.size() == 1);
  }
  for (const char* sample :
       {"http.error.429.10011", "http.error.500.10007", "http.error.503.10007"}) {
    INFO(sample);
    Bench b;
    for (int i = 0; i < 2; ++i) b.client.answer_sample(sample);
    CHECK(b.error_of(sample).retryable);
    CHECK(b.client.requests.size() == 3);
  }
}

TEST_CASE("an error that is no JSON still has its status", "[telnyx][control]") {
  for (const char* body :
       {"", "<html>Bad gateway</html>", "[]", R"({"errors":[]})", R"({"errors":"x"})"}) {
    INFO(body);
    Bench b;
    b.client.answer(404, body);
    b.hangup();
    b.run();
    REQUIRE_FALSE(b.results.at(0));
    CHECK(b.results[0].error().code == Errc::not_found);
    CHECK(b.results[0].error().http_status == 404);
    CHECK(b.results[0].error().message == "HTTP status 404");
  }
}

TEST_CASE("no phone number stands in an error's text", "[telnyx][control]") {
  Bench b;
  b.client.answer(
      422,
      R"({"errors":[{"code":"10016","title":"Invalid","detail":"+33639981234 is not good, 1+1"}]})");
  b.hangup();
  b.run();
  const std::string message = b.results.at(0).error().message;
  CHECK(message.find("39981") == std::string::npos);
  CHECK(message.find("1+1") != std::string::npos);
}

TEST_CASE("an answer to Dial without a call is a protocol error", "[telnyx][control]") {
  for (const char* body : {"", "{}", R"({"data":{"call_control_id":5}})"}) {
    Bench b;
    b.client.answer(200, body);
    b.dial(dial_request());
    b.run();
    REQUIRE_FALSE(b.dialed.at(0));
    CHECK(b.dialed[0].error().code == Errc::protocol_error);
  }
}

TEST_CASE("record_start tells the recording", "[telnyx][control]") {
  Bench b;
  b.client.answer(200, R"({"data":{"result":"ok","recording_id":"r1"}})");
  b.control.record_start(kCall, {}, b.scheduler, b.done());
  b.run();
  CHECK(b.results.at(0)->recording_id == "r1");
}

TEST_CASE("call control needs a key and a base", "[telnyx][control]") {
  ScriptedClient client;
  TelnyxCallControlOptions options;
  CHECK(TelnyxCallControl::create(client, options).error().field == "api_key");
  options.api_key = Secret("k");
  CHECK(TelnyxCallControl::create(client, options));
  options.api_base = "ftp://x";
  CHECK(TelnyxCallControl::create(client, options).error().field == "api_base");
  options.api_base = "";
  CHECK(TelnyxCallControl::create(client, options).error().field == "api_base");
}

TEST_CASE("any command goes out by send; those without a command id have none",
          "[telnyx][control]") {
  Bench b;
  for (int i = 0; i < 3; ++i) b.client.answer_sample("http.command.response");
  b.control.send(kCall, ClientStateUpdateRequest{"x"}, b.scheduler, b.done());
  b.control.send(kCall, SwitchSupervisorRoleRequest{}, b.scheduler, b.done());
  b.control.send(kCall, LeaveQueueRequest{}, b.scheduler, b.done());
  b.run();
  REQUIRE(b.client.requests.size() == 3);
  CHECK(b.client.requests[0].method == "PUT");
  CHECK(b.client.requests[0].url.find("/actions/client_state_update") != std::string::npos);
  CHECK(b.client.requests[0].body == R"({"client_state":"eA=="})");
  CHECK(b.client.requests[1].body == R"({"role":"monitor"})");
  CHECK(b.client.requests[2].body == R"({"command_id":"made-up-id"})");
  CHECK(b.results[1]->command_id.empty());
}

TEST_CASE("what takes no command id and would be done twice is sent once", "[telnyx][control]") {
  Bench b;
  b.client.answer_sample("http.error.503.10007");
  b.control.send(kCall, SiprecStartRequest{}, b.scheduler, b.done());
  b.run();
  b.client.no_answer(Errc::deadline_exceeded);
  ConferencePlayRequest play;
  play.media_name = "m";
  b.control.send_to_conference("conf", play, b.scheduler, b.done());
  b.run();
  CHECK(b.client.requests.size() == 2);
  REQUIRE(b.results.size() == 2);
  CHECK_FALSE(b.results[0]);
  CHECK_FALSE(b.results[1]);
}

TEST_CASE("a conference is made, commanded and asked for", "[telnyx][control]") {
  Bench b;
  CreateConferenceRequest create;
  create.call_control_id = kCall;
  create.name = "room";
  std::vector<Result<TelnyxConferenceStatus>> conferences;
  const auto keep = [&](Result<TelnyxConferenceStatus> one) {
    conferences.push_back(std::move(one));
  };
  b.client.answer_sample("http.conference.create.response");
  b.control.create_conference(create, b.scheduler, keep);
  b.run();
  REQUIRE(conferences.size() == 1);
  REQUIRE(conferences[0]);
  CHECK(conferences[0]->name == "wt-428c31b6");
  CHECK(conferences[0]->status == "init");
  CHECK(b.client.requests[0].url == "http://127.0.0.1:9/v2/conferences");

  b.client.answer_sample("http.conference.create.response");
  b.control.get_conference(conferences[0]->id, b.scheduler, keep);
  JoinConferenceRequest join;
  join.call_control_id = "v3:b";
  b.client.answer_sample("http.command.response");
  b.control.send_to_conference(conferences[0]->id, join, b.scheduler, b.done());
  b.client.answer_sample("http.error.422.90019.conference_already_ended");
  b.control.send_to_conference("c/1", EndConferenceRequest{}, b.scheduler, b.done());
  b.client.answer_sample("http.error.422.90019.conference_already_ended");
  b.control.send_to_conference("c", MuteRequest{}, b.scheduler, b.done());
  b.client.answer(200, R"({"data":{"id":"p"}})");
  b.control.update_participant("c", "p", {}, b.scheduler, b.done());
  b.control.send_to_conference("", join, b.scheduler, b.done());
  b.run();
  CHECK(b.client.requests[1].method == "GET");
  CHECK(b.client.requests[2].url ==
        "http://127.0.0.1:9/v2/conferences/3fa85f64-5717-4562-b3fc-2c963f66afa6/actions/join");
  CHECK(b.client.requests[3].url == "http://127.0.0.1:9/v2/conferences/c%2F1/actions/end");
  CHECK(b.client.requests[5].method == "PATCH");
  REQUIRE(b.results.size() == 5);
  std::size_t failed = 0;
  std::size_t ended = 0;
  for (const auto& result : b.results) {
    failed += result ? 0 : 1;
    ended += result && result->call_had_ended ? 1 : 0;
  }
  CHECK(failed == 2);  // the mute of what has ended, and the command without a conference
  CHECK(ended == 1);
}

TEST_CASE("the participants of a conference and the state of a call are read",
          "[telnyx][control]") {
  Bench b;
  b.client.answer(200, R"({"data":[{"id":"p1","call_control_id":"v3:a","call_leg_id":"l",
      "status":"joined","muted":true,"on_hold":false}],"meta":{}})");
  std::vector<TelnyxParticipant> participants;
  b.control.list_participants("c", b.scheduler, [&](Result<std::vector<TelnyxParticipant>> got) {
    participants = got.value();
  });
  b.client.answer_sample("http.get_call.response");
  std::optional<TelnyxCallStatus> status;
  b.control.get_call(kCall, b.scheduler,
                     [&](Result<TelnyxCallStatus> got) { status = got.value(); });
  b.client.answer_sample("http.error.404.10007.resource_not_found");
  std::optional<Error> error;
  b.control.get_call("v3:gone", b.scheduler,
                     [&](Result<TelnyxCallStatus> got) { error = got.error(); });
  b.run();
  REQUIRE(participants.size() == 1);
  CHECK(participants[0].call_control_id == "v3:a");
  CHECK(participants[0].muted);
  REQUIRE(status);
  CHECK_FALSE(status->call_control_id.empty());
  REQUIRE(error);
  CHECK(error->code == Errc::not_found);
}

TEST_CASE("a command refused because of the stream is done without it", "[telnyx][control]") {
  Bench b;
  BridgeRequest bridge;
  bridge.call_control_id = "v3:b";
  bridge.command_id = "first";
  StreamingStartRequest resume;
  resume.stream.url = "wss://x";
  b.client.answer_sample("http.error.422.90045.media_streaming_used");
  for (int i = 0; i < 3; ++i) b.client.answer_sample("http.command.response");
  b.control.send_around_stream(kCall, bridge, resume, b.scheduler, b.done());
  b.run();
  std::string actions;
  for (const auto& request : b.client.requests)
    actions += request.url.substr(request.url.rfind('/') + 1) + " ";
  CHECK(actions == "bridge streaming_stop bridge streaming_start ");
  CHECK(b.client.requests[0].body.find(R"("command_id":"first")") != std::string::npos);
  CHECK(b.client.requests[2].body.find(R"("command_id":"made-up-id")") != std::string::npos);
  REQUIRE(b.results.size() == 1);
  REQUIRE(b.results[0]);
  CHECK(b.results[0]->stream_was_stopped);
}

TEST_CASE("around a stream other errors and a second refusal are final", "[telnyx][control]") {
  Bench b;
  BridgeRequest bridge;
  bridge.call_control_id = "v3:b";
  b.client.answer_sample("http.error.422.90034.call_not_answered");
  b.control.send_around_stream(kCall, bridge, {}, b.scheduler, b.done());
  b.run();
  CHECK(b.client.requests.size() == 1);
  b.client.answer_sample("http.error.422.90045.media_streaming_used");
  b.client.answer_sample("http.command.response");
  b.client.answer_sample("http.error.422.90045.media_streaming_used");
  b.control.send_around_stream(kCall, bridge, {}, b.scheduler, b.done());
  b.run();
  CHECK(b.client.requests.size() == 4);
  REQUIRE(b.results.size() == 2);
  CHECK(b.results[1].error().provider_code == "90045");
}

TEST_CASE("a used-up quota holds the next request until its reset", "[telnyx][control]") {
  Bench b;
  b.client.answer(200, R"({"data":{"result":"ok"}})",
                  {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "3"}});
  b.client.answer_sample("http.command.response");
  b.hangup();
  b.scheduler.advance(Millis(10));
  CHECK(b.results.size() == 1);
  const TelnyxCallControl copy = b.control;
  copy.hangup(kCall, {}, b.scheduler, b.done());
  b.scheduler.advance(Millis(2000));
  CHECK(b.client.requests.size() == 1);
  b.scheduler.advance(Millis(1000));
  CHECK(b.client.requests.size() == 2);
  CHECK(b.results.size() == 2);
}

TEST_CASE("429 waits for the reset of the quota and is sent again with the same id",
          "[telnyx][control]") {
  Bench b;
  b.client.answer(429, telnyx_sample("http.error.429.10011"),
                  {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "2"}});
  b.client.answer_sample("http.command.response");
  b.hangup();
  b.scheduler.advance(Millis(1900));
  CHECK(b.client.requests.size() == 1);
  b.scheduler.advance(Millis(200));
  REQUIRE(b.client.requests.size() == 2);
  CHECK(b.client.requests[0].body == b.client.requests[1].body);
  CHECK(b.results.size() == 1);
}
