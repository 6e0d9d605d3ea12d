#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/log.hpp"
#include "voicebridge/core/metrics.hpp"
#include "voicebridge/store/call_store.hpp"
#include "voicebridge/store/lead_sink.hpp"
#include "voicebridge/version.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How fast leads are copied after a failure.
struct OutboxOptions {
  Millis first_delay{500};  ///< After a failure; doubles with each one that follows …
  Millis max_delay{60000};  ///< … up to this, which bounds what the sink asks for too.
  std::uint32_t seed = 0;   ///< Of the jitter, half to the whole of a delay; 0 draws one.
  Logger log;               ///< Where failures are reported, without names and numbers.
  /// Counts as `OutboxCounts` has them: `store.outbox.delivered`, `.failed`, `.refused`. It must
  /// outlive the store.
  MetricsRegistry* metrics = nullptr;
};

/// How the copying goes.
struct OutboxCounts {
  std::size_t pending = 0;      ///< Leads whose last change has not arrived.
  std::uint64_t delivered = 0;  ///< Since the store was opened, as the others.
  std::uint64_t failed = 0;     ///< The sink could not be reached or let nobody in.
  std::uint64_t refused = 0;    ///< It did not take that lead, which then waits behind the others.
};

/// Leads in a SQLite file, from where a thread of its own copies them to a `LeadSink`. `save`
/// returns when the lead and the note that it is to be copied are on the disk, in one transaction;
/// the sink may be down for days. Reads are of the file.
///
/// Copied are one lead at a time in the order of their first change that has not arrived, each as
/// it is by then: no more waits than there are leads. After a kill the last one may be put again,
/// which a sink takes for the same. One that the sink refuses goes to the end and is tried again.
/// One process a file: two would copy twice. What `remove` takes is not removed from the sink.
/// @par Threads Any but the shards.
class VOICEBRIDGE_API OutboxLeadStore : public LeadStore {
 public:
  /// As they stand.
  virtual OutboxCounts counts() const = 0;
  /// Ends the thread, after the lead under way; what waits is copied when the file is opened again.
  /// Leads can still be saved. Blocks. The destructor does it too.
  virtual void stop() = 0;
};

/// The leads, which are copied, and the calls of one file.
struct OutboxStores {
  std::shared_ptr<OutboxLeadStore> leads;  ///< Copied to the sink.
  std::shared_ptr<CallStore> calls;        ///< In the same file; not copied.
};

/// As `open_sqlite_stores`, and starts to copy.
#if VOICEBRIDGE_WITH_SQLITE || defined(DOXYGEN)
VOICEBRIDGE_API Result<OutboxStores> open_outbox_stores(const std::string& path,
                                                        std::shared_ptr<LeadSink> sink,
                                                        OutboxOptions options = {});
#else
template <class Path>
Result<OutboxStores> open_outbox_stores(const Path&, std::shared_ptr<LeadSink>,
                                        OutboxOptions = {}) {
  static_assert(sizeof(Path) == 0,
                "SQLite is switched off in this build of voicebridge: configure it with "
                "-DVOICEBRIDGE_WITH_SQLITE=ON");
  return OutboxStores{};
}
#endif

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
