#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/call_plan.hpp"
#include "agent/recent_calls.hpp"
#include "agent/transfer_run.hpp"
#include "voicebridge/agent/phone_agent.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

struct PhoneAgent::Impl : std::enable_shared_from_this<PhoneAgent::Impl> {
  using Call = std::shared_ptr<LiveCall>;

  Call find(const std::string& call_or_leg) const;
  /// Runs `use(LiveCall&)` where the call lives. The reference goes with it, because the last one
  /// must be let go there.
  template <class Use>
  static void at_home(Call call, Use use) {
    Scheduler& home = call->scheduler();
    home.post([call = std::move(call), use = std::move(use)] { use(*call); });
  }
  Result<Call> admit(Scheduler& on, LiveCall::Plan plan);
  Result<Call> admit_incoming(const std::string& leg_id, const LegIncoming& incoming,
                              const std::string& carrier);
  Result<StreamSeat> seat_stream(const CallFacts& facts, Scheduler& on);
  Result<CallStatus> serve(ServiceCall wanted);
  Result<StreamSeat> seat_for(const Call& call) const;
  /// A call that is dialed now, or is what was asked for already.
  struct Placed {
    Call call;  ///< Null: it is over.
    CallStatus status;
  };
  Result<Placed> place(Scheduler& on, LiveCall::Plan plan, const std::string& key = {},
                       const std::string& wish = {});
  /// The call for the key or the number, if it counts still. Under the lock.
  Result<std::optional<Placed>> placed_before(const std::string& to, const std::string& key,
                                              const std::string& wish, TimePoint now) const;
  Result<> keep_first(const Call& call);
  Result<Placed> dial_lead(const CallLeadRequest& request);
  Result<Placed> dial_number(const CallNumberRequest& request);
  std::optional<CallStatus> status(const std::string& call_id) const;
  void call_number(CallNumberRequest request, Called done);
  Result<> dial_again(const StoredCall& failed);
  void recorded(const CarrierEvent& event, const LegRecorded& recorded);
  void sweep(Scheduler& on, Millis every);
  void call_lead(CallLeadRequest request, Called done);
  void dial_lead_later(CallLeadRequest request, Called done, Scheduler& on);
  void forget(const std::string& call_id);
  bool transfer_warmly(LiveCall& caller, const TransferTarget& target);
  bool told_transfer(const CarrierEvent& event);
  std::vector<Call> all() const;
  bool is_stopping() const {
    const std::lock_guard lock(mutex);
    return stopping;
  }

  std::shared_ptr<CallShop> shop = std::make_shared<CallShop>();
  mutable std::mutex mutex;
  bool stopping = false;
  std::map<std::string, Call> live;
  std::map<std::string, std::string> by_leg;  ///< The carrier's id → ours.
  RecentCalls by_number;
  RecentCalls by_key;
  /// Legs whose agent has left them to each other, until they end.
  std::map<std::string, std::shared_ptr<TransferRun>> adopted;
  std::deque<CallStatus> ended;                                ///< The last ones, newest last.
  std::deque<std::pair<std::string, std::string>> ended_legs;  ///< Theirs, the same.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
