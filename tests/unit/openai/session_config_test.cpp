#include "voicebridge/openai/session_config.hpp"

#include "support/catch.hpp"
#include "unit/openai/official_schema.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using namespace voicebridge::test;

namespace {

SessionConfig read(const std::string& text) {
  INFO(text);
  const auto json = Json::parse(text);
  REQUIRE(json);
  const auto config = SessionConfig::from_json(*json);
  if (!config) UNSCOPED_INFO(to_string(config.error()));
  REQUIRE(config);
  return *config;
}

std::string write(const SessionConfig& config, SessionUse use = SessionUse::whole) {
  const auto text = to_json(config, use);
  REQUIRE(text);
  const auto json = Json::parse(*text);
  REQUIRE(json);
  INFO(*text);
  CHECK(schema().check(*json, "RealtimeSessionStrict") == "");
  return *text;
}

bool same_json(const std::string& a, const std::string& b) { return JsonText{a} == JsonText{b}; }

/// Every key of the session object, of both kinds of turn detection and of every form of a tool
/// choice, with a value that is not its default.
SessionConfig full() {
  SessionConfig config;
  config.model = "gpt-realtime-2.1";
  config.output_modalities = {"audio"};
  config.instructions = "Be kind.";
  AudioInput& input = config.audio.input;
  input.format = wire_format(AudioFormat::pcma()).value();
  input.noise_reduction = NoiseReduction{"near_field", 0.5, {}};
  TranscriptionConfig transcription;
  transcription.model = "gpt-transcribe";
  transcription.prompt = "boilers";
  transcription.languages = {"en", "fr"};
  transcription.keywords = {"boiler"};
  transcription.delay = "low";
  input.transcription = transcription;
  VadConfig vad;
  vad.type = "server_vad";
  vad.threshold = 0.25;
  vad.prefix_padding_ms = 200;
  vad.silence_duration_ms = 700;
  vad.idle_timeout_ms = 6000;
  vad.create_response = true;
  vad.interrupt_response = false;
  input.turn_detection = vad;
  config.audio.output.format = wire_format(AudioFormat::l16(24000)).value();
  config.audio.output.voice = CustomVoice{"voice_1", {}};
  config.audio.output.speed = 1.25;
  McpTool mcp;
  mcp.server_label = "crm";
  mcp.server_url = "https://mcp.example.com";
  mcp.authorization = "token";
  mcp.headers = std::map<std::string, std::string>{{"X-Tenant", "7"}};
  mcp.server_description = "Customers";
  mcp.allowed_tools = McpToolFilter{std::vector<std::string>{"find"}, true, {}};
  mcp.require_approval =
      McpApprovalRule{McpToolFilter{{{"delete"}}, std::nullopt, {}}, std::nullopt, {}};
  mcp.allowed_callers = std::vector<std::string>{"direct"};
  mcp.defer_loading = true;
  config.tools = {FunctionTool{"save_lead", "Saves.", JsonText{R"({"type":"object"})"}, {}}, mcp};
  config.tool_choice = NamedTool{"mcp", "find", "crm", {}};
  config.parallel_tool_calls = false;
  config.reasoning = Reasoning{"low", {}};
  config.max_output_tokens = TokenLimit{4096};
  config.truncation = RetentionRatio{"retention_ratio", 0.8, TokenLimits{1000, {}}, {}};
  config.tracing = TracingDetails{"call", "group", JsonText{R"({"a":1})"}, {}};
  PromptReference prompt;
  prompt.id = "pmpt_1";
  prompt.version = "2";
  prompt.variables = std::map<std::string, JsonText>{{"name", JsonText{R"("Ada")"}}};
  config.prompt = prompt;
  config.include = std::vector<std::string>{"item.input_audio_transcription.logprobs"};
  return config;
}

SpeechSpec spec() {
  SpeechSpec spec;
  spec.input = AudioFormat::pcmu();
  spec.output = AudioFormat::pcmu();
  spec.instructions = "Be kind.";
  spec.voice = "marin";
  spec.transcription_model = "gpt-transcribe";
  spec.tools = {{"a", "b", R"({"type":"object"})"}};
  return spec;
}

}  // namespace

