#include "voicebridge/openai/realtime_session.hpp"

#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Harness;
using openai_test::Lines;

namespace {

/// The members of `session` in the only message sent.
Json only_sent(Harness& h) {
  std::vector<Json> sent = h.sink.take();
  REQUIRE(sent.size() == 1);
  return sent.front();
}

}  // namespace

TEST_CASE("a session is configured after session.created, and ready after session.updated") {
  Harness h;
  SpeechSpec spec = Harness::spec();
  spec.output = AudioFormat::l16(24000);
  spec.transcription_language = "fr";
  spec.tools = {{"save_lead", "Keeps a lead", R"({"type":"object"})"}};
  spec.history = {{Speaker::caller, "Hello"}, {Speaker::agent, "Hi"}};
  h.start(spec);
  h.session.on_open(h.now);
  CHECK(h.sent().empty());
  h.receive(R"({"type":"session.created","session":{"id":"sess_1"}})");
  const Json update = only_sent(h);
  const JsonView session = update["session"];
  CHECK(session["type"].string() == "realtime");
  CHECK(session["output_modalities"].dump() == R"(["audio"])");
  CHECK(session["instructions"].string() == "Be kind.");
  const JsonView input = session["audio"]["input"];
  CHECK(input["format"].dump() == R"({"type":"audio/pcmu"})");
  CHECK(input["transcription"].dump() == R"({"model":"gpt-transcribe","language":"fr"})");
  CHECK(input["turn_detection"]["type"].string() == "server_vad");
  CHECK(input["turn_detection"]["silence_duration_ms"].integer() == 500);
  CHECK(input["turn_detection"]["create_response"].boolean() == true);
  const JsonView output = session["audio"]["output"];
  CHECK(output["format"].dump() == R"({"type":"audio/pcm","rate":24000})");
  CHECK(output["voice"].string() == "marin");
  CHECK(
      session["tools"].dump() ==
      R"([{"type":"function","name":"save_lead","description":"Keeps a lead","parameters":{"type":"object"}}])");
  CHECK_FALSE(update["model"].exists());
  CHECK(h.told().empty());

  h.receive(R"({"type":"session.updated","session":{"id":"sess_1"}})");
  CHECK(h.sent() ==
        Lines{"conversation.item.create user Hello", "conversation.item.create assistant Hi"});
  CHECK(h.told() == Lines{"ready sess_1"});
  h.receive(R"({"type":"session.updated","session":{"id":"sess_1"}})");
  CHECK(h.told().empty());
}

TEST_CASE("manual turns switch the service's turn detection off") {
  Harness h;
  SpeechSpec spec = Harness::spec();
  spec.turns.mode = TurnDetection::Mode::manual;
  spec.transcription_model.clear();
  h.start(spec);
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{}})");
  const Json update = only_sent(h);
  CHECK(update["session"]["audio"]["input"]["turn_detection"].is_null());
  CHECK(update["session"]["audio"]["input"]["transcription"].is_null());
}

TEST_CASE("the vendor's own settings are sent when they are set") {
  RealtimeSessionOptions options;
  options.session.audio.input.noise_reduction.emplace().type = "near_field";
  options.session.audio.output.speed = 1.25;
  options.session.reasoning.emplace().effort = "low";
  options.session.max_output_tokens = TokenLimit{600};
  Harness h(options);
  SpeechSpec spec = Harness::spec();
  spec.turns.mode = TurnDetection::Mode::semantic_vad;
  h.start(spec);
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{}})");
  const Json update = only_sent(h);
  const JsonView session = update["session"];
  CHECK(session["audio"]["input"]["noise_reduction"]["type"].string() == "near_field");
  CHECK(session["audio"]["input"]["turn_detection"].dump() ==
        R"({"type":"semantic_vad","create_response":true,"interrupt_response":true})");
  CHECK(session["audio"]["output"]["speed"].number() == 1.25);
  CHECK(session["reasoning"]["effort"].string() == "low");
  CHECK(session["max_output_tokens"].integer() == 600);
}

