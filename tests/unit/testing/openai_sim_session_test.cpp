#include "voicebridge/testing/openai_sim_session.hpp"

#include <algorithm>
#include <iterator>

#include "openai_sim_fixture.hpp"
#include "support/catch.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge::testing {
namespace {

using Types = std::vector<std::string>;

constexpr std::string_view kTalk = R"({"agents":[{"name":"talker","default_line":"Go on.","replies":[
  {"on":"start","say":"Hello, this is the agent speaking to you."},
  {"on":"turn","transcript_of_caller":"I am Ada.","say":"Nice to meet you, dear Ada."},
  {"on":"turn","transcript_of_caller":"Save me.","say":"I will save that.",
   "calls":[{"name":"save_lead","arguments":{"first_name":"Ada"}}]},
  {"on":"tool_result","say":"It is saved.","calls":[{"name":"trigger_call",
   "arguments":{"lead_id":"{{tool.save_lead.lead_id}}"}}]}]}]})";

constexpr const char* kTools =
    R"(,"tools":[{"type":"function","name":"save_lead"},{"type":"function","name":"trigger_call"}])";
constexpr const char* kTranscribed = R"(,"transcription":{"model":"gpt-transcribe"})";
constexpr const char* kNoVad = R"(,"turn_detection":null)";

std::shared_ptr<const Bytes> caller_speech() {
  return ToneVoice().speak("en", "This is what the caller says.", AudioFormat::pcmu());
}

/// The caller says something and is quiet afterwards.
void speak_turn(SimRig& rig) {
  rig.play_silence(Millis(500));
  rig.play(*caller_speech());
  rig.play_silence(Millis(500));
}

struct Expected {
  const char* code;
  const char* param;
};

void check_error(SimRig& rig, Expected expected) {
  const Json event = rig.last("error");
  const JsonView error = event["error"];
  CHECK(error["code"].string_or("none") == expected.code);
  CHECK(error["param"].string_or("") == expected.param);
  CHECK(rig.sink.close_code == 0);
}

TEST_CASE("a session begins with its whole configuration", "[openai_sim_session]") {
  SimRig rig;
  REQUIRE(rig.sink.texts.size() == 1);
  const Json created = rig.last("session.created");
  const JsonView session = created["session"];
  CHECK(session["id"].string_or("").substr(0, 5) == "sess_");
  CHECK(session["object"].string_or("") == "realtime.session");
  CHECK(session["expires_at"].integer_or(0) == 1750003600);
  CHECK(session["model"].string_or("") == "gpt-realtime-2.1");
  CHECK(session["audio"]["input"]["format"].dump() == R"({"type":"audio/pcm","rate":24000})");
  CHECK(session["audio"]["input"]["turn_detection"]["silence_duration_ms"].integer_or(0) == 200);
  CHECK(session["audio"]["input"]["transcription"].is_null());
  CHECK(session["audio"]["output"]["voice"].string_or("") == "alloy");
  CHECK(session["tools"].is_array());
}

TEST_CASE("an update changes what it names and is echoed whole", "[openai_sim_session]") {
  SimRig rig;
  rig.configure(R"(,"instructions":"Be kind","max_output_tokens":100)", kTranscribed);
  rig.send(R"({"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"marin"}}}})");
  const Json updated = rig.last("session.updated");
  const JsonView session = updated["session"];
  CHECK(session["instructions"].string_or("") == "Be kind");
  CHECK(session["max_output_tokens"].integer_or(0) == 100);
  CHECK(session["audio"]["input"]["format"]["type"].string_or("") == "audio/pcmu");
  CHECK(session["audio"]["input"]["transcription"]["model"].string_or("") == "gpt-transcribe");
  CHECK(session["audio"]["output"]["voice"].string_or("") == "marin");
  CHECK(rig.record().violations.empty());
}

