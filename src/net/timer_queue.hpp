#pragma once

#include <cstdint>
#include <vector>

#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Timers in the order of their deadlines, equal ones in the order they were added. Has no clock.
///
/// A binary heap over reused slots: adding, cancelling and running allocate nothing once the queue
/// has had its largest size.
class TimerQueue {
 public:
  using Task = Scheduler::Task;
  using TimerId = Scheduler::TimerId;

  TimerId add(TimePoint when, Task task);
  /// Unknown and past ids are ignored.
  void cancel(TimerId id);
  Deadline next() const;
  /// Drops every timer.
  void clear();
  /// Runs what is due at `now`; the number of tasks run. What the tasks add waits for the next
  /// call.
  std::size_t run_due(TimePoint now);
  std::size_t size() const { return heap_.size(); }

 private:
  struct Slot {
    TimePoint when;
    std::uint64_t sequence = 0;
    std::uint64_t generation = 0;  ///< Of the slot's present or next use.
    std::size_t heap_index = 0;
    Task task;
  };

  static constexpr unsigned kSlotBits = 24;  ///< An id is generation and slot + 1.

  bool before(std::uint32_t a, std::uint32_t b) const;
  void place(std::uint32_t slot, std::size_t index);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);
  Task remove(std::uint32_t slot);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heap_;  ///< Slots, the earliest first.
  std::uint64_t next_sequence_ = 0;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
