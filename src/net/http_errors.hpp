#pragma once

#include "voicebridge/core/error.hpp"

namespace voicebridge::net {

/// What an answer of an API means by its status alone, when it is no success.
Errc meaning_of_status(int status) noexcept;

}  // namespace voicebridge::net