TEST_CASE("a session says only what is set") {
  CHECK(write({}) == R"({"type":"realtime"})");
  SessionConfig config;
  config.instructions = "";
  config.tools.emplace();
  config.audio.input.transcription = nullptr;
  config.audio.input.noise_reduction = nullptr;
  config.audio.input.turn_detection = nullptr;
  config.tracing = nullptr;
  config.max_output_tokens = TokenLimit{};
  CHECK(
      write(config) ==
      R"({"type":"realtime","instructions":"","audio":{"input":{"noise_reduction":null,"transcription":null,)"
      R"("turn_detection":null}},"tools":[],"max_output_tokens":"inf","tracing":null})");
}

TEST_CASE("a session is the same after writing and reading") {
  SessionConfig config = full();
  CHECK(read(write(config)) == config);
  SECTION("the other forms of what has several") {
    config.audio.output.voice = "marin";
    config.tool_choice = "required";
    config.truncation = "disabled";
    config.tracing = "auto";
    config.prompt = nullptr;
    config.max_output_tokens = TokenLimit{};
    auto& mcp = std::get<McpTool>((*config.tools)[1]);
    mcp.allowed_tools = std::vector<std::string>{"find"};
    mcp.require_approval = "never";
    mcp.headers = nullptr;
    VadConfig vad;
    vad.type = "semantic_vad";
    vad.eagerness = "high";
    config.audio.input.turn_detection = vad;
    CHECK(read(write(config)) == config);
    config.tool_choice = NamedTool{"function", "save_lead", std::nullopt, {}};
    config.audio.input.turn_detection->type = "server_vad";
    config.audio.input.turn_detection->eagerness.reset();
    config.audio.input.turn_detection->idle_timeout_ms = nullptr;
    CHECK(read(write(config)) == config);
  }
  SECTION("left out, null and set are three") {
    const SessionConfig left_out;
    SessionConfig null;
    null.tracing = nullptr;
    SessionConfig set;
    set.tracing = "auto";
    CHECK(left_out != null);
    CHECK(null != set);
    CHECK(left_out != set);
    CHECK(read(write(null)) == null);
    CHECK(read(write(left_out)) == left_out);
  }
}

TEST_CASE("every member of a session counts when two are compared") {
  const std::string text = to_json(full()).value();
  const auto json = Json::parse(text);
  REQUIRE(json);
  for (const auto& left_out : json->root().members()) {
    JsonWriter writer;
    writer.object();
    for (const auto& member : json->root().members()) {
      if (member.key != left_out.key) writer.field(member.key, member.value);
    }
    INFO(left_out.key);
    const bool is_default = left_out.key == "type";
    CHECK((read(writer.end().take()) == full()) == is_default);
  }
}

TEST_CASE("what the service adds is kept, also deep inside") {
  const std::string text =
      R"({"type":"realtime","hue":1,"audio":{"echo":2,"input":{"gain":3,"format":{"type":"audio/pcm","rate":24000,"bits":16},)"
      R"("turn_detection":{"type":"server_vad","mood":null}},"output":{"voice":{"id":"v","age":4},"style":"x"}},)"
      R"("tools":[{"type":"function","name":"f","strict":true},{"type":"mcp","server_label":"s","zone":[]},{"type":"web"}],)"
      R"("reasoning":{"effort":"low","budget":5},"truncation":{"type":"retention_ratio","retention_ratio":0.5,"x":{}}})";
  const SessionConfig config = read(text);
  CHECK(config.more.at("hue").text == "1");
  CHECK(std::holds_alternative<JsonText>(config.tools->at(2)));
  CHECK(same_json(to_json(config).value(), text));
}

