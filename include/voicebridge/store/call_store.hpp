#pragma once

#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {

/// A call as it is kept.
struct StoredCall {
  std::string id;         ///< Ours.
  std::string lead_id;    ///< Empty for a call without a lead.
  std::string leg_id;     ///< The carrier's.
  std::string carrier;    ///< "telnyx", "web"
  std::string direction;  ///< "outbound", "inbound", "web"
  std::string from;
  std::string to;
  std::string state;       ///< As `to_string(CallState)`.
  std::string end_reason;  ///< As `to_string(EndReason)`; empty while it runs.
  std::string end_detail;
  UnixMillis created_at = 0;
  UnixMillis answered_at = 0;
  UnixMillis ended_at = 0;
  std::string recording;          ///< Path; empty without one.
  double cost_usd = 0;            ///< Of the speech model, as far as its prices are known.
  std::string usage_json = "{}";  ///< What was used: tokens by kind, models, those without a price.
};

struct StoredTimelineEntry {
  std::int64_t at_ms = 0;  ///< From the creation of the call.
  std::string kind;
  std::string detail;
  std::string fields_json = "{}";
};

struct StoredTranscriptEntry {
  std::int64_t at_ms = 0;
  std::string speaker;  ///< "caller", "agent"
  std::string text;
  bool interrupted = false;
  std::string heard_text;
  std::int64_t heard_ms = 0;
  std::int64_t sent_ms = 0;
};

/// All that is kept of a call.
struct StoredCallRecord {
  StoredCall call;
  std::vector<StoredTimelineEntry> timeline;
  std::vector<StoredTranscriptEntry> transcript;
};

/// Calls, kept.
/// @par Threads Any. May block: not on a shard.
class VOICEBRIDGE_API CallStore {
 public:
  virtual ~CallStore() = default;
  /// Inserts or replaces the call's own row; timeline and transcript stay.
  virtual Result<> save(const StoredCall& call) = 0;
  /// The call with timeline and transcript, in one transaction, replacing what was there.
  virtual Result<> save_record(const StoredCallRecord& record) = 0;
  virtual Result<StoredCallRecord> find(const std::string& id) = 0;     ///< `Errc::not_found`
  virtual Result<std::vector<StoredCall>> list(std::size_t limit) = 0;  ///< Newest first.
};

VOICEBRIDGE_API std::unique_ptr<CallStore> make_memory_call_store();

}  // namespace voicebridge
