#include "session_harness.hpp"

/// A session that is attached to a call whose audio the service carries.
using namespace voicebridge;
using namespace voicebridge::openai_test;

namespace {

struct Attached : Harness {
  explicit Attached(RealtimeSessionOptions options = {}) : Harness(std::move(options)) {
    make_ready(attached_spec());
  }
  void part(std::string_view response, std::string_view item, std::string_view type = "audio") {
    receive(fmt::format(
        R"({{"type":"response.content_part.added","response_id":"{}","item_id":"{}","output_index":0,)"
        R"("content_index":0,"part":{{"type":"{}","transcript":""}}}})",
        response, item, type));
  }
  void buffer(std::string_view what, std::string_view response) {
    receive(
        fmt::format(R"({{"type":"output_audio_buffer.{}","response_id":"{}"}})", what, response));
  }
  void truncated(std::string_view item, int ms) {
    receive(fmt::format(
        R"({{"type":"conversation.item.truncated","item_id":"{}","content_index":0,"audio_end_ms":{}}})",
        item, ms));
  }
  /// As far as the caller hears the whole item "a" of the response "r1", which the model has made.
  void play() {
    created("r1");
    part("r1", "a");
    transcript("delta", "r1", "a", "Hello.");
    buffer("started", "r1");
    transcript("done", "r1", "a", "Hello.");
    item_done("r1", "a");
    done("r1");
    observer.lines.clear();
  }
};

}  // namespace

TEST_CASE("a session is attached without formats and voice") {
  Harness h;
  h.start(Harness::attached_spec());
  h.session.on_open(h.now);
  CHECK(h.sink.sent.empty());
  h.receive(R"({"type":"session.created","session":{"id":"sess_1","model":"m1"}})");
  REQUIRE(h.sink.sent.size() == 1);
  const Json update = h.sink.take()[0];
  CHECK(update["type"].string() == "session.update");
  const JsonView session = update["session"];
  CHECK(session["type"].string() == "realtime");
  CHECK(session["instructions"].string() == "Be kind.");
  CHECK(session["audio"]["input"]["turn_detection"]["silence_duration_ms"].integer() == 500);
  CHECK(session["audio"]["input"]["transcription"]["model"].string() == "gpt-transcribe");
  CHECK_FALSE(session["audio"]["input"]["format"].exists());
  CHECK_FALSE(session["audio"]["output"].exists());
  CHECK_FALSE(session["model"].exists());
  CHECK(h.told().empty());
  h.receive(R"({"type":"session.updated","session":{"id":"sess_1"}})");
  CHECK(h.told() == Lines{"ready sess_1"});
}

TEST_CASE("a service that refuses the tuning is asked without") {
  Harness h;
  h.start(Harness::attached_spec());
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{"id":"sess_1"}})");
  const auto turns = [&] {
    REQUIRE(h.sink.sent.size() == 1);
    return h.sink.take()[0]["session"]["audio"]["input"]["turn_detection"].dump();
  };
  h.sink.take();
  const char* param = "session.audio.input.turn_detection.threshold";
  h.error("unknown_parameter", "vb_configure", "m", param);
  CHECK(h.told() == Lines{"fault unknown_parameter"});
  CHECK(turns() == R"({"type":"server_vad","create_response":true,"interrupt_response":true})");
  h.error("unknown_parameter", "vb_configure", "m", "session.audio.input.turn_detection");
  CHECK(h.told() == Lines{"fault unknown_parameter"});
  CHECK(turns() == "null");  // There is none.
  h.receive(R"({"type":"session.updated","session":{"id":"sess_1"}})");
  CHECK(h.told() == Lines{"ready sess_1"});
}

TEST_CASE("an own session is not given without the tuning it wants") {
  Harness h;
  h.start();
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{"id":"sess_1"}})");
  h.error("unknown_parameter", "vb_configure", "m", "session.audio.input.turn_detection.threshold");
  CHECK(h.told() == Lines{"closed invalid_argument fatal"});
}

