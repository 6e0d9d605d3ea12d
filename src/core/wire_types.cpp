#include "voicebridge/core/wire_types.hpp"

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

bool operator==(const JsonText& a, const JsonText& b) {
  if (a.text == b.text) return true;
  constexpr JsonLimits kLimits{std::size_t{16} << 20, 512};
  const auto left = Json::parse(a.text, kLimits);
  const auto right = Json::parse(b.text, kLimits);
  return left && right && left->root() == right->root();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