TEST_CASE("one unknown key refuses the whole update", "[openai_sim_session]") {
  SimRig rig;
  rig.send(R"({"type":"session.update","event_id":"mine","session":{"type":"realtime","instructions":"x",
    "audio":{"output":{"voice":"marin"}},"speed":1}})");
  check_error(rig, {"unknown_parameter", "session.speed"});
  CHECK(rig.last("error")["error"]["event_id"].string_or("") == "mine");
  CHECK(rig.count("session.updated") == 0);
  rig.configure();
  CHECK(rig.last("session.updated")["session"]["audio"]["output"]["voice"].string_or("") == "alloy");
  REQUIRE(rig.record().violations.size() == 1);
  CHECK(rig.record().violations[0].param == "session.speed");
}

TEST_CASE("the beta header ends the session", "[openai_sim_session]") {
  OpenAiSimHandshake handshake;
  handshake.beta_header = true;
  SimRig rig(R"({"agents":[]})", {}, handshake);
  CHECK(rig.next_types() == Types{"error"});
  CHECK(rig.last("error")["error"]["code"].string_or("") == "beta_api_shape_disabled");
  CHECK(rig.sink.close_code == 4000);
  rig.configure();
  CHECK(rig.next_types().empty());
}

TEST_CASE("what is no event is answered and survived", "[openai_sim_session]") {
  SimRig rig;
  for (const char* text : {"", "{", "[1]", "\"x\"", "null", "{\"type\":\"a\"} x"}) {
    CAPTURE(text);
    rig.send(text);
    check_error(rig, {"invalid_event", ""});
  }
  rig.send(std::string(10000, '[') + std::string(10000, ']'));
  check_error(rig, {"invalid_event", ""});
  rig.send(R"({"type":"no.such.event"})");
  check_error(rig, {"invalid_value", "type"});
  rig.configure();
  CHECK(rig.count("session.updated") == 1);
}

TEST_CASE("a turn of the caller is answered in the documented order", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kTranscribed);
  speak_turn(rig);
  rig.run(Millis(2000));
  const Types expected = {"session.created",
                          "session.updated",
                          "input_audio_buffer.speech_started",
                          "input_audio_buffer.speech_stopped",
                          "input_audio_buffer.committed",
                          "conversation.item.added",
                          "conversation.item.done",
                          "response.created",
                          "conversation.item.input_audio_transcription.delta",
                          "conversation.item.input_audio_transcription.completed",
                          "response.output_item.added",
                          "conversation.item.added",
                          "response.content_part.added"};
  Types types = squeezed(rig.next_types());
  REQUIRE(types.size() > expected.size());
  CHECK(Types(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(expected.size())) == expected);

  const Types closing = {"response.output_audio.done",
                         "response.output_audio_transcript.done",
                         "response.content_part.done",
                         "conversation.item.done",
                         "response.output_item.done",
                         "rate_limits.updated",
                         "response.done"};
  CHECK(Types(types.end() - static_cast<std::ptrdiff_t>(closing.size()), types.end()) == closing);
  for (auto type = types.begin() + static_cast<std::ptrdiff_t>(expected.size());
       type != types.end() - static_cast<std::ptrdiff_t>(closing.size()); ++type) {
    CHECK((*type == "response.output_audio.delta" || *type == "response.output_audio_transcript.delta"));
  }
}

TEST_CASE("the ids of a turn belong together", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kTranscribed);
  speak_turn(rig);
  rig.run(Millis(2000));
  const std::string user = rig.last("input_audio_buffer.speech_started")["item_id"].string_or("");
  CHECK(user.substr(0, 5) == "item_");
  CHECK(user.size() <= 32);
  CHECK(rig.last("input_audio_buffer.speech_stopped")["item_id"].string_or("") == user);
  const Json committed = rig.last("input_audio_buffer.committed");
  CHECK(committed["item_id"].string_or("") == user);
  CHECK(committed["previous_item_id"].is_null());
  const Json transcribed = rig.last("conversation.item.input_audio_transcription.completed");
  CHECK(transcribed["item_id"].string_or("") == user);
  CHECK(transcribed["transcript"].string_or("") == "I am Ada.");
  const Json done = rig.last("conversation.item.done");
  CHECK(done["previous_item_id"].string_or("") == user);
  CHECK(done["item"]["role"].string_or("") == "assistant");
  CHECK(done["item"]["content"].at(0)["transcript"].string_or("") == "Nice to meet you, dear Ada.");
  CHECK_FALSE(done["item"]["content"].at(0)["audio"].exists());
  const Json response = rig.last("response.done");
  CHECK(response["response"]["output"].at(0)["id"].string_or("") == done["item"]["id"].string_or("?"));
}

