#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Harness;
using openai_test::Lines;

namespace {

constexpr const char* kSpeechStarted =
    R"({"type":"input_audio_buffer.speech_started","audio_start_ms":100,"item_id":"u1"})";

std::string message(const std::string& id) {
  return R"({"id":")" + id +
         R"(","type":"message","role":"assistant","status":"incomplete","content":[]})";
}

}  // namespace

TEST_CASE("a reply from its start to its end") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.transcript("delta", "r1", "a", "Hel");
  h.audio("r1", "a", 20);
  h.transcript("delta", "r1", "a", "lo");
  h.audio("r1", "a", 40);
  h.receive(R"({"type":"response.output_audio.done","response_id":"r1","item_id":"a"})");
  h.transcript("done", "r1", "a", "Hello");
  h.item_done("r1", "a");
  h.done("r1", "completed", "",
         R"(,"usage":{"input_token_details":{"text_tokens":1,"audio_tokens":2,"cached_tokens":3},)"
         R"("output_token_details":{"text_tokens":4,"audio_tokens":5}})");
  CHECK(h.told() == Lines{"reply", "utterance a", "agent a \"Hel\"", "audio a 160",
                          "agent a \"lo\"", "audio a 320", "agent a said \"Hello\"",
                          "utterance a complete", "usage 1 2 3 4 5", "reply completed spoken"});
  CHECK(h.sent().empty());
}

TEST_CASE("an escaped or reordered audio delta is understood all the same") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.receive(
      R"({"delta":"AA\/AAAAA","response_id":"r1","item_id":"a","type":"response.output_audio.delta","x":{}})");
  CHECK(h.told() == Lines{"reply", "utterance a", "audio a 6"});
}

TEST_CASE("a second message of a reply is a second utterance") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 20);
  h.audio("r1", "b", 20);
  h.receive(R"({"type":"response.output_audio.done","response_id":"r1","item_id":"a"})");
  h.item_done("r1", "a");
  h.audio("r1", "a", 20);
  h.audio("r1", "b", 20);
  h.done("r1");
  CHECK(h.told() == Lines{"reply", "utterance a", "audio a 160", "utterance a complete",
                          "utterance b", "audio b 160", "audio b 160", "utterance b complete",
                          "reply completed spoken"});
  CHECK(h.session.stats().stray_audio == 1);
}

TEST_CASE("how a reply ends") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 20);
  h.told();
  SECTION("cut off by the service") {
    h.done("r1", "cancelled", "",
           R"(,"status_details":{"type":"cancelled","reason":"turn_detected"})");
    CHECK(h.told() == Lines{"utterance a cut", "reply cancelled spoken"});
  }
  SECTION("incomplete") {
    h.item_done("r1", "a", "incomplete");
    h.done("r1", "incomplete", "",
           R"(,"status_details":{"type":"incomplete","reason":"max_output_tokens"})");
    CHECK(h.told() == Lines{"utterance a cut", "reply incomplete spoken"});
    CHECK(h.observer.last_error.provider_code == "max_output_tokens");
  }
  SECTION("failed") {
    h.done("r1", "failed", "",
           R"(,"status_details":{"type":"failed","error":{"code":"server_error","message":"m"}})");
    CHECK(h.told() == Lines{"utterance a cut", "reply failed spoken"});
    CHECK(h.observer.last_error.provider_code == "server_error");
    CHECK(h.observer.last_error.retryable);
  }
  SECTION("failed without a word") {
    h.done("r1", "failed");
    CHECK(h.told() == Lines{"utterance a cut", "reply failed spoken"});
    CHECK(h.observer.last_error.message == "no message");
  }
  SECTION("failed for ever") {
    h.done("r1", "failed", "", R"(,"status_details":{"error":{"code":"insufficient_quota"}})");
    CHECK(h.told() ==
          Lines{"utterance a cut", "reply failed spoken", "closed resource_exhausted fatal"});
  }
  SECTION("twice") {
    h.done("r1");
    h.done("r1");
    CHECK(h.told() == Lines{"utterance a complete", "reply completed spoken"});
  }
  SECTION("not told, before the next begins") {
    h.created("r2");
    h.done("r1");
    CHECK(h.told() == Lines{"utterance a cut", "reply cancelled spoken", "reply"});
  }
}

