#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/schema_check.hpp"
#include "voicebridge/core/json.hpp"

/// Examples of all events, and ways to change them.
namespace voicebridge::test {

inline std::vector<Json> read_events(const std::string& path) {
  const auto all = Json::parse(read_test_data(path));
  REQUIRE(all);
  std::vector<Json> events;
  for (JsonView event : all->root().elements()) events.push_back(*Json::parse(event.dump()));
  return events;
}

/// Each has all members of its type; some types come in several forms.
inline std::vector<Json> client_examples() { return read_events("openai/client_events.json"); }
inline std::vector<Json> server_examples() { return read_events("openai/server_events.json"); }

/// Copies a document; for each value `edit` may write something else and return true.
using Edit = std::function<bool(JsonWriter& out, JsonView value)>;

inline void copy_edited(JsonWriter& out, JsonView value, const Edit& edit) {
  if (edit(out, value)) return;
  if (value.is_object()) {
    out.object();
    for (const auto& member : value.members()) {
      out.key(member.key);
      copy_edited(out, member.value, edit);
    }
    out.end();
  } else if (value.is_array()) {
    out.array();
    for (JsonView element : value.elements()) copy_edited(out, element, edit);
    out.end();
  } else {
    out.value(value);
  }
}

inline std::size_t count_values(JsonView value) {
  std::size_t count = 0;
  JsonWriter ignored;
  copy_edited(ignored, value, [&](JsonWriter&, JsonView) {
    ++count;
    return false;
  });
  return count;
}

/// The n-th value of a document; 0 is the document.
inline JsonView value_at(JsonView document, std::size_t n) {
  std::size_t at = 0;
  JsonView found;
  JsonWriter ignored;
  copy_edited(ignored, document, [&](JsonWriter&, JsonView value) {
    if (at++ == n) found = value;
    return false;
  });
  return found;
}

/// The document with its n-th value (0: itself) replaced by JSON text.
inline std::string replace_value(JsonView document, std::size_t n, const std::string& by) {
  std::size_t at = 0;
  JsonWriter out;
  copy_edited(out, document, [&](JsonWriter& writer, JsonView) {
    if (at++ != n) return false;
    writer.raw(by);
    return true;
  });
  return out.take();
}

inline bool is_nothing(JsonView value) {
  return value.is_null() || value.string() == "" || value.number() == 0.0 ||
         (value.size() == 0 && (value.is_array() || value.is_object()));
}

/// Empty when all that `came` says is said in `written` as well; otherwise the first place where it
/// is not. What is nothing may be left out.
inline std::string lost(JsonView came, JsonView written, const std::string& path = "$") {
  if (came.is_object() && written.is_object()) {
    for (const auto& member : came.members()) {
      const JsonView other = written[member.key];
      if (!other.exists() && is_nothing(member.value)) continue;
      const auto place = lost(member.value, other, path + "." + std::string(member.key));
      if (!place.empty()) return place;
    }
    return {};
  }
  if (came.is_array() && written.is_array() && came.size() == written.size()) {
    for (std::size_t i = 0; i < came.size(); ++i) {
      const auto place = lost(came.at(i), written.at(i), path + "[" + std::to_string(i) + "]");
      if (!place.empty()) return place;
    }
    return {};
  }
  return came == written ? "" : path;
}

}  // namespace voicebridge::test
