#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/openai/realtime_api.hpp"
#include "voicebridge/store/lead_store.hpp"

namespace server {

/// Finds out what of the server would keep a visitor from talking or from being called, in words
/// for them and whoever runs it. Nothing that a service has said is repeated.
/// @par Threads Its scheduler's.
class WebChecks : public std::enable_shared_from_this<WebChecks> {
 public:
  /// All of it must outlive the run.
  WebChecks(const Config& config, const voicebridge::openai::RealtimeApi& api,
            voicebridge::HttpClient& http, voicebridge::LeadStore& leads,
            voicebridge::Scheduler& on)
      : config_(config), api_(api), http_(http), leads_(leads), on_(on) {}

  /// Once. `done` gets the JSON of all checks.
  void run(std::function<void(std::string json)> done);

 private:
  struct Check {
    std::string id;
    bool ok = false;
    voicebridge::Millis took{0};
    std::string message;
    std::string todo;
  };
  void check_openai();
  void check_carrier();
  void check_store();
  void found(Check check, voicebridge::TimePoint began);

  const Config& config_;
  const voicebridge::openai::RealtimeApi& api_;
  voicebridge::HttpClient& http_;
  voicebridge::LeadStore& leads_;
  voicebridge::Scheduler& on_;
  std::function<void(std::string)> done_;
  std::vector<Check> checks_;
};

}  // namespace server
