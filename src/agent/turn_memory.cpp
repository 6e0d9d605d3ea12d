#include "agent/turn_memory.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr Micros kPacket{20000};        ///< Where the bytes do not tell the time.
constexpr std::size_t kMostTurns = 16;  ///< Shorter ones than these are noise.
constexpr std::size_t kCompactAt = 32;  ///< Chunks that have gone but still take room.

}  // namespace

void TurnMemory::add(const AudioPayload& audio) {
  const bool text = !audio.base64.empty();
  const std::size_t size = text ? audio.base64.size() : audio.bytes.size();
  if (size == 0) return;
  if (text) {
    bytes_.append(audio.base64);
  } else {
    bytes_.append(reinterpret_cast<const char*>(audio.bytes.data()), audio.bytes.size());
  }
  const Micros told = audio.format.duration(payload_size(audio));
  const Micros length = audio.format.constant_rate() ? told : kPacket;
  chunks_.push_back({size, length, text});
  length_ += length;
  shrink(turns_.empty() ? before_ : limit_);
}

void TurnMemory::turn_begins() {
  if (turns_.size() == kMostTurns) turns_.pop_front();
  // What came a moment before belongs to it.
  std::size_t at = chunks_.size();
  Micros before{0};
  while (at > first_ && before + chunks_[at - 1].length <= before_) {
    before += chunks_[--at].length;
  }
  turns_.push_back(dropped_ + (at - first_));
}

void TurnMemory::oldest_known() {
  if (turns_.empty()) return;
  turns_.pop_front();
  if (turns_.empty()) return shrink(before_);
  drop_until(turns_.front());
}

void TurnMemory::all_known() {
  turns_.clear();
  shrink(before_);
}

AudioPayload TurnMemory::payload(AudioFormat format, std::string_view piece, bool text) {
  if (text) return AudioPayload::from_base64(format, piece);
  return AudioPayload::from_bytes(
      format, ByteView(reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()));
}

void TurnMemory::drop_oldest() {
  const Chunk& gone = chunks_[first_];
  if (!turns_.empty()) forgotten_ += gone.size;
  length_ -= gone.length;
  first_byte_ += gone.size;
  ++first_;
  ++dropped_;
}

void TurnMemory::drop_until(std::uint64_t number) {
  const std::uint64_t forgotten = forgotten_;
  while (first_ < chunks_.size() && dropped_ < number) drop_oldest();
  forgotten_ = forgotten;  // These were understood.
  compact();
}

void TurnMemory::shrink(Micros most) {
  while (first_ < chunks_.size() && length_ > most) drop_oldest();
  compact();
}

void TurnMemory::compact() {
  if (first_ < kCompactAt && first_ < chunks_.size()) return;
  bytes_.erase(0, first_byte_);
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = first_byte_ = 0;
}

void TurnMemory::clear() {
  bytes_.clear();
  chunks_.clear();
  turns_.clear();
  first_ = first_byte_ = 0;
  dropped_ = 0;
  length_ = Micros(0);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
