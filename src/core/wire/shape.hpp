#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/core/wire_types.hpp"

/// What an object is on the wire is said once, by its `Shape`; writing, reading and comparing
/// follow from it.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

enum class Write {
  if_set,    ///< Not when it is an empty text, list or object, or left out.
  always,    ///< The service wants it, empty or not; what may be left out still can be.
  if_not_0,  ///< Numbers.
};

template <class Owner, class T>
struct Field {
  std::string_view name;
  T Owner::*at;
  Write write;
};
template <class Owner, class T>
constexpr Field<Owner, T> field(std::string_view name, T Owner::*at) {
  return {name, at, Write::if_set};
}
template <class Owner, class T>
constexpr Field<Owner, T> always(std::string_view name, T Owner::*at) {
  return {name, at, Write::always};
}
template <class Owner, class T>
constexpr Field<Owner, T> unless_0(std::string_view name, T Owner::*at) {
  return {name, at, Write::if_not_0};
}

/// Specialised for each object: `static constexpr auto fields`, a tuple of `Field`s in the order of
/// writing, or `static void visit_fields(Visit&)`, which calls its argument with each. Also, where
/// it applies:
/// - `static constexpr std::string_view type`: written as the member `type`;
/// - `static void tidy(T&, JsonView)`: runs after reading;
/// - `static bool must(const T&, std::string_view name)`: writes a member although it is not set.
template <class T, class = void>
struct Shape {};

template <class T, class = void>
struct HasFields : std::false_type {};
template <class T>
struct HasFields<T, std::void_t<decltype(Shape<T>::fields)>> : std::true_type {};

struct IgnoreFields {
  template <class AnyField>
  void operator()(const AnyField&) const {}
};
template <class T, class = void>
struct VisitsFields : std::false_type {};
template <class T>
struct VisitsFields<
    T, std::void_t<decltype(Shape<T>::visit_fields(std::declval<const IgnoreFields&>()))>>
    : std::true_type {};

template <class T>
struct IsShaped : std::bool_constant<HasFields<T>::value || VisitsFields<T>::value> {};

template <class T, class = void>
struct HasType : std::false_type {};
template <class T>
struct HasType<T, std::void_t<decltype(Shape<T>::type)>> : std::true_type {};

template <class T, class = void>
struct HasTidy : std::false_type {};
template <class T>
struct HasTidy<T, std::void_t<decltype(&Shape<T>::tidy)>> : std::true_type {};

template <class T, class = void>
struct HasMust : std::false_type {};
template <class T>
struct HasMust<T, std::void_t<decltype(&Shape<T>::must)>> : std::true_type {};

template <class T, class = void>
struct KeepsOthers : std::false_type {};
template <class T>
struct KeepsOthers<T, std::void_t<decltype(std::declval<T&>().more)>> : std::true_type {};

template <class T, template <class...> class Template>
struct IsA : std::false_type {};
template <template <class...> class Template, class... Args>
struct IsA<Template<Args...>, Template> : std::true_type {};

template <class T>
constexpr bool kIsVector = IsA<T, std::vector>::value;
template <class T>
constexpr bool kIsMap = IsA<T, std::map>::value;
template <class T>
constexpr bool kIsVariant = IsA<T, std::variant>::value;
template <class T>
constexpr bool kMayBeMissing = IsA<T, std::optional>::value || IsA<T, Nullable>::value;

template <class T, class Visit>
void for_each_field(Visit&& visit) {
  if constexpr (VisitsFields<T>::value) {
    Shape<T>::visit_fields(visit);
  } else {
    std::apply([&](const auto&... each) { (visit(each), ...); }, Shape<T>::fields);
  }
}

template <class T>
bool is_set(const T& value) {
  if constexpr (IsA<T, Nullable>::value) {
    return !value.is_left_out();
  } else if constexpr (IsA<T, std::optional>::value) {
    return value.has_value();
  } else if constexpr (std::is_same_v<T, std::string> || kIsVector<T> || kIsMap<T>) {
    return !value.empty();
  } else if constexpr (IsShaped<T>::value) {
    bool any = false;
    for_each_field<T>([&](const auto& each) { any = any || is_set(value.*each.at); });
    if constexpr (KeepsOthers<T>::value) any = any || !value.more.empty();
    return any;
  } else {
    return true;
  }
}

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (kMayBeMissing<T>) {
    if (static_cast<bool>(a) != static_cast<bool>(b)) return false;
    if constexpr (IsA<T, Nullable>::value) {
      if (a.is_null() != b.is_null()) return false;
    }
    return !a || same(*a, *b);
  } else if constexpr (kIsVector<T>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return same(x, y); });
  } else if constexpr (kIsMap<T>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.first == y.first && same(x.second, y.second);
    });
  } else if constexpr (kIsVariant<T>) {
    if (a.index() != b.index()) return false;
    return std::visit(
        [&](const auto& held) { return same(held, std::get<std::decay_t<decltype(held)>>(b)); }, a);
  } else if constexpr (IsShaped<T>::value) {
    bool all = true;
    for_each_field<T>([&](const auto& each) { all = all && same(a.*each.at, b.*each.at); });
    if constexpr (KeepsOthers<T>::value) all = all && same(a.more, b.more);
    return all;
  } else {
    return a == b;
  }
}

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
