#include <cstdlib>
#include <random>

#include "event_documents.hpp"
#include "voicebridge/openai/client_event.hpp"
#include "voicebridge/openai/server_event.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

/// Of each example; VOICEBRIDGE_MUTATIONS asks for more.
const char* const kWanted = std::getenv("VOICEBRIDGE_MUTATIONS");
const std::size_t kMutations = kWanted != nullptr ? std::strtoul(kWanted, nullptr, 10) : 2000;

/// Damages examples, the same way in each run.
class Mutator {
 public:
  explicit Mutator(std::vector<Json> examples) : examples_(std::move(examples)) {
    for (const Json& example : examples_) texts_.push_back(example.dump());
  }

  std::string mutate(std::size_t example) {
    switch (below(6)) {
      case 0:
        return texts_[example].substr(0, below(texts_[example].size()));
      case 1:
        return replace_some(example, kOtherTypes[below(std::size(kOtherTypes))]);
      case 2:
        return replace_some(example, nested(1 + below(80)));
      case 3:
        return replace_some(example, some_value());
      case 4:
        return twice(example);
      default:
        return damaged(texts_[example]);
    }
  }

 private:
  static constexpr const char* kOtherTypes[] = {"null",
                                                "true",
                                                "7",
                                                "-0.5",
                                                "1e308",
                                                "9223372036854775808",
                                                "\"\"",
                                                "\"text\"",
                                                "\"inf\"",
                                                "[]",
                                                "{}",
                                                "[null,{},7,\"x\"]",
                                                R"({"type":"function"})",
                                                R"({"type":"mcp","tools":[7]})",
                                                R"("\ud83d\ude00")"};

  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string replace_some(std::size_t example, const std::string& by) {
    const JsonView event = examples_[example];
    return test::replace_value(event, below(test::count_values(event)), by);
  }

  static std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += i % 2 == 0 ? "[" : R"({"type":)";
    text += "0";
    for (std::size_t i = depth; i-- > 0;) text += i % 2 == 0 ? "]" : "}";
    return text;
  }

  /// A piece of any event, where it does not belong.
  std::string some_value() {
    const JsonView event = examples_[below(examples_.size())];
    const auto members = event.members();
    JsonView value = members[below(members.size())].value;
    while (value.size() > 0 && below(3) != 0) {
      value = value.is_array() ? value.at(below(value.size()))
                               : value.members()[below(value.size())].value;
    }
    return value.dump();
  }

  /// With the members of another event behind its own.
  std::string twice(std::size_t example) {
    const std::string& other = texts_[below(texts_.size())];
    return texts_[example].substr(0, texts_[example].size() - 1) + "," + other.substr(1);
  }

  std::string damaged(std::string text) {
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      const std::size_t at = below(text.size());
      text[at] = below(2) == 0 ? static_cast<char>(random_())
                               : static_cast<char>(text[at] ^ (1 << below(8)));
    }
    return text;
  }

  std::vector<Json> examples_;
  std::vector<std::string> texts_;
  std::mt19937 random_{1};
};

Result<ServerEvent> parse(const std::string& text, const ServerEvent*) {
  return parse_server_event(text);
}
Result<ClientEvent> parse(const std::string& text, const ClientEvent*) {
  return parse_client_event(text);
}

/// Whatever comes is refused or understood; what is understood can be written and understood again,
/// except for tools without names, which nobody may send.
template <class Event>
void check_mutations(std::vector<Json> examples) {
  constexpr const Event* kKind = nullptr;
  Mutator mutator(examples);
  std::size_t understood = 0;
  std::size_t total = 0;
  for (std::size_t example = 0; example < examples.size(); ++example) {
    for (std::size_t i = 0; i < kMutations; ++i, ++total) {
      const std::string text = mutator.mutate(example);
      const auto event = parse(text, kKind);
      if (!event) {
        const Errc code = event.error().code;
        if (code != Errc::protocol_error && code != Errc::payload_too_large) FAIL(text);
        continue;
      }
      ++understood;
      const auto written = to_json(*event);
      if (!written) {
        const bool tools = written.error().field.rfind("tools.", 0) == 0;
        if (!tools) FAIL(text << " cannot be written: " << to_string(written.error()));
        continue;
      }
      const auto again = parse(*written, kKind);
      if (!again || *again != *event) FAIL(text << " became " << *written);
    }
  }
  if (kWanted != nullptr) WARN(total << " damaged events, " << understood << " of them understood");
  CHECK(understood > total / 4);
  CHECK(understood < total);
}

}  // namespace

TEST_CASE("damaged server events are refused or understood") {
  check_mutations<ServerEvent>(test::server_examples());
}

TEST_CASE("damaged client events are refused or understood") {
  check_mutations<ClientEvent>(test::client_examples());
}
