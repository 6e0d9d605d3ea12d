// Numbers that a caller enters on the phone's keys, from the tone on the line to the tool that
// gets them.
#include "unit/calls/script.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr std::string_view kAccount = "73915826";

/// Asks for the account's number until a tool knows it.
constexpr std::string_view kAccountTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Please enter your account number.",
   "calls":[{"name":"collect_digits","arguments":{"max_digits":8,"min_digits":4,"terminator":"#"}}]},
  {"on":"tool_result","calls":[{"name":"check_account","arguments":{}}]},
  {"on":"tool_result","say":"Let me see. Good bye.","calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."},
  {"on":"response","say":"Good bye."}]}]})";

constexpr std::string_view kSecondTry = R"({"agents":[{"replies":[
  {"on":"start","say":"Please enter your account number.",
   "calls":[{"name":"collect_digits","arguments":{"max_digits":8,"min_digits":8,"terminator":"#"}}]},
  {"on":"tool_result","calls":[{"name":"check_account","arguments":{}}]},
  {"on":"tool_result","say":"I do not know this account. Please enter it again.",
   "calls":[{"name":"collect_digits","arguments":{"max_digits":8,"min_digits":8,"terminator":"#"}}]},
  {"on":"tool_result","calls":[{"name":"check_account","arguments":{}}]},
  {"on":"tool_result","say":"Thank you. Good bye.","calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."},
  {"on":"response","say":"Good bye."}]}]})";

CalleeStep after_question(Millis silence = 500ms) {
  return wait(CalleeStep::Kind::wait_agent_silence, silence);
}

/// A call with a tool that looks accounts up, and everything that it leaves behind.
struct AccountCall {
  ScriptedCallOptions options;
  std::unique_ptr<ScriptedCall> call;
  std::shared_ptr<CallStore> store = make_memory_call_store();
  std::vector<std::string> asked;  ///< What the tool got.
  std::string log;
  std::string log_keys;  ///< Every value of a log line that is a single key, in a row.
  std::string to_model;

  AccountCall(CarrierKind carrier, std::string_view talk_of, std::vector<CalleeStep> steps)
      : options(talk(1, carrier)) {
    options.scenario = scenario(talk_of);
    options.calls = store;
    options.callee.script.steps = std::move(steps);
    options.callee.hangup_after = 90s;
    LogOptions all;
    all.level = LogLevel::debug;
    all.show_phone_numbers = all.show_transcripts = true;
    all.sink = [this](const LogRecord& line) {
      log += format_log_line(line) + "\n";
      for (const LogField& field : line.fields) {
        if (field.value.size() == 1) log_keys += field.value;
      }
    };
    options.log = Logger(std::move(all));
    options.on_model_text = [this](bool from_service, std::string_view text) {
      check_model_text(from_service, text);
      if (!from_service) to_model += std::string(text) + "\n";
    };
  }
  AccountCall(const AccountCall&) = delete;
  AccountCall& operator=(const AccountCall&) = delete;

  void run() {
    call = make_call(std::move(options));
    REQUIRE(call->tools().add(
        {"check_account", "Looks an account up.", R"({"type":"object"})"},
        [this](const ToolInvocation& invocation) -> ToolOutput {
          const auto keys = invocation.context.find("keys");
          asked.push_back(keys == invocation.context.end() ? "nothing" : keys->second);
          return asked.back() == kAccount ? R"({"known":true})" : R"({"known":false})";
        }));
    call->dial();
    REQUIRE(call->run(180s));
    CHECK(call->ended() == 1);
    CHECK(call->carrier().active_calls() == 0);
  }
  const CallRecord& record() const { return *call->record(); }
  /// What the model got for each of its collections.
  std::vector<std::string> collected() const {
    std::vector<std::string> results;
    for (const auto& result : call->model().at(0)->tool_results) {
      if (result.name == "collect_digits") results.push_back(result.output);
    }
    return results;
  }
  std::string transcript() const {
    std::string text;
    for (const TranscriptEntry& entry : record().transcript) text += entry.text + "\n";
    return text;
  }
  /// All that the store has of the call, in one text.
  std::string stored() const {
    const auto kept = store->find(record().call_id);
    REQUIRE(kept);
    const StoredCall& c = kept->call;
    std::string text = c.end_detail + "\n" + c.usage_json + "\n" + c.recording + "\n" +
                       c.notes.metadata_json + "\n" + c.end_reason + "\n";
    for (const auto& entry : kept->timeline) {
      text += entry.kind + " " + entry.detail + " " + entry.fields_json + "\n";
    }
    for (const auto& entry : kept->transcript) text += entry.text + "|" + entry.heard_text + "\n";
    return text;
  }
};

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an account number comes by keys to the tool that asks for it", "[calls][keys]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  std::string keys;
  std::string ended_by;
  SECTION("up to its length") {
    keys = kAccount;
    ended_by = "complete";
  }
  SECTION("up to a key that ends it") {
    keys = "7391#";
    ended_by = "terminator";
  }
  SECTION("up to a pause") {
    keys = "73915";
    ended_by = "timeout";
  }
  AccountCall world(carrier, kAccountTalk, {after_question(), callee_presses(keys)});
  world.run();
  INFO(story(world.record()));
  const std::string digits = keys.substr(0, keys.find('#'));
  CHECK(world.asked == std::vector<std::string>{digits});
  REQUIRE(world.collected().size() == 1);
  const auto told = Json::parse(world.collected()[0]);
  REQUIRE(told);
  CHECK((*told)["digits"].string_or("") == digits);
  CHECK((*told)["ended_by"].string_or("") == ended_by);
  CHECK((*told)["complete"].bool_or(false));
  CHECK(holds(world.transcript(), "[keys: " + digits + "]"));
  CHECK(world.record().end_reason == EndReason::agent_goodbye);
}

