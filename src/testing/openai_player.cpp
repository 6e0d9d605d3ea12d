#include "openai_player.hpp"

#include <algorithm>
#include <charconv>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

/// Longer than any reply.
constexpr Millis kMaxQueue{600000};

PlayoutOptions playout_options(AudioFormat line) {
  PlayoutOptions options;
  options.format = line;
  options.max_queue = kMaxQueue;
  return options;
}

// Marks in the queue: the first byte of a segment, the last of a reply.
constexpr char kBegin = 'b';
constexpr char kEnd = 'e';

}  // namespace

Player::Player(EventOut& out, ItemEvents& items, AudioFormat line)
    : out_(out), items_(items), playout_(playout_options(line), *this) {}

std::size_t Player::reply_of(const std::string& response_id) {
  const auto found = std::find_if(replies_.begin(), replies_.end(), [&](const Reply& reply) {
    return reply.response_id == response_id;
  });
  if (found != replies_.end()) return static_cast<std::size_t>(found - replies_.begin());
  replies_.push_back({response_id, false, false});
  return replies_.size() - 1;
}

void Player::queue(const std::string& response_id, const std::string& item_id, ByteView audio,
                   TimePoint now) {
  const std::size_t reply = reply_of(response_id);
  if (replies_[reply].over) return;  // cleared: what still comes is not wanted
  if (segments_.empty() || segments_.back().item_id != item_id) {
    segments_.push_back({item_id, reply, accepted_, accepted_, heard_.size()});
    if (heard_.size() < kMaxHeard) {
      OpenAiCallRecord::Heard entry;
      entry.item_id = item_id;
      entry.response_id = response_id;
      heard_.push_back(std::move(entry));
    }
    playout_.mark(kBegin + std::to_string(segments_.size() - 1), now);
  }
  accepted_ += playout_.append(audio, now);
  segments_.back().end = accepted_;
  settle(now);
}

void Player::finish(const std::string& response_id, TimePoint now) {
  const auto known = std::find_if(replies_.begin(), replies_.end(), [&](const Reply& reply) {
    return reply.response_id == response_id;
  });
  if (known == replies_.end()) return;  // without audio
  playout_.mark(kEnd + std::to_string(known - replies_.begin()), now);
  settle(now);
}

void Player::clear(TimePoint now) {
  playout_.on_deadline(now);
  settle(now);
  const std::uint64_t played_to = head();
  playout_.clear(now);
  echoes_.clear();  // proves nothing
  for (Reply& reply : replies_) {
    if (reply.over) continue;
    reply.over = true;
    if (!reply.started) continue;
    out_.event("output_audio_buffer.cleared",
               [&](JsonWriter& json) { json.field("response_id", reply.response_id); });
  }
  for (const Segment& segment : segments_) {
    if (segment.end > played_to) cut(segment, played_to);
  }
}

void Player::cut(const Segment& segment, std::uint64_t played_to) {
  const std::uint64_t bytes = played_to > segment.begin ? played_to - segment.begin : 0;
  const Micros played = playout_.format().duration(static_cast<std::size_t>(bytes));
  if (segment.heard < heard_.size()) {
    auto& entry = heard_[segment.heard];
    if (entry.cut) return;
    entry.cut = true;
    entry.length = std::chrono::duration_cast<Millis>(played);
  }
  items_.cut(segment.item_id, std::chrono::duration_cast<Millis>(played));
}

void Player::on_deadline(TimePoint now) {
  playout_.on_deadline(now);
  settle(now);
}

void Player::settle(TimePoint now) {
  const std::vector<std::string> echoes = std::exchange(echoes_, {});
  for (const std::string& name : echoes) {
    std::size_t index = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), index);
    if (name.front() == kBegin) {
      start(index, now);
    } else {
      stop(index);
    }
  }
  measure();
}

void Player::start(std::size_t index, TimePoint now) {
  const Segment& segment = segments_[index];
  if (segment.heard < heard_.size()) {
    heard_[segment.heard].begin = std::chrono::duration_cast<Millis>(now - begin_);
  }
  Reply& reply = replies_[segment.reply];
  if (std::exchange(reply.started, true)) return;
  out_.event("output_audio_buffer.started",
             [&](JsonWriter& json) { json.field("response_id", reply.response_id); });
}

void Player::stop(std::size_t index) {
  Reply& reply = replies_[index];
  if (std::exchange(reply.over, true) || !reply.started) return;
  out_.event("output_audio_buffer.stopped",
             [&](JsonWriter& json) { json.field("response_id", reply.response_id); });
}

/// Brings the record up to date.
void Player::measure() {
  const auto millis = [&](std::uint64_t bytes) {
    return std::chrono::duration_cast<Millis>(
        playout_.format().duration(static_cast<std::size_t>(bytes)));
  };
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    if (segment->heard >= heard_.size() || heard_[segment->heard].cut) continue;
    auto& entry = heard_[segment->heard];
    const std::uint64_t played_to = std::clamp(head(), segment->begin, segment->end);
    const bool complete = entry.length == entry.queued && entry.length > Millis(0);
    entry.queued = millis(segment->end - segment->begin);
    entry.length = millis(played_to - segment->begin);
    if (complete && entry.length == entry.queued) return;  // and so are those before it
  }
}

void Player::on_played(ByteView audio, TimePoint) {
  played_.insert(played_.end(), audio.begin(), audio.end());
}

void Player::on_dropped(ByteView, TimePoint) {}

void Player::on_mark_echo(std::string_view name, TimePoint) { echoes_.emplace_back(name); }

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
