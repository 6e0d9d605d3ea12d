#pragma once

#include <cstdint>

#include "voicebridge/core/error.hpp"

namespace server {

/// The JSON files of demo/, built in so that the program needs none beside it.
extern const char* const kDemoEnglish;
extern const char* const kDemoFrench;
extern const char* const kSipDemoEnglish;
extern const char* const kSipDemoFrench;
extern const char* const kTransferDemoEnglish;
extern const char* const kTransferDemoFrench;
extern const char* const kWebDemo;

/// A port nobody listens on at this moment.
voicebridge::Result<std::uint16_t> free_loopback_port();

}  // namespace server
