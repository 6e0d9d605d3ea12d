#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Makes ids. The default draws from the system's randomness; a seeded one makes a test run
/// repeatable.
class VOICEBRIDGE_API IdGenerator {
 public:
  IdGenerator();                             ///< Unpredictable.
  explicit IdGenerator(std::uint64_t seed);  ///< Repeatable, for tests.

  /// `prefix` and 22 characters of the URL-safe base64 alphabet (132 bits).
  std::string make(std::string_view prefix = {});
  /// A version 4 UUID in lower case.
  std::string uuid();

 private:
  void fill(std::uint8_t* out, std::size_t size);
  bool seeded_ = false;
  std::uint64_t state_ = 0;
};

/// An unpredictable id: `random_id("call_")`. Any thread.
VOICEBRIDGE_API std::string random_id(std::string_view prefix = {});
/// An unpredictable version 4 UUID. Any thread.
VOICEBRIDGE_API std::string random_uuid();

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
