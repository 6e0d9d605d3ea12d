#include "net/timer_queue.hpp"

#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

TimerQueue::TimerId TimerQueue::add(TimePoint when, Task task) {
  std::uint32_t slot;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Slot& entry = slots_[slot];
  entry.when = when;
  entry.sequence = next_sequence_++;
  entry.task = std::move(task);
  heap_.push_back(slot);
  place(slot, heap_.size() - 1);
  sift_up(heap_.size() - 1);
  return entry.generation << kSlotBits | (slot + 1);
}

void TimerQueue::cancel(TimerId id) {
  const std::uint64_t number = id & ((std::uint64_t{1} << kSlotBits) - 1);
  if (number == 0 || number > slots_.size()) return;
  const auto slot = static_cast<std::uint32_t>(number - 1);
  if (slots_[slot].generation != id >> kSlotBits) return;
  if (!slots_[slot].task) return;
  remove(slot);
}

Deadline TimerQueue::next() const {
  if (heap_.empty()) return {};
  return slots_[heap_.front()].when;
}

void TimerQueue::clear() {
  // One at a time: what a task holds may cancel other timers when it goes.
  while (!heap_.empty()) remove(heap_.front());
}

std::size_t TimerQueue::run_due(TimePoint now) {
  const std::uint64_t added_later = next_sequence_;
  std::size_t count = 0;
  while (!heap_.empty()) {
    const Slot& first = slots_[heap_.front()];
    if (first.when > now || first.sequence >= added_later) break;
    Task task = remove(heap_.front());
    task();
    ++count;
  }
  return count;
}

bool TimerQueue::before(std::uint32_t a, std::uint32_t b) const {
  const Slot& left = slots_[a];
  const Slot& right = slots_[b];
  if (left.when != right.when) return left.when < right.when;
  return left.sequence < right.sequence;
}

void TimerQueue::place(std::uint32_t slot, std::size_t index) {
  heap_[index] = slot;
  slots_[slot].heap_index = index;
}

void TimerQueue::sift_up(std::size_t index) {
  const std::uint32_t slot = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!before(slot, heap_[parent])) break;
    place(heap_[parent], index);
    index = parent;
  }
  place(slot, index);
}

void TimerQueue::sift_down(std::size_t index) {
  const std::uint32_t slot = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], slot)) break;
    place(heap_[child], index);
    index = child;
  }
  place(slot, index);
}

TimerQueue::Task TimerQueue::remove(std::uint32_t slot) {
  Slot& entry = slots_[slot];
  const std::size_t index = entry.heap_index;
  const std::uint32_t last = heap_.back();
  heap_.pop_back();
  if (last != slot) {
    place(last, index);
    sift_up(index);
    sift_down(slots_[last].heap_index);
  }
  ++entry.generation;
  free_.push_back(slot);
  return std::exchange(entry.task, nullptr);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
