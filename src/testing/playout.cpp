#include "voicebridge/testing/playout.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Nanos = std::chrono::nanoseconds;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

/// The history of a call is for assertions; one that never ends must not eat the machine.
constexpr std::size_t kMaxPlayoutRecords = 100'000;

/// Rounded up, so that a byte counts as played when its last nanosecond has passed.
Nanos time_for(std::uint64_t bytes, std::size_t rate) {
  const auto divisor = static_cast<std::int64_t>(rate);
  return Nanos((static_cast<std::int64_t>(bytes) * kNanosPerSecond + divisor - 1) / divisor);
}

std::uint64_t bytes_in(Nanos time, std::size_t rate) {
  if (time.count() <= 0) return 0;
  return static_cast<std::uint64_t>(time.count() / kNanosPerSecond) * rate +
         static_cast<std::uint64_t>(time.count() % kNanosPerSecond) * rate / kNanosPerSecond;
}

std::uint64_t bytes_per_sample(AudioFormat format) {
  return format.encoding == AudioEncoding::l16le || format.encoding == AudioEncoding::l16be ? 2 : 1;
}

template <class Record>
void remember(std::vector<Record>& history, Record record) {
  if (history.size() < kMaxPlayoutRecords) history.push_back(std::move(record));
}

}  // namespace

Playout::Playout(PlayoutOptions options, PlayoutObserver& observer)
    : options_(options), observer_(observer) {}

std::size_t Playout::append(ByteView audio, TimePoint now) {
  play(now);
  const std::size_t rate = options_.format.bytes_per_second();
  const std::uint64_t limit = rate * static_cast<std::uint64_t>(options_.max_queue.count()) / 1000;
  const std::uint64_t room = limit - std::min(limit, queued());
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(room, audio.size()));
  overflow_ += audio.size() - taken;
  if (taken == 0) return 0;
  if (idle()) {
    run_begin_ = now + options_.start_delay;
    run_first_ = head();
    remember(runs_, {run_begin_, played_, 0});
  }
  queue_.insert(queue_.end(), audio.begin(), audio.begin() + taken);
  accepted_ += taken;
  return taken;
}

bool Playout::mark(std::string_view name, TimePoint now) {
  play(now);
  if (waiting_marks_.size() >= options_.max_marks) return false;
  PlayoutMark record;
  record.name = name;
  record.position = accepted_;
  record.received = now;
  waiting_marks_.push_back(std::move(record));
  echo_due_marks(now);
  return true;
}

void Playout::clear(TimePoint now) {
  play(now);
  const std::uint64_t dropped = queued();
  remember(clears_, {now, played_, dropped, waiting_marks_.size()});
  if (dropped != 0) {
    observer_.on_dropped(ByteView(queue_).subview(queue_begin_), now);
    cleared_ += dropped;
    forget_front(static_cast<std::size_t>(dropped));
  }
  while (!waiting_marks_.empty()) echo_front(now, true);
}

Deadline Playout::next_deadline() const {
  if (idle()) return {};
  return time_of(waiting_marks_.empty() ? accepted_ : waiting_marks_.front().position);
}

void Playout::on_deadline(TimePoint now) { play(now); }

TimePoint Playout::time_of(std::uint64_t position) const {
  return run_begin_ + time_for(position - run_first_, options_.format.bytes_per_second());
}

void Playout::play(TimePoint now) {
  if (idle()) return;
  const std::uint64_t due =
      run_first_ + bytes_in(now - run_begin_, options_.format.bytes_per_second());
  std::uint64_t until = std::min(due, accepted_);
  if (until < accepted_) until -= until % bytes_per_sample(options_.format);
  if (until <= head()) return;
  const auto bytes = static_cast<std::size_t>(until - head());
  observer_.on_played(ByteView(queue_).subview(queue_begin_, bytes), now);
  played_ += bytes;
  if (!runs_.empty()) runs_.back().bytes += bytes;
  forget_front(bytes);
  echo_due_marks(now);
}

void Playout::echo_due_marks(TimePoint now) {
  while (!waiting_marks_.empty() && waiting_marks_.front().position <= head())
    echo_front(now, false);
}

void Playout::echo_front(TimePoint now, bool by_clear) {
  PlayoutMark record = std::move(waiting_marks_.front());
  waiting_marks_.pop_front();
  record.echoed = now;
  record.played = played_;
  record.by_clear = by_clear;
  observer_.on_mark_echo(record.name, now);
  remember(echoed_marks_, std::move(record));
}

void Playout::forget_front(std::size_t bytes) {
  queue_begin_ += bytes;
  if (queue_begin_ * 2 < queue_.size()) return;
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_begin_));
  queue_begin_ = 0;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
