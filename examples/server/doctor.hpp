#pragma once

#include "config.hpp"

namespace server {

/// Checks the configuration, the database and, unless `offline`, the accounts, and says what to do.
/// @return 0 when everything is well.
int run_doctor(const Environment& environment, bool offline);

}  // namespace server