TEST_CASE("a reply in text where speech was expected is a fault") {
  Harness h;
  h.make_ready();
  h.created("r1");
  SECTION("by deltas") {
    h.receive(
        R"({"type":"response.output_text.delta","response_id":"r1","item_id":"a","delta":"Hi"})");
  }
  SECTION("by the item") {
    h.receive(
        R"({"type":"response.output_item.done","response_id":"r1","item":{"id":"a","type":"message",)"
        R"("role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi"}]}})");
  }
  h.done("r1");
  CHECK(h.told() == Lines{"reply", "fault protocol_error", "reply completed"});
}

TEST_CASE("a response outside of the conversation is not a reply") {
  Harness h;
  h.make_ready();
  h.receive(
      R"({"type":"response.created","response":{"id":"x","conversation_id":null,"metadata":{"topic":"y"}}})");
  h.audio("x", "a", 20);
  h.done("x");
  CHECK(h.told().empty());
  CHECK(h.session.stats().stray_audio == 1);
  h.created("r1");
  h.receive(
      R"({"type":"response.created","response":{"id":"x","conversation_id":null,"metadata":null}})");
  h.done("x");
  h.audio("r1", "a", 20);
  CHECK(h.told() == Lines{"reply", "utterance a", "audio a 160"});
}

TEST_CASE("the caller's words claim their place when the turn ends") {
  Harness h;
  h.make_ready();
  h.receive(kSpeechStarted);
  h.receive(R"({"type":"input_audio_buffer.speech_stopped","audio_end_ms":900,"item_id":"u1"})");
  h.receive(R"({"type":"input_audio_buffer.committed","item_id":"u1"})");
  h.receive(R"({"type":"input_audio_buffer.committed","item_id":"u2"})");
  h.receive(
      R"({"type":"conversation.item.input_audio_transcription.delta","item_id":"u2","delta":"Tw"})");
  h.receive(
      R"({"type":"conversation.item.input_audio_transcription.completed","item_id":"u2","transcript":"Two"})");
  h.receive(
      R"({"type":"conversation.item.input_audio_transcription.failed","item_id":"u1","error":{"code":"x"}})");
  CHECK(h.told() == Lines{"caller speaks", "caller stops", "caller u1 \"\"", "caller u2 \"\"",
                          "caller u2 \"Tw\"", "caller u2 said \"Two\"", "caller u1 said \"\"",
                          "benign x"});
}

TEST_CASE("barge-in: the service has cancelled by itself") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 1000);
  h.transcript("delta", "r1", "a", "One two");
  h.receive(kSpeechStarted);
  h.told();
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(440)});
  CHECK(h.sent() == Lines{"conversation.item.truncate a 440"});
  h.audio("r1", "a", 20);
  h.transcript("delta", "r1", "a", " three");
  h.transcript("done", "r1", "a", "One two three");
  h.item_done("r1", "a", "incomplete");
  h.done("r1", "cancelled", message("a"));
  CHECK(h.told() == Lines{"agent a said \"One two\"", "utterance a cut", "reply cancelled spoken"});
  CHECK(h.session.stats().stray_audio == 1);
  CHECK(h.sent().empty());
}

TEST_CASE("barge-in: the service has heard nothing, or must not react") {
  Harness h;
  SpeechSpec spec = Harness::spec();
  SECTION("it heard nothing") {}
  SECTION("it must not interrupt") { spec.turns.interrupt = false; }
  SECTION("it does not listen") { spec.turns.mode = TurnDetection::Mode::manual; }
  const bool hears = !spec.turns.interrupt;
  h.make_ready(spec);
  h.created("r1");
  h.audio("r1", "a", 1000);
  if (hears) h.receive(kSpeechStarted);
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(440)});
  CHECK(h.sent() == Lines{"response.cancel r1", "conversation.item.truncate a 440"});
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(440)});
  CHECK(h.sent().empty());
}

TEST_CASE("barge-in: the caller began to speak before this reply") {
  Harness h;
  h.make_ready();
  h.receive(kSpeechStarted);
  h.created("r1");
  h.audio("r1", "a", 1000);
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(440)});
  CHECK(h.sent() == Lines{"response.cancel r1", "conversation.item.truncate a 440"});
}