TEST_CASE("no audio passes an attached session") {
  Attached h;
  const Bytes frame(160, 0xFF);
  h.session.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), frame), h.now);
  CHECK(h.sent().empty());
  CHECK(h.session.stats().dropped_unfit == 1);
  h.created("r1");
  h.audio("r1", "a", 20);
  CHECK(h.told() == Lines{"reply"});
  CHECK(h.session.stats().stray_audio == 1);
}

TEST_CASE("an utterance from its first sign to its last sound") {
  Attached h;
  h.created("r1");
  h.part("r1", "a");
  h.transcript("delta", "r1", "a", "Hel");
  h.buffer("started", "r1");
  h.transcript("delta", "r1", "a", "lo.");
  h.transcript("done", "r1", "a", "Hello.");
  h.item_done("r1", "a");
  h.done("r1");
  h.buffer("stopped", "r1");
  CHECK(h.told() == Lines{"reply", "utterance a", "agent a \"Hel\"", "playout a", "agent a \"lo.\"",
                          "agent a said \"Hello.\"", "utterance a complete",
                          "reply completed spoken", "playout a over"});
  CHECK(h.sent().empty());
}

TEST_CASE("an utterance may begin with its text, and its playing before it") {
  Attached h;
  h.created("r1");
  h.buffer("started", "r1");
  h.transcript("delta", "r1", "a", "Hello.");
  CHECK(h.told() == Lines{"reply", "utterance a", "playout a", "agent a \"Hello.\""});
  h.part("r1", "a");  // Late.
  CHECK(h.told().empty());
}

TEST_CASE("text and calls are no utterances") {
  Attached h;
  h.created("r1");
  h.part("r1", "a", "text");
  h.call_done("r1", "c1");
  h.done("r1");
  CHECK(h.told() == Lines{"reply", "tools c1:look{}", "reply completed"});
}

TEST_CASE("two messages of one response are played as one") {
  Attached h;
  h.created("r1");
  h.part("r1", "a");
  h.buffer("started", "r1");
  h.item_done("r1", "a");
  h.part("r1", "b");
  h.item_done("r1", "b");
  h.done("r1");
  h.buffer("stopped", "r1");
  CHECK(h.told() == Lines{"reply", "utterance a", "playout a", "utterance a complete",
                          "utterance b", "playout b", "utterance b complete",
                          "reply completed spoken", "playout a over", "playout b over"});
}

TEST_CASE("playing is told once, whatever the service repeats") {
  Attached h;
  h.play();
  for (const char* what : {"started", "stopped", "stopped", "started", "cleared"}) {
    h.buffer(what, "r1");
  }
  h.buffer("stopped", "unknown");
  CHECK(h.told() == Lines{"playout a over"});
}

TEST_CASE("an end of playing without a name, or without a beginning") {
  Attached h;
  h.play();
  h.buffer("stopped", "");
  CHECK(h.told() == Lines{"playout a over"});
  h.created("r2");
  h.part("r2", "b");
  h.buffer("cleared", "r2");
  CHECK(h.told() == Lines{"reply", "utterance b", "playout b", "playout b cut"});
}

TEST_CASE("a barge-in is the service's affair") {
  Attached h;
  h.created("r1");
  h.part("r1", "a");
  h.buffer("started", "r1");
  h.told();
  h.receive(R"({"type":"input_audio_buffer.speech_started","item_id":"u","audio_start_ms":1})");
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(300)});
  h.done("r1", "cancelled");
  h.buffer("cleared", "r1");
  h.truncated("a", 420);
  CHECK(h.told() == Lines{"caller speaks", "utterance a cut", "reply cancelled spoken",
                          "playout a cut", "cut a 420"});
  CHECK(h.sent().empty());
}

