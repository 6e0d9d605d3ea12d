#include "voicebridge/core/ids.hpp"
#include "voicebridge/store/lead_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Lead merge_lead(const std::optional<Lead>& known, const LeadInput& input, UnixMillis now) {
  Lead lead = known.value_or(Lead());
  if (!known) {
    lead.id = random_id("lead_");
    lead.phone_e164 = input.phone;
    lead.created_at = now;
  }
  lead.first_name = input.first_name;
  lead.last_name = input.last_name;
  if (!input.source.empty()) lead.source = input.source;
  lead.updated_at = now;
  if (input.consent) {
    lead.consent = *input.consent;
    lead.consent_text = input.consent_text;
    lead.consent_source = input.consent_source;
    lead.consent_at = now;
  }
  return lead;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
