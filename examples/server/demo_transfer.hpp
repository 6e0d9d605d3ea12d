#pragma once

#include <optional>
#include <string>
#include <vector>

#include "demo.hpp"
#include "demo_run.hpp"

namespace server {

/// A leg as the carrier saw it.
struct TransferLeg {
  std::string id;
  voicebridge::testing::LegStats audio;
  std::vector<voicebridge::testing::CalleeUtterance> said;
  voicebridge::Millis heard_other{0};  ///< Of the other leg's voice.
};

/// What is known when a caller was put through to a person, and both have hung up.
struct TransferDemoRun {
  std::string folder;
  std::string carrier;
  std::string agents_file;
  std::string transcript_file;
  std::string database;
  voicebridge::CallRecord phone;                    ///< With the caller.
  std::optional<voicebridge::CallRecord> briefing;  ///< With the person.
  TransferLeg caller, person;
  std::vector<voicebridge::testing::OpenAiSimRecord> models;
  std::vector<voicebridge::testing::SimApiRecord> commands;
  std::size_t legs = 0;       ///< All that there were …
  std::size_t legs_left = 0;  ///< … and those that are up still.
  double seconds = 0;
  bool real_voice = false;  ///< espeak-ng; else tones.

  const voicebridge::testing::OpenAiSimRecord* model(std::string_view agent) const;
};

std::vector<DemoCheck> check_transfer_demo(const TransferDemoRun& run);
void print_report(const TransferDemoRun& run, const std::vector<DemoCheck>& checks);
std::string report_json(const TransferDemoRun& run, const std::vector<DemoCheck>& checks);

/// @return 0 when every promise was kept.
int run_transfer_demo(const DemoOptions& options);

}  // namespace server
