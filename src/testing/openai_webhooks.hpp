#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "testing/agenda.hpp"
#include "testing/wall_clock.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/testing/openai_calls.hpp"
#include "voicebridge/testing/openai_sip_plan.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// One event for the application.
struct WebhookEvent {
  std::string call_id;
  std::string type;
  std::string event_id;
  std::string body;
};

/// Signs the webhooks of calls as Standard Webhooks wants it and delivers them as their plans say.
class Webhooks {
 public:
  /// `noted` is told of each attempt, and again when its answer has come: call, index among the
  /// attempts of the call that it gave back, status.
  struct Attempt {
    std::string webhook_id;
    std::string event_id;
    std::string type;
  };
  /// Notes an attempt in the record of a call: its index there.
  using Note = std::function<std::size_t(const std::string& call_id, const Attempt&, TimePoint)>;
  using Answered = std::function<void(const std::string& call_id, std::size_t index, int status)>;

  Webhooks(std::string secret, WallClock wall, OpenAiCallsNetwork& network, IdGenerator& ids);

  void on_attempt(Note note, Answered answered) {
    note_ = std::move(note);
    answered_ = std::move(answered);
  }
  void set_url(std::string url) { url_ = std::move(url); }
  const std::string& secret() const { return secret_; }

  void add(const WebhookEvent& event, const SipWebhookPlan& plan, TimePoint now);
  void on_answer(std::uint64_t post_id, int status, TimePoint now);
  Deadline next_deadline() const { return agenda_.next_deadline(); }
  void on_deadline(TimePoint now) { agenda_.run(now); }

 private:
  struct Delivery {
    WebhookEvent event;
    SipWebhookPlan plan;
    std::string webhook_id;
    std::size_t attempt = 0;
    std::size_t index = 0;  ///< Of the attempt in the call's record.
  };
  void schedule(Delivery delivery, TimePoint when);
  void send(Delivery delivery, TimePoint now);
  HttpHeaders sign(const Delivery& delivery, TimePoint now) const;

  const std::string secret_;
  const WallClock wall_;
  OpenAiCallsNetwork& network_;
  IdGenerator& ids_;
  std::string url_;
  Note note_;
  Answered answered_;
  Agenda agenda_;
  std::map<std::uint64_t, Delivery> unanswered_;
  std::uint64_t last_post_ = 0;
};

/// `v1,` and the signature of one delivery, as in the header.
std::string webhook_signature(std::string_view secret, std::string_view id,
                              std::string_view timestamp, std::string_view body);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
