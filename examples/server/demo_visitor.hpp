#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "voicebridge/agent/phone_agent.hpp"

namespace server {

/// A visitor of a web page, as far as the agent can tell: listens in real time and types the next
/// line when the agent has finished.
class DemoVisitor final : public voicebridge::MediaStream,
                          public std::enable_shared_from_this<DemoVisitor> {
 public:
  DemoVisitor(voicebridge::PhoneAgent& agent, voicebridge::StreamSeat seat,
              std::vector<std::string> lines);
  /// Any thread.
  void begin();
  const std::string& call_id() const { return seat_.call_id; }

  bool send_audio(const voicebridge::AudioPayload& audio) override;
  void send_mark(std::string_view name) override;
  void clear() override;
  void close() override;

 private:
  void hear_out();
  void echo(const std::string& mark);

  voicebridge::PhoneAgent& agent_;
  voicebridge::StreamSeat seat_;
  std::deque<std::string> lines_;
  std::shared_ptr<voicebridge::MediaObserver> call_;
  voicebridge::TimePoint heard_until_;
  std::deque<std::string> marks_;
  voicebridge::Scheduler::TimerId quiet_ = 0;
};

}  // namespace server
