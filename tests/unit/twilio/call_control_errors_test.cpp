#include "unit/twilio/call_bench.hpp"
#include "unit/twilio/names.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::twilio;

TEST_CASE("the phone rings once, whatever happens to the answer", "[twilio][control]") {
  SECTION("nothing came") {
    CallBench b;
    b.client.no_answer(Errc::deadline_exceeded);
    const Error error = b.create_call().error();
    CHECK(b.client.requests.size() == 1);
    CHECK(error.code == Errc::deadline_exceeded);
    CHECK_FALSE(error.retryable);
    CHECK(error.origin == "twilio");
  }
  SECTION("a proxy failed") {
    CallBench b;
    b.client.answer(502, "<html>Bad Gateway</html>");
    const Error error = b.create_call().error();
    CHECK(b.client.requests.size() == 1);
    CHECK(error.code == Errc::unavailable);
    CHECK(error.http_status == 502);
    CHECK_FALSE(error.retryable);
  }
  SECTION("too many: refused for sure, so the caller may ask again") {
    CallBench b;
    b.answer_sample("rest_error_429");
    const Error error = b.create_call().error();
    CHECK(b.client.requests.size() == 1);
    CHECK(error.code == Errc::resource_exhausted);
    CHECK(error.provider_code == "20429");
    CHECK(error.retryable);
  }
}

TEST_CASE("nothing that starts something is sent twice", "[twilio][control]") {
  CallBench b;
  for (int i = 0; i < 6; ++i) b.client.no_answer(Errc::unavailable);
  UpdateCallRequest redirect;
  redirect.twiml = "<Response/>";
  CreateParticipantRequest join;
  join.from = "+15550100100";
  join.to = "+15550100300";
  StartStreamRequest stream;
  stream.url = "wss://a.example/m";
  UpdateParticipantRequest announce;
  announce.announce_url = "https://a.example/x";
  Outcome<Call> redirected;
  Outcome<Participant> joined, told;
  Outcome<Recording> recorded;
  Outcome<Stream> streamed;
  Outcome<Conference> announced;
  b.control.update_call(kCallSid, redirect, b.scheduler, redirected.done());
  b.control.create_participant("room", join, b.scheduler, joined.done());
  b.control.update_participant("room", "ada", announce, b.scheduler, told.done());
  b.control.start_recording(kCallSid, {}, b.scheduler, recorded.done());
  b.control.start_stream(kCallSid, stream, b.scheduler, streamed.done());
  b.control.announce(kConference, "https://a.example/x", b.scheduler, announced.done());
  b.run();
  CHECK(b.client.requests.size() == 6);
  for (const Error& error : {redirected.error(), joined.error(), told.error(), recorded.error(),
                             streamed.error(), announced.error()}) {
    CHECK(error.code == Errc::unavailable);
    CHECK_FALSE(error.retryable);
  }
}

TEST_CASE("what can be repeated is", "[twilio][control]") {
  CallBench b;
  b.client.no_answer(Errc::unavailable);
  b.answer_sample("rest_error_429");
  b.answer_sample("rest_call_fetch_completed");
  Outcome<Call> fetched;
  b.control.fetch_call(kCallSid, b.scheduler, fetched.done());
  b.run();
  CHECK(b.client.requests.size() == 3);
  CHECK(fetched.value().status == CallStatus::completed);
  CHECK(fetched.value().duration == std::chrono::seconds(61));
  CHECK(fetched.value().answered_by == "human");
  CHECK(fetched.value().price == "-0.02800");
}

TEST_CASE("to end what is over is no failure", "[twilio][control]") {
  for (const char* answer : {"rest_error_404", "rest_error_400_call_not_in_progress"}) {
    INFO(answer);
    CallBench b;
    b.answer_sample(answer);
    b.answer_sample(answer);
    b.answer_sample(answer);
    Outcome<TwilioEnded> call, leg, stream;
    b.control.end_call(kCallSid, b.scheduler, call.done());
    b.control.remove_participant("room", "ada", b.scheduler, leg.done());
    b.control.stop_stream(kCallSid, "tap", b.scheduler, stream.done());
    b.run();
    CHECK(call.value().was_over);
    CHECK(leg.value().was_over);
    CHECK(stream.value().was_over);
  }
  CallBench b;
  b.answer_sample("rest_error_401");
  Outcome<TwilioEnded> refused;
  b.control.end_call(kCallSid, b.scheduler, refused.done());
  b.run();
  CHECK(refused.error().code == Errc::unauthenticated);
}

TEST_CASE("an error tells code, field, page and whether to try again", "[twilio][control]") {
  CallBench b;
  b.client.answer(400, R"({"code":21211,"message":"The number +15550100100 is not valid.",)"
                       R"("more_info":"https://www.twilio.com/docs/errors/21211","status":400})");
  const Error error = b.create_call().error();
  CHECK(error.code == Errc::invalid_argument);
  CHECK(error.provider_code == "21211");
  CHECK(error.http_status == 400);
  CHECK(error.field == "To");
  CHECK_FALSE(error.retryable);
  CHECK(error.message.find("+15550100100") == std::string::npos);
  CHECK(error.message.find("(https://www.twilio.com/docs/errors/21211)") != std::string::npos);
}

TEST_CASE("an answer that is no answer is a fault of the protocol", "[twilio][control]") {
  for (const char* body : {"", "<html>", "{}", "[]"}) {
    INFO(body);
    CallBench b;
    b.client.answer(200, body);
    b.client.answer(200, body);
    Outcome<Call> call;
    Outcome<std::vector<Participant>> list;
    b.control.fetch_call(kCallSid, b.scheduler, call.done());
    b.control.list_participants("room", b.scheduler, list.done());
    b.run();
    CHECK(call.error().code == Errc::protocol_error);
    CHECK(list.error().code == Errc::protocol_error);
  }
}

TEST_CASE("what cannot be right is not sent", "[twilio][control]") {
  CallBench b;
  Outcome<Call> call, nowhere;
  Outcome<TwilioEnded> leg, stream;
  Outcome<Conference> announced;
  b.control.fetch_call("CA1/../x", b.scheduler, call.done());
  b.control.create_call({}, b.scheduler, nowhere.done());
  b.control.remove_participant("room", "", b.scheduler, leg.done());
  b.control.stop_stream(kCallSid, "", b.scheduler, stream.done());
  b.control.announce(kConference, "nowhere", b.scheduler, announced.done());
  CHECK_FALSE(call.result);
  b.run();
  CHECK(b.client.requests.empty());
  CHECK(call.error().field == "CallSid");
  CHECK(nowhere.error().field == "To");
  CHECK(leg.error().field == "CallSid");
  CHECK(stream.error().field == "StreamSid");
  CHECK(announced.error().field == "AnnounceUrl");
}
