#pragma once

#include <memory>

#include "api.hpp"
#include "config.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/store/call_store.hpp"

namespace server {

/// Calls as applications ask for them: `/api/voice-calls`.
/// Threads: any.
class VoiceCalls {
 public:
  VoiceCalls(const Config& config, voicebridge::PhoneAgent& agent,
             std::shared_ptr<voicebridge::CallStore> calls)
      : config_(config), agent_(agent), calls_(std::move(calls)) {}
  void add_routes(Api& api);

 private:
  voicebridge::Result<voicebridge::CallNumberRequest> wish(const ApiRequest& request) const;
  voicebridge::Result<voicebridge::CallFilter> filter(voicebridge::JsonView parameters) const;
  voicebridge::Result<std::string> number(std::string text, const char* field) const;
  void start(const ApiRequest& request, voicebridge::HttpResponder responder);
  void started(const voicebridge::CallStatus& status, voicebridge::CallNotes notes,
               const voicebridge::HttpResponder& responder) const;
  void find(const ApiRequest& request, voicebridge::HttpResponder responder);
  void list(const ApiRequest& request, voicebridge::HttpResponder responder);
  void hang_up(const ApiRequest& request, voicebridge::HttpResponder responder);

  const Config& config_;
  voicebridge::PhoneAgent& agent_;
  std::shared_ptr<voicebridge::CallStore> calls_;
};

}  // namespace server
