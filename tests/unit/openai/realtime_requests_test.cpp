#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Harness;
using openai_test::Lines;

namespace {

ToolResult result(const std::string& call, bool respond = true) {
  return {call, "{\"ok\":true}", respond};
}

/// The id this side gave to the item created last.
std::string last_item_id(Harness& h) {
  std::string id;
  for (const Json& event : h.sink.sent) id = event["item"]["id"].string_or(id);
  return id;
}

}  // namespace

TEST_CASE("responses run one at a time") {
  Harness h;
  h.make_ready();
  h.request(Say{"One.", true});
  h.request(Say{"Two.", false});
  const std::string first = h.sent_tag();
  REQUIRE_FALSE(first.empty());
  h.created("r1", first);
  h.request(Say{"Three.", true});
  CHECK(h.sent().empty());
  h.done("r1");
  CHECK(h.sent() == Lines{"response.create Be kind.\n\nTwo. none"});
  CHECK(h.told() == Lines{"reply", "reply completed"});
}

TEST_CASE("the queue of wishes is bounded; plain wishes in a row are one") {
  Harness h;
  h.make_ready();
  h.created("r1");
  for (int i = 0; i < 20; ++i) h.request(Say{});
  for (int i = 0; i < 9; ++i) h.request(Say{"Say it.", true});
  CHECK(h.told() == Lines{"reply", "fault resource_exhausted", "fault resource_exhausted"});
  CHECK(h.session.stats().dropped_wishes == 2);
}

TEST_CASE("a request that met a running response is repeated after it") {
  Harness h;
  h.make_ready();
  h.request(Say{"One.", true});
  const std::string tag = h.sent_tag();
  h.created("vad");
  h.error("conversation_already_has_active_response", tag);
  h.advance(Millis(5000));
  CHECK(h.sent().empty());
  h.done("vad");
  CHECK(h.sent() == Lines{"response.create Be kind.\n\nOne."});
  CHECK(h.told() ==
        Lines{"reply", "benign conversation_already_has_active_response", "reply completed"});
}

TEST_CASE(
    "a request refused because of a response nobody knows is repeated after a pause, not for "
    "ever") {
  Harness h;
  h.make_ready();
  h.request(Say{"One.", true});
  for (int refusals = 1; refusals <= 5; ++refusals) {
    h.error("conversation_already_has_active_response", h.sent_tag());
    h.advance(Millis(999));
    CHECK(h.sink.sent.empty());
    h.advance(Millis(1));
    CHECK(h.sink.sent.size() == 1);
    h.told();
  }
  h.error("conversation_already_has_active_response");
  CHECK(h.told() == Lines{"benign conversation_already_has_active_response", "fault unavailable"});
  h.sent();
  h.advance(Millis(60000));
  CHECK(h.sent().empty());
}

TEST_CASE("a request that is refused for another reason is told and given up") {
  Harness h;
  h.make_ready();
  h.request(Say{"One.", true});
  h.request(Say{"Two.", true});
  h.error("invalid_value", h.sent_tag());
  CHECK(h.told() == Lines{"fault invalid_value"});
  CHECK(h.sent() == Lines{"response.create Be kind.\n\nTwo."});
}

TEST_CASE("a response that does not begin is a fault; two in a row end the session") {
  Harness h;
  h.make_ready();
  h.request(Say{"One.", true});
  h.advance(Millis(9999));
  CHECK(h.told().empty());
  h.advance(Millis(1));
  CHECK(h.told() == Lines{"fault deadline_exceeded"});
  h.request(Say{"Two.", true});
  h.advance(Millis(10000));
  CHECK(h.told() == Lines{"fault deadline_exceeded", "closed deadline_exceeded"});
}

TEST_CASE("a user's text asks for an answer, a note does not") {
  Harness h;
  h.make_ready();
  h.request(AddNote{AddNote::Kind::rule, "No prices."});
  h.request(AddNote{AddNote::Kind::fact, "It rains."});
  CHECK(h.sent() == Lines{"conversation.item.create system No prices.",
                          "conversation.item.create user It rains."});
  h.request(UserText{"Hello"});
  CHECK(h.sent() == Lines{"conversation.item.create user Hello", "response.create"});
}

TEST_CASE("a turn is ended when there is one") {
  Harness h;
  SpeechSpec spec = Harness::spec();
  spec.turns.mode = TurnDetection::Mode::manual;
  h.make_ready(spec);
  const Bytes frame(160, 0xFF);
  const auto append = [&](int frames) {
    for (int i = 0; i < frames; ++i) {
      h.session.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), frame), h.now);
    }
    h.sent();
  };
  append(4);
  h.request(EndTurn{});
  CHECK(h.sent().empty());
  CHECK(h.told() == Lines{"benign conflict"});
  append(1);
  h.request(EndTurn{});
  CHECK(h.sent() == Lines{"input_audio_buffer.commit", "response.create"});
  append(5);
  h.request(EndTurn{false});
  CHECK(h.sent() == Lines{"input_audio_buffer.commit"});
  h.request(EndTurn{});
  CHECK(h.sent().empty());
}

TEST_CASE("the service's own commit begins a new turn") {
  Harness h;
  h.make_ready();
  const Bytes audio(1600, 0xFF);
  h.session.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), audio), h.now);
  h.receive(R"({"type":"input_audio_buffer.committed","item_id":"u1"})");
  h.sent();
  h.request(EndTurn{});
  CHECK(h.sent().empty());
}

