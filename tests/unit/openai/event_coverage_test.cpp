#include <algorithm>
#include <set>

#include "event_documents.hpp"
#include "openai/event_shapes.hpp"
#include "unit/openai/official_schema.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using namespace voicebridge::test;

namespace {

JsonView definition(std::string_view reference) {
  const JsonView found = schema().definition(reference.substr(reference.rfind('/') + 1));
  REQUIRE(found.exists());
  return found;
}

using Texts = std::vector<std::string>;

Texts samples_of(JsonView rule);

/// As many objects as it takes to show each member in each of its forms.
Texts samples_of_object(JsonView rule) {
  std::vector<std::pair<std::string, Texts>> members;
  for (const auto& property : rule["properties"].members())
    members.emplace_back(property.key, samples_of(property.value));
  if (rule["additionalProperties"].is_object())
    members.emplace_back("any_name", samples_of(rule["additionalProperties"]));
  std::size_t count = 1;
  for (const auto& member : members) count = std::max(count, member.second.size());
  Texts samples;
  for (std::size_t i = 0; i < count; ++i) {
    JsonWriter out;
    out.object();
    for (const auto& [name, forms] : members) out.key(name).raw(forms[i % forms.size()]);
    samples.push_back(out.end().take());
  }
  return samples;
}

std::string sample_number(JsonView rule, const char* usual) {
  return rule["minimum"].exists() ? rule["minimum"].dump() : usual;
}

/// JSON texts that together show all that a rule of the schema allows.
Texts samples_of(JsonView rule) {
  if (const auto ref = rule["$ref"].string()) return samples_of(definition(*ref));
  if (rule["anyOf"].is_array()) {
    Texts all;
    for (JsonView branch : rule["anyOf"].elements()) {
      for (std::string& sample : samples_of(branch)) all.push_back(std::move(sample));
    }
    return all;
  }
  if (rule["const"].exists()) return {rule["const"].dump()};
  if (rule["enum"].is_array()) return {rule["enum"].at(0).dump()};
  const std::string type = rule["type"].string_or("object");
  if (type == "string") return {R"("text")"};
  if (type == "integer") return {sample_number(rule, "7")};
  if (type == "number") return {sample_number(rule, "0.5")};
  if (type == "boolean") return {"true"};
  if (type == "null") return {"null"};
  if (type != "array") return samples_of_object(rule);
  std::string all;
  for (const std::string& element : samples_of(rule["items"]))
    all += (all.empty() ? "" : ",") + element;
  return {"[" + all + "]"};
}

std::vector<Json> samples_of_types(const char* types) {
  std::vector<Json> all;
  for (const auto& type : schema().root()[types].members()) {
    for (const std::string& sample : samples_of(definition(*type.value.string()))) {
      INFO(sample);
      REQUIRE(Json::parse(sample));
      all.push_back(*Json::parse(sample));
    }
  }
  return all;
}

/// The members that no type has, anywhere in a value.
template <class T>
void find_untyped(const T& value, std::set<std::string>& untyped) {
  if constexpr (detail::kMayBeMissing<T>) {
    if (value) find_untyped(*value, untyped);
  } else if constexpr (detail::kIsVector<T>) {
    for (const auto& element : value) find_untyped(element, untyped);
  } else if constexpr (detail::kIsVariant<T>) {
    std::visit([&](const auto& held) { find_untyped(held, untyped); }, value);
  } else if constexpr (detail::IsShaped<T>::value) {
    detail::for_each_field<T>([&](const auto& each) { find_untyped(value.*each.at, untyped); });
    if constexpr (detail::KeepsOthers<T>::value) {
      for (const auto& other : value.more) untyped.insert(other.first);
    }
  }
}

/// Reads, writes and reads each again. @return The members without a place in a type.
template <class Event, class Parse>
std::set<std::string> check_all(const std::vector<Json>& samples, const char* rule, Parse parse) {
  std::set<std::string> untyped;
  for (const Json& sample : samples) {
    INFO(sample.dump());
    CHECK(schema().check(sample, rule) == "");
    const Result<Event> event = parse(sample.dump(), JsonLimits{});
    REQUIRE(event);
    const auto written = to_json(*event);
    REQUIRE(written);
    INFO(*written);
    CHECK(test::lost(sample, *Json::parse(*written)) == "");
    CHECK(schema().check(*Json::parse(*written), rule) == "");
    const Result<Event> again = parse(*written, JsonLimits{});
    REQUIRE(again);
    CHECK(*again == *event);
    find_untyped(event->body, untyped);
    for (const auto& other : event->more) untyped.insert(other.first);
  }
  return untyped;
}

}  // namespace

TEST_CASE("all that the official schema allows a client has its place in a type") {
  const auto samples = samples_of_types("x-clientEventTypes");
  CHECK(samples.size() >= 11);
  CHECK(check_all<ClientEvent>(samples, "ClientEventStrict", parse_client_event).empty());
}

TEST_CASE("all that the official schema allows the service has its place in a type") {
  const auto samples = samples_of_types("x-serverEventTypes");
  CHECK(samples.size() >= 46);
  const auto untyped = check_all<ServerEvent>(samples, "ServerEvent", parse_server_event);
  CHECK(untyped == std::set<std::string>{"obfuscation"});  // Random padding.
}
