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

/// All of voicebridge is in an inline namespace named after the versions that fit each other: names
/// are written without it, symbols have it, so that two versions can meet in one program and none
/// takes the other's calls. Never forward-declare what is in it: include the header.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

// Declared here, `namespace voicebridge::net {` goes on with the one inside the inline namespace
// ([namespace.def]/3); else it would open another. Not here: `web`, as cpprestsdk has one and who
// uses both namespaces would have to say which, and those of src only.
namespace net {}
namespace openai {}
namespace telnyx {}
namespace testing {}
namespace twilio {}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