TEST_CASE("tool calls are wanted together, once, when the response is done") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.call_done("r1", "c1");
  h.call_done("r1", "c1");
  h.call_done("r1", "c2", "incomplete");
  CHECK(h.told() == Lines{"reply"});
  h.done(
      "r1", "completed",
      R"({"type":"function_call","call_id":"c1","name":"look","arguments":"{}"},)"
      R"({"type":"function_call","call_id":"c3","name":"find","arguments":"{\"a\":1}","status":"completed"},)"
      R"({"type":"function_call","name":"nameless","arguments":"{}"})");
  CHECK(h.told() == Lines{"tools c1:look{} c3:find{\"a\":1}", "reply completed"});

  h.request(result("c3"));
  CHECK(h.sent() == Lines{"conversation.item.create c3 {\"ok\":true}"});
  h.request(result("c1", false));
  CHECK(h.sent() == Lines{"conversation.item.create c1 {\"ok\":true}", "response.create"});
  h.request(result("c1"));
  CHECK(h.told() == Lines{"benign not_found"});
  CHECK(h.sent().empty());

  h.created("r2");
  h.call_done("r2", "c1");
  h.done("r2");
  CHECK(h.told() == Lines{"reply", "reply completed"});
}

TEST_CASE("results that want no reaction get none") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.call_done("r1", "c1");
  h.done("r1");
  h.request(result("c1", false));
  CHECK(h.sent() == Lines{"conversation.item.create c1 {\"ok\":true}"});
}

TEST_CASE("the calls of a response that was not completed are not run") {
  for (const char* status : {"cancelled", "failed", "incomplete"}) {
    Harness h;
    h.make_ready();
    h.created("r1");
    h.call_done("r1", "c1");
    h.done("r1", status);
    CHECK(h.told() == Lines{"reply", std::string("reply ") + status});
  }
}

TEST_CASE("too many open calls are answered at once") {
  Harness h;
  h.make_ready();
  h.created("r1");
  for (int i = 0; i < 34; ++i) h.call_done("r1", "c" + std::to_string(i));
  h.done("r1");
  const Lines sent = h.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0] == R"(conversation.item.create c32 {"error":"too many tool calls are open"})");
}

TEST_CASE("a tool that answers inside the callback") {
  Harness h;
  h.make_ready();
  h.observer.on_line = [&](const std::string& line) {
    if (line.rfind("tools", 0) == 0) h.request(result("c1"));
  };
  h.created("r1");
  h.call_done("r1", "c1");
  h.done("r1");
  CHECK(h.sent() == Lines{"conversation.item.create c1 {\"ok\":true}", "response.create"});
  CHECK(h.told() == Lines{"reply", "tools c1:look{}", "reply completed"});
}

TEST_CASE("outputs during a running response wait with their response.create") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.call_done("r1", "c1");
  h.done("r1");
  h.created("vad");
  h.request(result("c1"));
  const std::string item = last_item_id(h);
  CHECK(h.sent() == Lines{"conversation.item.create c1 {\"ok\":true}"});
  SECTION("the running one did not know the output") {
    h.item_added(item);
    h.done("vad");
    CHECK(h.sent() == Lines{"response.create"});
  }
  SECTION("the running one was cancelled, the next one knows it and completes") {
    h.item_added(item);
    h.done("vad", "cancelled");
    const std::string tag = h.sent_tag();
    h.created("vad2");
    h.error("conversation_already_has_active_response", tag);
    h.done("vad2");
    CHECK(h.sent().empty());
    h.advance(Millis(5000));
    CHECK(h.sent().empty());
  }
  SECTION("the next one knows it but is cancelled as well") {
    h.item_added(item);
    h.done("vad", "cancelled");
    const std::string tag = h.sent_tag();
    h.created("vad2");
    h.error("conversation_already_has_active_response", tag);
    h.done("vad2", "cancelled");
    CHECK(h.sent() == Lines{"response.create"});
  }
}

TEST_CASE("an interruption before the response has begun cancels it when it begins") {
  Harness h;
  h.make_ready();
  h.request(Say{"One.", true});
  const std::string tag = h.sent_tag();
  h.interrupt(InterruptCause::barge_in);
  CHECK(h.sent().empty());
  SECTION("it begins") {
    h.created("r1", tag);
    CHECK(h.sent() == Lines{"response.cancel r1"});
    h.audio("r1", "a", 20);
    h.request(Say{"Two.", true});
    CHECK(h.sent().empty());
    h.done("r1", "cancelled", R"({"id":"a","type":"message"})");
    CHECK(h.told() == Lines{"reply", "reply cancelled"});
    CHECK(h.sent() == Lines{"conversation.item.delete a", "response.create Be kind.\n\nTwo."});
  }
  SECTION("it is refused") {
    h.error("conversation_already_has_active_response", tag);
    h.advance(Millis(5000));
    CHECK(h.sent().empty());
    h.request(Say{"Two.", true});
    h.created("r2", h.sent_tag());
    CHECK(h.sent().empty());
  }
}

TEST_CASE("an application that wants silence drops what is queued, a caller who speaks does not") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.request(Say{"Later.", true});
  const auto cause = GENERATE(InterruptCause::policy, InterruptCause::barge_in);
  h.interrupt(cause);
  CHECK(h.sent() == Lines{"response.cancel r1"});
  h.error("response_cancel_not_active");
  h.done("r1", "cancelled");
  CHECK(h.sent() ==
        (cause == InterruptCause::policy ? Lines{} : Lines{"response.create Be kind.\n\nLater."}));
}
