#pragma once

#include "openai/wire.hpp"

namespace voicebridge::openai::detail {

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

/// Reads shaped values. A member that is missing, null or of a wrong type leaves its target as it
/// is; `fault` is the path of the first of a wrong type.
class WireReader {
 public:
  std::string fault;

  template <class T>
  void read(JsonView json, T& out) {
    if (!json.exists()) return;
    if constexpr (IsA<T, Nullable>::value) {
      json.is_null() ? static_cast<void>(out = nullptr) : read_present(json, out);
    } else if (json.is_null() && !std::is_same_v<T, JsonText>) {
      return;
    } else if constexpr (IsA<T, std::optional>::value) {
      read_present(json, out);
    } else if constexpr (std::is_same_v<T, std::string>) {
      assign(json.string(), out);
    } else if constexpr (std::is_same_v<T, bool>) {
      assign(json.boolean(), out);
    } else if constexpr (std::is_integral_v<T>) {
      assign(json.integer(), out);
    } else if constexpr (std::is_floating_point_v<T>) {
      assign(json.number(), out);
    } else if constexpr (kIsVector<T>) {
      read_list(json, out);
    } else if constexpr (kIsMap<T>) {
      if (!json.is_object()) return blame();
      for (const auto& member : json.members()) read(member.value, out[std::string(member.key)]);
    } else if constexpr (kIsVariant<T>) {
      read_variant(json, out);
    } else if constexpr (IsShaped<T>::value) {
      if (!json.is_object()) return blame();
      read_members(json, out);
    } else {
      read_special(json, out);
    }
  }

  template <class T>
  void read_members(JsonView json, T& out) {
    for_each_field<T>([&](const auto& each) { read_member(json, each.name, out.*each.at); });
    if constexpr (KeepsOthers<T>::value) keep_others(json, out);
    if constexpr (HasTidy<T>::value) Shape<T>::tidy(out, json);
  }

  template <class T>
  void read_member(JsonView json, std::string_view name, T& out) {
    const bool was_fine = fault.empty();
    read(json[name], out);
    if (was_fine && !fault.empty()) {
      fault = std::string(name) + (fault == "." ? "" : "." + fault);
    }
  }

 private:
  /// A lone dot until the place gets its name.
  void blame() {
    if (fault.empty()) fault = ".";
  }

  template <class Found, class T>
  void assign(const Found& found, T& out) {
    if (!found) return blame();
    if constexpr (std::is_same_v<T, std::string>) {
      out.assign(found->data(), found->size());
    } else {
      out = *found;
    }
  }

  /// Of a wrong type it counts as left out.
  template <class MayBeMissing>
  void read_present(JsonView json, MayBeMissing& out) {
    const bool was_fine = fault.empty();
    read(json, out.emplace());
    if (was_fine && fault == ".") out = MayBeMissing();
  }

  template <class T>
  void read_list(JsonView json, std::vector<T>& out) {
    if (!json.is_array()) return blame();
    for (JsonView element : json.elements()) read(element, out.emplace_back());
  }

  template <class... Ts>
  void read_variant(JsonView json, std::variant<Ts...>& out) {
    const bool found = ((fits<Ts>(json) && (read(json, out.template emplace<Ts>()), true)) || ...);
    if (!found) blame();
  }

  template <class T>
  static void keep_others(JsonView json, T& out) {
    for (const auto& member : json.members()) {
      bool known = HasType<T>::value && member.key == "type";
      for_each_field<T>([&](const auto& each) { known = known || each.name == member.key; });
      if (!known) out.more[std::string(member.key)].text = member.value.dump();
    }
  }

  void read_special(JsonView json, JsonText& out) { out.text = json.dump(); }
  template <class T>
  void read_special(JsonView json, T& out) {
    if (!Shape<T>::read(json, out)) blame();
  }
};

}  // namespace voicebridge::openai::detail