TEST_CASE("a barge-in into what is only still being played") {
  Attached h;
  h.play();
  h.interrupt(InterruptCause::barge_in, PlayedPosition{"a", Millis(300)});
  h.buffer("cleared", "r1");
  h.truncated("a", -1);
  CHECK(h.told() == Lines{"playout a cut", "cut a 0"});
  CHECK(h.sent().empty());
}

TEST_CASE("silence by the application's wish: cancel, clear, and never a truncation") {
  Attached h;
  SECTION("while the model makes it") {
    h.created("r1");
    h.part("r1", "a");
    h.interrupt(InterruptCause::policy, PlayedPosition{"a", Millis(100)});
    CHECK(h.sent() == Lines{"response.cancel r1", "output_audio_buffer.clear"});
    h.done("r1", "cancelled", R"({"id":"b","type":"message"})");
    CHECK(h.sent().empty());
  }
  SECTION("while it is only still played") {
    h.play();
    h.interrupt(InterruptCause::policy, PlayedPosition{"a", Millis(100)});
    CHECK(h.sent() == Lines{"output_audio_buffer.clear"});
    h.buffer("cleared", "r1");
    h.interrupt(InterruptCause::policy);
    CHECK(h.sent().empty());
  }
  SECTION("before the service has begun") {
    h.request(Say{});
    const std::string tag = h.sent_tag();
    h.interrupt(InterruptCause::policy);
    CHECK(h.sent().empty());
    h.created("r1", tag);
    CHECK(h.sent() == Lines{"response.cancel r1", "output_audio_buffer.clear"});
  }
}

TEST_CASE("a caller who may not interrupt is interrupted for") {
  Harness h;
  SpeechSpec spec = Harness::attached_spec();
  spec.turns.interrupt = false;
  h.make_ready(spec);
  h.created("r1");
  h.interrupt(InterruptCause::barge_in);
  CHECK(h.sent() == Lines{"response.cancel r1", "output_audio_buffer.clear"});
}

TEST_CASE("keys of the caller") {
  Attached h;
  for (const char* key : {"9", "#", "D", "x", "", "12"}) {
    h.receive(fmt::format(
        R"({{"type":"input_audio_buffer.dtmf_event_received","event":"{}","received_at":1}})",
        key));
  }
  CHECK(h.told() == Lines{"key 9", "key #", "key D"});
}

TEST_CASE("an own session tells nothing of playing, cuts and keys") {
  Harness h;
  h.make_ready();
  for (
      const char* event :
      {R"({"type":"output_audio_buffer.started","response_id":"r"})",
       R"({"type":"output_audio_buffer.stopped","response_id":"r"})",
       R"({"type":"conversation.item.truncated","item_id":"a","audio_end_ms":3})",
       R"({"type":"input_audio_buffer.dtmf_event_received","event":"1","received_at":1})",
       R"({"type":"response.content_part.added","response_id":"r","item_id":"a","part":{"type":"audio"}})"}) {
    h.receive(event);
  }
  CHECK(h.told().empty());
}

TEST_CASE("the end of the connection is the end of the call, or its loss") {
  const auto closed = [](std::uint16_t code) {
    Attached h;
    h.session.on_closed(code, "", h.now);
    return std::pair(h.told(), h.observer.last_error.retryable);
  };
  CHECK(closed(1000) == std::pair(Lines{"closed"}, false));
  CHECK(closed(1005) == std::pair(Lines{"closed"}, false));
  CHECK(closed(1006) == std::pair(Lines{"closed unavailable"}, true));
  CHECK(closed(1001) == std::pair(Lines{"closed unavailable"}, true));
  Harness own;
  own.make_ready();
  own.session.on_closed(1000, "", own.now);
  CHECK(own.told() == Lines{"closed unavailable"});
}

