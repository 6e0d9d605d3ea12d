#pragma once

#include <string>

namespace server {

/// What a visitor agrees to who wants to be called, as it stands beside the box and is kept with
/// the lead. @param language  "fr", or English.
std::string consent_text(const std::string& language, const std::string& business);

}  // namespace server
