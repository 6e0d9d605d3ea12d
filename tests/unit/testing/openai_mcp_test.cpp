// Tools of MCP servers, which the service calls itself.
#include "testing/openai_mcp.hpp"

#include "openai_sim_fixture.hpp"
#include "support/event_check.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::string_view kShop = R"({"agents":[{"replies":[
  {"on":"start","say":"I will look.","mcp_calls":[{"server":"shop","name":"find",
   "arguments":{"what":"tea"},"output":"{\"count\":2}"}]},
  {"on":"tool_result","say":"There are {{tool.find.count}}."},
  {"on":"response","mcp_calls":[{"server":"shop","name":"find","error":"no shelf"}]}]}],
 "mcp_servers":[{"label":"shop","delay_ms":30,"tools":[{"name":"find","description":"Finds it."}]}]})";

std::string shop_tool(const std::string& approval) {
  return R"(,"tools":[{"type":"mcp","server_label":"shop","server_url":"https://shop.test/mcp",)"
         R"("require_approval":")" +
         approval + R"("}])";
}

void check_schema(SimRig& rig) {
  for (const auto& text : rig.sink.texts) {
    CAPTURE(text);
    CHECK(test::event_check().server(text) == "");
  }
}

TEST_CASE("the tools of a server are listed once", "[openai_mcp]") {
  SimRig rig(kShop);
  rig.next();
  rig.configure(shop_tool("never"), kNoVad);
  CHECK(rig.next_types() == Types{"session.updated", "mcp_list_tools.in_progress"});
  rig.run(Millis(30));
  CHECK(rig.next_types() ==
        Types{"conversation.item.added", "conversation.item.done", "mcp_list_tools.completed"});
  const Json item = rig.last("conversation.item.done");
  CHECK(item["item"]["type"].string_or("") == "mcp_list_tools");
  CHECK(item["item"]["tools"].at(0)["name"].string_or("") == "find");
  CHECK(rig.last("mcp_list_tools.completed")["item_id"] == item["item"]["id"]);
  rig.configure(R"(,"tools":[{"type":"mcp","server_label":"shop","require_approval":"never"}])");
  rig.run(Millis(100));
  CHECK(rig.next_types() == Types{"session.updated"});  // it is known by now
  rig.configure(
      R"(,"tools":[{"type":"mcp","server_label":"nobody","server_url":"https://no.test"}])");
  rig.run(Millis(100));
  CHECK(rig.next_types().back() == "mcp_list_tools.failed");
  check_schema(rig);
}

TEST_CASE("a call without approval runs inside the response", "[openai_mcp]") {
  SimRig rig(kShop);
  rig.configure(shop_tool("never"), kNoVad);
  rig.run(Millis(100));
  rig.next();
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(3000));
  const Types types = squeezed(rig.next_types());
  const Types closing = {"response.mcp_call_arguments.delta",
                         "response.mcp_call_arguments.done",
                         "response.mcp_call.in_progress",
                         "response.mcp_call.completed",
                         "conversation.item.done",
                         "response.output_item.done",
                         "rate_limits.updated",
                         "response.done"};
  REQUIRE(types.size() > closing.size());
  CHECK(Types(types.end() - static_cast<std::ptrdiff_t>(closing.size()), types.end()) == closing);
  const Json done = rig.last("response.output_item.done");
  CHECK(done["item"]["output"].string_or("") == R"({"count":2})");
  CHECK(done["item"]["error"].is_null());
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(3000));
  CHECK(rig.record().utterances.back().transcript == "There are 2.");
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(3000));
  CHECK(rig.count("response.mcp_call.failed") == 1);
  CHECK(rig.last("response.output_item.done")["item"]["error"]["message"].string_or("") ==
        "no shelf");
  check_schema(rig);
}

