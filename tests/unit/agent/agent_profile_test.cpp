#include "voicebridge/agent/agent_profile.hpp"

#include "support/catch.hpp"
#include "voicebridge/agent/agent_book.hpp"

using namespace voicebridge;

namespace {

constexpr const char* kFull = R"({"agents":[{
  "id":"garage","language":"pt-BR","instructions":"You answer for a garage.",
  "knowledge":[{"title":"Hours","text":"8 to 17"},{"text":"No Sundays."}],
  "voice":"cedar","model":"gpt-realtime-2.1-mini","transcription_model":"",
  "greeting":"","goodbye":"Bye.","filler":"Hm.","silence_prompt":"There?","apology":"Sorry.",
  "voicemail":"Leave word.","on_model_lost":"transfer","on_machine":"leave_message",
  "tools":["end_call",{"name":"check_stock","description":"Parts on the shelf","deadline_ms":2500,
    "filler_after_ms":0,"filler":"Say that you look.","settings":{"shelf":7}}],
  "turn_detection":{"mode":"manual","threshold":0.7,"prefix_padding_ms":200,"silence_ms":400,
    "interrupt":false},
  "limits":{"max_calls":3,"max_length_s":120,"silence_prompt_after_s":4,"silence_prompts":1,
    "budget_usd":0.5},
  "transfers":[{"name":"workshop","to":"+12025550123","description":"When it is about a repair"},
    {"name":"boss","to":"sip:boss@garage.example","mode":"warm","ring_timeout_s":15,
     "on_failure":"Offer a call.","meanwhile":"company","company":"Chat.","briefing":"Be quick.",
     "briefing_text":"Press 1. {{summary}}","briefing_timeout_s":30,"accept_by":["keys"]}]}]})";

AgentProfile full() { return *AgentBook::parse(kFull).value()->find("garage"); }

}  // namespace

TEST_CASE("a profile decides over the rules of its calls", "[agent_profile]") {
  const CallOptions call = call_options(full(), {});
  CHECK(call.speech.instructions ==
        "You answer for a garage.\n\nSpeak pt-BR (ISO 639-1) unless the caller asks for another "
        "language.\n\n# What you know\n\n## Hours\n8 to 17\n\nNo Sundays.\n\n"
        "# Whom you can hand the caller to\n- workshop: When it is about a repair\n- boss");
  CHECK(call.speech.voice == "cedar");
  CHECK(call.speech.transcription_model.empty());
  CHECK(call.speech.transcription_language == "pt");
  CHECK(call.greeting.empty());
  CHECK(call.goodbye == "Bye.");
  CHECK(call.filler == "Hm.");
  CHECK(call.silence_prompt == "There?");
  CHECK(call.apology == "Sorry.");
  CHECK(call.voicemail == "Leave word.");
  CHECK(call.on_machine == MachinePolicy::leave_message);
  CHECK(call.local_vad);
  CHECK(call.speech.turns.mode == TurnDetection::Mode::manual);
  CHECK(call.speech.turns.threshold == 0.7);
  CHECK(call.speech.turns.prefix_padding == Millis(200));
  CHECK(call.speech.turns.silence == Millis(400));
  CHECK_FALSE(call.speech.turns.interrupt);
  CHECK(call.max_length == Millis(120000));
  CHECK(call.silence_prompt_after == Millis(4000));
  CHECK(call.silence_prompts == 1);
  REQUIRE(call.transfer_targets.size() == 2);
  CHECK(call.transfer_targets.at("boss").to == "sip:boss@garage.example");
  const TransferTarget& cold = call.transfer_targets.at("workshop");
  CHECK(cold.to == "+12025550123");
  CHECK_FALSE(cold.is_warm());
  CHECK(cold.ring_timeout == Millis(25000));
  const TransferTarget& warm = call.transfer_targets.at("boss");
  CHECK(warm.is_warm());
  CHECK(warm.meanwhile == TransferTarget::Meanwhile::company);
  CHECK(warm.ring_timeout == Millis(15000));
  CHECK(warm.briefing_timeout == Millis(30000));
  CHECK(warm.on_failure == "Offer a call.");
  CHECK(warm.company == "Chat.");
  CHECK(warm.briefing == "Be quick.");
  CHECK(warm.briefing_text == "Press 1. {{summary}}");
  CHECK(warm.accept_by_keys);
  CHECK_FALSE(warm.accept_by_voice);
  CHECK(call.default_transfer == "workshop");
  CHECK(call.on_model_lost == ModelLossPolicy::transfer);
  CHECK(call.budget_usd == 0.5);
  CHECK(full().limits.max_calls == std::size_t(3));
  CHECK(full().limits.budget_usd == 0.5);
  CHECK(full().model == "gpt-realtime-2.1-mini");
}

