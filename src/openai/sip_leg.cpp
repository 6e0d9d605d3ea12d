#include "voicebridge/openai/sip_leg.hpp"

#include <atomic>
#include <utility>

#include "openai/service_error.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

template <class Done>
void refuse(Scheduler& on, Done done, Errc code, const char* why) {
  on.post([done = std::move(done), error = detail::make_error(code, why)] { done(fail(error)); });
}

constexpr const char* kNoMedia = "the service carries the audio of this call";

}  // namespace

struct SipLeg::State : std::enable_shared_from_this<SipLeg::State> {
  State(RealtimeApi a, std::string id, SessionConfig s, SipLegOptions o)
      : api(std::move(a)), call_id(std::move(id)), session(std::move(s)), options(o) {}

  void accept(Scheduler& on, Done done) {
    const TimePoint rings_until = on.now() + options.ring_time;
    accept_once(
        on, [self = shared_from_this(), &on, rings_until, done = std::move(done)](Result<> first) {
          if (first || !first.error().retryable) return done(std::move(first));
          const TimePoint again =
              on.now() + first.error().retry_after.value_or(self->options.retry_pause);
          if (again > rings_until) return done(std::move(first));
          on.run_at(again, [self, &on, done, first = std::move(first)] {
            if (self->ended) return done(first);
            self->accept_once(on, done);
          });
        });
  }

  void accept_once(Scheduler& on, Done done) {
    api.accept(call_id, session, on,
               [self = shared_from_this(), &on, done = std::move(done)](Result<> accepted) {
                 // The hang-up may have overtaken it.
                 if (accepted && self->ended) self->api.hangup(self->call_id, on, [](Result<>) {});
                 done(std::move(accepted));
               });
  }

  const RealtimeApi api;
  const std::string call_id;
  const SessionConfig session;
  const SipLegOptions options;
  std::atomic<bool> answered{false};  ///< Was asked for: whether it came about is another thing.
  std::atomic<bool> ended{false};     ///< Was hung up by us.
};

SipLeg::SipLeg(RealtimeApi api, std::string call_id, SessionConfig session, SipLegOptions options)
    : state_(std::make_shared<State>(std::move(api), std::move(call_id), std::move(session),
                                     options)) {}

bool SipLeg::is_ours(const std::string& leg_id, Scheduler& on, const Done& done) const {
  if (leg_id == state_->call_id) return true;
  refuse(on, done, Errc::not_found, "this is the carrier of another call");
  return false;
}

void SipLeg::dial(const CarrierDial&, Scheduler& on,
                  std::function<void(Result<std::string>)> done) {
  refuse(on, std::move(done), Errc::unsupported, "the service makes no calls");
}

void SipLeg::answer(const std::string& leg_id, const std::string&, Scheduler& on, Done done) {
  if (!is_ours(leg_id, on, done)) return;
  state_->answered = true;
  state_->accept(on, std::move(done));
}

void SipLeg::hang_up(const std::string& leg_id, Scheduler& on, Done done) {
  if (!is_ours(leg_id, on, done)) return;
  state_->ended = true;
  if (state_->answered) return state_->api.hangup(leg_id, on, std::move(done));
  state_->api.reject(leg_id, state_->options.refusal, on, std::move(done));
}

void SipLeg::speak(const std::string&, const std::string&, Scheduler& on, Done done) {
  refuse(on, std::move(done), Errc::unsupported, kNoMedia);
}

void SipLeg::start_media(const std::string& leg_id, const std::string&, Scheduler& on, Done done) {
  if (!is_ours(leg_id, on, done)) return;
  on.post([done = std::move(done)] { done({}); });
}

void SipLeg::transfer(const std::string& leg_id, const CarrierTransfer& transfer, Scheduler& on,
                      HandedOver done) {
  const Done referred = [done = std::move(done)](const Result<>& result) {
    if (!result) return done(fail(result.error()));
    done(HandOver::done);
  };
  if (!is_ours(leg_id, on, referred)) return;
  const std::string uri = looks_like_e164(transfer.to) ? "tel:" + transfer.to : transfer.to;
  state_->api.refer(leg_id, uri, on, referred);
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
