#include "voicebridge/tools/tool_runner.hpp"

#include <stdexcept>
#include <thread>

#include "support/catch.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

namespace voicebridge {
namespace {

using testing::ManualScheduler;

constexpr const char* kArticle =
    R"({"type":"object","properties":{"article":{"type":"string","minLength":1}},"required":["article"]})";

/// A call with its tools, on a manual clock; writes down what came back.
struct Rig {
  ManualScheduler scheduler;
  ToolRegistry tools;
  ToolBulkhead bulkhead{64};
  std::vector<std::string> events;
  std::vector<ToolReply> replies;  ///< Of the tool "later", in the order it was asked.
  std::vector<Cancellation> cancellations;
  std::unique_ptr<ToolRunner> runner;

  explicit Rig(std::size_t per_call = 8, std::size_t total = 64) : bulkhead(total) {
    REQUIRE(tools.add({"stock", "", kArticle}, [](const ToolInvocation& call) -> ToolOutput {
      return JsonWriter()
          .object()
          .field("count", 3)
          .field("article", call.arguments["article"])
          .end()
          .take();
    }));
    REQUIRE(tools.add_async(
        {"later", "", ""},
        [this](const ToolInvocation& call, ToolReply reply) {
          cancellations.push_back(call.cancellation);
          replies.push_back(std::move(reply));
        },
        later_options()));
    runner = make_runner(per_call);
  }

  static ToolOptions later_options() {
    ToolOptions options;
    options.deadline = Millis(2000);
    options.filler = "say that you are looking";
    return options;
  }

  std::unique_ptr<ToolRunner> make_runner(std::size_t per_call,
                                          std::map<std::string, ToolOptions> options = {}) {
    ToolRunner::Callbacks callbacks;
    callbacks.on_result = [this](const std::string& id, const std::string& json) {
      events.push_back(id + " " + json);
    };
    callbacks.on_slow = [this](std::string_view filler) {
      events.push_back("slow " + std::string(filler));
    };
    callbacks.on_late = [this](std::string_view tool, const std::string& json) {
      events.push_back("late " + std::string(tool) + " " + json);
    };
    return std::make_unique<ToolRunner>(tools, scheduler, "call_1", std::move(callbacks),
                                        ToolRunnerLimits{per_call, std::move(options)}, bulkhead);
  }

  void run(const std::vector<ToolCall>& calls) { runner->run(calls, {{"lead_id", "l_1"}}); }

