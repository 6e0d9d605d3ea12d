#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A queue of pieces of audio of any size, in one block of memory in which it goes round: what
/// comes and goes at the same rate touches one place after the other, moves nothing and allocates
/// nothing. Each piece is contiguous.
class PieceRing {
 public:
  struct Piece {
    std::string_view bytes;  ///< Until the next `push`.
    Micros length{0};        ///< In time.
    bool text = false;       ///< As base64.
  };

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  /// Of all pieces together, in time.
  Micros length() const { return length_; }

  /// Copies the bytes, which are not part of the ring.
  void push(const Piece& piece);
  /// The oldest; there is one.
  Piece front() const { return at(first_); }
  void pop();
  /// Oldest first.
  template <class Visit>
  void for_each(Visit visit) const {
    std::size_t where = first_;
    for (std::size_t i = 0; i < count_; ++i) {
      const Piece piece = at(where);
      visit(piece);
      where = behind(where, piece.bytes.size());
    }
  }
  /// Gives memory back that a longer queue needed, when what is left needs much less.
  void give_back();
  void clear() { *this = PieceRing(); }

  /// Bytes of memory held.
  std::size_t capacity() const { return memory_.size(); }

 private:
  /// Stands in front of each piece.
  struct Head {
    std::uint32_t size;
    std::uint32_t length_us : 31;
    std::uint32_t text : 1;
  };

  Piece at(std::size_t where) const;
  /// Where the piece after this one begins.
  std::size_t behind(std::size_t where, std::size_t size) const;
  bool fits(std::size_t need) const;
  void move_to(std::size_t capacity);

  std::vector<char> memory_;
  std::size_t first_ = 0;  ///< Where the oldest begins.
  std::size_t end_ = 0;    ///< Behind the newest.
  std::size_t turn_ = 0;   ///< Where pieces end before the ring begins anew; 0: it has not yet.
  std::size_t count_ = 0;
  Micros length_{0};
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
