#pragma once

#include "voicebridge/core/wire_types.hpp"

namespace voicebridge::openai {

using voicebridge::JsonText;
using voicebridge::Nullable;
using voicebridge::OtherMembers;

}  // namespace voicebridge::openai