TEST_CASE("a call that ends while it is attached to, or before") {
  Harness h;
  h.start(Harness::attached_spec());
  h.session.on_open(h.now);
  h.session.on_closed(1000, "", h.now);
  CHECK(h.told() == Lines{"closed"});
  const auto refused = [](int status, SpeechSpec spec) {
    Harness gone;
    gone.start(std::move(spec));
    Error error;
    error.code = Errc::not_found;
    error.http_status = status;
    gone.session.on_connect_failed(error, gone.now);
    return gone.told();
  };
  CHECK(refused(404, Harness::attached_spec()) == Lines{"closed"});
  CHECK(refused(401, Harness::attached_spec()) == Lines{"closed not_found fatal"});
  CHECK(refused(404, Harness::spec()) == Lines{"closed not_found fatal"});
}

TEST_CASE("a reply runs when the call ends") {
  Attached h;
  h.created("r1");
  h.part("r1", "a");
  h.session.on_closed(1000, "", h.now);
  CHECK(h.told() ==
        Lines{"reply", "utterance a", "utterance a cut", "reply cancelled spoken", "closed"});
}

TEST_CASE("what a lost session left open in the call") {
  Attached h;
  SECTION("the result of a tool") {
    h.request(ToolResult{"old", "{}"});
    CHECK(h.sent() == Lines{"conversation.item.create old {}", "response.create"});
    h.request(ToolResult{"old", "{}"});
    CHECK(h.sent().empty());
    CHECK(h.told() == Lines{"benign not_found"});
  }
  SECTION("a response that it had begun") {
    h.done(
        "r0", "completed",
        R"({"id":"i","type":"function_call","status":"completed","call_id":"c","name":"look","arguments":"{}"})");
    CHECK(h.told() == Lines{"reply", "tools c:look{}", "reply completed"});
    h.done("r0");
    CHECK(h.told().empty());
  }
  SECTION("one beside the conversation") {
    h.done("r0", "completed", "", R"(,"conversation_id":null)");
    CHECK(h.told().empty());
  }
}

TEST_CASE("a response that fell silent is not joined when its end comes at last") {
  Attached h;
  h.created("r1");
  h.advance(Millis(20000));
  CHECK(h.told() == Lines{"reply", "reply failed"});
  h.done("r1", "cancelled");
  CHECK(h.told().empty());
}

TEST_CASE("a change of the formats makes no sense in a call") {
  Attached h;
  SpeechPatch patch;
  patch.instructions = "New.";
  patch.input = patch.output = AudioFormat::pcma();
  h.session.reconfigure(patch, h.now);
  REQUIRE(h.sink.sent.size() == 1);
  CHECK(h.sink.sent[0]["session"].dump() == R"({"type":"realtime","instructions":"New."})");
  h.receive(R"({"type":"session.updated","session":{}})");
  CHECK(h.told() == Lines{"reconfigured"});
}

