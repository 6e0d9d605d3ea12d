#include "testing/twilio_sip.hpp"

#include <utility>
#include <vector>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kSipGlance{20};

}  // namespace

TwilioSip::TwilioSip(OpenAiSimulator& openai, SimCallerPlan caller, Scheduler& shard)
    : openai_(openai), caller_(std::move(caller)), shard_(shard) {}

void TwilioSip::invite(const SimSipInvite& invite) {
  shard_.post([self = shared_from_this(), invite] { self->begin(invite); });
}

void TwilioSip::begin(const SimSipInvite& invite) {
  if (stopped_) return;
  SipCallPlan plan;
  plan.from = "<sip:" + invite.from + "@pstn.twilio.com>";
  plan.to = "<" + invite.to + ">";
  plan.headers = invite.headers;
  plan.caller = caller_;
  calls_[invite.call_sid].call_id = openai_.sip_call(std::move(plan));
  if (!std::exchange(watching_, true)) watch();
}

void TwilioSip::bye(const std::string& call_sid) {
  shard_.post([self = shared_from_this(), call_sid] {
    const auto call = self->calls_.extract(call_sid);
    if (!call.empty()) (void)self->openai_.hang_up(call.mapped().call_id);
  });
}

void TwilioSip::watch() {
  if (calls_.empty() || stopped_) {
    watching_ = false;
    return;
  }
  std::vector<std::string> all;
  for (const auto& [sid, call] : calls_) all.push_back(sid);
  for (const std::string& sid : all) look(sid);
  shard_.run_at(shard_.now() + kSipGlance, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->watch();
  });
}

void TwilioSip::look(const std::string& call_sid) {
  Call& call = calls_[call_sid];
  const auto record = openai_.call(call.call_id);
  if (!record) return;
  if (record->connected_at && !std::exchange(call.answered, true)) told_.answered(call_sid);
  if (!record->ended()) return;
  const int status = call.answered ? 200 : record->sip_status;
  calls_.erase(call_sid);
  told_.ended(call_sid, status);
}

void TwilioSip::stop() {
  shard_.post([self = shared_from_this()] { self->stopped_ = true; });
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