TEST_CASE("what the service cannot speak closes the session, but not inside start") {
  Harness h;
  SpeechSpec spec = Harness::spec();
  SECTION("an audio format") { spec.input = AudioFormat::l16(16000); }
  SECTION("a tool without a schema") { spec.tools = {{"x", "", "nonsense"}}; }
  SECTION("a tool without a name") { spec.tools = {{"", "", "{}"}}; }
  h.start(spec);
  CHECK(h.observer.lines.empty());
  CHECK(h.session.is_over());
  REQUIRE(h.told().size() == 1);
  CHECK_FALSE(h.session.next_deadline());
  h.session.on_closed(1000, "", h.now);
  CHECK(h.told().empty());
}

TEST_CASE("an unknown transcription model costs the transcripts, not the call") {
  const std::pair<const char*, const char*> refusals[] = {
      {"invalid_value", "session.audio.input.transcription.model"},
      {"model_not_found", ""},
      {"", ""}};
  for (const auto& [code, param] : refusals) {
    INFO(code << " " << param);
    Harness h;
    h.start();
    h.session.on_open(h.now);
    h.receive(R"({"type":"session.created","session":{"id":"s"}})");
    h.sink.sent.clear();
    h.error(code, "vb_configure", "The transcription model does not exist", param);
    const Json second = only_sent(h);
    CHECK(second["type"].string() == "session.update");
    CHECK(second["session"]["audio"]["input"]["transcription"].is_null());
    h.receive(R"({"type":"session.updated","session":{"id":"s"}})");
    const Lines told = h.told();
    REQUIRE(told.size() == 2);
    CHECK(told[0].rfind("fault", 0) == 0);
    CHECK(told[1] == "ready s");
  }
}

TEST_CASE("a refused configuration closes the session") {
  Harness h;
  h.start();
  h.session.on_open(h.now);
  SECTION("before the update: the key") {
    h.error("invalid_api_key");
    CHECK(h.told() == Lines{"closed unauthenticated fatal"});
  }
  SECTION("before the update: their fault") {
    h.error("server_error");
    CHECK(h.told() == Lines{"closed unavailable"});
  }
  SECTION("the update") {
    h.receive(R"({"type":"session.created","session":{"id":"s"}})");
    h.error("invalid_value", "vb_configure", "no such voice", "session.audio.output.voice");
    CHECK(h.told() == Lines{"closed invalid_argument fatal"});
    CHECK(h.observer.last_error.field == "session.audio.output.voice");
  }
  SECTION("the update, twice") {
    h.receive(R"({"type":"session.created","session":{"id":"s"}})");
    h.error("invalid_value", "vb_configure", "bad", "");
    h.error("invalid_value", "vb_configure", "bad", "");
    CHECK(h.told() == Lines{"fault invalid_value", "closed invalid_argument fatal"});
  }
  CHECK(h.sink.closed == std::vector<int>{1000});
  CHECK(h.observer.last_error.origin == "openai");
  h.session.on_closed(1006, "", h.now);
  CHECK(h.told().empty());
}

TEST_CASE("a service that does not configure in time is given up") {
  Harness h;
  h.start();
  CHECK_FALSE(h.session.next_deadline());
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{"id":"s"}})");
  h.advance(Millis(9999));
  CHECK(h.told().empty());
  h.advance(Millis(1));
  CHECK(h.told() == Lines{"closed deadline_exceeded"});
  CHECK(h.observer.last_error.retryable);
  CHECK(h.sink.closed.size() == 1);
}

TEST_CASE("audio is sent in place when it comes as base64, and encoded when it comes as bytes") {
  Harness h;
  const Bytes bytes = {1, 2, 3, 4};
  h.session.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), bytes), h.now);
  CHECK(h.session.stats().dropped_not_ready == 1);
  h.make_ready();
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AQIDBA=="), h.now);
  h.session.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), bytes), h.now);
  CHECK(h.sent() ==
        Lines{"input_audio_buffer.append AQIDBA==", "input_audio_buffer.append AQIDBA=="});
  CHECK(h.session.stats().appended == 2);

  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcma(), "AQIDBA=="), h.now);
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AQID="), h.now);
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), ""), h.now);
  CHECK(h.session.stats().dropped_unfit == 3);
  h.sink.status = SendStatus::dropped;
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AQIDBA=="), h.now);
  CHECK(h.session.stats().dropped_backlog == 1);
  CHECK(h.sent().empty());
  CHECK(h.told().empty());
}

