#pragma once

#include "core/wire/shape.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

/// Whether a value can be read as a T; variants take the first alternative that fits.
template <class T>
bool fits(JsonView json) {
  if constexpr (HasType<T>::value) {
    return json["type"].string() == Shape<T>::type;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return json.is_string();
  } else if constexpr (kIsVector<T>) {
    return json.is_array();
  } else if constexpr (IsShaped<T>::value) {
    return json.is_object();
  } else {
    return json.exists();
  }
}

/// Reads shaped values. What is missing, null or of a wrong type leaves its target as it is;
/// `fault` is the path of the first of a wrong type.
class WireReader {
 public:
  std::string fault;

  /// @return Whether the value itself is of the right type; its members have their own answers.
  template <class T>
  bool read(JsonView json, T& out) {
    if (!json.exists()) return true;
    if constexpr (IsA<T, Nullable>::value) {
      if (!json.is_null()) return read_present(json, out);
      out = nullptr;
      return true;
    } else if constexpr (std::is_same_v<T, JsonText>) {
      out.text = json.dump();
      return true;
    } else {
      return json.is_null() || read_value(json, out);
    }
  }

  template <class T>
  void read_members(JsonView json, T& out) {
    for_each_field<T>([&](const auto& each) { read_member(json, each.name, out.*each.at); });
    if constexpr (KeepsOthers<T>::value) keep_others<T>(json, out.more);
    if constexpr (HasTidy<T>::value) Shape<T>::tidy(out, json);
  }

  /// Keeps the members that a T does not know.
  template <class T>
  static void keep_others(JsonView json, OtherMembers& more) {
    for (const auto& member : json.members()) {
      bool known = HasType<T>::value && member.key == "type";
      for_each_field<T>([&](const auto& each) { known = known || each.name == member.key; });
      if (!known) more.try_emplace(std::string(member.key), JsonText{member.value.dump()});
    }
  }

 private:
  template <class T>
  bool read_value(JsonView json, T& out) {
    if constexpr (IsA<T, std::optional>::value) {
      return read_present(json, out);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return assign(json.string(), out);
    } else if constexpr (std::is_same_v<T, bool>) {
      return assign(json.boolean(), out);
    } else if constexpr (std::is_integral_v<T>) {
      return assign(json.integer(), out);
    } else if constexpr (std::is_floating_point_v<T>) {
      return assign(json.number(), out);
    } else if constexpr (kIsVector<T>) {
      if (!json.is_array()) return blame();
      for (JsonView element : json.elements()) read(element, out.emplace_back());
      return true;
    } else if constexpr (kIsMap<T>) {
      if (!json.is_object()) return blame();
      for (const auto& [name, value] : json.members()) {
        const auto added = out.try_emplace(std::string(name));
        if (added.second) read(value, added.first->second);
      }
      return true;
    } else if constexpr (kIsVariant<T>) {
      return read_variant(json, out);
    } else if constexpr (IsShaped<T>::value) {
      if (!json.is_object()) return blame();
      read_members(json, out);
      return true;
    } else {
      return Shape<T>::read(json, out) || blame();
    }
  }

  template <class T>
  void read_member(JsonView json, std::string_view name, T& out) {
    const bool was_fine = fault.empty();
    read(json[name], out);
    if (was_fine && !fault.empty()) {
      fault = std::string(name) + (fault == "." ? "" : "." + fault);
    }
  }

  /// A lone dot until the place gets its name.
  bool blame() {
    if (fault.empty()) fault = ".";
    return false;
  }

  template <class Found, class T>
  bool assign(const Found& found, T& out) {
    if (!found) return blame();
    if constexpr (std::is_same_v<T, std::string>) {
      out.assign(found->data(), found->size());
    } else {
      out = *found;
    }
    return true;
  }

  /// Of a wrong type it counts as left out.
  template <class MayBeMissing>
  bool read_present(JsonView json, MayBeMissing& out) {
    const bool fine = read(json, out.emplace());
    if (!fine) out = MayBeMissing();
    return fine;
  }

  template <class... Ts>
  bool read_variant(JsonView json, std::variant<Ts...>& out) {
    const bool found = ((fits<Ts>(json) && (read(json, out.template emplace<Ts>()), true)) || ...);
    return found || blame();
  }
};

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