TEST_CASE("the audio of a reply is the voice's, faster than real time", "[openai_sim_session]") {
  OpenAiSimOptions options;
  options.keep_audio_bytes = 1 << 20;
  SimRig rig(kTalk, options);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(249));
  CHECK(rig.count("response.output_audio.delta") == 0);
  rig.run(Millis(1));
  CHECK(rig.count("response.output_audio.delta") == 1);
  const auto voice = ToneVoice().speak("en", "Hello, this is the agent speaking to you.", AudioFormat::pcmu());
  rig.run(Millis(65 * 41 / 8 + 1));
  CHECK(rig.count("response.done") == 1);
  CHECK(rig.record().sent_audio == *voice);
  REQUIRE(rig.record().utterances.size() == 1);
  CHECK(rig.record().utterances[0].complete);
  CHECK(rig.record().utterances[0].sent == Millis(65 * 41));
  CHECK(rig.record().responses.at(0).first_audio == std::optional<Millis>(250));
  Bytes joined;
  for (const auto& event : rig.next()) {
    if (event["type"].string_or("") != "response.output_audio.delta") continue;
    REQUIRE(base64_decode_append(joined, *event["delta"].string()));
  }
  CHECK(joined == *voice);
}

TEST_CASE("usage counts what was heard and said", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure(R"(,"instructions":"12345678")", kNoVad);
  rig.append(Bytes(8 * 1050, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(2000));
  const Json done = rig.last("response.done");
  const JsonView usage = done["response"]["usage"];
  CHECK(usage["input_token_details"]["audio_tokens"].integer_or(0) == 10);
  CHECK(usage["input_token_details"]["text_tokens"].integer_or(0) == 2 + 1);  // "[]" are the tools
  // 27 characters of speech: 1,755 ms and their transcript.
  CHECK(usage["output_token_details"]["audio_tokens"].integer_or(0) == 35);
  CHECK(usage["output_token_details"]["text_tokens"].integer_or(0) == 7);
  CHECK(usage["total_tokens"].integer_or(0) == 10 + 3 + 35 + 7);
}

TEST_CASE("the caller who speaks stops the answer", "[openai_sim_session]") {
  OpenAiSimOptions options;
  options.speed = 1;
  SimRig rig(kTalk, options);
  rig.configure();
  rig.send(R"({"type":"response.create"})");
  rig.play_silence(Millis(1000));
  const std::size_t before = rig.count("response.output_audio.delta");
  CHECK(before > 0);
  rig.next();
  rig.play(*caller_speech());
  const Types types = rig.next_types();
  const auto started = std::find(types.begin(), types.end(), "input_audio_buffer.speech_started");
  REQUIRE(started != types.end());
  CHECK(squeezed(Types(started, types.end())) == Types{"input_audio_buffer.speech_started",
                                                       "response.output_audio.done",
                                                       "response.output_audio_transcript.done",
                                                       "response.content_part.done",
                                                       "conversation.item.done",
                                                       "response.output_item.done",
                                                       "rate_limits.updated",
                                                       "response.done"});
  const Json done = rig.last("response.done");
  CHECK(done["response"]["status"].string_or("") == "cancelled");
  CHECK(done["response"]["status_details"]["reason"].string_or("") == "turn_detected");
  CHECK(done["response"]["output"].at(0)["status"].string_or("") == "incomplete");
  CHECK_FALSE(rig.record().utterances.at(0).complete);
}

TEST_CASE("with interrupt_response off the answer goes on", "[openai_sim_session]") {
  OpenAiSimOptions options;
  options.speed = 1;
  SimRig rig(kTalk, options);
  rig.configure("", R"(,"turn_detection":{"type":"server_vad","interrupt_response":false})");
  rig.send(R"({"type":"response.create"})");
  rig.play_silence(Millis(500));
  rig.play(*caller_speech());
  rig.play_silence(Millis(300));
  rig.run(Millis(3000));
  CHECK(rig.record().responses.at(0).status == "completed");
  CHECK(rig.record().turns.size() == 1);
  CHECK(rig.last("error")["error"]["code"].string_or("") == "conversation_already_has_active_response");
  CHECK(rig.record().violations.empty());  // the service's own race, not the client's fault
}

TEST_CASE("without create_response a turn is committed only", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", R"(,"turn_detection":{"type":"server_vad","create_response":false})");
  speak_turn(rig);
  CHECK(rig.record().turns.size() == 1);
  CHECK(rig.count("response.created") == 0);
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(2000));
  CHECK(rig.record().responses.at(0).cause == ReplyCause::turn);
}

