#include "voicebridge/agent/playback_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

Micros since(TimePoint from, TimePoint to) { return std::chrono::duration_cast<Micros>(to - from); }

}  // namespace

void PlaybackLedger::sent(std::string_view utterance, Micros audio, TimePoint now) {
  if (audio <= Micros::zero()) return;
  // The carrier may have run dry: what is sent now starts a new run, and older marks say nothing
  // about it.
  if (!run_start_ || upper(now) >= sent_) {
    run_start_ = now;
    run_begin_ = sent_;
    lower_at_.reset();
  }
  const Micros begin = sent_;
  sent_ += audio;
  if (!segments_.empty() && segments_.back().utterance == utterance) {
    segments_.back().end = sent_;
  } else {
    forget_heard();
    segments_.push_back({std::string(utterance), begin, sent_});
  }
}

std::string_view PlaybackLedger::mark(TimePoint now) {
  if (marks_.size() == kMaxMarks) marks_.erase(marks_.begin());
  const bool idle = sent_ == acked_ || !run_start_;
  marks_.push_back({++sequence_, sent_, now, idle});
  mark_name_.clear();
  fmt::format_to(std::back_inserter(mark_name_), "{}.{}", generation_, sequence_);
  return mark_name_;
}

bool PlaybackLedger::echoed(std::string_view name, TimePoint now) {
  std::uint32_t generation = 0;
  std::uint32_t sequence = 0;
  const char* const end = name.data() + name.size();
  const auto first = std::from_chars(name.data(), end, generation);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
  const auto second = std::from_chars(first.ptr + 1, end, sequence);
  if (second.ec != std::errc() || second.ptr != end || generation != generation_) return false;

  // Marks come back in order: an echo also answers for those before it.
  const auto answer = std::find_if(marks_.begin(), marks_.end(),
                                   [&](const Mark& m) { return m.sequence >= sequence; });
  if (answer == marks_.end() || answer->sequence != sequence) {
    marks_.erase(marks_.begin(), answer);
    return false;
  }
  const Mark mark = *answer;
  marks_.erase(marks_.begin(), answer + 1);

  acked_ = std::max(acked_, mark.position);
  if (mark.idle) {
    const Micros trip = since(mark.sent_at, now);
    round_trip_ = round_trip_ ? std::min(*round_trip_, trip) : trip;
  } else if (run_start_ && mark.sent_at >= *run_start_) {
    raise_lower(mark.position, now);
  }
  return true;
}

void PlaybackLedger::played(Micros position, TimePoint now) {
  position = std::min(position, sent_);
  if (!run_start_ || position < acked_) return;
  acked_ = position;
  // Of what was played before the run nothing follows for the run.
  if (position > run_begin_) raise_lower(position, now);
}

/// A better proof of how far the playing is takes the place of the one known.
void PlaybackLedger::raise_lower(Micros position, TimePoint now) {
  if (lower_at_ && position <= lower_position_ + since(*lower_at_, now)) return;
  lower_at_ = now;
  lower_position_ = position;
}

PlaybackLedger::Interruption PlaybackLedger::clear(TimePoint now) {
  Interruption result;
  const Micros at = position(now);
  const Micros bound = (std::min(upper(now), sent_) - lower(now)) / 2;
  for (const Segment& segment : segments_) {
    if (segment.end <= at) continue;
    if (segment.begin >= at) {
      result.unheard.push_back(segment.utterance);
    } else {
      result.playing =
          HeardUtterance{segment.utterance, at - segment.begin, segment.end - segment.begin, bound};
    }
  }
  ++generation_;
  segments_.clear();
  marks_.clear();
  sent_ = acked_ = Micros::zero();
  run_start_.reset();
  lower_at_.reset();
  return result;
}

bool PlaybackLedger::audible(TimePoint now) const { return position(now) < sent_; }

TimePoint PlaybackLedger::estimated_end(TimePoint now) const {
  return now + std::max(sent_ - lower(now), Micros::zero());
}

Micros PlaybackLedger::lead(TimePoint now) const { return sent_ - std::min(upper(now), sent_); }

Micros PlaybackLedger::upper(TimePoint now) const {
  return run_start_ ? run_begin_ + since(*run_start_, now) : sent_;
}

Micros PlaybackLedger::lower(TimePoint now) const {
  const Micros line = lower_at_ ? lower_position_ + since(*lower_at_, now) : acked_;
  return std::min({std::max(line, acked_), std::max(upper(now), acked_), sent_});
}

/// The position at which an order sent now finds the carrier: both lines, moved by the way there.
Micros PlaybackLedger::position(TimePoint now) const {
  Micros at = upper(now);
  if (lower_at_ && round_trip_) {
    at = std::min(at, lower_position_ + since(*lower_at_, now) + *round_trip_);
  }
  return std::min(std::max(at, acked_), sent_);
}

void PlaybackLedger::footprint(Footprint& to) const {
  to.add(*this);
  if (segments_.empty()) return;
  to.add(segments_.back());
  to.add(segments_.back().utterance.data(), segments_.back().utterance.size());
}

void PlaybackLedger::forget_heard() {
  const auto heard = [this](const Segment& segment) { return segment.end <= acked_; };
  segments_.erase(segments_.begin(), std::find_if_not(segments_.begin(), segments_.end(), heard));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
