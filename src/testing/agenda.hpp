#pragma once

#include <functional>
#include <map>
#include <utility>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What is to happen later, in the order of time, and in the order added where times are equal.
class Agenda {
 public:
  using Task = std::function<void(TimePoint now)>;

  void add(TimePoint when, Task task) { tasks_.emplace(when, std::move(task)); }
  void clear() { tasks_.clear(); }
  std::size_t size() const { return tasks_.size(); }

  Deadline next_deadline() const {
    return tasks_.empty() ? Deadline{} : Deadline{tasks_.begin()->first};
  }

  /// A task may add others; those that are due run too.
  void run(TimePoint now) {
    while (!tasks_.empty() && tasks_.begin()->first <= now) {
      auto due = tasks_.extract(tasks_.begin());
      due.mapped()(now);
    }
  }

 private:
  std::multimap<TimePoint, Task> tasks_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