TEST_CASE("one response at a time", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.create"})");
  rig.send(R"({"type":"response.create","event_id":"second"})");
  check_error(rig, {"conversation_already_has_active_response", ""});
  CHECK(rig.last("error")["error"]["event_id"].string_or("") == "second");
  rig.run(Millis(2000));
  rig.send(R"({"type":"response.create"})");
  CHECK(rig.count("response.created") == 2);
}

TEST_CASE("a response out of band runs beside and leaves no trace", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.create"})");
  rig.send(R"({"type":"response.create","response":{"conversation":"none","metadata":{"k":"v"},"input":[],
    "output_modalities":["text"],"instructions":"Answer with \"Aside.\""}})");
  rig.run(Millis(2000));
  CHECK(rig.count("response.done") == 2);
  CHECK(rig.count("conversation.item.done") == 1);
  CHECK(rig.last("response.output_text.done")["text"].string_or("") == "Aside.");
  bool found = false;
  for (const auto& event : rig.next()) {
    if (event["response"]["metadata"]["k"].string_or("") != "v") continue;
    found = true;
    CHECK(event["response"]["conversation_id"].is_null());
  }
  CHECK(found);
  CHECK(rig.record().violations.empty());
}

TEST_CASE("cancel ends the running response and refuses without one", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.cancel"})");
  check_error(rig, {"response_cancel_not_active", ""});
  rig.send(R"({"type":"response.create"})");
  rig.send(R"({"type":"response.cancel","response_id":"resp_other"})");
  CHECK(rig.record().violations.size() == 2);
  rig.run(Millis(300));
  rig.send(R"({"type":"response.cancel"})");
  CHECK(rig.last("response.done")["response"]["status_details"]["reason"].string_or("") == "client_cancelled");
  const std::size_t sent = rig.sink.texts.size();
  rig.run(Millis(5000));
  CHECK(rig.sink.texts.size() == sent);
}

