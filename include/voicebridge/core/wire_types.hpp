#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A value that is passed on as it is: JSON text.
struct JsonText {
  std::string text = "null";  ///< Not checked.
};
/// Whether both mean the same; white space and the order of members do not matter.
VOICEBRIDGE_API bool operator==(const JsonText& a, const JsonText& b);
/// The reverse.
inline bool operator!=(const JsonText& a, const JsonText& b) { return !(a == b); }

/// The members of an object that its type does not know, by name: kept when read, written back.
using OtherMembers = std::map<std::string, JsonText>;

/// A member that may be left out, null or a value, where the three differ: in a `session.update`
/// what is left out keeps its value and null turns it off.
template <class T>
class Nullable {
 public:
  Nullable() = default;  ///< Left out.
  /// Null.
  Nullable(std::nullptr_t) : left_out_(false) {}  // NOLINT: null is a value of it
  /// From whatever a T can be made of.
  template <class U, class = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                              !std::is_same_v<std::decay_t<U>, Nullable>>>
  Nullable(U&& value) : left_out_(false), value_(std::forward<U>(value)) {}  // NOLINT: as above

  /// Not in the object.
  bool is_left_out() const noexcept { return left_out_; }
  /// In the object, as null.
  bool is_null() const noexcept { return !left_out_ && !value_; }
  /// Whether there is a value.
  explicit operator bool() const noexcept { return value_.has_value(); }
  ///@{
  /// The value; there has to be one.
  const T& operator*() const { return *value_; }
  T& operator*() { return *value_; }
  const T* operator->() const { return &*value_; }
  T* operator->() { return &*value_; }
  ///@}
  /// A default value, to be filled in.
  T& emplace() {
    left_out_ = false;
    return value_.emplace();
  }

 private:
  bool left_out_ = true;
  std::optional<T> value_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
