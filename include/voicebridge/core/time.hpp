#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A monotonic instant. Rules take it as an argument; only drivers read a clock.
using TimePoint = std::chrono::steady_clock::time_point;
/// Milliseconds.
using Millis = std::chrono::milliseconds;
/// Microseconds.
using Micros = std::chrono::microseconds;

/// When a sans-I/O object wants `on_deadline` called; nothing when it waits for input only.
using Deadline = std::optional<TimePoint>;

/// The earlier of two deadlines.
inline Deadline earliest(Deadline a, Deadline b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

/// Wall-clock time, for records and signatures, never for measuring. Milliseconds since 1970 UTC.
using UnixMillis = std::int64_t;
/// By the system's clock.
VOICEBRIDGE_API UnixMillis unix_now();

/// `2026-11-21T09:30:00.123Z`
VOICEBRIDGE_API std::string to_iso8601(UnixMillis at);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
