#include "agent/turn_memory.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr Micros kPacket{20000};        ///< Where the bytes do not tell the time.
constexpr std::size_t kMostTurns = 16;  ///< Shorter ones than these are noise.

}  // namespace

void TurnMemory::add(const AudioPayload& audio) {
  PieceRing::Piece piece;
  piece.text = !audio.base64.empty();
  piece.bytes = piece.text ? audio.base64
                           : std::string_view(reinterpret_cast<const char*>(audio.bytes.data()),
                                              audio.bytes.size());
  if (piece.bytes.empty()) return;
  const bool told = audio.format.constant_rate();
  piece.length = told ? audio.format.duration(payload_size(audio)) : kPacket;
  const Micros most = turns_.empty() ? before_ : limit_;
  shrink(most - piece.length);  // What goes makes room for what comes.
  pieces_.push(piece);
  if (piece.length > most) drop_oldest();
}

void TurnMemory::turn_begins() {
  if (turns_.size() == kMostTurns) turns_.erase(turns_.begin());
  // What came a moment before belongs to it.
  std::uint64_t begin = dropped_;
  Micros left = pieces_.length();
  pieces_.for_each([&](const PieceRing::Piece& piece) {
    if (left <= before_) return;
    left -= piece.length;
    ++begin;
  });
  turns_.push_back(begin);
}

void TurnMemory::oldest_known() {
  if (turns_.empty()) return;
  turns_.erase(turns_.begin());
  if (turns_.empty()) return all_known();
  // These were understood, not forgotten.
  const std::uint64_t forgotten = forgotten_;
  while (!pieces_.empty() && dropped_ < turns_.front()) drop_oldest();
  forgotten_ = forgotten;
}

void TurnMemory::all_known() {
  turns_.clear();
  shrink(before_);
  pieces_.give_back();
}

AudioPayload TurnMemory::payload(AudioFormat format, const PieceRing::Piece& piece) {
  if (piece.text) return AudioPayload::from_base64(format, piece.bytes);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(piece.bytes.data());
  return AudioPayload::from_bytes(format, ByteView(bytes, piece.bytes.size()));
}

void TurnMemory::drop_oldest() {
  if (!turns_.empty()) forgotten_ += pieces_.front().bytes.size();
  pieces_.pop();
  ++dropped_;
}

void TurnMemory::shrink(Micros most) {
  while (!pieces_.empty() && pieces_.length() > most) drop_oldest();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
