#pragma once

#include <string>

#include "config.hpp"

namespace server {

/// Prints as JSON all that is kept of the person with a phone number: lead, calls, transcripts,
/// the paths of recordings. @return 0; 1 when something could not be read, 2 for no phone number.
int run_export(const Environment& environment, const std::string& phone);

/// Removes all of that for good: recordings first, then calls with their transcripts, then the
/// lead, here and in Supabase. Prints counts, no names. @return 0; 1 when something is left, 2 as
/// above.
int run_erase(const Environment& environment, const std::string& phone);

}  // namespace server
