#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A person who left a number.
struct Lead {
  std::string id;             ///< Ours.
  std::string first_name;     ///< Not empty.
  std::string last_name;      ///< Not empty.
  std::string phone_e164;     ///< E.164; no two leads have the same.
  UnixMillis created_at = 0;  ///< When it was first saved.
  std::string source;         ///< Where it came from: "web", "api".

  // Kept beside the lead.
  bool consent = false;        ///< To be called back.
  std::string consent_text;    ///< To what, in the words that were agreed to.
  UnixMillis consent_at = 0;   ///< When it was given; 0: it was not.
  std::string consent_source;  ///< Who took it: a session's id, "api".
  std::string summary;         ///< Of the web talk, for the phone agent.
  UnixMillis updated_at = 0;   ///< When something was last said of it.
};

/// What is said of a lead.
struct LeadInput {
  std::string first_name;  ///< Not empty.
  std::string last_name;   ///< Not empty.
  std::string phone;       ///< As a person writes it.
  std::string region;      ///< ISO 3166 country of national forms; empty: international forms only.
  std::string source;      ///< Where it comes from: "web", "api".
  std::optional<bool> consent;  ///< Nothing: what was said before stays.
  std::string consent_text;     ///< To what, in the words that were agreed to.
  std::string consent_source;   ///< Who took it: a session's id, "api".
};

/// Leads, kept. `save` begins with `normalize_lead`, so that every store refuses the same input.
/// @par Threads Any. May block: not on a shard (see `Scheduler::offload`).
class VOICEBRIDGE_API LeadStore {
 public:
  virtual ~LeadStore() = default;
  /// When it returns the lead is on the disk. The same phone again updates the lead and keeps id
  /// and created_at.
  /// @return `Errc::invalid_argument` naming `first_name`, `last_name` or `phone`; `unavailable`
  /// when the disk refuses.
  virtual Result<Lead> save(const LeadInput& input) = 0;
  virtual Result<Lead> find(const std::string& id) = 0;  ///< `Errc::not_found`
  /// `Errc::not_found`
  virtual Result<Lead> find_by_phone(const std::string& phone_e164) = 0;
  /// Keeps a summary with the lead, in place of the one before. `Errc::not_found`
  virtual Result<> set_summary(const std::string& id, const std::string& summary) = 0;
  virtual Result<std::vector<Lead>> list(std::size_t limit) = 0;  ///< Newest first.
  /// For good, with all that waits to be copied of it. One that is not there is no error.
  virtual Result<> remove(const std::string& id) = 0;
};

/// Checks names (1 to 100 characters, not blank) and brings the phone into E.164; the rest is
/// copied.
VOICEBRIDGE_API Result<LeadInput> normalize_lead(LeadInput input);

/// What a lead becomes when `input` is said of it: the rule that all stores share, for one of your
/// own.
/// @param known  The lead with this phone; nothing when it is new, which then gets an id.
/// @param input  As `normalize_lead` left it.
VOICEBRIDGE_API Lead merge_lead(const std::optional<Lead>& known, const LeadInput& input,
                                UnixMillis now);

/// For tests and try-outs: gone with the process.
VOICEBRIDGE_API std::unique_ptr<LeadStore> make_memory_lead_store();

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
