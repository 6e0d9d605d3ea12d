#include <set>

#include "event_documents.hpp"
#include "unit/openai/official_schema.hpp"
#include "voicebridge/openai/client_event.hpp"
#include "voicebridge/openai/server_event.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using namespace voicebridge::test;

namespace {

template <class Event>
Event parse(const std::string& text);
template <>
ServerEvent parse(const std::string& text) {
  const auto event = parse_server_event(text);
  REQUIRE(event);
  return *event;
}
template <>
ClientEvent parse(const std::string& text) {
  const auto event = parse_client_event(text);
  REQUIRE(event);
  return *event;
}

/// build → text → parse → equal, and text → parse → text says the same.
template <class Event>
Json check_round_trip(JsonView example, std::string_view definition) {
  INFO(example.dump());
  const auto event = parse<Event>(example.dump());
  CHECK_FALSE(std::holds_alternative<UnknownEvent>(event.body));
  const auto text = to_json(event);
  REQUIRE(text);
  INFO(*text);
  CHECK(parse<Event>(*text) == event);
  auto written = Json::parse(*text);
  REQUIRE(written);
  CHECK(test::lost(example, *written) == "");
  CHECK(schema().check(*written, definition) == "");
  return *written;
}

/// Puts a member that no type knows into every object, but not into lists of names and values.
std::string with_unknown_members(JsonView example) {
  std::set<std::string> lists;
  for (const char* name : {"metadata", "headers", "variables"}) {
    for (JsonView holder : {example["response"], example["session"]["tools"].at(1),
                            example["session"]["tracing"], example["session"]["prompt"]})
      if (holder[name].is_object()) lists.insert(holder[name].dump());
  }
  JsonWriter out;
  test::Edit edit = [&](JsonWriter& writer, JsonView value) {
    if (!value.is_object() || lists.count(value.dump()) != 0) return false;
    writer.object().key("x_new").raw(R"({"a":[1,null,"b"]})");
    for (const auto& member : value.members()) {
      writer.key(member.key);
      test::copy_edited(writer, member.value, edit);
    }
    writer.end();
    return true;
  };
  test::copy_edited(out, example, edit);
  return out.take();
}

template <class Event>
void check_unknown_members(JsonView example) {
  const std::string text = with_unknown_members(example);
  INFO(text);
  const auto event = parse<Event>(text);
  const auto written = to_json(event);
  REQUIRE(written);
  INFO(*written);
  CHECK(test::lost(*Json::parse(text), *Json::parse(*written)) == "");
  CHECK(parse<Event>(*written) == event);
}

/// A change of any value, however deep, makes another event of it. What gets a wrong type is as if
/// it were nothing: it changes all but what was nothing.
template <class Event>
void check_every_value_counts(JsonView example) {
  const auto event = parse<Event>(example.dump());
  for (std::size_t n = 1; n < test::count_values(example); ++n) {
    const std::string text = test::replace_value(example, n, R"("another value")");
    INFO(text);
    if (parse<Event>(text) == event) CHECK(test::is_nothing(test::value_at(example, n)));
  }
}

template <class Body, std::size_t... I>
std::set<std::string> types_of(std::index_sequence<I...>) {
  return {std::string(std::variant_alternative_t<I + 1, Body>::kType)...};
}
template <class Body>
std::set<std::string> types_of() {
  return types_of<Body>(std::make_index_sequence<std::variant_size_v<Body> - 1>());
}

std::set<std::string> types_in(const std::vector<Json>& examples) {
  std::set<std::string> types;
  for (const Json& example : examples) types.insert(example["type"].string_or(""));
  return types;
}

}  // namespace

TEST_CASE("there are examples of all 11 client events and all 46 server events") {
  CHECK(types_of<ClientEventBody>().size() == 11);
  CHECK(types_in(test::client_examples()) == types_of<ClientEventBody>());
  CHECK(types_of<ServerEventBody>().size() == 46);
  CHECK(types_in(test::server_examples()) == types_of<ServerEventBody>());
  std::set<std::string> official;
  for (const auto& member : schema().root()["x-clientEventTypes"].members())
    official.emplace(member.key);
  CHECK(official == types_of<ClientEventBody>());
}

TEST_CASE("client events make the round trip and are what the official schema wants, strictly") {
  for (const Json& example : test::client_examples()) {
    INFO(example.dump());
    CHECK(schema().check(example, "ClientEventStrict") == "");
    const Json written = check_round_trip<ClientEvent>(example, "ClientEventStrict");
    CHECK(written.root() == example.root());
  }
}

TEST_CASE("server events make the round trip and are what the official schema wants") {
  for (const Json& example : test::server_examples()) {
    check_round_trip<ServerEvent>(example, "ServerEvent");
  }
}

TEST_CASE("members that no type knows survive the round trip, at any depth") {
  for (const Json& example : test::client_examples()) check_unknown_members<ClientEvent>(example);
  for (const Json& example : test::server_examples()) check_unknown_members<ServerEvent>(example);
}

TEST_CASE("events that differ anywhere are not equal") {
  for (const Json& example : test::client_examples())
    check_every_value_counts<ClientEvent>(example);
  for (const Json& example : test::server_examples())
    check_every_value_counts<ServerEvent>(example);
}

TEST_CASE("events of unknown types are passed on whole") {
  const std::string text = R"({"type":"session.dance","event_id":"e","steps":[1,{"a":null}]})";
  CHECK(to_json(parse<ClientEvent>(text)).value() == text);
  CHECK(to_json(parse<ServerEvent>(text)).value() == text);
  CHECK(type_name(parse<ClientEvent>(text).body) == "session.dance");
  CHECK(parse<ClientEvent>(text) == parse<ClientEvent>(text));
  CHECK(parse<ClientEvent>(text) != parse<ClientEvent>(R"({"type":"session.dance"})"));
  CHECK(parse<ServerEvent>(R"({"type":"a"})") != parse<ServerEvent>(R"({"type":"b"})"));
}

TEST_CASE("an event that would not be JSON is not written") {
  ItemAdded added;
  added.item.type = "mcp_list_tools";
  added.item.tools.emplace_back().input_schema.text = "{";
  const auto server = to_json(ServerEvent{"e", added, {}, {}});
  REQUIRE_FALSE(server);
  CHECK(server.error().code == Errc::invalid_argument);
  CHECK(server.error().field == "item.tools.input_schema");
  ClientEvent client;
  client.body = InputAudioClear{};
  client.more["x"].text = "nonsense";
  CHECK(to_json(client).error().field == "x");
  client.more.clear();
  client.body = ResponseCreate{ResponseConfig{}};
  std::get<ResponseCreate>(client.body).response->tools = {FunctionTool{}};
  CHECK(to_json(client).error().field == "tools.name");
}