TEST_CASE("a commit needs 100 ms of audio", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.append(Bytes(799, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  check_error(rig, {"input_audio_buffer_commit_empty", ""});
  rig.append(Bytes(1, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  CHECK(rig.count("input_audio_buffer.committed") == 1);
  CHECK(rig.count("response.created") == 0);
  rig.append(Bytes(8000, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.clear"})");
  CHECK(rig.count("input_audio_buffer.cleared") == 1);
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  CHECK(rig.record().violations.size() == 2);
}

TEST_CASE("malformed and oversized audio is refused", "[openai_sim_session]") {
  SimRig rig;
  const auto append = [&](const std::string& audio) {
    rig.send(R"({"type":"input_audio_buffer.append","audio":")" + audio + R"("})");
  };
  append("AAA");
  check_error(rig, {"invalid_value", "audio"});
  append("!!!!");
  CHECK(rig.record().violations.size() == 2);
  append("AAAA");  // three bytes are no whole samples of L16
  CHECK(rig.record().violations.size() == 3);
  append(std::string((std::size_t{15} << 20) / 3 * 4 + 4, 'A'));
  CHECK(rig.record().violations.size() == 4);
  CHECK(rig.record().audio_received == 0);
  append(std::string((std::size_t{15} << 20) / 3 * 4, 'A'));
  CHECK(rig.record().violations.size() == 4);
  CHECK(rig.record().audio_received == std::size_t{15} << 20);
}

class Truncation {
 public:
  Truncation() : rig(kTalk) {
    rig.configure("", kNoVad);
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(2000));
    item = rig.record().utterances.at(0).item_id;
  }
  void truncate(std::int64_t millis) {
    rig.send(R"({"type":"conversation.item.truncate","item_id":")" + item +
             R"(","content_index":0,"audio_end_ms":)" + std::to_string(millis) + "}");
  }
  SimRig rig;
  std::string item;
};

TEST_CASE("an item is truncated within its audio only", "[openai_sim_session]") {
  Truncation t;
  const std::int64_t length = 65 * 41;
  t.truncate(length + 1);
  check_error(t.rig, {"invalid_value", "audio_end_ms"});
  CHECK(t.rig.last("error")["error"]["message"].string_or("") ==
        "Audio content of 2665ms is already shorter than 2666ms");
  t.truncate(0);
  check_error(t.rig, {"unsupported_content_type", ""});
  CHECK(t.rig.count("conversation.item.truncated") == 0);
  t.truncate(length);
  t.truncate(1000);
  CHECK(t.rig.count("conversation.item.truncated") == 2);
  t.truncate(1001);
  CHECK(t.rig.record().violations.size() == 3);
  CHECK(t.rig.record().utterances[0].heard == std::optional<Millis>(1000));

  t.rig.send(R"({"type":"conversation.item.retrieve","item_id":")" + t.item + R"("})");
  const Json retrieved = t.rig.last("conversation.item.retrieved");
  const JsonView part = retrieved["item"]["content"].at(0);
  CHECK(base64_decoded_size(part["audio"].string_or("")) == 8000);
  CHECK_FALSE(part["transcript"].exists());  // it goes with the audio
}

TEST_CASE("only items that exist can be changed", "[openai_sim_session]") {
  Truncation t;
  t.item = "item_unknown";
  t.truncate(10);
  check_error(t.rig, {"item_truncate_invalid_item_id", "item_id"});
  t.rig.send(R"({"type":"conversation.item.delete","item_id":"x"})");
  check_error(t.rig, {"item_delete_invalid_item_id", "item_id"});
  t.rig.send(R"({"type":"conversation.item.retrieve","item_id":"x"})");
  check_error(t.rig, {"item_retrieve_invalid_item_id", "item_id"});
  t.rig.send(R"({"type":"conversation.item.create","item":{"id":"mine","type":"message","role":"user",
    "content":[{"type":"input_text","text":"hi"}]}})");
  t.item = "mine";
  t.truncate(10);
  check_error(t.rig, {"unsupported_content_type", ""});
  t.rig.send(R"({"type":"conversation.item.delete","item_id":"mine"})");
  CHECK(t.rig.last("conversation.item.deleted")["item_id"].string_or("") == "mine");
}

TEST_CASE("items are put where the client says", "[openai_sim_session]") {
  SimRig rig;
  const auto create = [&](const std::string& id, const std::string& where) {
    rig.send(R"({"type":"conversation.item.create",)" + where + R"("item":{"id":")" + id +
             R"(","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}})");
  };
  const auto previous = [&] {
    const Json event = rig.last("conversation.item.done");
    return event["previous_item_id"].string_or("none");
  };
  create("a", "");
  CHECK(previous() == "none");
  create("b", "");
  CHECK(previous() == "a");
  create("c", R"("previous_item_id":"a",)");
  CHECK(previous() == "a");
  create("d", R"("previous_item_id":"root",)");
  CHECK(previous() == "none");
  create("e", "");
  CHECK(previous() == "b");
  create("e", "");
  check_error(rig, {"item_create_duplicate_item_id", "item.id"});
  create("f", R"("previous_item_id":"zz",)");
  check_error(rig, {"item_create_invalid_previous_item_id", "previous_item_id"});
}

TEST_CASE("the voice is frozen by the first audio", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  const auto use_voice = [&](const char* voice, const char* more) {
    rig.send(std::string(R"({"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":")") +
             voice + R"("}})" + more + "}}");
  };
  use_voice("marin", "");
  CHECK(rig.record().violations.empty());
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(2000));
  use_voice("cedar", R"(,"instructions":"new")");
  check_error(rig, {"cannot_update_voice", "session.audio.output.voice"});
  use_voice("marin", "");
  CHECK(rig.last("session.updated")["session"]["instructions"].string_or("") != "new");
  CHECK(rig.record().violations.size() == 1);
  rig.send(R"({"type":"response.create","response":{"audio":{"output":{"voice":"cedar"}}}})");
  check_error(rig, {"cannot_update_voice", "response.audio.output.voice"});
}

