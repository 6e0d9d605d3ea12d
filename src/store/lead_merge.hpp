#pragma once

#include "voicebridge/store/lead_store.hpp"

namespace voicebridge::detail {

/// What a lead becomes when `input` is said of it: the rule all stores share.
/// @param known  The lead with this phone; nothing when it is new.
/// @param input  As `normalize_lead` left it.
Lead merge_lead(const std::optional<Lead>& known, const LeadInput& input, UnixMillis now);

}  // namespace voicebridge::detail
