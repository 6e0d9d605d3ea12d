#pragma once

#include "core/wire/shape.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

/// Writes shaped values. `fault` is the path of the first `JsonText` that is not JSON (null is
/// written for it).
class WireWriter {
 public:
  JsonWriter json;
  std::string fault;

  template <class T>
  void write(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      json.string(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      json.boolean(value);
    } else if constexpr (std::is_integral_v<T>) {
      json.integer(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      json.number(value);
    } else if constexpr (kMayBeMissing<T>) {
      value ? write(*value) : static_cast<void>(json.null());
    } else if constexpr (kIsVector<T>) {
      json.array();
      for (const auto& element : value) write(element);
      json.end();
    } else if constexpr (kIsMap<T>) {
      json.object();
      write_others(value);
      json.end();
    } else if constexpr (kIsVariant<T>) {
      std::visit([this](const auto& held) { this->write(held); }, value);
    } else if constexpr (IsShaped<T>::value) {
      json.object();
      write_members(value);
      json.end();
    } else {
      write_special(value);
    }
  }

  /// The members of an object that the caller opens and closes.
  template <class T>
  void write_members(const T& value) {
    if constexpr (HasType<T>::value) json.field("type", Shape<T>::type);
    for_each_field<T>([&](const auto& each) { write_field(value, each); });
    if constexpr (KeepsOthers<T>::value) write_others(value.more);
  }

  template <class T>
  void write_member(std::string_view name, const T& value) {
    const bool was_fine = fault.empty();
    json.key(name);
    write(value);
    if (was_fine && !fault.empty()) fault = std::string(name) + fault_tail();
  }

  template <class T>
  void write_others(const std::map<std::string, T>& members) {
    for (const auto& [name, value] : members) write_member(name, value);
  }

 private:
  template <class T, class AnyField>
  void write_field(const T& value, const AnyField& each) {
    const auto& member = value.*each.at;
    using Member = std::decay_t<decltype(member)>;
    bool wanted = is_set(member) || (each.write == Write::always && !kMayBeMissing<Member>);
    if constexpr (std::is_arithmetic_v<Member>) {
      if (each.write == Write::if_not_0) wanted = member != Member();
    }
    if constexpr (HasMust<T>::value) wanted = wanted || Shape<T>::must(value, each.name);
    if (wanted) write_member(each.name, member);
  }

  /// An innermost fault is a lone dot until it gets its name.
  std::string fault_tail() const { return fault == "." ? "" : "." + fault; }

  void write_special(const JsonText& value) {
    if (Json::parse(value.text, {std::size_t{16} << 20, 512})) {
      json.raw(value.text);
    } else {
      json.null();
      if (fault.empty()) fault = ".";
    }
  }
  template <class T>
  void write_special(const T& value) {
    Shape<T>::write(json, value);
  }
};

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
