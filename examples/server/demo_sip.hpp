#pragma once

#include <optional>
#include <string>
#include <vector>

#include "demo.hpp"
#include "demo_run.hpp"
#include "voicebridge/testing/openai_call_record.hpp"

namespace server {

/// What is known when the calls by SIP are over. The calls of the service are in the order of the
/// script: the one that is shown, the one that is handed on, the one too many, the wrong number.
struct SipDemoRun {
  std::string folder;
  std::string agents_file;
  std::string transcript_file;
  std::string database;
  voicebridge::CallRecord phone;
  std::optional<voicebridge::CallRecord> transferred;
  std::optional<voicebridge::StoredCallRecord> stored;
  voicebridge::testing::OpenAiCallRecord main, handed_on, busy, unknown;
  double seconds = 0;
  bool real_voice = false;  ///< espeak-ng; else tones.
};

/// From the first delivery of the webhook to the accept, as the service sees it.
std::optional<voicebridge::Millis> webhook_to_accept(
    const voicebridge::testing::OpenAiCallRecord& call);

std::vector<DemoCheck> check_sip_demo(const SipDemoRun& run);
void print_report(const SipDemoRun& run, const std::vector<DemoCheck>& checks);
std::string report_json(const SipDemoRun& run, const std::vector<DemoCheck>& checks);

/// @return 0 when every promise was kept.
int run_sip_demo(const DemoOptions& options);

}  // namespace server