TEST_CASE("the client is asked for approval, and then the call runs", "[openai_mcp]") {
  SimRig rig(kShop);
  rig.configure(shop_tool("always"), kNoVad);
  rig.run(Millis(100));
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(3000));
  const Json asked = rig.last("conversation.item.done");
  CHECK(asked["item"]["type"].string_or("") == "mcp_approval_request");
  CHECK(asked["item"]["arguments"].string_or("") == R"({"what":"tea"})");
  CHECK_FALSE(asked["item"]["output"].exists());
  CHECK(rig.count("response.mcp_call.in_progress") == 0);
  const std::string id = asked["item"]["id"].string_or("");
  const auto answer = [&](const char* own, const std::string& request, const char* approve) {
    rig.send(R"({"type":"conversation.item.create","item":{"type":"mcp_approval_response","id":")" +
             std::string(own) + R"(","approval_request_id":")" + request + R"(","approve":)" +
             approve + "}}");
    rig.run(Millis(3000));
  };
  answer("a1", "mcpr_unknown", "true");
  check_error(rig, {"invalid_value", "item.approval_request_id"});
  answer("a2", id, "false");
  CHECK(rig.count("response.mcp_call.in_progress") == 0);
  answer("a3", id, "true");
  CHECK(rig.count("response.mcp_call.completed") == 1);
  const Json ran = rig.last("response.output_item.done");
  CHECK(ran["item"]["approval_request_id"].string_or("") == id);
  CHECK(ran["item"]["output"].string_or("") == R"({"count":2})");
  check_schema(rig);
}

TEST_CASE("servers are named as the service wants it", "[openai_mcp]") {
  SimRig rig;
  const auto refused = [&](const std::string& tools, const char* code, const char* param) {
    rig.configure(R"(,"tools":[)" + tools + "]");
    check_error(rig, {code, param});
  };
  const std::string known = R"({"type":"mcp","server_label":"a","server_url":"https://a.test"})";
  refused(R"({"type":"mcp","server_url":"https://a.test"})", "missing_required_parameter",
          "session.tools[0].server_label");
  refused(R"({"type":"mcp","server_label":"a"})", "missing_required_parameter",
          "session.tools[0].server_url");
  refused(known + "," + known, "invalid_value", "session.tools[1].server_label");
  refused(
      R"({"type":"mcp","server_label":"a","server_url":"https://a.test","connector_id":"connector_gmail"})",
      "invalid_value", "session.tools[0].server_url");
  refused(R"({"type":"mcp","server_label":"a","tunnel_id":"tunnel_1"})", "invalid_value",
          "session.tools[0].tunnel_id");
  refused(
      R"({"type":"mcp","server_label":"a","server_url":"https://a.test","authorization":"x","headers":{"Authorization":"y"}})",
      "invalid_value", "session.tools[0].authorization");
  refused(R"({"type":"mcp","server_label":"a","server_url":"https://a.test","url":"x"})",
          "unknown_parameter", "session.tools[0].url");
}

TEST_CASE("what was read before comes from the cache", "[openai_mcp]") {
  SimRig rig(kTalk);
  rig.configure(R"(,"instructions":")" + std::string(1000, 'x') + '"', kNoVad);
  const auto usage = [&] {
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(3000));
    return rig.last("response.done");
  };
  const Json first = usage();
  CHECK(first["response"]["usage"]["input_token_details"]["cached_tokens"].integer_or(-1) == 0);
  usage();
  const Json third = usage();
  const JsonView input = third["response"]["usage"]["input_token_details"];
  CHECK(input["cached_tokens_details"]["audio_tokens"].integer_or(-1) % 64 == 0);
  CHECK(input["cached_tokens"].integer_or(0) <=
        third["response"]["usage"]["input_tokens"].integer_or(0));
  CHECK(input["audio_tokens"].integer_or(0) == 65 * 41 / 50 + 65 * 6 / 50);
  CHECK(input["cached_tokens_details"]["text_tokens"].integer_or(0) == 256);
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