TEST_CASE("a tool is called, answered, and its result used", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure(kTools, kNoVad);
  for (int turn = 0; turn < 2; ++turn) {
    rig.append(Bytes(8000, 0xFF));
    rig.send(R"({"type":"input_audio_buffer.commit"})");
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(3000));
  }
  const Json call = rig.last("response.function_call_arguments.done");
  CHECK(call["name"].string_or("") == "save_lead");
  CHECK(call["arguments"].string_or("") == R"({"first_name":"Ada"})");
  CHECK(call["output_index"].integer_or(0) == 1);  // behind the spoken message
  rig.next();

  rig.send(R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_x","output":""}})");
  check_error(rig, {"invalid_tool_call_id", "item.call_id"});
  rig.send(R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":")" +
           call["call_id"].string_or("") + R"(","output":"{\"lead_id\":\"ld_7\"}"}})");
  rig.run(Millis(3000));
  CHECK(rig.next_types() == Types{"error", "conversation.item.added", "conversation.item.done"});
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(3000));
  CHECK(rig.record().responses.back().cause == ReplyCause::tool_result);
  CHECK(rig.last("response.function_call_arguments.done")["arguments"].string_or("") == R"({"lead_id":"ld_7"})");
  REQUIRE(rig.record().tool_results.size() == 1);
  CHECK(rig.record().tool_results[0].name == "save_lead");

  const Types types = squeezed(rig.next_types());
  const Types closing = {"response.output_item.added", "conversation.item.added",
                         "response.function_call_arguments.delta", "response.function_call_arguments.done",
                         "conversation.item.done", "response.output_item.done", "rate_limits.updated",
                         "response.done"};
  REQUIRE(types.size() > closing.size());
  CHECK(Types(types.end() - static_cast<std::ptrdiff_t>(closing.size()), types.end()) == closing);
}

TEST_CASE("the model calls only tools that it was given", "[openai_sim_session]") {
  const std::string_view scenario =
      R"({"agents":[{"replies":[{"on":"start","say":"Hm.","calls":[{"name":"save_lead"}]}]}]})";
  for (const char* more : {"", R"(,"tools":[{"type":"function","name":"save_lead"}],"tool_choice":"none")"}) {
    SimRig rig(scenario);
    rig.configure(more, kNoVad);
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(2000));
    CHECK(rig.count("response.function_call_arguments.done") == 0);
    CHECK(rig.record().notes == Types{"the model may not call save_lead here"});
  }
}

TEST_CASE("text of the user is answered as text of the user", "[openai_sim_session]") {
  SimRig rig(R"({"agents":[{"default_line":"Default.","replies":[{"on":"text","say":"You wrote."},
    {"on":"response","say":"A filler."}]}]})");
  rig.configure(R"(,"output_modalities":["text"])", kNoVad);
  const auto ask = [&](const std::string& response) {
    rig.send(R"({"type":"response.create")" + response + "}");
    rig.run(Millis(2000));
    return rig.last("response.output_text.done")["text"].string_or("");
  };
  rig.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}})");
  CHECK(ask("") == "You wrote.");
  CHECK(ask("") == "A filler.");
  CHECK(ask("") == "Default.");
  CHECK(ask(R"(,"response":{"instructions":"Say: \"Are you there?\""})") == "Are you there?");
  CHECK(rig.count("response.output_audio.delta") == 0);
}

TEST_CASE("a caller who says nothing for long is asked", "[openai_sim_session]") {
  SimRig rig(R"({"agents":[{"replies":[{"on":"start","say":"Hello you"},{"on":"idle","say":"Still there?"}]}]})");
  rig.configure("", R"(,"turn_detection":{"type":"server_vad","idle_timeout_ms":5000})");
  rig.send(R"({"type":"response.create"})");
  rig.play_silence(Millis(1000));
  REQUIRE(rig.count("response.done") == 1);
  rig.next();
  // From response.done, 250 ms and 585 / 8 ms after the start, plus 585 ms of audio, plus 5 s.
  rig.play_silence(Millis(4880));
  CHECK(rig.next_types().empty());
  rig.play_silence(Millis(100));
  const Types types = rig.next_types();
  REQUIRE(types.size() >= 5);
  CHECK(Types(types.begin(), types.begin() + 5) ==
        Types{"input_audio_buffer.timeout_triggered", "input_audio_buffer.committed", "conversation.item.added",
              "conversation.item.done", "response.created"});
  CHECK(rig.record().responses.back().cause == ReplyCause::idle);
}

