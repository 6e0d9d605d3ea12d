#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// A response somebody wants.
struct Wish {
  std::string instructions;  ///< What to say; empty: answer by what was said so far.
  bool allow_tools = true;
  std::string after_item;  ///< The item that asks for the answer; empty: none.

  bool plain() const { return instructions.empty(); }
};

/// Lets responses happen one at a time. The service may start one at any moment by itself, so a
/// request can come too late; it is then put back and sent after the running one.
///
/// A plain wish ("answer by what was said so far") is dropped when a response that the service
/// began by itself after the service knew the item in question has been completed: that was the
/// answer.
class ResponseQueue {
 public:
  static constexpr std::size_t kMaxWishes = 8;
  static constexpr int kMaxRefusals = 5;  ///< Of one wish, because another response was running.
  static constexpr Millis kRefusalPause{1000};

  explicit ResponseQueue(Millis created_timeout) : created_timeout_(created_timeout) {}

  /// False when the queue is full: the wish is dropped. Two plain wishes in a row are one.
  bool push(Wish wish);
  void clear() { waiting_.clear(); }
  bool requested() const { return requested_.has_value(); }

  struct Order {
    const Wish* wish;
    std::string_view tag;
  };
  /// What to send now: nothing while a response runs or is asked for. Both views until the next
  /// call.
  std::optional<Order> take(bool response_runs, TimePoint now);

  /// The service has the item: a response that it starts from now on takes it into account.
  void on_item_known(std::string_view item_id);
  /// A response began; `tag` is that of its metadata. True when it is the one asked for.
  bool on_created(std::string_view tag);
  void on_done(bool completed);
  /// The request `tag` was refused because a response is running. False: it was refused too often
  /// and is gone.
  bool on_busy(TimePoint now);
  /// The request failed for another reason or was given up.
  void drop_requested() { requested_.reset(); }
  bool is_requested(std::string_view tag) const { return requested_ && requested_->tag == tag; }

  /// When the request counts as lost.
  Deadline lost_at() const;
  /// When a request that was refused may be repeated, if nothing runs until then.
  Deadline repeat_at() const { return requested_ || waiting_.empty() ? std::nullopt : not_before_; }
  /// What asking for the deadlines touches.
  void footprint(Footprint& to) const {
    to.add(waiting_);
    to.add(requested_until_);
    to.add(not_before_);
  }

 private:
  struct Entry {
    Wish wish;
    std::string tag;
    bool item_known = false;
    bool covered = false;  ///< By the response that runs.
    int refusals = 0;
  };

  std::vector<Entry> waiting_;
  std::optional<Entry> requested_;
  TimePoint requested_until_{};
  Deadline not_before_;
  Millis created_timeout_;
  unsigned long last_tag_ = 0;
};

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
