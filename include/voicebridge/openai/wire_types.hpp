#pragma once

#include "voicebridge/core/wire_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using voicebridge::JsonText;
using voicebridge::Nullable;
using voicebridge::OtherMembers;

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
