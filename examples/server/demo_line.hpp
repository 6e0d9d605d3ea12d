#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/call_plan.hpp"
#include "voicebridge/testing/sim_carrier.hpp"

namespace server {

/// The phone line of a demo: a simulated carrier, and what the server has to know of it.
class DemoLine {
 public:
  virtual ~DemoLine() = default;
  /// Of the server's environment.
  virtual std::map<std::string, std::string> variables() const = 0;
  /// Where the carrier finds the server.
  virtual void lead_to(const std::string& public_app_url) = 0;
  /// The next call that the server makes to this number.
  virtual void plan_next(const std::string& to, voicebridge::testing::CallPlan plan) = 0;
  /// Somebody calls the server's number. Returns the carrier's id of the leg.
  virtual std::string call_in(const std::string& from,
                              const voicebridge::testing::CallPlan& plan) = 0;
  /// For how long one leg has heard the voice of another.
  virtual voicebridge::Millis heard_from(const std::string& listener,
                                         const std::string& speaker) const = 0;
  virtual void inspect(
      const std::function<void(const voicebridge::testing::SimCarrier&)>& look) const = 0;
};

struct DemoLineOptions {
  std::string carrier = "telnyx";
  voicebridge::testing::CallPlan plan;  ///< Of every call.
  std::string codec = "PCMU";           ///< That is asked for, where there is a choice.
};

/// The first event of a call comes behind the second, and that one comes twice.
voicebridge::Result<std::unique_ptr<DemoLine>> open_demo_line(voicebridge::Runtime& runtime,
                                                              DemoLineOptions options);

}  // namespace server
