#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"

struct Simulators {
  std::unique_ptr<voicebridge::testing::OpenAiSimulator> openai;
  std::unique_ptr<voicebridge::testing::TelnyxSimulator> telnyx;
  std::unique_ptr<voicebridge::testing::TwilioSimulator> twilio;
};

/// Names and values of an environment.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// Somebody who calls the program under trial by Telnyx.
struct Caller {
  std::string from = "+12025550143";
  std::string to = "+12025550100";
  voicebridge::testing::CallPlan plan;
};

struct Callers {
  std::optional<Caller> telnyx;
  std::vector<voicebridge::testing::SipCallPlan> sip;
};

/// A port as it is written; nothing when it is none.
std::optional<std::uint16_t> read_port(std::string_view text);

/// Where the program is to listen: PORT of our environment, else a port that is free.
/// @return `Errc::invalid_argument` when PORT is no port.
voicebridge::Result<std::uint16_t> program_port();

/// Runs a program with these settings, PORT and PUBLIC_APP_URL in its environment. Has it called
/// when it listens; when all calls are over, it gets some time to end, and is ended then. SIGINT,
/// SIGTERM and SIGCHLD must be blocked.
/// @return Its exit code; 0 when it was ended as described.
voicebridge::Result<int> try_program(const std::vector<std::string>& command, std::uint16_t port,
                                     Settings settings, const Simulators& sides, Callers callers);
