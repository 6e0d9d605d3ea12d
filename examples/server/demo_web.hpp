#pragma once

#include "demo.hpp"

namespace server {

/// Serves the web page with simulated services behind it, until SIGINT or SIGTERM, or for so many
/// seconds. @return 0, or 1 when it cannot start.
int run_web_demo(const DemoOptions& options);

}  // namespace server
