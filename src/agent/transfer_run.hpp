#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "agent/live_call.hpp"
#include "agent/warm_transfer.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// One warm transfer as it happens: does what `WarmTransfer` wishes. The person who is rung has a
/// call of their own, with a session that briefs them; this follows both legs until both are gone.
/// Everything on the caller's scheduler.
class TransferRun final : public LegWatcher, public std::enable_shared_from_this<TransferRun> {
 public:
  struct World {
    std::shared_ptr<CallShop> shop;
    /// A call on that scheduler, known to the agent; not begun.
    std::function<Result<std::shared_ptr<LiveCall>>(Scheduler& on, LiveCall::Plan plan)> admit;
    /// The events of this leg are the run's from now on.
    std::function<void(const std::string& leg_id, std::shared_ptr<TransferRun> run)> adopt;
    std::function<void(const std::string& leg_id)> forget;
  };

  TransferRun(World world, const std::shared_ptr<LiveCall>& caller, TransferTarget target,
              std::shared_ptr<ConferenceControl> conference);
  ~TransferRun() override;

  void begin();
  Scheduler& scheduler() const { return scheduler_; }  ///< Any thread.
  /// An adopted leg has ended.
  void on_adopted_leg_gone(const std::string& leg_id, const std::string& cause);

  void on_leg_answered(const std::string& call_id) override;
  void on_leg_gone(const std::string& call_id, const std::string& cause) override;
  bool on_leg_key(const std::string& call_id, char digit) override;
  bool on_leg_tool(const std::string& call_id, const ToolCall& call) override;

 private:
  bool is_caller(const std::string& call_id) const { return call_id == caller_call_; }
  ConferenceParties parties() const;
  void follow();
  void act(WarmTransfer::Wish wish);
  void dial_human();
  void hold(bool on);
  void join();
  void take_back();
  void ask_back();
  void agent_has_left();
  void agent_leaves();
  void tell_caller();
  void hang_up(const std::string& leg, const char* whose);
  void hang_up_human();
  void hang_up_caller();
  void decided(bool accepts);
  void rearm();
  TimePoint now() const { return scheduler_.now(); }
  ConferenceControl::Done logged(const char* what) const;

  World world_;
  Scheduler& scheduler_;
  const TransferTarget target_;
  const std::shared_ptr<ConferenceControl> conference_;
  const std::string name_;
  const std::string caller_call_;
  const std::string caller_leg_;
  // The calls hold this, as their watcher, and not the other way round.
  std::weak_ptr<LiveCall> caller_;  ///< Until the two are joined, or the caller is told.
  std::weak_ptr<LiveCall> human_;   ///< Until the two are joined, or they are gone.
  std::string human_leg_;
  const bool by_service_;               ///< The model service has the caller's audio.
  const std::shared_ptr<Carrier> own_;  ///< Of both phone lines; null: the agent's own.
  bool held_ = false;
  bool joining_begun_ = false;
  bool joining_ = false;      ///< The carrier is at it.
  bool back_wanted_ = false;  ///< … and is to take the caller back when it is through.
  bool caller_back_ = false;  ///< With the agent, or they never left.
  const std::shared_ptr<std::atomic<bool>> called_off_ = std::make_shared<std::atomic<bool>>(false);
  WarmTransfer rules_;
  Scheduler::TimerId timer_ = 0;
  Scheduler::TimerId patience_ = 0;  ///< With a join that was called off.
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
