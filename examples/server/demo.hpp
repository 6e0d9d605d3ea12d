#pragma once

#include <string>

namespace server {

struct DemoOptions {
  std::string carrier = "telnyx";  ///< Or "twilio".
  bool sip = false;                ///< A call that comes to the model's service by SIP.
  bool transfer = false;           ///< A caller who is put through to a person.
  bool web = false;                ///< The web page, for visitors who are real.
  int seconds = 0;                 ///< Of the web page: until then; 0: until a signal.
  bool json = false;               ///< The report for programs.
  bool verbose = false;            ///< The server's log on standard error.
  std::string out;                 ///< Folder for what the run leaves; empty: a new one in `out/`.
};

/// Plays the whole flow against the simulators and reports it.
/// @return 0 when every promise was kept.
int run_demo(const DemoOptions& options);

}  // namespace server
