#pragma once

#include <string>

#include "config.hpp"
#include "voicebridge/agent/phone_agent.hpp"

namespace server {

/// What the sample agent is told, on the page and on the phone.
/// @param language  "fr", or English.
voicebridge::PhoneAgentOptions agent_options(const Config& config, const std::string& language);

/// The same agent when an application has a number called that is no lead's.
voicebridge::CallOptions number_options(const Config& config, const std::string& language);

/// The same agent when somebody calls its number.
voicebridge::CallOptions inbound_options(const Config& config, const std::string& language);

}  // namespace server
