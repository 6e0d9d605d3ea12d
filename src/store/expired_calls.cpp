#include <filesystem>

#include "voicebridge/store/call_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMostAtOnce = 1000;

}  // namespace

Result<ExpiredCalls> remove_expired_calls(CallStore& calls, UnixMillis now) {
  CallFilter filter;
  filter.expired_at = now;
  filter.limit = kMostAtOnce;
  const auto expired = calls.search(filter);
  if (!expired) return fail(expired.error());
  ExpiredCalls done;
  for (const StoredCall& call : expired->calls) {
    std::error_code error;
    // The path is known from the call only: it goes last.
    if (!call.recording.empty()) std::filesystem::remove(call.recording, error);
    if (error) {
      ++done.kept;
      continue;
    }
    if (auto removed = calls.remove(call.id); !removed) return fail(removed.error());
    ++done.removed;
  }
  return done;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