TEST_CASE("how long a session lasts") {
  const auto lifetime = [](RealtimeSessionOptions options, std::string_view expires) {
    Harness h(std::move(options));
    h.start(Harness::attached_spec());
    h.session.on_open(h.now);
    h.advance(Millis(1000));
    const std::string session = fmt::format(R"("session":{{"id":"s","expires_at":{}}})", expires);
    h.receive(R"({"type":"session.created",)" + session + "}");
    h.receive(R"({"type":"session.updated",)" + session + "}");
    REQUIRE(h.told() == Lines{"ready s"});
    return h.observer.lifetime;
  };
  const Millis kHour{3600'000};
  CHECK(lifetime({}, "0") == kHour - Millis(1000));
  CHECK(lifetime({}, "1750289000") == kHour - Millis(1000));
  RealtimeSessionOptions clock;
  clock.wall_clock = [] { return UnixMillis(1750288000'500); };
  CHECK(lifetime(clock, "1750289000") == Millis(999'500));
  CHECK(lifetime(clock, "0") == kHour - Millis(1000));
  CHECK(lifetime(clock, "1750288000") == kHour - Millis(1000));   // A clock that is wrong,
  CHECK(lifetime(clock, "99999999999") == kHour - Millis(1000));  // or far off.
  RealtimeSessionOptions endless;
  endless.lifetime = Millis(0);
  CHECK(lifetime(endless, "0") == Millis(0));
  RealtimeSessionOptions brief;
  brief.lifetime = Millis(500);
  CHECK(lifetime(brief, "0") == Millis(1));
}

TEST_CASE("what is used is told with its model") {
  Harness h;
  h.start();
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{"id":"s","model":"gpt-realtime-2.1"}})");
  h.receive(R"({"type":"session.updated","session":{"id":"s"}})");
  h.created("r1");
  h.done("r1", "completed", "",
         R"(,"usage":{"input_tokens":10,"output_tokens":3,"input_token_details":{"text_tokens":4,)"
         R"("audio_tokens":6,"cached_tokens":2},"output_token_details":{"audio_tokens":3}})");
  h.told();
  CHECK(h.observer.last_usage.model == "gpt-realtime-2.1");
  CHECK(h.observer.last_usage.input_audio == 6);
  CHECK(h.observer.last_usage.cached_text == 2);
  const auto heard = [&](std::string_view usage) {
    h.receive(fmt::format(
        R"({{"type":"conversation.item.input_audio_transcription.completed","item_id":"u",)"
        R"("content_index":0,"transcript":"Hi."{}}})",
        usage));
    return h.told();
  };
  CHECK(heard(R"(,"usage":{"type":"tokens","total_tokens":15,"input_tokens":12,"output_tokens":3,)"
              R"("input_token_details":{"text_tokens":2,"audio_tokens":10}})") ==
        Lines{"caller u said \"Hi.\"", "hearing 2 10 3"});
  CHECK(h.observer.last_hearing.model == "gpt-transcribe");
  CHECK(heard(R"(,"usage":{"type":"duration","seconds":1.5})") ==
        Lines{"caller u said \"Hi.\"", "hearing 0 0 0"});
  CHECK(h.observer.last_hearing.seconds == 1.5);
  CHECK(heard(R"(,"usage":{"type":"tokens","input_tokens":12,"output_tokens":3})") ==
        Lines{"caller u said \"Hi.\"", "hearing 12 0 3"});
  CHECK(heard("") == Lines{"caller u said \"Hi.\""});
}

TEST_CASE("a service that does not name its model has the one that was asked for") {
  RealtimeSessionOptions options;
  options.session.model = "asked";
  Harness h(options);
  h.make_ready();
  h.created("r1");
  h.done("r1", "completed", "", R"(,"usage":{"input_tokens":1})");
  h.told();
  CHECK(h.observer.last_usage.model == "asked");
}

TEST_CASE("a failed answer tells how long to wait") {
  Harness h;
  h.make_ready();
  const auto failed = [&](std::string_view message) {
    h.created("r1");
    h.done("r1", "failed", "",
           fmt::format(R"(,"status_details":{{"type":"failed","error":{{"type":"requests",)"
                       R"("code":"rate_limit_exceeded","message":"{}"}}}})",
                       message));
    CHECK(h.told() == Lines{"reply", "reply failed"});
    return h.observer.last_error.retry_after;
  };
  CHECK_FALSE(failed("Too fast."));
  h.receive(
      R"({"type":"rate_limits.updated","rate_limits":[{"name":"requests","limit":9,"remaining":0,"reset_seconds":2.5},)"
      R"({"name":"tokens","limit":9,"remaining":0,"reset_seconds":4.0},)"
      R"({"name":"other","limit":9,"remaining":5,"reset_seconds":60}]})");
  h.advance(Millis(1000));
  CHECK(failed("Too fast.") == Millis(3000));
  CHECK(failed("Please try again in 6.2s.") == Millis(6200));
  h.advance(Millis(3000));
  CHECK_FALSE(failed("Too fast."));
  h.receive(R"({"type":"rate_limits.updated","rate_limits":[]})");
  CHECK_FALSE(failed("Too fast."));
}
