#pragma once

#include "config.hpp"
#include "voicebridge/agent/phone_agent.hpp"

namespace server {

/// What the sample agent is told, on the page and on the phone, in the configured language.
voicebridge::PhoneAgentOptions agent_options(const Config& config);

}  // namespace server