TEST_CASE("a connection that cannot take a command is given up") {
  Harness h;
  h.make_ready();
  h.sink.status = SendStatus::dropped;
  h.request(AddNote{AddNote::Kind::fact, "x"});
  CHECK(h.observer.lines.empty());
  CHECK(h.told() == Lines{"closed unavailable"});
}

TEST_CASE("requests and changes before the session is ready wait for it") {
  Harness h;
  h.start();
  h.request(Say{"Greet.", true});
  h.session.on_open(h.now);
  h.receive(R"({"type":"session.created","session":{"id":"s"}})");
  SpeechPatch patch;
  patch.output = AudioFormat::pcma();
  h.session.reconfigure(patch, h.now);
  h.sink.sent.clear();
  h.receive(R"({"type":"session.updated","session":{"id":"s"}})");
  CHECK(h.sent() == Lines{"session.update", "response.create Be kind.\n\nGreet."});
  CHECK(h.told() == Lines{"ready s"});
  h.receive(R"({"type":"session.updated","session":{"id":"s"}})");
  CHECK(h.told() == Lines{"reconfigured"});
}

TEST_CASE("too many early requests are refused, not kept") {
  Harness h;
  h.start();
  for (int i = 0; i < 20; ++i) h.request(AddNote{AddNote::Kind::fact, "x"});
  CHECK(h.told() == Lines(4, "fault resource_exhausted"));
  CHECK(h.session.stats().dropped_wishes == 4);
}

TEST_CASE("a reconfiguration counts when the service has confirmed it") {
  Harness h;
  h.make_ready();
  SpeechPatch patch;
  patch.instructions = "Be brief.";
  patch.input = AudioFormat::pcma();
  h.session.reconfigure(patch, h.now);
  const Json update = only_sent(h);
  CHECK(
      update["session"].dump() ==
      R"({"type":"realtime","instructions":"Be brief.","audio":{"input":{"format":{"type":"audio/pcma"}}}})");
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA"), h.now);
  h.receive(R"({"type":"session.updated","session":{}})");
  CHECK(h.told() == Lines{"reconfigured"});
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcma(), "AAAA"), h.now);
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA"), h.now);
  CHECK(h.session.stats().appended == 2);
  CHECK(h.session.stats().dropped_unfit == 1);
  h.sent();
  h.request(Say{"Go on.", false});
  CHECK(h.sent() == Lines{"response.create Be brief.\n\nGo on. none"});
}

TEST_CASE("a refused reconfiguration is told and not taken over") {
  Harness h;
  h.make_ready();
  SpeechPatch patch;
  patch.input = AudioFormat::pcma();
  h.session.reconfigure(patch, h.now);
  const std::string id = only_sent(h)["event_id"].string_or("");
  h.error("unknown_parameter", id);
  CHECK(h.told() == Lines{"fault unknown_parameter"});
  h.receive(R"({"type":"session.updated","session":{}})");
  CHECK(h.told().empty());
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA"), h.now);
  CHECK(h.session.stats().appended == 1);

  patch.input = AudioFormat::l16(8000);
  h.session.reconfigure(patch, h.now);
  CHECK(h.told() == Lines{"fault unsupported"});
}

TEST_CASE("what cannot be read is told and counted, and the session goes on") {
  Harness h;
  h.make_ready();
  h.receive("{");
  h.receive("[]");
  h.receive(R"({"type":"response.dance"})");
  CHECK(h.told() == Lines{"benign protocol_error", "benign protocol_error"});
  CHECK(h.session.stats().malformed_events == 2);
  CHECK(h.session.stats().unknown_events == 1);
}

TEST_CASE("the raw hook sees every event before it is handled") {
  Lines seen;
  RealtimeSessionOptions options;
  options.on_raw_event = [&](std::string_view text, TimePoint) { seen.emplace_back(text); };
  Harness h(options);
  h.make_ready();
  h.receive(R"({"type":"response.dance"})");
  h.audio("r", "i", 20);
  REQUIRE(seen.size() == 4);
  CHECK(seen[2] == R"({"type":"response.dance"})");
}

TEST_CASE("a detached session is silent and asks for no time") {
  Harness h;
  h.make_ready();
  h.session.detach();
  h.created("r1");
  h.audio("r1", "a", 20);
  h.session.on_closed(1006, "", h.now);
  CHECK(h.observer.lines.empty());
  CHECK_FALSE(h.session.next_deadline());
}
