#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Harness;
using openai_test::Lines;

namespace {

/// The service begins what was asked for as the last thing.
std::string begin_aside(Harness& h, const std::string& id) {
  const Json request = h.sink.sent.back();
  const std::string tag = request["response"]["metadata"]["voicebridge_aside"].string_or("");
  REQUIRE_FALSE(tag.empty());
  h.receive(R"({"type":"response.created","response":{"id":")" + id +
            R"(","status":"in_progress","conversation_id":null,"metadata":{"voicebridge_aside":")" +
            tag + R"("}}})");
  return tag;
}

std::string text_item(const std::string& text) {
  return R"({"id":"x","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":")" +
         text + R"("}]})";
}

}  // namespace

TEST_CASE("a summary is asked for beside the conversation, in text and without tools") {
  Harness h;
  h.make_ready();
  h.request(Summarize{"s1", "Sum it up."});
  REQUIRE(h.sink.sent.size() == 1);
  const JsonView response = h.sink.sent[0]["response"];
  CHECK(response["conversation"].string_or("") == "none");
  CHECK(response["output_modalities"].dump() == R"(["text"])");
  CHECK(response["tool_choice"].string_or("") == "none");
  CHECK(response["instructions"].string_or("") == "Sum it up.");
  CHECK(response["max_output_tokens"].integer_or(0) == 600);
  CHECK_FALSE(response["input"].exists());
  begin_aside(h, "r_aside");
  h.done(
      "r_aside", "completed", text_item("Wants a quote."),
      R"(,"usage":{"input_token_details":{"text_tokens":9},"output_token_details":{"text_tokens":5}})");
  CHECK(h.told() == Lines{"usage 9 0 0 5 0", "summary s1 \"Wants a quote.\""});
}

TEST_CASE("a summary beside a running reply is no part of it") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 20);
  h.request(Summarize{"s1", "Sum it up."});
  begin_aside(h, "r_aside");
  h.receive(
      R"({"type":"response.output_text.delta","response_id":"r_aside","item_id":"x","delta":"Wants "})");
  h.audio("r1", "a", 20);
  h.receive(
      R"({"type":"response.output_text.delta","response_id":"r_aside","item_id":"x","delta":"a quote."})");
  h.done("r_aside");
  h.audio("r1", "a", 20);
  h.item_done("r1", "a");
  h.done("r1");
  CHECK(h.told() == Lines{"reply", "utterance a", "audio a 160", "audio a 160",
                          "summary s1 \"Wants a quote.\"", "audio a 160", "utterance a complete",
                          "reply completed spoken"});
}

TEST_CASE("an interruption stops the reply and not the summary") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 200);
  h.request(Summarize{"s1", "Sum it up."});
  begin_aside(h, "r_aside");
  h.sink.sent.clear();
  h.interrupt(InterruptCause::policy, PlayedPosition{"a", Millis(100)});
  const Lines sent = h.sent();
  REQUIRE(!sent.empty());
  CHECK(sent[0] == "response.cancel r1");
  h.done("r1", "cancelled");
  h.done("r_aside", "completed", text_item("Short."));
  const Lines told = h.told();
  REQUIRE(told.size() >= 2);
  CHECK(told[told.size() - 2] == "reply cancelled spoken");
  CHECK(told.back() == "summary s1 \"Short.\"");
}

TEST_CASE("a wish is sent while a summary is written, and is no repetition of it") {
  Harness h;
  h.make_ready();
  h.request(Summarize{"s1", "Sum it up."});
  begin_aside(h, "r_aside");
  h.sink.sent.clear();
  h.request(Say{"Hello.", true});
  CHECK(h.sent().size() == 1);
  h.done("r_aside", "completed", text_item("Short."));
  CHECK(h.sent().empty());
  CHECK(h.told() == Lines{"summary s1 \"Short.\""});
}

TEST_CASE("a summary that fails is told as that, and the session lives on") {
  Harness h;
  h.make_ready();
  h.request(Summarize{"s1", "Sum it up."});
  const std::string tag = h.sink.sent.back()["event_id"].string_or("");
  h.error("invalid_value", tag);
  h.request(Summarize{"s2", "Sum it up."});
  begin_aside(h, "r2");
  h.done("r2", "failed");
  h.request(Summarize{"s3", "Sum it up."});
  begin_aside(h, "r3");
  h.done("r3", "incomplete", text_item("Half a"));
  const Lines told = h.told();
  REQUIRE(told.size() == 3);
  CHECK(told[0] == "summary s1 invalid_argument");
  CHECK(told[1].find("summary s2 ") == 0);
  CHECK(told[2] == "summary s3 unavailable");
  h.created("r4");
  CHECK(h.told() == Lines{"reply"});
}

TEST_CASE("a session that ends owes no summary") {
  Harness h;
  h.make_ready();
  h.request(Summarize{"s1", "Sum it up."});
  begin_aside(h, "r_aside");
  h.session.on_closed(1006, "", h.now);
  CHECK(h.told() == Lines{"summary s1 unavailable", "closed unavailable"});
}

TEST_CASE("of too many summaries at once the oldest is given up") {
  Harness h;
  h.make_ready();
  for (int i = 1; i <= 5; ++i) h.request(Summarize{"s" + std::to_string(i), "Sum it up."});
  CHECK(h.told() == Lines{"summary s1 resource_exhausted"});
}

TEST_CASE("a summary that nobody waits for any more is not a reply") {
  Harness h;
  h.make_ready();
  h.receive(
      R"({"type":"response.created","response":{"id":"r_old","conversation_id":null,"metadata":{"voicebridge_aside":"vb_aside_9"}}})");
  h.done("r_old", "completed", text_item("Old."),
         R"(,"conversation_id":null,"metadata":{"voicebridge_aside":"vb_aside_9"})");
  CHECK(h.told().empty());
}