TEST_CASE("what a profile leaves out stays as it is for all calls", "[agent_profile]") {
  CallOptions base;
  base.speech.instructions = "You are polite.";
  base.speech.voice = "marin";
  base.speech.transcription_model = "gpt-transcribe";
  base.greeting = "Hello.";
  base.speech.turns.silence = Millis(700);
  base.max_length = Millis(1000);
  base.transfer_targets = {{"us", "+12025550100"}};
  AgentProfile profile;
  profile.id = "a";
  profile.turns.threshold = 0.1;
  const CallOptions call = call_options(profile, base);
  CHECK(call.speech.instructions == "You are polite.");
  CHECK(call.speech.voice == "marin");
  CHECK(call.speech.transcription_model == "gpt-transcribe");
  CHECK(call.speech.transcription_language.empty());
  CHECK(call.greeting == "Hello.");
  CHECK(call.goodbye == CallOptions().goodbye);
  CHECK(call.speech.turns.silence == Millis(700));
  CHECK(call.speech.turns.threshold == 0.1);
  CHECK(call.speech.turns.mode == TurnDetection::Mode::server_vad);
  CHECK(call.max_length == Millis(1000));
  CHECK(call.transfer_targets.size() == 1);
}

TEST_CASE("a profile's tools are those it names, in its words and with its settings",
          "[agent_profile]") {
  ToolRegistry tools;
  const auto nothing = [](const ToolInvocation&) -> ToolOutput { return "{}"; };
  ToolOptions options;
  options.deadline = Millis(9000);
  REQUIRE(tools.add({"check_stock", "What is there", ""}, nothing, options));
  REQUIRE(tools.add({"save_lead", "Keeps a name", ""}, nothing));
  REQUIRE(tools.add({"end_call", "Ends it", ""}, nothing));

  const auto specs = tool_specs(full(), tools);
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].name == "end_call");
  CHECK(specs[0].description == "Ends it");
  CHECK(specs[1].name == "check_stock");
  CHECK(specs[1].description == "Parts on the shelf");

  const auto changed = tool_options(full(), tools);
  REQUIRE(changed.size() == 1);
  CHECK(changed.at("check_stock").deadline == Millis(2500));
  CHECK(changed.at("check_stock").filler_after == Millis(0));
  CHECK(changed.at("check_stock").filler == "Say that you look.");

  CHECK(tool_context(full()) ==
        std::map<std::string, std::string>{{"agent", "garage"},
                                           {"settings.check_stock", R"({"shelf":7})"}});

  AgentProfile all;
  CHECK(tool_specs(all, tools).size() == 3);
  CHECK(tool_options(all, tools).empty());
  all.tools.emplace();
  CHECK(tool_specs(all, tools).empty());
}

TEST_CASE("a profile says what machines, keys, recordings and retries are to be",
          "[agent_profile]") {
  const auto book = AgentBook::parse(R"({"agents":[{"id":"a","on_machine":"hang_up",
    "on_screening":"talk","screening_answer":"Say who.","greet_before_verdict":false,
    "keys":{"masked":true,"told_to":["tools"],"voice_ends":true},
    "recording":{"by":"carrier","consent":"agreed","announcement":"May we record this?",
      "agree_key":"1","refuse_key":"2","pause_for_masked_keys":false,"retention_days":0.5},
    "retry":{"after_minutes":[15,120],"when":["machine"]}}]})");
  REQUIRE(book);
  const CallOptions call = call_options(*(*book)->find("a"), {});
  CHECK(call.on_screening == ScreeningPolicy::talk);
  CHECK(call.detect_screening);
  CHECK(call.screening_answer == "Say who.");
  CHECK_FALSE(call.greet_before_verdict);
  CHECK(call.keys.masked);
  CHECK_FALSE(call.keys.tell_model);
  CHECK(call.keys.tell_tools);
  CHECK(call.keys.voice_ends);
  CHECK(call.recording.by == RecordedBy::carrier);
  CHECK(call.recording.consent == RecordingConsent::agreed);
  CHECK(call.recording.announcement == "May we record this?");
  CHECK(call.recording.agree_key == '1');
  CHECK(call.recording.refuse_key == '2');
  CHECK_FALSE(call.recording.pause_for_masked_keys);
  CHECK(call.recording.retention == std::chrono::hours(12));
  CHECK(call.retry.after == std::vector<Millis>{Millis(900000), Millis(7200000)});
  CHECK(call.retry.machine);
  CHECK_FALSE(call.retry.not_reached);
  const CallOptions plain = call_options(AgentProfile(), {});
  CHECK_FALSE(plain.detect_screening);
  CHECK(plain.keys.tell_model);
  CHECK(plain.retry.after.empty());
}