TEST_CASE("the pause that ends an entry is that behind its last key", "[calls][keys]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  // Each pause is shorter than the limit between two keys, and all of them are longer.
  AccountCall world(
      carrier, kAccountTalk,
      {after_question(), callee_presses("739"), wait(CalleeStep::Kind::wait_time, 3000ms),
       callee_presses("158"), wait(CalleeStep::Kind::wait_time, 3000ms), callee_presses("26")});
  world.run();
  INFO(story(world.record()));
  CHECK(world.asked == std::vector<std::string>{std::string(kAccount)});
}

TEST_CASE("nobody presses a key, and too few are not enough", "[calls][keys]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const std::string keys = GENERATE("", "73#");
  std::vector<CalleeStep> steps = {after_question()};
  if (!keys.empty()) steps.push_back(callee_presses(keys));
  AccountCall world(carrier, kAccountTalk, std::move(steps));
  world.run();
  INFO(story(world.record()));
  REQUIRE(world.collected().size() == 1);
  const auto told = Json::parse(world.collected()[0]);
  REQUIRE(told);
  CHECK((*told)["ended_by"].string_or("") == (keys.empty() ? "timeout" : "terminator"));
  CHECK_FALSE((*told)["complete"].bool_or(true));
  CHECK(world.record().end_reason == EndReason::agent_goodbye);
}

TEST_CASE("a number that is wrong is asked for again", "[calls][keys]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  AccountCall world(carrier, kSecondTry,
                    {after_question(), callee_presses("11112222"), after_question(1500ms),
                     callee_presses(std::string(kAccount))});
  world.run();
  INFO(story(world.record()));
  CHECK(world.asked == std::vector<std::string>{"11112222", std::string(kAccount)});
  CHECK(world.collected().size() == 2);
  CHECK(world.record().end_reason == EndReason::agent_goodbye);
}

TEST_CASE("keys that a profile keeps to its tools are nowhere else", "[calls][keys][privacy]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const bool collects = GENERATE(true, false);
  CAPTURE(collects);
  // Without the tool the keys come unasked for, and are told of all the same.
  AccountCall world(carrier, collects ? kAccountTalk : std::string_view(R"({"agents":[{"replies":[
    {"on":"start","say":"Hello, how can I help you?"},
    {"on":"response","calls":[{"name":"check_account","arguments":{}}]},
    {"on":"text","calls":[{"name":"check_account","arguments":{}}]},
    {"on":"tool_result","say":"Good bye.","calls":[{"name":"end_call","arguments":{}}]},
    {"on":"response","say":"Good bye."}]}]})"),
                    {after_question(), callee_presses(std::string(kAccount))});
  world.options.agent.phone.keys.masked = true;
  world.options.agent.phone.keys.tell_model = false;
  world.run();
  const std::string timeline = story(world.record());
  INFO(timeline);
  CHECK(world.asked == std::vector<std::string>{std::string(kAccount)});
  CHECK_FALSE(world.log.empty());
  CHECK(holds(world.transcript(), "••••••••"));
  CHECK(holds(world.stored(), "••••••••"));
  // Not whole, and not in two halves.
  for (const std::string_view part : {kAccount, kAccount.substr(0, 4), kAccount.substr(4)}) {
    CHECK_FALSE(holds(world.log, part));
    CHECK_FALSE(holds(world.log_keys, part));
    CHECK_FALSE(holds(timeline, part));
    CHECK_FALSE(holds(world.transcript(), part));
    CHECK_FALSE(holds(world.stored(), part));
    for (const std::string& result : world.collected()) CHECK_FALSE(holds(result, part));
  }
  CHECK_FALSE(holds(world.to_model, kAccount));
}

TEST_CASE("keys are in no log, whatever a profile says", "[calls][keys][privacy]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  AccountCall world(carrier, kAccountTalk,
                    {after_question(), callee_presses(std::string(kAccount))});
  world.run();
  CHECK(world.asked.size() == 1);
  CHECK_FALSE(holds(world.log, kAccount));
  CHECK_FALSE(holds(world.log_keys, kAccount));
  CHECK_FALSE(holds(story(world.record()), kAccount));
  CHECK(holds(world.to_model, kAccount));
}
