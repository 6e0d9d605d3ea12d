#include "voicebridge/testing/openai_scenario.hpp"

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

TEST_CASE("a scenario is read with all its fields", "[openai_scenario]") {
  const auto scenario = OpenAiScenario::parse(R"({
    "agents": [{"name": "phone", "match": "on the phone", "order": 2, "language": "fr",
      "default_line": "Pardon ?", "lines": ["Un instant."],
      "replies": [
        {"on": "start", "say": "Bonjour {{instructions.name}}"},
        {"on": "turn", "transcript_of_caller": "Oui", "say": "Bien.", "delay_ms": 120, "speed": 0.5,
         "calls": [{"name": "save_lead", "arguments": {"n": 1}}, {"name": "end_call"}],
         "fault": {"kind": "cut", "code": "c", "message": "m", "after": 3}},
        {"on": "turn", "fault": {"kind": "incomplete"}}]}],
    "connections": [{"http_status": 401}, {"mute_after": 2, "cut_after": 3, "malformed_at": 4, "unknown_at": 5,
      "close_code": 1012, "repeat": true}]})");
  REQUIRE(scenario);
  const ScenarioAgent& agent = scenario->agents.at(0);
  CHECK(agent.name == "phone");
  CHECK(agent.match == "on the phone");
  CHECK(agent.order == std::optional<std::size_t>(2));
  const ScenarioReply& reply = agent.replies.at(1);
  CHECK(reply.on == ReplyCause::turn);
  CHECK(reply.transcript_of_caller == "Oui");
  CHECK(reply.delay == Millis(120));
  CHECK(reply.speed == 0.5);
  REQUIRE(reply.calls.size() == 2);
  CHECK(reply.calls[0].arguments_json == R"({"n":1})");
  CHECK(reply.calls[1].arguments_json == "{}");
  CHECK(reply.fault.kind == ReplyFault::Kind::cut);
  CHECK(reply.fault.after == 3);
  CHECK(agent.replies.at(2).fault.code == "max_output_tokens");
  CHECK(scenario->connection_fault(0).http_status == 401);
  for (const std::size_t connection : {1, 2, 99}) {
    CHECK(scenario->connection_fault(connection).mute_after == std::optional<std::size_t>(2));
    CHECK(scenario->connection_fault(connection).close_code == 1012);
  }
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"fr", "Pardon ?"}, {"fr", "Un instant."}, {"fr", "Bien."}};
  CHECK(scenario->lines() == lines);
}

TEST_CASE("a connection without an entry has no fault", "[openai_scenario]") {
  const auto scenario =
      OpenAiScenario::parse(R"({"agents":[],"connections":[{"http_status":500}]})");
  REQUIRE(scenario);
  CHECK(scenario->connection_fault(0).http_status == 500);
  CHECK(scenario->connection_fault(1).http_status == 0);
}

TEST_CASE("a fault in a scenario is named by its path", "[openai_scenario]") {
  const auto field_of = [](std::string_view json) {
    const auto scenario = OpenAiScenario::parse(json);
    REQUIRE_FALSE(scenario);
    CHECK(scenario.error().code == Errc::invalid_argument);
    return scenario.error().field;
  };
  CHECK(field_of(R"({})") == "agents");
  CHECK(field_of(R"({"agents":[{"replys":[]}]})") == "agents[0].replys");
  CHECK(field_of(R"({"agents":[{"replies":[{"say":"x"}]}]})") == "agents[0].replies[0].on");
  CHECK(field_of(R"({"agents":[{"replies":[{"on":"never"}]}]})") == "agents[0].replies[0].on");
  CHECK(field_of(R"({"agents":[{"replies":[{"on":"turn","delay_ms":-1}]}]})") ==
        "agents[0].replies[0].delay_ms");
  CHECK(field_of(R"({"agents":[{"replies":[{"on":"turn","fault":{"kind":"flood"}}]}]})") ==
        "agents[0].replies[0].fault.kind");
  CHECK(field_of(R"({"agents":[],"connections":[{"http_status":200}]})") ==
        "connections[0].http_status");
  CHECK_FALSE(OpenAiScenario::parse("{"));
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
