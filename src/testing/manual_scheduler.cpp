#include "voicebridge/testing/manual_scheduler.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

ManualScheduler::ManualScheduler() : ManualScheduler(Options{}) {}

ManualScheduler::ManualScheduler(Options options)
    : now_(options.start),
      offload_delay_(options.offload_delay),
      offload_limit_(options.offload_limit) {}

TimePoint ManualScheduler::now() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return now_;
}

void ManualScheduler::post(Task task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  add(now_, Kind::task, std::move(task));
}

Scheduler::TimerId ManualScheduler::run_at(TimePoint when, Task task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const TimePoint due = std::max(when, now_);
  const TimerId id = add(due, Kind::timer, std::move(task));
  timers_.emplace(id, due);
  return id;
}

void ManualScheduler::cancel(TimerId timer) {
  std::map<Key, Entry>::node_type
      cancelled;  // Goes after the lock: what the task holds may call back.
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return;
  cancelled = agenda_.extract({found->second, timer});
  timers_.erase(found);
}

bool ManualScheduler::offload(Task work) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (count(Kind::work) >= offload_limit_) return false;
  add(now_ + offload_delay_, Kind::work, std::move(work));
  return true;
}

std::size_t ManualScheduler::run_ready() {
  std::size_t ran = 0;
  Task task;
  while (take_due(task)) {
    task();
    task = nullptr;  // What it holds goes before the next one runs.
    ++ran;
  }
  return ran;
}

void ManualScheduler::advance_to(TimePoint when) {
  run_ready();
  for (Deadline due = next_due(); due && *due <= when; due = next_due()) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      now_ = std::max(now_, *due);
    }
    run_ready();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  now_ = std::max(now_, when);
}

std::size_t ManualScheduler::pending_timers() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return timers_.size();
}

std::size_t ManualScheduler::pending_offloads() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return count(Kind::work);
}

Deadline ManualScheduler::next_due() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (agenda_.empty()) return std::nullopt;
  return agenda_.begin()->first.first;
}

void ManualScheduler::set_offload_delay(Millis delay) {
  const std::lock_guard<std::mutex> lock(mutex_);
  offload_delay_ = delay;
}

Scheduler::TimerId ManualScheduler::add(TimePoint when, Kind kind, Task task) {
  const TimerId id = next_id_++;
  agenda_.emplace(Key{when, id}, Entry{kind, std::move(task)});
  return id;
}

bool ManualScheduler::take_due(Task& task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto first = agenda_.begin();
  if (first == agenda_.end() || first->first.first > now_) return false;
  timers_.erase(first->first.second);
  task = std::move(first->second.task);
  agenda_.erase(first);
  return true;
}

std::size_t ManualScheduler::count(Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(agenda_.begin(), agenda_.end(),
                    [kind](const auto& entry) { return entry.second.kind == kind; }));
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