  /// The code of the error in the last event.
  std::string last_error_code() const {
    REQUIRE_FALSE(events.empty());
    const std::string& event = events.back();
    const Json json = Json::parse(event.substr(event.find(' ') + 1)).value();
    return json["error"]["code"].string_or("");
  }
};

}  // namespace

TEST_CASE("a tool runs on the offload pool and answers on the call's thread", "[tool_runner]") {
  Rig rig;
  rig.run({{"t1", "stock", R"({"article":"lamp"})"}});
  CHECK(rig.events.empty());
  CHECK(rig.scheduler.pending_offloads() == 1);
  CHECK(rig.runner->running() == 1);
  rig.scheduler.run_ready();
  REQUIRE(rig.events.size() == 1);
  CHECK(rig.events[0] == R"(t1 {"count":3,"article":"lamp"})");
  CHECK(rig.runner->running() == 0);
  CHECK(rig.scheduler.pending_timers() == 0);
  CHECK(rig.bulkhead.running() == 0);
}

TEST_CASE("a handler sees its call, its id and the context", "[tool_runner]") {
  Rig rig;
  ToolInvocation seen;
  REQUIRE(rig.tools.add({"look", "", ""}, [&](const ToolInvocation& call) -> ToolOutput {
    seen = call;
    return "{}";
  }));
  rig.run({{"t7", "look", ""}});
  rig.scheduler.run_ready();
  CHECK(seen.call_id == "call_1");
  CHECK(seen.tool_call_id == "t7");
  CHECK(seen.tool == "look");
  CHECK(seen.context.at("lead_id") == "l_1");
  CHECK(seen.arguments.root().is_object());
  CHECK_FALSE(seen.cancellation.cancelled());
}

TEST_CASE("wrong arguments never reach the handler, and the model is told why", "[tool_runner]") {
  Rig rig;
  const std::pair<std::string, std::string> wrong[] = {
      {R"({})", R"("field":"article","message":"\"article\" is missing")"},
      {R"({"article":5})",
       R"("field":"article","message":"\"article\" must be of type \"string\"")"},
      {R"({"article":""})", R"("field":"article")"},
      {R"([])", R"("code":"invalid_argument")"},
      {R"({"article":"a")", "not valid JSON"},
      {"lamp", "not valid JSON"},
      {std::string(100'000, '['), "longer than"},
      {std::string(40, '[') + std::string(40, ']'), "nested deeper"}};
  int id = 0;
  for (const auto& [arguments, expected] : wrong) {
    INFO(arguments.substr(0, 60));
    rig.run({{"t" + std::to_string(++id), "stock", arguments}});
    CHECK(rig.scheduler.pending_offloads() == 0);
    CHECK(rig.events.empty());
    rig.scheduler.run_ready();
    REQUIRE(rig.events.size() == 1);
    CHECK(rig.events[0].find(expected) != std::string::npos);
    CHECK(rig.last_error_code() == "invalid_argument");
    rig.events.clear();
  }
}

TEST_CASE("an unknown tool is answered with the names of the known ones", "[tool_runner]") {
  Rig rig;
  rig.run({{"t1", "stok", "{}"}});
  rig.scheduler.run_ready();
  REQUIRE(rig.events.size() == 1);
  CHECK(rig.events[0].find(R"(there is no tool \"stok\"; the tools are: stock, later)") !=
        std::string::npos);
  CHECK(rig.last_error_code() == "not_found");
}

TEST_CASE("the calls of a batch run side by side, each id once", "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}, {"b", "later", ""}, {"a", "later", ""}});
  rig.scheduler.run_ready();
  REQUIRE(rig.replies.size() == 2);
  CHECK(rig.runner->running() == 2);
  rig.replies[1](std::string("2"));
  rig.replies[0](std::string("1"));
  rig.scheduler.run_ready();
  CHECK(rig.events == std::vector<std::string>{"b 2", "a 1"});
  rig.run({{"b", "later", ""}});
  rig.scheduler.run_ready();
  CHECK(rig.replies.size() == 2);
  CHECK(rig.events.size() == 2);
}

TEST_CASE("the first answer counts", "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}});
  rig.scheduler.run_ready();
  rig.replies[0](std::string("1"));
  rig.replies[0](std::string("2"));
  rig.replies[0](fail(Errc::internal, "no"));
  rig.scheduler.advance(Millis(5000));
  CHECK(rig.events == std::vector<std::string>{"a 1"});
}

TEST_CASE("a reply that is dropped is a failure", "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}});
  rig.scheduler.run_ready();
  ToolReply last = rig.replies[0];
  rig.replies.clear();
  rig.scheduler.run_ready();
  CHECK(rig.events.empty());
  last = nullptr;
  rig.scheduler.run_ready();
  CHECK(rig.last_error_code() == "internal");
  CHECK(rig.bulkhead.running() == 0);
}

TEST_CASE("errors and exceptions of a handler become an output", "[tool_runner]") {
  Rig rig;
  REQUIRE(rig.tools.add({"refuse", "", ""}, [](const ToolInvocation&) -> ToolOutput {
    return fail(Errc::not_found, "no such lead", "lead_id");
  }));
  REQUIRE(rig.tools.add({"throw", "", ""}, [](const ToolInvocation&) -> ToolOutput {
    throw std::runtime_error("password=1234");
  }));
  REQUIRE(
      rig.tools.add({"throw_int", "", ""}, [](const ToolInvocation&) -> ToolOutput { throw 5; }));
  rig.run({{"a", "refuse", ""}, {"b", "throw", ""}, {"c", "throw_int", ""}});
  rig.scheduler.run_ready();
  REQUIRE(rig.events.size() == 3);
  CHECK(rig.events[0] ==
        R"(a {"error":{"code":"not_found","field":"lead_id","message":"no such lead"}})");
  CHECK(rig.events[1] ==
        R"(b {"error":{"code":"internal","message":"the tool failed with an exception"}})");
  CHECK(rig.last_error_code() == "internal");
}

TEST_CASE("text that is not JSON becomes a JSON string, and too much becomes an error",
          "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}, {"b", "later", ""}, {"c", "later", ""}});
  rig.scheduler.run_ready();
  rig.replies[0](std::string("three \"lamps\""));
  rig.replies[1](std::string());
  rig.replies[2](std::string(65 * 1024, '1'));
  rig.scheduler.run_ready();
  REQUIRE(rig.events.size() == 3);
  CHECK(rig.events[0] == R"(a "three \"lamps\"")");
  CHECK(rig.events[1] == R"(b "")");
  CHECK(rig.last_error_code() == "payload_too_large");
}

TEST_CASE("the filler is asked for once a batch, with the words of the slow tool",
          "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}, {"b", "later", ""}});
  rig.scheduler.advance(Millis(899));
  CHECK(rig.events.empty());
  rig.scheduler.advance(Millis(1));
  CHECK(rig.events == std::vector<std::string>{"slow say that you are looking"});
  rig.scheduler.advance(Millis(500));
  CHECK(rig.events.size() == 1);
  rig.run({{"c", "later", ""}});
  rig.scheduler.advance(Millis(300));
  rig.replies[2](std::string("3"));
  rig.scheduler.advance(Millis(250));
  CHECK(rig.events == std::vector<std::string>{"slow say that you are looking", "c 3"});
}

TEST_CASE("a call can have a tool with another deadline and filler", "[tool_runner]") {
  Rig rig;
  ToolOptions own;
  own.deadline = Millis(300);
  own.filler_after = Millis(100);
  own.filler = "hum";
  rig.runner = rig.make_runner(8, {{"later", own}});
  rig.run({{"t1", "later", ""}});
  rig.scheduler.run_ready();
  rig.scheduler.advance(Millis(100));
  REQUIRE(rig.events.size() == 1);
  CHECK(rig.events[0] == "slow hum");
  rig.scheduler.advance(Millis(200));
  REQUIRE(rig.events.size() == 2);
  CHECK(rig.last_error_code() == "deadline_exceeded");
}

TEST_CASE("a tool without a filler is waited for in silence", "[tool_runner]") {
  Rig rig;
  ToolOptions options;
  options.filler_after = Millis(0);
  REQUIRE(rig.tools.add_async(
      {"silent", "", ""},
      [&](const ToolInvocation&, ToolReply reply) { rig.replies.push_back(std::move(reply)); },
      options));
  rig.run({{"a", "silent", ""}});
  rig.scheduler.advance(Millis(9999));
  CHECK(rig.events.empty());
  rig.scheduler.advance(Millis(1));
  CHECK(rig.last_error_code() == "deadline_exceeded");
}

TEST_CASE("after the deadline the model is told, and the late answer is kept apart",
          "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}});
  rig.scheduler.advance(Millis(1999));
  CHECK(rig.runner->running() == 1);
  rig.scheduler.advance(Millis(1));
  REQUIRE(rig.events.size() == 2);
  CHECK(rig.last_error_code() == "deadline_exceeded");
  CHECK(rig.runner->running() == 0);
  CHECK(rig.bulkhead.running() == 1);
  CHECK_FALSE(rig.cancellations[0].cancelled());
  rig.replies[0](std::string(R"({"count":3})"));
  rig.scheduler.run_ready();
  REQUIRE(rig.events.size() == 3);
  CHECK(rig.events[2] == R"(late later {"count":3})");
  CHECK(rig.bulkhead.running() == 0);
}

TEST_CASE("a late failure is not worth telling", "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}});
  rig.scheduler.advance(Millis(2000));
  const auto before = rig.events.size();
  rig.replies[0](fail(Errc::unavailable, "down"));
  rig.scheduler.run_ready();
  CHECK(rig.events.size() == before);
}

TEST_CASE("a slow blocking handler is late as well", "[tool_runner]") {
  Rig rig;
  rig.scheduler.set_offload_delay(Millis(12'000));
  rig.run({{"a", "stock", R"({"article":"lamp"})"}});
  rig.scheduler.advance(Millis(12'000));
  REQUIRE(rig.events.size() == 3);
  CHECK(rig.events[0] == "slow ");
  CHECK(rig.events[1].find("deadline_exceeded") != std::string::npos);
  CHECK(rig.events[2] == R"(late stock {"count":3,"article":"lamp"})");
}

TEST_CASE("the end of the call stops everything", "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}, {"b", "nonsense", ""}});
  rig.run({{"c", "stock", R"({"article":"lamp"})"}});
  while (rig.replies.empty()) rig.scheduler.run_ready();
  rig.events.clear();
  rig.run({{"d", "stock", R"({"article":"lamp"})"}});
  rig.runner->cancel_all();
  CHECK(rig.cancellations[0].cancelled());
  CHECK(rig.scheduler.pending_timers() == 0);
  CHECK(rig.runner->running() == 0);
  rig.replies[0](std::string("1"));
  rig.run({{"e", "stock", R"({"article":"lamp"})"}});
  rig.scheduler.advance(Millis(20'000));
  CHECK(rig.events.empty());
  CHECK(rig.bulkhead.running() == 0);
}

TEST_CASE("replies after the runner is gone are harmless", "[tool_runner]") {
  Rig rig;
  rig.run({{"a", "later", ""}});
  rig.scheduler.run_ready();
  rig.runner.reset();
  CHECK(rig.cancellations[0].cancelled());
  rig.replies[0](std::string("1"));
  rig.replies.clear();
  rig.scheduler.advance(Millis(20'000));
  CHECK(rig.events.empty());
  CHECK(rig.bulkhead.running() == 0);
}

TEST_CASE("a callback may end the call or begin another batch", "[tool_runner]") {
  ManualScheduler scheduler;
  ToolRegistry tools;
  REQUIRE(tools.add({"quick", "", ""}, [](const ToolInvocation&) -> ToolOutput { return "1"; }));
  std::unique_ptr<ToolRunner> runner;
  int results = 0;
  ToolRunner::Callbacks callbacks;
  callbacks.on_result = [&](const std::string& id, const std::string&) {
    ++results;
    if (id == "a") runner->run({{"b", "quick", ""}}, {});
    if (id == "b") runner.reset();
  };
  runner = std::make_unique<ToolRunner>(tools, scheduler, "call_1", callbacks);
  runner->run({{"a", "quick", ""}}, {});
  scheduler.run_ready();
  CHECK(results == 2);
  CHECK(runner == nullptr);
}

TEST_CASE("the bulkhead of a call refuses the ninth handler", "[tool_runner]") {
  Rig rig(2);
  rig.run({{"a", "later", ""}, {"b", "later", ""}, {"c", "later", ""}});
  rig.scheduler.run_ready();
  REQUIRE(rig.events.size() == 1);
  CHECK(rig.events[0].substr(0, 2) == "c ");
  CHECK(rig.last_error_code() == "resource_exhausted");
  CHECK(rig.bulkhead.running() == 2);
  rig.replies[0](std::string("1"));
  rig.run({{"d", "later", ""}});
  rig.scheduler.run_ready();
  CHECK(rig.replies.size() == 3);
}

TEST_CASE("the bulkhead of the process is shared by all calls", "[tool_runner]") {
  Rig rig(8, 3);
  const auto other = rig.make_runner(8);
  rig.run({{"a", "later", ""}, {"b", "later", ""}});
  other->run({{"c", "later", ""}, {"d", "later", ""}}, {});
  rig.scheduler.run_ready();
  CHECK(rig.replies.size() == 3);
  REQUIRE(rig.events.size() == 1);
  CHECK(rig.events[0].substr(0, 2) == "d ");
  CHECK(rig.bulkhead.refused() == 1);
  rig.replies.clear();
  CHECK(rig.bulkhead.running() == 0);
}

TEST_CASE("a full offload pool is busy, too", "[tool_runner]") {
  ManualScheduler::Options options;
  options.offload_limit = 1;
  ManualScheduler scheduler(options);
  ToolRegistry tools;
  REQUIRE(tools.add({"quick", "", ""}, [](const ToolInvocation&) -> ToolOutput { return "1"; }));
  std::vector<std::string> events;
  ToolRunner::Callbacks callbacks;
  callbacks.on_result = [&](const std::string& id, const std::string& json) {
    events.push_back(id + " " + json);
  };
  ToolRunner runner(tools, scheduler, "call_1", callbacks);
  runner.run({{"a", "quick", ""}, {"b", "quick", ""}}, {});
  CHECK(events.empty());
  scheduler.run_ready();
  REQUIRE(events.size() == 2);
  const bool a_first = events[0] == "a 1";
  CHECK(events[a_first ? 1 : 0].find("resource_exhausted") != std::string::npos);
}

TEST_CASE("callbacks may be empty", "[tool_runner]") {
  ManualScheduler scheduler;
  ToolRegistry tools;
  REQUIRE(tools.add({"quick", "", ""}, [](const ToolInvocation&) -> ToolOutput { return "1"; }));
  ToolRunner runner(tools, scheduler, "call_1", {});
  runner.run({{"a", "quick", ""}, {"b", "none", ""}}, {});
  scheduler.advance(Millis(20'000));
  CHECK(runner.running() == 0);
}

TEST_CASE("replies come from any thread", "[tool_runner]") {
  Rig rig;
  std::vector<ToolCall> calls;
  for (int i = 0; i < 8; ++i) calls.push_back({"t" + std::to_string(i), "later", ""});
  rig.run(calls);
  rig.scheduler.run_ready();
  REQUIRE(rig.replies.size() == 8);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&rig] {
      for (const ToolReply& reply : rig.replies) reply(std::string("1"));
    });
  }
  for (auto& thread : threads) thread.join();
  rig.scheduler.run_ready();
  CHECK(rig.events.size() == 8);
  CHECK(rig.bulkhead.running() == 0);
}

}  // namespace voicebridge