TEST_CASE("a session ends after its time", "[openai_sim_session]") {
  SimRig rig;
  rig.run(Millis(3599999));
  CHECK(rig.sink.close_code == 0);
  rig.run(Millis(1));
  CHECK(rig.last("error")["error"]["code"].string_or("") == "session_expired");
  CHECK(rig.sink.close_code == 1001);
  CHECK(rig.sink.reason == "Your session hit the maximum duration of 60 minutes.");
}

TEST_CASE("transcripts that wait are bounded, and none is lost", "[openai_sim_session]") {
  OpenAiSimOptions options;
  options.transcription_delay = Millis(60000);
  SimRig rig(kTalk, options);
  rig.configure("", std::string(kNoVad) + kTranscribed);
  for (int i = 0; i < 150; ++i) {
    rig.append(Bytes(800, 0xFF));
    rig.send(R"({"type":"input_audio_buffer.commit"})");
    rig.run(Millis(1));
  }
  CHECK(rig.count("conversation.item.input_audio_transcription.completed") == 50);
  rig.run(Millis(60000));
  CHECK(rig.count("conversation.item.input_audio_transcription.completed") == 150);
}

TEST_CASE("mutated events never break a session", "[openai_sim_session]") {
  const std::string events[] = {
      R"({"type":"session.update","event_id":"e","session":{"type":"realtime","instructions":"x","audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"server_vad","idle_timeout_ms":5000}}},"tools":[{"type":"function","name":"f"}]}})",
      R"({"type":"input_audio_buffer.append","audio":"//////////////////////////8="})",
      R"({"type":"conversation.item.create","previous_item_id":"root","item":{"id":"i","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}})",
      R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":1500})",
      R"({"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"},"input":[]}})",
      R"({"type":"input_audio_buffer.commit"})",
      R"({"type":"response.cancel","response_id":"r"})"};
  const std::string_view pieces[] = {"null", "-1", "1e999", "{}", "[]", "\"\"", "true", "}", ",", "\\u0000", "9223372036854775808"};
  SeededRandom random(42);
  SimRig rig(kTalk);
  for (int i = 0; i < 20000; ++i) {
    std::string text = events[random.up_to(std::size(events) - 1)];
    for (auto cuts = random.up_to(3); cuts > 0; --cuts) {
      const std::size_t at = random.up_to(text.size() - 1);
      const std::size_t length = random.up_to(8);
      text.replace(at, length, pieces[random.up_to(std::size(pieces) - 1)]);
    }
    rig.send(text);
    rig.run(Millis(static_cast<int>(random.up_to(20))));
  }
  for (const auto& event : rig.next()) REQUIRE(event["event_id"].is_string());
  CHECK(rig.sink.close_code == 0);
  CHECK(rig.record().violations.size() + rig.record().entries_dropped > 5000);
  CHECK(rig.record().client_events.size() == 7);
  const std::size_t before = rig.count("session.updated");
  rig.configure();
  CHECK(rig.count("session.updated") == before + 1);
}

TEST_CASE("two runs with the same inputs give the same bytes", "[openai_sim_session]") {
  const auto run = [](std::uint64_t seed) {
    OpenAiSimOptions options;
    options.seed = seed;
    SimRig rig(kTalk, options);
    rig.configure(kTools, kTranscribed);
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(500));
    for (int turn = 0; turn < 3; ++turn) speak_turn(rig);
    rig.run(Millis(3000));
    return rig.sink.texts;
  };
  const auto first = run(1);
  CHECK(first.size() > 60);
  CHECK(first == run(1));
  CHECK(first != run(2));
}

}  // namespace
}  // namespace voicebridge::testing
