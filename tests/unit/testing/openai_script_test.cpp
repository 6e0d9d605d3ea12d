#include "testing/openai_script.hpp"

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

Script make_script(std::string_view json, std::size_t connection = 0) {
  return Script(std::make_shared<OpenAiScenario>(OpenAiScenario::parse(json).value()), connection);
}

constexpr std::string_view kThreeAgents = R"({"agents":[
  {"name":"any"}, {"name":"second","order":1}, {"name":"phone","match":"on the phone"}]})";

std::string agent_for(std::size_t connection, std::string_view instructions,
                      std::string_view tracing = "null") {
  Script script = make_script(kThreeAgents, connection);
  script.choose_agent(instructions, tracing);
  return script.agent().name;
}

TEST_CASE("the agent is found by words, then by order, then by default", "[openai_script]") {
  CHECK(agent_for(0, "You speak on the phone.") == "phone");
  CHECK(agent_for(1, "You speak on the phone.") == "phone");
  CHECK(agent_for(0, "", R"({"metadata":{"channel":"on the phone"}})") == "phone");
  CHECK(agent_for(1, "hello") == "second");
  CHECK(agent_for(7, "hello") == "any");
}

TEST_CASE("the agent stays when the instructions change", "[openai_script]") {
  Script script = make_script(kThreeAgents);
  script.choose_agent("hello", "null");
  script.choose_agent("on the phone", "null");
  CHECK(script.agent().name == "any");
}

TEST_CASE("each reply is used once, in order within its cause", "[openai_script]") {
  Script script =
      make_script(R"({"agents":[{"replies":[{"on":"turn","say":"1"},{"on":"response","say":"r"},
    {"on":"turn","say":"2"}]}]})");
  script.choose_agent("", "null");
  CHECK(script.take({ReplyCause::tool_result, ReplyCause::turn})->say == "1");
  CHECK(script.take({ReplyCause::turn, ReplyCause::response})->say == "2");
  CHECK(script.take({ReplyCause::turn, ReplyCause::response})->say == "r");
  CHECK(script.take({ReplyCause::turn, ReplyCause::response}) == nullptr);
}

TEST_CASE("a turn that was not answered keeps its words for no other", "[openai_script]") {
  Script script = make_script(R"({"agents":[{"replies":[
    {"on":"turn","transcript_of_caller":"one"},{"on":"turn","transcript_of_caller":"two"}]}]})");
  script.choose_agent("", "null");
  CHECK(script.hear_turn() == "one");
  CHECK(script.hear_turn() == "");
  CHECK(script.take({ReplyCause::turn})->transcript_of_caller == "one");
  CHECK(script.hear_turn() == "two");
}

TEST_CASE("placeholders are filled from tools and instructions", "[openai_script]") {
  Script script = make_script(R"({"agents":[]})");
  script.tool_answered("save_lead", R"({"lead_id":"ld_\"1\"","list":[{"n":7}]})");
  std::vector<std::string> missing;
  const std::string_view instructions = "Call Ada. lead_id: ld_2. Be kind.";
  CHECK(script.fill("{\"id\":\"{{tool.save_lead.lead_id}}\"}", instructions, true, missing) ==
        R"({"id":"ld_\"1\""})");
  CHECK(script.fill("{{tool.save_lead.list.0.n}}!", instructions, false, missing) == "7!");
  CHECK(script.fill("<{{instructions.lead_id}}>", instructions, false, missing) == "<ld_2>");
  CHECK(missing.empty());
  CHECK(script.fill("a{{tool.other.x}}b{{tool.save_lead.y}}c{{nonsense}}", instructions, false,
                    missing) == "abc");
  CHECK(missing == std::vector<std::string>{"tool.other.x", "tool.save_lead.y", "nonsense"});
  CHECK(script.fill("open {{ only", instructions, false, missing) == "open {{ only");
}

TEST_CASE("the longest quoted sentence is what shall be said", "[openai_script]") {
  CHECK(quoted_sentence(R"(Say "Hm." or rather "One moment, please." now)") ==
        "One moment, please.");
  CHECK(quoted_sentence("Dites « Un instant » maintenant") == " Un instant ");
  CHECK(quoted_sentence("Say something kind") == "");
  CHECK(quoted_sentence("an open \" quote") == "");
}

}  // namespace
}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
