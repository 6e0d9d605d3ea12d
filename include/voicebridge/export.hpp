#pragma once

#include "voicebridge/version.hpp"

/// Marks what the shared library exports; everything else is hidden.
#if defined(_WIN32)
#if defined(VOICEBRIDGE_BUILDING)
#define VOICEBRIDGE_API __declspec(dllexport)
#else
#define VOICEBRIDGE_API __declspec(dllimport)
#endif
#else
#define VOICEBRIDGE_API __attribute__((visibility("default")))
#endif