TEST_CASE("the service's echo can be read, and is fit to be sent again") {
  const SessionConfig config = read(
      R"({"type":"realtime","object":"realtime.session","id":"sess_1","expires_at":1750290618,"model":"gpt-realtime-2.1",)"
      R"("instructions":"Be kind.","output_modalities":["audio"],"tools":[],"tool_choice":"auto","tracing":null,"prompt":null,)"
      R"("include":null,"truncation":"auto","max_output_tokens":"inf","reasoning":null,"audio":{"input":{"format":)"
      R"({"type":"audio/pcmu"},"transcription":null,"noise_reduction":null,"turn_detection":{"type":"server_vad",)"
      R"("threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":200,"idle_timeout_ms":null,"create_response":true,)"
      R"("interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1.0}}})");
  CHECK(config.more.empty());
  CHECK(config.audio.input.turn_detection->silence_duration_ms == 200);
  CHECK(config.audio.input.turn_detection->idle_timeout_ms.is_null());
  CHECK(audio_format(*config.audio.input.format) == AudioFormat::pcmu());
  CHECK(config.include.is_null());
  CHECK_FALSE(config.reasoning);
}

TEST_CASE("the beta's names are understood and never written") {
  const SessionConfig config = read(
      R"({"id":"sess_1","object":"realtime.session","model":"m","modalities":["audio","text"],"voice":"ash","speed":1.5,)"
      R"("input_audio_format":"pcm16","output_audio_format":"g711_alaw","input_audio_transcription":{"model":"whisper-1"},)"
      R"("input_audio_noise_reduction":{"type":"far_field"},"turn_detection":null,"max_response_output_tokens":"inf",)"
      R"("temperature":0.8,"client_secret":{"value":"ek_1"}})");
  SessionConfig expected;
  expected.model = "m";
  expected.output_modalities = {"audio"};
  expected.audio.output.voice = "ash";
  expected.audio.output.speed = 1.5;
  expected.audio.input.format = wire_format(AudioFormat::l16(24000)).value();
  expected.audio.output.format = wire_format(AudioFormat::pcma()).value();
  expected.audio.input.transcription.emplace().model = "whisper-1";
  expected.audio.input.noise_reduction.emplace().type = "far_field";
  expected.audio.input.turn_detection = nullptr;
  expected.max_output_tokens = TokenLimit{};
  CHECK(config == expected);
  write(config);
  CHECK(read(R"({"modalities":["text"]})").output_modalities == std::vector<std::string>{"text"});
  const SessionConfig both = read(R"({"voice":"ash","audio":{"output":{"voice":"marin"}}})");
  CHECK(std::get<std::string>(*both.audio.output.voice) == "marin");
  CHECK(audio_format(*read(R"({"input_audio_format":"g711_ulaw"})").audio.input.format) ==
        AudioFormat::pcmu());
}

TEST_CASE("a member of a wrong type is named") {
  const std::pair<const char*, const char*> faults[] = {
      {R"([])", ""},
      {R"({"instructions":7})", "instructions"},
      {R"({"tools":{}})", "tools"},
      {R"({"audio":{"input":{"turn_detection":{"type":"server_vad","threshold":"high"}}}})",
       "audio.input.turn_detection.threshold"},
      {R"({"audio":{"output":{"voice":7}}})", "audio.output.voice"},
      {R"({"max_output_tokens":"many"})", "max_output_tokens"},
      {R"({"max_output_tokens":0})", "max_output_tokens"},
      {R"({"tracing":[]})", "tracing"},
  };
  for (const auto& [text, field] : faults) {
    INFO(text);
    const auto json = Json::parse(text);
    REQUIRE(json);
    const auto config = SessionConfig::from_json(*json);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == Errc::invalid_argument);
    CHECK(config.error().field == field);
  }
}

TEST_CASE("what would be refused is refused before it is sent, by name") {
  SessionConfig config;
  config.tools = {FunctionTool{"", std::nullopt, std::nullopt, {}}};
  CHECK(to_json(config).error().field == "tools.name");
  for (const char* parameters : {"", "[]", "{", "{} {}", "7"}) {
    config.tools = {FunctionTool{"a", std::nullopt, JsonText{parameters}, {}}};
    CHECK(to_json(config).error().field == "tools.parameters");
  }
  config = {};
  config.tracing = TracingDetails{"w", std::nullopt, JsonText{"{"}, {}};
  CHECK(to_json(config).error().field == "tracing.metadata");
  CHECK(to_json(config).error().code == Errc::invalid_argument);
}

