#include "reorder_window.hpp"

#include <algorithm>
#include <cassert>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

ReorderWindow::Verdict ReorderWindow::offer(const MediaFrame& frame, std::uint64_t chunk,
                                            TimePoint now) {
  if (!begun_) begin(chunk);
  if (chunk < next_) {
    const Verdict verdict = judge_past(chunk);
    if (verdict != Verdict::deliver) return verdict;
  }
  past_in_a_row_ = 0;
  if (chunk != next_) return hold(frame, chunk, now);
  advance_past(chunk);
  return Verdict::deliver;
}

/// Tracks count from 1, so a first frame with a slightly higher number may have overtaken others.
void ReorderWindow::begin(std::uint64_t chunk) {
  begun_ = true;
  next_ = chunk > 1 + kFrames ? chunk : std::min<std::uint64_t>(chunk, 1);
}

ReorderWindow::Verdict ReorderWindow::judge_past(std::uint64_t chunk) {
  if (++past_in_a_row_ < kResyncAfter) {
    return delivered(chunk) ? Verdict::duplicate : Verdict::late;
  }
  for (Slot& slot : slots_) slot.used = false;
  held_ = 0;
  deadline_.reset();
  delivered_ = 0;
  next_ = chunk;
  return Verdict::deliver;
}

ReorderWindow::Verdict ReorderWindow::hold(const MediaFrame& frame, std::uint64_t chunk,
                                           TimePoint now) {
  Slot* free = nullptr;
  for (Slot& slot : slots_) {
    if (slot.used && slot.chunk == chunk) return Verdict::duplicate;
    if (!slot.used) free = &slot;
  }
  // `pop` leaves fewer than kFrames behind, so one of the kFrames + 1 slots is free.
  assert(free != nullptr);
  free->used = true;
  ++held_;
  free->chunk = chunk;
  free->payload.assign(frame.payload);
  free->frame = frame;
  free->frame.payload = free->payload;
  if (!deadline_) deadline_ = now + kMaxHold;
  if (held_ >= kFrames || chunk - next_ > kFrames) giving_up_ = true;
  return Verdict::held;
}

std::optional<ReorderWindow::Released> ReorderWindow::pop() {
  if (held_ == 0) {
    giving_up_ = false;
    deadline_.reset();
    return std::nullopt;
  }
  Slot* first = nullptr;
  for (Slot& slot : slots_) {
    if (slot.used && (first == nullptr || slot.chunk < first->chunk)) first = &slot;
  }
  if (first->chunk != next_ && !giving_up_) return std::nullopt;
  const std::uint64_t missing = first->chunk - next_;
  first->used = false;
  --held_;
  advance_past(first->chunk);
  return Released{first->frame, missing};
}

void ReorderWindow::on_deadline(TimePoint now) {
  if (deadline_ && now >= *deadline_) giving_up_ = true;
}

void ReorderWindow::advance_past(std::uint64_t chunk) {
  const std::uint64_t steps = chunk + 1 - next_;
  delivered_ = steps < 64 ? delivered_ << steps : 0;
  delivered_ |= 1;
  next_ = chunk + 1;
}

bool ReorderWindow::delivered(std::uint64_t chunk) const {
  const std::uint64_t back = next_ - 1 - chunk;
  return back < 64 && ((delivered_ >> back) & 1U) != 0;
}

void ReorderWindow::footprint(Footprint& to) const {
  to.add(begun_);
  to.add(deadline_);
  to.add(held_);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
