#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What whoever asked for a call said of it. Kept with it, and told to its agent.
struct CallNotes {
  std::string contact_name;          ///< Whom it is for.
  std::string business_name;         ///< Of the contact.
  std::string user_id;               ///< Who asked for it, as the application knows them.
  std::string metadata_json = "{}";  ///< An object of the application's own.
};

/// A call as it is kept.
struct StoredCall {
  std::string id;                 ///< Ours.
  std::string lead_id;            ///< Empty for a call without a lead.
  std::string leg_id;             ///< The carrier's.
  std::string carrier;            ///< "telnyx", "web"
  std::string direction;          ///< "outbound", "inbound", "web"
  std::string from;               ///< Number or address of the calling side.
  std::string to;                 ///< Number or address of the called side.
  std::string state;              ///< As `to_string(CallState)`.
  std::string end_reason;         ///< As `to_string(EndReason)`; empty while it runs.
  std::string end_detail;         ///< More of the reason, such as the carrier's cause.
  UnixMillis created_at = 0;      ///< When it was asked for, or came.
  UnixMillis answered_at = 0;     ///< 0: it was not answered.
  UnixMillis ended_at = 0;        ///< 0: it runs.
  std::string recording;          ///< Path; empty without one.
  std::string recording_id;       ///< Of the carrier's own recording …
  std::string recording_url;      ///< … and where it said that it is, often for minutes only.
  UnixMillis expires_at = 0;      ///< To be removed then, with its recording; 0: never.
  std::string profile;            ///< The agent that was asked for by name.
  std::int64_t attempt = 0;       ///< How often the lead had been called before because of retries.
  UnixMillis retry_at = 0;        ///< The lead is to be called again then; 0: not.
  double cost_usd = 0;            ///< Of the speech model, as far as its prices are known.
  std::string usage_json = "{}";  ///< What was used: tokens by kind, models, those without a price.
  CallNotes notes;                ///< What whoever asked for it said of it.
};

/// Which calls are wanted; what is empty or 0 does not matter.
struct CallFilter {
  std::string state;              ///< As `StoredCall::state`.
  std::string to;                 ///< The number called.
  std::string user_id;            ///< As `CallNotes::user_id`.
  UnixMillis created_from = 0;    ///< At this time or later.
  UnixMillis created_before = 0;  ///< Earlier than this.
  std::string lead_id;            ///< Of this lead …
  std::string number;             ///< … or from or to this number, when both are given.
  UnixMillis expired_at = 0;      ///< Those that are to be removed by then.
  bool retry_pending = false;     ///< Those whose lead is to be called again.
  std::size_t limit = 50;         ///< Of a page.
  std::string cursor;             ///< `CallPage::next` of the page before; empty: from the newest.
};

/// One thing that happened in a call, as it is kept.
struct StoredTimelineEntry {
  std::int64_t at_ms = 0;          ///< From the creation of the call.
  std::string kind;                ///< As `TimelineEntry::kind`.
  std::string detail;              ///< A few words for a person.
  std::string fields_json = "{}";  ///< Names and values as one object.
};

/// One turn of either side, as it is kept.
struct StoredTranscriptEntry {
  std::int64_t at_ms = 0;     ///< When it began, from the creation of the call.
  std::string speaker;        ///< "caller", "agent"
  std::string text;           ///< All that was said, heard or not.
  bool interrupted = false;   ///< The agent was cut off.
  std::string heard_text;     ///< What of it was heard.
  std::int64_t heard_ms = 0;  ///< Audio of it that was heard.
  std::int64_t sent_ms = 0;   ///< Audio of it that was handed to the carrier.
};

/// All that is kept of a call.
struct StoredCallRecord {
  StoredCall call;                                ///< The call's own row.
  std::vector<StoredTimelineEntry> timeline;      ///< What happened, in order.
  std::vector<StoredTranscriptEntry> transcript;  ///< Turns, in the order in which they began.
};

/// Some of the calls that a filter lets through, newest first.
struct CallPage {
  std::vector<StoredCall> calls;  ///< In the order of their creation, newest first.
  std::string next;               ///< The cursor of the page behind; empty: there is none.
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
  /// A page of the calls that are wanted. Calls that come while somebody turns pages move none of
  /// the older ones. `Errc::invalid_argument` for a cursor that was not given here.
  virtual Result<CallPage> search(const CallFilter& filter) = 0;
  /// With timeline and transcript. One that is not there is no error.
  virtual Result<> remove(const std::string& id) = 0;
};

/// Gone with the process.
VOICEBRIDGE_API std::unique_ptr<CallStore> make_memory_call_store();

/// What a removal of expired calls has done.
struct ExpiredCalls {
  std::size_t removed = 0;  ///< Calls that are gone now.
  std::size_t kept = 0;     ///< Their recordings could not be deleted: tried again the next time.
};

/// Removes the calls whose time is over: first the recording's file, then the call. One turn
/// removes a thousand at the most. Blocks.
VOICEBRIDGE_API Result<ExpiredCalls> remove_expired_calls(CallStore& calls, UnixMillis now);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