TEST_CASE("accept refuses the tuning of the turn detection and has no formats") {
  CHECK(write(full(), SessionUse::create) == write(full()));
  const SessionConfig update = read(write(full(), SessionUse::update));
  SessionConfig expected = full();
  expected.model.reset();
  CHECK(update == expected);

  expected = full();
  expected.audio.input.format.reset();
  expected.audio.output.format.reset();
  expected.audio.input.turn_detection = VadConfig();
  expected.audio.input.turn_detection->type = "server_vad";
  CHECK(read(write(full(), SessionUse::accept)) == expected);
  expected.audio.input.turn_detection = nullptr;
  CHECK(read(write(expected, SessionUse::accept)) == expected);
}

TEST_CASE("the session that a call asks for") {
  SpeechSpec call = spec();
  CHECK(
      write(session_config(call).value()) ==
      R"({"type":"realtime","output_modalities":["audio"],"instructions":"Be kind.","audio":{"input":{"format":)"
      R"({"type":"audio/pcmu"},"transcription":{"model":"gpt-transcribe"},"turn_detection":{"type":"server_vad",)"
      R"("threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,)"
      R"("interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin"}},"tools":[{"type":"function",)"
      R"("name":"a","description":"b","parameters":{"type":"object"}}],"tool_choice":"auto"})");
  SECTION("what is more comes from the base, what both say from the call") {
    const SessionConfig config = session_config(call, full()).value();
    write(config);
    CHECK(config.instructions == "Be kind.");
    CHECK(std::get<std::string>(*config.audio.output.voice) == "marin");
    CHECK(config.audio.output.speed == 1.25);
    CHECK(config.audio.input.transcription->prompt == "boilers");
    CHECK(config.audio.input.turn_detection->idle_timeout_ms);
    CHECK(config.audio.input.turn_detection->silence_duration_ms == 500);
    REQUIRE(config.tools->size() == 3);
    CHECK(std::get<FunctionTool>(config.tools->at(2)).name == "a");
    CHECK(std::holds_alternative<NamedTool>(*config.tool_choice));
  }
  SECTION("other turns") {
    call.turns.mode = TurnDetection::Mode::semantic_vad;
    const SessionConfig config = session_config(call, full()).value();
    write(config);
    CHECK_FALSE(config.audio.input.turn_detection->threshold);
    CHECK(config.audio.input.turn_detection->idle_timeout_ms.is_left_out());
    call.turns.mode = TurnDetection::Mode::manual;
    call.transcription_model.clear();
    CHECK(session_config(call, full())->audio.input.turn_detection.is_null());
    CHECK(session_config(call, full())->audio.input.transcription.is_null());
  }
  SECTION("the service carries the audio") {
    call.media = MediaOwner::service;
    call.input = AudioFormat::l16(16000);
    const SessionConfig config = session_config(call).value();
    CHECK_FALSE(config.audio.input.format);
    CHECK_FALSE(config.audio.output.format);
  }
  SECTION("what the service does not speak") {
    call.input = AudioFormat::l16(16000);
    CHECK(session_config(call).error().code == Errc::unsupported);
    CHECK(session_config(call).error().field == "input");
    call.input = AudioFormat::pcmu();
    call.output = AudioFormat{AudioEncoding::opus, 48000};
    CHECK(session_config(call).error().field == "output");
    call = spec();
    call.tools = {{"a", "", "7"}};
    CHECK(session_config(call).error().field == "tools.parameters");
  }
}

TEST_CASE("a change of a running session says what changes") {
  SpeechPatch patch;
  CHECK(write(session_config(patch).value()) == R"({"type":"realtime"})");
  patch.instructions = "Hi";
  patch.output = AudioFormat::l16(24000);
  patch.tools.emplace();
  const SessionConfig config = session_config(patch, full()).value();
  CHECK(config.instructions == "Hi");
  CHECK(config.audio.output.format->rate == 24000);
  CHECK_FALSE(config.audio.input.format);
  CHECK(config.tools->size() == 2);
  patch.input = AudioFormat::l16(8000);
  CHECK(session_config(patch).error().field == "input");
}
