#pragma once

#include "voicebridge/store/lead_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where the leads of another store are copied to, whole.
/// @par Threads Any. May block: not on a shard.
class VOICEBRIDGE_API LeadSink {
 public:
  virtual ~LeadSink() = default;
  /// Writes every field. Putting a lead again, also one whose answer was lost, leaves one row of
  /// its phone. A phone that is there under another id keeps that id and its `created_at`.
  /// @return An error of `invalid_argument`, `conflict` or `payload_too_large` is about this lead;
  /// any other is about the place, and the next lead would not fare better.
  virtual Result<> put(const Lead& lead) = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
