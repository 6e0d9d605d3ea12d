#pragma once

#include <optional>
#include <string>
#include <vector>

#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/store/call_store.hpp"
#include "voicebridge/store/lead_store.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace server {

/// What is known when the demo's call is over: what the server says, what it stored, and what the
/// simulators saw on the other side of the wire.
struct DemoRun {
  std::string carrier;  ///< "telnyx" or "twilio"
  std::string folder;
  std::string recording;
  std::string transcript_file;
  std::string database;
  voicebridge::CallRecord web;
  voicebridge::CallRecord phone;
  std::vector<voicebridge::Lead> leads;
  std::optional<voicebridge::StoredCallRecord> stored;
  std::vector<voicebridge::testing::OpenAiSimRecord> models;
  std::vector<voicebridge::testing::SimApiRecord> commands;
  std::vector<voicebridge::testing::WebhookRecord> webhooks;
  std::vector<std::string> webhook_order;  ///< Types as they reached the call.
  voicebridge::testing::LegStats carrier_audio;
  std::vector<voicebridge::testing::PlayoutClear> clears;
  std::vector<voicebridge::testing::CalleeUtterance> callee;
  std::uint64_t bytes_played = 0;
  double bridge_up_p50_us = 0, bridge_up_p99_us = 0, bridge_down_p50_us = 0, bridge_down_p99_us = 0;
  /// All that came together read, worked on and sent: no frame waited longer in the bridge.
  double batch_p50_us = 0, batch_p99_us = 0;
  double seconds = 0;
  bool real_voice = false;  ///< espeak-ng; else tones.

  const voicebridge::testing::OpenAiSimRecord* model(std::string_view agent) const;
};

/// One promise and whether the run kept it.
struct DemoCheck {
  std::string promise;
  bool kept = false;
  std::string detail;
};
std::vector<DemoCheck> check_demo(const DemoRun& run);

/// For people and for programs.
void print_report(const DemoRun& run, const std::vector<DemoCheck>& checks);
std::string report_json(const DemoRun& run, const std::vector<DemoCheck>& checks);
/// The transcripts of both conversations.
std::string transcript_json(const DemoRun& run);

}  // namespace server