TEST_CASE("barge-in long after the reply was generated") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 1000);
  h.item_done("r1", "a");
  h.audio("r1", "b", 500);
  h.item_done("r1", "b");
  h.done("r1");
  h.told();
  SECTION("in the first item: the second was not heard") {
    h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(999)});
    CHECK(h.sent() == Lines{"conversation.item.truncate a 999", "conversation.item.delete b"});
  }
  SECTION("at the end of the first item") {
    h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(1000)});
    CHECK(h.sent() == Lines{"conversation.item.delete b"});
  }
  SECTION("never beyond what came") {
    h.interrupt(InterruptCause::barge_in, PlayedPosition{"b", Millis(9100)});
    CHECK(h.sent().empty());
  }
  SECTION("in the second item") {
    h.interrupt(InterruptCause::policy, PlayedPosition{"b", Millis(20)});
    CHECK(h.sent() == Lines{"conversation.item.truncate b 20"});
  }
  SECTION("before the first word") {
    h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(0)});
    CHECK(h.sent() == Lines{"conversation.item.delete a", "conversation.item.delete b"});
  }
  SECTION("at a negative position") {
    h.interrupt(InterruptCause::barge_in, PlayedPosition{"b", Millis(-5)});
    CHECK(h.sent() == Lines{"conversation.item.delete b"});
  }
  SECTION("in an unknown item") {
    h.interrupt(InterruptCause::barge_in, PlayedPosition{"z", Millis(10)});
    CHECK(h.sent().empty());
    CHECK(h.told() == Lines{"benign not_found"});
  }
  SECTION("while nothing plays") {
    h.interrupt(InterruptCause::barge_in);
    CHECK(h.sent().empty());
  }
  CHECK(h.told().empty());
}

TEST_CASE("what is still being generated is truncated where its audio ends so far") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 100);
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(150)});
  CHECK(h.sent() == Lines{"response.cancel r1", "conversation.item.truncate a 100"});
}

TEST_CASE("the position is counted in the format the audio came in") {
  Harness h;
  SpeechSpec spec = Harness::spec();
  spec.output = AudioFormat::l16(24000);
  h.make_ready(spec);
  h.created("r1");
  h.audio("r1", "a", 600);  // 4,800 bytes: 100 ms of linear audio
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(600)});
  CHECK(h.sent() == Lines{"response.cancel r1", "conversation.item.truncate a 100"});
}

TEST_CASE("messages that come after the interruption are deleted") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 100);
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(60)});
  h.sent();
  h.told();
  h.audio("r1", "b", 100);
  h.done("r1", "completed", message("a") + "," + message("b"));
  CHECK(h.sent() == Lines{"conversation.item.delete b"});
  CHECK(h.told() == Lines{"reply completed spoken"});
  CHECK(h.session.stats().stray_audio == 1);
}

TEST_CASE("a reply is told to its end when the connection fails in the middle of it") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.interrupt(InterruptCause::policy);
  h.told();
  h.sink.status = SendStatus::dropped;
  h.done("r1", "cancelled", message("a"));
  CHECK(h.told() == Lines{"reply cancelled", "closed unavailable"});
  CHECK(h.sink.closed == std::vector<int>{1000});
}

TEST_CASE("errors about a cut are benign, whatever their code") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 100);
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(60)});
  for (const Json& event : h.sink.take()) h.error("invalid_value", event["event_id"].string_or(""));
  const Lines told = h.told();
  CHECK(Lines(told.end() - 2, told.end()) == Lines{"fault invalid_value", "benign invalid_value"});
}

TEST_CASE("an interruption inside a callback ends the utterance there") {
  Harness h;
  h.make_ready();
  h.observer.on_line = [&](const std::string& line) {
    if (line == "utterance a") h.interrupt(InterruptCause::policy, PlayedPosition{"a", Millis(0)});
  };
  h.created("r1");
  h.audio("r1", "a", 100);
  h.audio("r1", "a", 100);
  CHECK(h.told() == Lines{"reply", "utterance a", "utterance a cut"});
  CHECK(h.sent() == Lines{"response.cancel r1", "conversation.item.delete a"});
}

TEST_CASE("a reply that falls silent has failed; two in a row end the session") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 100);
  h.advance(Millis(19999));
  h.audio("r1", "a", 100);
  h.advance(Millis(19999));
  h.told();
  h.advance(Millis(1));
  CHECK(h.told() == Lines{"utterance a cut", "reply failed spoken"});
  CHECK(h.observer.last_error.code == Errc::deadline_exceeded);
  CHECK(h.sent() == Lines{"response.cancel r1"});
  h.audio("r1", "a", 100);
  h.done("r1", "cancelled");
  CHECK(h.told().empty());

  SECTION("the next one works") {
    h.created("r2");
    h.done("r2");
    h.created("r3");
    h.told();
    h.advance(Millis(20000));
    CHECK(h.told() == Lines{"reply failed"});
  }
  SECTION("the next one is silent as well") {
    h.created("r2");
    h.advance(Millis(20000));
    CHECK(h.told() == Lines{"reply", "reply failed", "closed deadline_exceeded"});
  }
}
