#include "agent/piece_ring.hpp"

#include <algorithm>
#include <cstring>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kFirstPieces = 8;  ///< Room that the first piece makes for its like.
constexpr std::size_t kMuchLess = 4;

}  // namespace

void PieceRing::push(const Piece& piece) {
  const std::size_t need = sizeof(Head) + piece.bytes.size();
  if (count_ == 0) first_ = end_ = turn_ = 0;
  if (!fits(need)) {
    const std::size_t more = std::max(memory_.size() / 4, need * kFirstPieces);
    move_to(memory_.size() + more);
  }
  if (turn_ == 0 && memory_.size() - end_ < need) {
    turn_ = end_;
    end_ = 0;
  }
  Head head{};
  head.size = static_cast<std::uint32_t>(piece.bytes.size());
  head.length_us = static_cast<std::uint32_t>(piece.length.count()) & 0x7FFFFFFFU;
  head.text = piece.text ? 1 : 0;
  char* const to = memory_.data() + end_;
  std::memcpy(to, &head, sizeof head);
  if (!piece.bytes.empty()) std::memcpy(to + sizeof head, piece.bytes.data(), piece.bytes.size());
  end_ += need;
  ++count_;
  length_ += piece.length;
}

void PieceRing::pop() {
  const Piece piece = front();
  length_ -= piece.length;
  --count_;
  const std::size_t next = behind(first_, piece.bytes.size());
  if (next < first_) turn_ = 0;
  first_ = next;
}

void PieceRing::give_back() {
  const std::size_t used = count_ == 0 ? 0 : turn_ == 0 ? end_ - first_ : turn_ - first_ + end_;
  if (memory_.size() / kMuchLess > used) move_to(used + used / 4);
}

PieceRing::Piece PieceRing::at(std::size_t where) const {
  Head head;
  std::memcpy(&head, memory_.data() + where, sizeof head);
  Piece piece;
  piece.bytes = {memory_.data() + where + sizeof head, head.size};
  piece.length = Micros(head.length_us);
  piece.text = head.text != 0;
  return piece;
}

std::size_t PieceRing::behind(std::size_t where, std::size_t size) const {
  const std::size_t next = where + sizeof(Head) + size;
  return turn_ != 0 && next == turn_ ? 0 : next;
}

/// In the memory there is, without touching what is kept.
bool PieceRing::fits(std::size_t need) const {
  if (turn_ != 0) return first_ - end_ >= need;
  return memory_.size() - end_ >= need || first_ >= need;
}

/// Lays the pieces out from the beginning of a block of that size.
void PieceRing::move_to(std::size_t capacity) {
  std::vector<char> memory(capacity);
  std::size_t end = 0;
  for_each([&](const Piece& piece) {
    const std::size_t size = sizeof(Head) + piece.bytes.size();
    std::memcpy(memory.data() + end, piece.bytes.data() - sizeof(Head), size);
    end += size;
  });
  memory_ = std::move(memory);
  first_ = turn_ = 0;
  end_ = end;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
